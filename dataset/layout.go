package dataset

import (
	"encoding/binary"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// The header of a complex object: byte 103, version, flags, type id, hash code,
// length, schema id, offset of the footer. binary.ParseObject reads the same; the
// plan needs only where fields begin, without a view to copy for each field.
const (
	headerBytes  = 24
	atFlags      = 2
	atTypeID     = 4
	atLength     = 12
	atSchemaID   = 16
	atFooter     = 20
	countBytes   = 4
	noFieldIndex = -1
)

// layout is where the fields of one object are, as offsets in the bytes that it
// stands in.
type layout struct {
	typeID   int32
	schemaID int32
	start    int // of the object
	length   int
	data     int // of the first field
	footer   int // of the table of offsets: the end of the fields
	fields   int
	idWidth  int // 4 when the footer has field ids, else 0
	offWidth int
}

// parse reads the header of the object at pos of b; the result says what is
// broken, "" when nothing is.
func (l *layout) parse(b []byte, pos int) string {
	if len(b)-pos < headerBytes {
		return "the object is shorter than its header"
	}
	h := b[pos : pos+headerBytes]
	length := int(int32(binary.LittleEndian.Uint32(h[atLength:])))
	if h[1] != 1 || length < headerBytes || length > len(b)-pos {
		return "the object's header is broken"
	}
	flags := binary.LittleEndian.Uint16(h[atFlags:])
	l.typeID = int32(binary.LittleEndian.Uint32(h[atTypeID:]))
	l.schemaID = int32(binary.LittleEndian.Uint32(h[atSchemaID:]))
	l.start, l.length, l.data = pos, length, pos+headerBytes
	if l.typeID == 0 {
		r := ignitebinary.NewReader(b[l.data : pos+length])
		l.typeID = ignitebinary.TypeID(r.Str())
		if r.Err() != nil {
			return "the object has neither type id nor type name"
		}
		l.data += r.Pos()
	}
	l.footer, l.fields, l.idWidth, l.offWidth = pos+length, 0, 4, 4
	if flags&ignitebinary.FlagHasSchema == 0 {
		return ""
	}
	end := pos + length
	if flags&ignitebinary.FlagHasRaw != 0 {
		end -= 4
	}
	l.footer = pos + int(int32(binary.LittleEndian.Uint32(h[atFooter:])))
	if l.footer < l.data || l.footer > end {
		return "the object's footer lies outside of it"
	}
	if flags&ignitebinary.FlagOffsetOneByte != 0 {
		l.offWidth = 1
	} else if flags&ignitebinary.FlagOffsetTwoBytes != 0 {
		l.offWidth = 2
	}
	if flags&ignitebinary.FlagCompactFooter != 0 {
		l.idWidth = 0
	}
	entry := l.idWidth + l.offWidth
	l.fields = (end - l.footer) / entry
	if l.fields*entry != end-l.footer {
		return "the object's footer is not a whole number of entries"
	}
	return ""
}

// field is the position of field i, which must be below l.fields; it may lie
// outside of the object in broken bytes.
func (l *layout) field(b []byte, i int) int {
	p := l.footer + i*(l.idWidth+l.offWidth) + l.idWidth
	switch l.offWidth {
	case 1:
		return l.start + int(b[p])
	case 2:
		return l.start + int(binary.LittleEndian.Uint16(b[p:]))
	default:
		return l.start + int(binary.LittleEndian.Uint32(b[p:]))
	}
}

// fieldID is the id of field i in a footer that is not compact.
func (l *layout) fieldID(b []byte, i int) int32 {
	return int32(binary.LittleEndian.Uint32(b[l.footer+i*(l.idWidth+l.offWidth):]))
}

// skipValue is the position after the value at pos, -1 when the bytes are broken.
func skipValue(b []byte, pos int) int {
	if pos >= len(b) {
		return -1
	}
	size := ignitebinary.Size(b[pos:])
	if size == 0 {
		r := ignitebinary.NewReader(b[pos:])
		if size = len(r.Raw()); size == 0 {
			return -1
		}
	}
	if size > len(b)-pos {
		return -1
	}
	return pos + size
}

// countAt reads the count at p; ok is false when it is not there or negative.
func countAt(b []byte, p int) (n int, ok bool) {
	if len(b)-p < countBytes {
		return 0, false
	}
	n = int(int32(binary.LittleEndian.Uint32(b[p:])))
	return n, n >= 0
}
