package dataset

import "encoding/binary"

// shape is what decides where the fields of an object are: its header without
// the hash code, and its footer. Rows mostly have the shape of the row before, and
// then their fields need not be looked for. It also spares the processor a wait:
// the footer stands behind the fields, and they can be read where they are
// expected while it is still on its way from memory.
type shape struct {
	kind   uint64 // the header's first 8 bytes, to the type id
	size   uint64 // its length and schema id
	table  uint32 // its offset of the footer
	length int    // of the object, 0 when no other object can have the shape
	footer int    // where the fields end
	tail   []byte // from there to the end of the object
}

// fits says whether the object at the start of o has the shape.
func (s *shape) fits(o []byte) bool {
	return s.length != 0 && s.length <= len(o) &&
		binary.LittleEndian.Uint64(o) == s.kind &&
		binary.LittleEndian.Uint64(o[atLength:]) == s.size &&
		binary.LittleEndian.Uint32(o[atFooter:]) == s.table &&
		string(o[s.footer:s.length]) == string(s.tail)
}

// keep takes the shape of the object o.
func (s *shape) keep(o []byte, l *layout) {
	s.kind = binary.LittleEndian.Uint64(o)
	s.size = binary.LittleEndian.Uint64(o[atLength:])
	s.table = binary.LittleEndian.Uint32(o[atFooter:])
	s.length, s.footer = l.length, l.footer-l.start
	s.tail = append(s.tail[:0], o[s.footer:s.length]...)
	if l.data > l.start+headerBytes { // a type name stands in front of the fields
		s.length = 0
	}
}

// locate finds the plan's fields in an object of its schema.
func (pl *plan) locate(b []byte, l *layout) {
	for i := range pl.moves {
		m := &pl.moves[i]
		at := int(m.index)
		m.at, m.misfit = 0, at >= l.fields || !pl.compact && at != noFieldIndex && l.fieldID(b, at) != m.id
		if m.misfit || at == noFieldIndex {
			continue
		}
		if at = l.field(b, at); at >= l.data && at < l.footer {
			m.at = uint32(at - l.start)
		}
	}
}
