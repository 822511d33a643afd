package column

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync/atomic"
)

// Column is the values of one field. It must not be changed once it stands in a
// Batch, and its memory is gone when the Batch is released.
type Column struct {
	// Type is the type of the values.
	Type Type
	// Len is the number of values.
	Len int
	// Validity has a bit for each value, 1 for a value and 0 for a null, the
	// least significant bit first. nil means that all are values.
	Validity []byte
	// Data holds values of fixed width, or the bytes of a String or Bytes column.
	Data []byte
	// Offsets has Len+1 entries for String, Bytes and List: value i reaches
	// from Offsets[i] to Offsets[i+1], in bytes of Data or elements of the child.
	Offsets []int64
	// Children holds the elements of a List or the fields of a Struct.
	Children []*Column
}

// IsNull says whether value i is null.
func (c *Column) IsNull(i int) bool {
	return c.Validity != nil && c.Validity[i>>3]&(1<<(i&7)) == 0
}

// NullCount counts the nulls.
func (c *Column) NullCount() int {
	if c.Validity == nil {
		return 0
	}
	n := 0
	for i := range c.Len {
		if c.IsNull(i) {
			n++
		}
	}
	return n
}

// UniformListLen says whether all lists of a List column have one length, and
// which. Null lists count as empty ones; a column without rows has length 0.
func UniformListLen(c *Column) (int, bool) {
	if c.Type.Kind != List {
		return 0, false
	}
	if c.Len == 0 {
		return 0, true
	}
	n := c.Offsets[1] - c.Offsets[0]
	for i := 1; i < c.Len; i++ {
		if c.Offsets[i+1]-c.Offsets[i] != n {
			return 0, false
		}
	}
	return int(n), true
}

// Value gives value i as a Go value: bool, a number, string, []byte, []any for
// a List, map[string]any for a Struct, nil for a null. It allocates and is
// meant for printing and tests.
func (c *Column) Value(i int) any {
	if c.IsNull(i) {
		return nil
	}
	if w := c.Type.Kind.Width(); w > 0 {
		return fixedValue(c.Type.Kind, c.Data[i*w:])
	}
	switch c.Type.Kind {
	case String:
		return string(c.Data[c.Offsets[i]:c.Offsets[i+1]])
	case Bytes:
		return append([]byte{}, c.Data[c.Offsets[i]:c.Offsets[i+1]]...)
	case List:
		out := make([]any, 0, c.Offsets[i+1]-c.Offsets[i])
		for j := c.Offsets[i]; j < c.Offsets[i+1]; j++ {
			out = append(out, c.Children[0].Value(int(j)))
		}
		return out
	case Struct:
		out := make(map[string]any, len(c.Children))
		for j, child := range c.Children {
			out[c.Type.Fields[j].Name] = child.Value(i)
		}
		return out
	default:
		return nil
	}
}

func fixedValue(k Kind, b []byte) any {
	switch k {
	case Bool:
		return b[0] != 0
	case Int8:
		return int8(b[0])
	case Uint8:
		return b[0]
	case Int16:
		return int16(binary.LittleEndian.Uint16(b))
	case Uint16:
		return binary.LittleEndian.Uint16(b)
	case Int32:
		return int32(binary.LittleEndian.Uint32(b))
	case Int64:
		return int64(binary.LittleEndian.Uint64(b))
	case Float32:
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	default:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
}

// check says where the column breaks the layout.
func (c *Column) check(path string) error {
	bad := func(what string) error { return fmt.Errorf("column: %s (%s): %s", path, c.Type, what) }
	if c.Validity != nil && len(c.Validity) < (c.Len+7)/8 {
		return bad("validity is too short")
	}
	if w := c.Type.Kind.Width(); w > 0 {
		if len(c.Data) != c.Len*w {
			return bad(fmt.Sprintf("%d bytes of data for %d values", len(c.Data), c.Len))
		}
		return nil
	}
	if c.Type.Kind == Struct {
		for i, child := range c.Children {
			if child.Len != c.Len {
				return bad(fmt.Sprintf("field %s has %d values of %d", c.Type.Fields[i].Name, child.Len, c.Len))
			}
			if err := child.check(path + "." + c.Type.Fields[i].Name); err != nil {
				return err
			}
		}
		return nil
	}
	if len(c.Offsets) != c.Len+1 || c.Offsets[0] != 0 {
		return bad(fmt.Sprintf("%d offsets for %d values", len(c.Offsets), c.Len))
	}
	for i := range c.Len {
		if c.Offsets[i] > c.Offsets[i+1] {
			return bad("offsets go back")
		}
	}
	end := c.Offsets[c.Len]
	if c.Type.Kind == List {
		if int64(c.Children[0].Len) != end {
			return bad(fmt.Sprintf("%d elements, the offsets end at %d", c.Children[0].Len, end))
		}
		return c.Children[0].check(path + "[]")
	}
	if int64(len(c.Data)) != end {
		return bad(fmt.Sprintf("%d bytes, the offsets end at %d", len(c.Data), end))
	}
	return nil
}

// bytes is the memory that the column's values take.
func (c *Column) bytes() int {
	n := len(c.Data) + len(c.Validity) + 8*len(c.Offsets)
	for _, child := range c.Children {
		n += child.bytes()
	}
	return n
}

func (c *Column) free(a Allocator) {
	if cap(c.Data) > 0 {
		a.Free(c.Data)
	}
	if cap(c.Validity) > 0 {
		a.Free(c.Validity)
	}
	if cap(c.Offsets) > 0 {
		a.Free(bytesOf(c.Offsets))
	}
	for _, child := range c.Children {
		child.free(a)
	}
	*c = Column{}
}

// Batch is rows held as columns. It is made with one owner; Retain adds one and
// Release takes one away, and the memory goes back to the Allocator with the
// last. Retain and Release are safe for several goroutines, reading is too.
type Batch struct {
	// Schema describes Columns. It is shared and must not be changed.
	Schema *Schema
	// Rows is the number of rows, the Len of every column.
	Rows int
	// Columns has one column for each field of the schema.
	Columns []*Column

	alloc Allocator
	refs  atomic.Int32
}

// Retain adds an owner.
func (b *Batch) Retain() { b.refs.Add(1) }

// Release takes an owner away and frees the columns with the last one. Nothing
// of the batch may be touched afterwards.
func (b *Batch) Release() {
	if b.refs.Add(-1) != 0 || b.alloc == nil {
		return
	}
	for _, c := range b.Columns {
		c.free(b.alloc)
	}
	b.Columns, b.alloc = nil, nil
}

// Bytes is the memory that the values take.
func (b *Batch) Bytes() int {
	n := 0
	for _, c := range b.Columns {
		n += c.bytes()
	}
	return n
}

// Validate checks the layout: lengths, offsets and children. It is meant for
// tests and for batches that come from somewhere else.
func (b *Batch) Validate() error {
	if len(b.Columns) != len(b.Schema.Fields) {
		return fmt.Errorf("column: %d columns for %d fields", len(b.Columns), len(b.Schema.Fields))
	}
	for i, c := range b.Columns {
		name := b.Schema.Fields[i].Name
		if c.Len != b.Rows {
			return fmt.Errorf("column: %s has %d values, the batch %d rows", name, c.Len, b.Rows)
		}
		if err := c.check(name); err != nil {
			return err
		}
	}
	return nil
}

// PackBits appends to dst Arrow's bitmap of a Bool column's data: a bit for each
// byte of data, set where it is not zero, the least significant bit first.
func PackBits(dst, data []byte) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, (len(data)+7)/8)...)
	for i, v := range data {
		if v != 0 {
			dst[start+i>>3] |= 1 << (i & 7)
		}
	}
	return dst
}
