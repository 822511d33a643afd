package column

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Appender fills one column. The methods must fit the column's kind; a wrong
// one leaves a column that Batch.Validate refuses. It is for one goroutine.
type Appender struct {
	typ      Type
	width    int
	alloc    Allocator
	n        int
	data     []byte
	offsets  []int64
	validity []byte
	children []*Appender

	dataHint, offsetsHint int // sizes of the batch before: the next one starts with them
}

func newAppender(t Type, alloc Allocator) *Appender {
	a := &Appender{typ: t, width: t.Kind.Width(), alloc: alloc}
	if t.Elem != nil {
		a.children = []*Appender{newAppender(*t.Elem, alloc)}
	}
	for _, f := range t.Fields {
		a.children = append(a.children, newAppender(f.Type, alloc))
	}
	return a
}

// Type is the column's type.
func (a *Appender) Type() Type { return a.typ }

// Len is the number of values appended.
func (a *Appender) Len() int { return a.n }

// Elem fills the elements of a List; EndList closes a list.
func (a *Appender) Elem() *Appender { return a.children[0] }

// Field fills field i of a Struct; EndStruct closes a row of it.
func (a *Appender) Field(i int) *Appender { return a.children[i] }

// AppendBool appends to a Bool column.
func (a *Appender) AppendBool(v bool) {
	var b uint8
	if v {
		b = 1
	}
	a.Append8(b)
}

// AppendInt8 appends to an Int8 column.
func (a *Appender) AppendInt8(v int8) { a.Append8(uint8(v)) }

// AppendInt16 appends to an Int16 column.
func (a *Appender) AppendInt16(v int16) { a.Append16(uint16(v)) }

// AppendInt32 appends to an Int32 column.
func (a *Appender) AppendInt32(v int32) { a.Append32(uint32(v)) }

// AppendInt64 appends to an Int64 column.
func (a *Appender) AppendInt64(v int64) { a.Append64(uint64(v)) }

// AppendFloat32 appends to a Float32 column.
func (a *Appender) AppendFloat32(v float32) { a.Append32(math.Float32bits(v)) }

// AppendFloat64 appends to a Float64 column.
func (a *Appender) AppendFloat64(v float64) { a.Append64(math.Float64bits(v)) }

// Append8 appends 8 bits as they are: to a Uint8, Int8 or Bool column.
func (a *Appender) Append8(v uint8) {
	i := len(a.data)
	if i == cap(a.data) {
		a.growData(1)
	}
	a.data = a.data[:i+1]
	a.data[i] = v
	a.valid(1)
}

// Append16 appends 16 bits as they are: to a Uint16 or Int16 column.
func (a *Appender) Append16(v uint16) {
	i := len(a.data)
	if cap(a.data)-i < 2 {
		a.growData(2)
	}
	a.data = a.data[:i+2]
	binary.LittleEndian.PutUint16(a.data[i:], v)
	a.valid(1)
}

// Append32 appends 32 bits as they are: to an Int32 or Float32 column.
func (a *Appender) Append32(v uint32) {
	i := len(a.data)
	if cap(a.data)-i < 4 {
		a.growData(4)
	}
	a.data = a.data[:i+4]
	binary.LittleEndian.PutUint32(a.data[i:], v)
	a.valid(1)
}

// Append64 appends 64 bits as they are: to an Int64 or Float64 column.
func (a *Appender) Append64(v uint64) {
	i := len(a.data)
	if cap(a.data)-i < 8 {
		a.growData(8)
	}
	a.data = a.data[:i+8]
	binary.LittleEndian.PutUint64(a.data[i:], v)
	a.valid(1)
}

// AppendFixed appends the little-endian values in b, len(b)/Width of them, to a
// column of fixed width, with one copy.
func (a *Appender) AppendFixed(b []byte) {
	if cap(a.data)-len(a.data) < len(b) {
		a.growData(len(b))
	}
	a.data = append(a.data, b...)
	a.valid(len(b) / a.width)
}

// AppendBytes appends one value to a String or Bytes column.
func (a *Appender) AppendBytes(b []byte) {
	if cap(a.data)-len(a.data) < len(b) {
		a.growData(len(b))
	}
	a.data = append(a.data, b...)
	a.endValue(len(a.data))
	a.valid(1)
}

// AppendString appends one value to a String or Bytes column.
func (a *Appender) AppendString(s string) {
	a.AppendBytes(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// AppendList appends one list of values of fixed width, given as their
// little-endian bytes, to a List column, with one copy.
func (a *Appender) AppendList(b []byte) {
	a.children[0].AppendFixed(b)
	a.EndList()
}

// EndList closes a list whose elements were appended to Elem.
func (a *Appender) EndList() {
	a.endValue(a.children[0].n)
	a.valid(1)
}

// EndStruct closes a row of a Struct, after one append to each of its fields.
func (a *Appender) EndStruct() { a.valid(1) }

// AppendNull appends a null: a zero, an empty string, an empty list or a struct
// of nulls, with a cleared bit in the validity bitmap.
func (a *Appender) AppendNull() {
	if a.validity == nil {
		a.validity = a.alloc.Alloc(max(Alignment, (a.n+8)/8))[:0]
		a.growValidity(a.n)
		setBits(a.validity, 0, a.n)
	}
	a.growValidity(a.n + 1)
	a.validity[a.n>>3] &^= 1 << (a.n & 7)
	switch {
	case a.width > 0:
		if cap(a.data)-len(a.data) < a.width {
			a.growData(a.width)
		}
		i := len(a.data)
		a.data = a.data[:i+a.width]
		clear(a.data[i:])
	case a.typ.Kind == Struct:
		for _, child := range a.children {
			child.AppendNull()
		}
	case a.typ.Kind == List:
		a.endValue(a.children[0].n)
	default:
		a.endValue(len(a.data))
	}
	a.n++
}

// LastListLen is the length of the last list of a List column, 0 without one.
func (a *Appender) LastListLen() int {
	if a.n == 0 {
		return 0
	}
	return int(a.offsets[a.n] - a.offsets[a.n-1])
}

// Truncate drops the values from n on, also what was begun and not ended after
// them, so that a row that does not belong to the batch can be taken back.
func (a *Appender) Truncate(n int) {
	a.n = min(a.n, n)
	switch {
	case a.width > 0:
		a.data = a.data[:a.n*a.width]
	case a.typ.Kind == Struct:
		for _, child := range a.children {
			child.Truncate(a.n)
		}
	default:
		end := 0
		if len(a.offsets) > 0 {
			a.offsets = a.offsets[:a.n+1]
			end = int(a.offsets[a.n])
		}
		if a.typ.Kind == List {
			a.children[0].Truncate(end)
			return
		}
		a.data = a.data[:end]
	}
}

// Bytes is the memory that the values appended so far take.
func (a *Appender) Bytes() int {
	n := len(a.data) + len(a.validity) + 8*len(a.offsets)
	for _, child := range a.children {
		n += child.Bytes()
	}
	return n
}

// valid counts k values that are not null.
func (a *Appender) valid(k int) {
	if a.validity != nil {
		a.growValidity(a.n + k)
		setBits(a.validity, a.n, k)
	}
	a.n += k
}

func (a *Appender) endValue(end int) {
	if cap(a.offsets)-len(a.offsets) < 2 {
		a.growOffsets()
	}
	if len(a.offsets) == 0 {
		a.offsets = append(a.offsets, 0)
	}
	a.offsets = append(a.offsets, int64(end))
}

func (a *Appender) growData(need int) {
	size := max(2*cap(a.data), len(a.data)+need, a.dataHint, Alignment)
	b := a.alloc.Alloc(size)[:len(a.data)]
	copy(b, a.data)
	if cap(a.data) > 0 {
		a.alloc.Free(a.data)
	}
	a.data = b
}

func (a *Appender) growOffsets() {
	size := max(2*cap(a.offsets), a.offsetsHint, Alignment/8)
	b := int64sOf(a.alloc.Alloc(8 * size))[:len(a.offsets)]
	copy(b, a.offsets)
	if cap(a.offsets) > 0 {
		a.alloc.Free(bytesOf(a.offsets))
	}
	a.offsets = b
}

// growValidity makes the bitmap long enough for n values; new bits are undefined.
func (a *Appender) growValidity(n int) {
	size := (n + 7) / 8
	if size <= len(a.validity) {
		return
	}
	if size > cap(a.validity) {
		b := a.alloc.Alloc(max(2*cap(a.validity), size))[:len(a.validity)]
		copy(b, a.validity)
		a.alloc.Free(a.validity)
		a.validity = b
	}
	old := len(a.validity)
	a.validity = a.validity[:size]
	clear(a.validity[old:])
}

func setBits(bitmap []byte, from, k int) {
	for i := from; i < from+k; i++ {
		bitmap[i>>3] |= 1 << (i & 7)
	}
}

// take gives the column away and leaves the appender empty.
func (a *Appender) take() *Column {
	c := &Column{Type: a.typ, Len: a.n, Data: a.data, Offsets: a.offsets}
	if a.width == 0 && a.typ.Kind != Struct && len(c.Offsets) == 0 {
		c.Offsets = int64sOf(a.alloc.Alloc(8))[:1]
		c.Offsets[0] = 0
	}
	if a.validity != nil {
		c.Validity = a.validity[:(a.n+7)/8]
		if rest := a.n & 7; rest != 0 {
			c.Validity[len(c.Validity)-1] &= 1<<rest - 1
		}
	}
	a.dataHint, a.offsetsHint = len(a.data), len(a.offsets)+1
	for _, child := range a.children {
		c.Children = append(c.Children, child.take())
	}
	a.n, a.data, a.offsets, a.validity = 0, nil, nil, nil
	return c
}

func (a *Appender) reset() {
	a.take().free(a.alloc)
}

func int64sOf(b []byte) []int64 {
	return unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(b))), cap(b)/8)
}

func bytesOf(v []int64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*cap(v))
}
