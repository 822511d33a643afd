package dataset

import (
	"encoding/binary"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// run is rows that follow one another and have the shape of the row before them. They go
// into the columns field by field, not row by row, which is half the work.
type run struct {
	rows    []int // where they begin
	objects []int // where the objects of their values do
	rest    int   // rows to take one by one, after some that made no run
	fetched byte  // what fetch read, so that it is not left out
}

// restRows is how many rows are taken one by one after some that made no run, so that it
// costs little to look for runs where there are none.
const restRows = 64

// runOf appends up to n rows at pos as a run and says where they end. It appends nothing
// and gives 0 where there are not two such rows, or where one holds what its column can't
// take as it is: row does that, and says what is wrong.
func (d *decoder) runOf(b []byte, pos, n int) (rows, end int) {
	if n < 2 || d.val == nil || d.val.shape.length == 0 {
		return 0, pos
	}
	r := &d.run
	if r.rest > 0 {
		r.rest--
		return 0, pos
	}
	d.fetch(b, pos, n)
	end = d.find(b, pos, n)
	rows = len(r.rows)
	if rows < 2 {
		r.rest = restRows
		return 0, pos
	}
	before := d.builder.Rows()
	if d.key != nil && !d.keyMove.appendRun(b, r.rows, len(b)) || !d.val.appendRun(b, r.objects) {
		d.builder.Truncate(before)
		r.rest = restRows
		return 0, pos
	}
	return rows, end
}

// cacheLine is what the processor reads from memory at once.
const cacheLine = 64

// fetch reads a byte of each cache line of the values of n such rows, all but the last few.
// The page came a while ago and is no longer in the processor's own cache. These reads do not
// depend on one another, so that many of them wait for memory at the same time; find and the
// copies after it wait for a few. Rows of some lines only are all read by find anyway.
func (d *decoder) fetch(b []byte, pos, n int) {
	length := d.val.shape.length
	if length < 8*cacheLine {
		return
	}
	var sum byte
	for end := min(pos+n*length, len(b)); pos < end; pos += cacheLine {
		sum += b[pos]
	}
	d.run.fetched = sum
}

// find fills in where up to n rows of the shape begin, and gives the end of the last one.
func (d *decoder) find(b []byte, pos, n int) (end int) {
	r, s := &d.run, &d.val.shape
	r.rows, r.objects = r.rows[:0], r.objects[:0]
	for len(r.rows) < n {
		val := d.keyEnd(b, pos)
		if val < 0 || val >= len(b) {
			break
		}
		object, next := val, val+s.length
		if ignitebinary.Type(b[val]) == ignitebinary.TypeWrapped {
			object, next = val+1+countBytes, val+1+countBytes+s.length+countBytes
			if next > len(b) || int(binary.LittleEndian.Uint32(b[val+1:])) != s.length || binary.LittleEndian.Uint32(b[next-countBytes:]) != 0 {
				break
			}
		}
		if object > len(b) || !s.fits(b[object:]) {
			break
		}
		r.rows, r.objects = append(r.rows, pos), append(r.objects, object)
		pos = next
	}
	return pos
}

// keyEnd is the end of the key at pos, -1 where it is not what the schema says.
func (d *decoder) keyEnd(b []byte, pos int) int {
	if d.key == nil {
		return skipValue(b, pos)
	}
	if pos >= len(b) || ignitebinary.Type(b[pos]) != d.key.typ {
		return -1
	}
	switch w := d.keyMove.way.width(); {
	case w > 0:
		return pos + 1 + w
	case d.keyMove.way == wayString:
		return skipValue(b, pos)
	default:
		return -1
	}
}

// appendRun appends the objects at these places of b, which have the node's shape.
func (n *node) appendRun(b []byte, objects []int) bool {
	for i := range n.last.moves {
		m := &n.last.moves[i]
		if m.at == 0 || !m.appendRun(b, objects, n.shape.footer) {
			return false
		}
	}
	n.app.EndStructs(len(objects))
	return true
}

// appendRun appends one field of the values at these places of b, which end after size bytes.
// false says that one of them is not as expected; some may have been appended.
func (m *move) appendRun(b []byte, values []int, size int) bool {
	at, code, odd := int(m.at), byte(m.code), byte(0)
	if at+1+m.way.width() > size {
		return false
	}
	switch m.way {
	case way64:
		to := m.app.Space(len(values))
		for i, v := range values {
			p := b[v+at:][:1+8]
			odd |= p[0] ^ code
			binary.LittleEndian.PutUint64(to[8*i:], binary.LittleEndian.Uint64(p[1:]))
		}
	case way32:
		to := m.app.Space(len(values))
		for i, v := range values {
			p := b[v+at:][:1+4]
			odd |= p[0] ^ code
			binary.LittleEndian.PutUint32(to[4*i:], binary.LittleEndian.Uint32(p[1:]))
		}
	case way16:
		to := m.app.Space(len(values))
		for i, v := range values {
			p := b[v+at:][:1+2]
			odd |= p[0] ^ code
			binary.LittleEndian.PutUint16(to[2*i:], binary.LittleEndian.Uint16(p[1:]))
		}
	case way8:
		to := m.app.Space(len(values))
		for i, v := range values {
			p := b[v+at:][:1+1]
			odd |= p[0] ^ code
			to[i] = p[1]
		}
	case wayBool:
		to := m.app.Space(len(values))
		for i, v := range values {
			p := b[v+at:][:1+1]
			odd |= p[0] ^ code
			to[i] = bit(p[1] != 0)
		}
	case wayString, wayBytes:
		return m.appendRunOfBytes(b, values, size)
	default:
		return false
	}
	return odd == 0
}

// appendRunOfBytes is appendRun for strings and arrays of bytes.
func (m *move) appendRunOfBytes(b []byte, values []int, size int) bool {
	for _, v := range values {
		p := b[v+int(m.at) : min(v+size, len(b))]
		c, ok := countAt(p, 1)
		if !ok || ignitebinary.Type(p[0]) != m.code || c > len(p)-1-countBytes || !m.node.mayHave(c) {
			return false
		}
		if p = p[1+countBytes:][:c]; m.way == wayString {
			m.app.AppendBytes(p)
		} else {
			m.app.AppendList(p)
		}
	}
	return true
}

// width is the number of bytes of a value that goes this way, 0 where they differ.
func (w way) width() int {
	switch w {
	case way8, wayBool:
		return 1
	case way16:
		return 2
	case way32:
		return 4
	case way64:
		return 8
	default:
		return 0
	}
}
