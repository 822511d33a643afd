package dataset

import (
	"encoding/binary"

	"github.com/kindling-ml/kindling/column"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// move is what a plan does for one field.
type move struct {
	app  *column.Appender // the node's
	at   uint32           // of the field in the object found last, 0 when it is not there
	code ignitebinary.Type
	way  way

	node   *node
	index  int32 // of the field in the footer; noFieldIndex when the schema does not have it
	id     int32 // to be found there when the footer is not compact
	misfit bool  // it was not found there
}

// moveOf is the move of a node's values, wherever they stand.
func moveOf(n *node) move { return move{node: n, app: n.app, code: n.typ, way: wayOf(n.typ)} }

// way is how the bytes after the expected type code go to the column.
type way uint8

const (
	wayValue way = iota // by decoder.value
	way8
	way16
	way32
	way64
	wayBool
	wayString
	wayBytes
)

func wayOf(t ignitebinary.Type) way {
	switch t {
	case ignitebinary.TypeByte:
		return way8
	case ignitebinary.TypeShort, ignitebinary.TypeChar:
		return way16
	case ignitebinary.TypeInt, ignitebinary.TypeFloat:
		return way32
	case ignitebinary.TypeLong, ignitebinary.TypeDouble, ignitebinary.TypeDate, ignitebinary.TypeTime:
		return way64
	case ignitebinary.TypeBool:
		return wayBool
	case ignitebinary.TypeString:
		return wayString
	case ignitebinary.TypeByteArray:
		return wayBytes
	default:
		return wayValue
	}
}

// fields appends the fields of the object at pos, which was located; b ends with
// them. A field that has the expected code, all its bytes and room in its column
// goes there at once; any other, and whatever is wrong, is left to field.
func (d *decoder) fields(n *node, b []byte, pos int) error {
	moves, o := n.last.moves, b[pos:]
	for i := range moves {
		m := &moves[i]
		if at := int(m.at); at < len(o) && ignitebinary.Type(o[at]) == m.code {
			p := o[at+1:]
			switch m.way {
			case way64:
				if len(p) >= 8 && m.app.Put64(binary.LittleEndian.Uint64(p)) {
					continue
				}
			case way32:
				if len(p) >= 4 && m.app.Put32(binary.LittleEndian.Uint32(p)) {
					continue
				}
			case way16:
				if len(p) >= 2 && m.app.Put16(binary.LittleEndian.Uint16(p)) {
					continue
				}
			case way8:
				if len(p) >= 1 && m.app.Put8(p[0]) {
					continue
				}
			case wayBool:
				if len(p) >= 1 && m.app.Put8(bit(p[0] != 0)) {
					continue
				}
			case wayString:
				if c, ok := countAt(p, 0); ok && c <= len(p)-countBytes {
					m.app.AppendBytes(p[countBytes : countBytes+c])
					continue
				}
			case wayBytes:
				if c, ok := countAt(p, 0); ok && c <= len(p)-countBytes && m.node.mayHave(c) {
					m.app.AppendList(p[countBytes : countBytes+c])
					continue
				}
			}
		}
		if err := d.field(n, m, b, pos); err != nil {
			return err
		}
	}
	return nil
}

// field appends one field of the object at pos, whatever it holds.
func (d *decoder) field(n *node, m *move, b []byte, pos int) error {
	switch {
	case m.at != 0:
		return d.value(m.node, b, pos+int(m.at))
	case m.index == noFieldIndex:
		return m.node.null("is missing in")
	case m.misfit:
		return &fieldError{n.path, "the object's footer does not fit its schema"}
	default:
		return m.node.broken()
	}
}

func bit(v bool) uint8 {
	if v {
		return 1
	}
	return 0
}
