package column

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// Appender fills one column. The methods must fit the column's kind; a wrong
// one leaves a column that Batch.Validate refuses. It is for one goroutine.
type Appender struct {
	// What every append touches stands first, in one line of the processor's cache.
	n       int     // values
	room    int     // values that fit: data of fixed width, offsets and validity are there for them
	data    []byte  // its length follows n, for a fixed width
	offsets []int64 // the first is there as soon as there is room

	// validity, where it is, has a bit for all that fits: set, until a null clears
	// it. So a value that is none has nothing to do with it.
	validity []byte

	typ      Type
	width    int
	shift    int // of the width
	alloc    Allocator
	children []*Appender

	hint, dataHint int // values and bytes of the batch before: the next one starts with room for them
}

func newAppender(t Type, alloc Allocator) *Appender {
	w := t.Kind.Width()
	a := &Appender{typ: t, width: w, shift: bits.TrailingZeros(uint(w)), alloc: alloc}
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
	if !a.Put8(v) {
		a.grow(1)
		a.Put8(v)
	}
}

// Append16 appends 16 bits as they are: to a Uint16 or Int16 column.
func (a *Appender) Append16(v uint16) {
	if !a.Put16(v) {
		a.grow(1)
		a.Put16(v)
	}
}

// Append32 appends 32 bits as they are: to an Int32 or Float32 column.
func (a *Appender) Append32(v uint32) {
	if !a.Put32(v) {
		a.grow(1)
		a.Put32(v)
	}
}

// Append64 appends 64 bits as they are: to an Int64 or Float64 column.
func (a *Appender) Append64(v uint64) {
	if !a.Put64(v) {
		a.grow(1)
		a.Put64(v)
	}
}

// Put8 is Append8 where there is room. Where there is none it appends nothing
// and says so with false. It is small enough to become a part of its caller.
func (a *Appender) Put8(v uint8) bool {
	i := len(a.data)
	if a.n >= a.room || cap(a.data)-i < 1 {
		return false
	}
	a.data = a.data[:i+1]
	a.data[i] = v
	a.n++
	return true
}

// Put16 is Append16 where there is room, as Put8 is Append8.
func (a *Appender) Put16(v uint16) bool {
	i := len(a.data)
	if a.n >= a.room || cap(a.data)-i < 2 {
		return false
	}
	a.data = a.data[:i+2]
	binary.LittleEndian.PutUint16(a.data[i:], v)
	a.n++
	return true
}

// Put32 is Append32 where there is room, as Put8 is Append8.
func (a *Appender) Put32(v uint32) bool {
	i := len(a.data)
	if a.n >= a.room || cap(a.data)-i < 4 {
		return false
	}
	a.data = a.data[:i+4]
	binary.LittleEndian.PutUint32(a.data[i:], v)
	a.n++
	return true
}

// Put64 is Append64 where there is room, as Put8 is Append8.
func (a *Appender) Put64(v uint64) bool {
	i := len(a.data)
	if a.n >= a.room || cap(a.data)-i < 8 {
		return false
	}
	a.data = a.data[:i+8]
	binary.LittleEndian.PutUint64(a.data[i:], v)
	a.n++
	return true
}

// AppendFixed appends the little-endian values in b, len(b)/Width of them, to a
// column of fixed width, with one copy.
func (a *Appender) AppendFixed(b []byte) {
	copy(a.Space(len(b)>>a.shift), b)
}

// Space appends k values to a column of fixed width and gives the memory in which the
// caller puts them, before it appends anything else.
func (a *Appender) Space(k int) []byte {
	at, size := len(a.data), k<<a.shift
	if a.room-a.n < k || cap(a.data)-at < size {
		a.grow(k)
	}
	a.data = a.data[:at+size]
	a.n += k
	return a.data[at:]
}

// AppendBytes appends one value to a String or Bytes column.
func (a *Appender) AppendBytes(b []byte) {
	if a.n >= a.room {
		a.grow(1)
	}
	if cap(a.data)-len(a.data) < len(b) {
		a.growData(max(2*cap(a.data), len(a.data)+len(b), a.dataHint))
	}
	a.data = append(a.data, b...)
	a.endValue(len(a.data))
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
	if a.n >= a.room {
		a.grow(1)
	}
	a.endValue(a.children[0].n)
}

// EndStruct closes a row of a Struct, after one append to each of its fields.
func (a *Appender) EndStruct() { a.EndStructs(1) }

// EndStructs closes k rows of a Struct, after k appends to each of its fields.
func (a *Appender) EndStructs(k int) {
	if a.room-a.n < k {
		a.grow(k)
	}
	a.n += k
}

// AppendNull appends a null: a zero, an empty string, an empty list or a struct
// of nulls, with a cleared bit in the validity bitmap.
func (a *Appender) AppendNull() {
	if a.n >= a.room || cap(a.data)-len(a.data) < a.width {
		a.grow(1)
	}
	if a.validity == nil {
		a.growValidity(a.room)
	}
	a.validity[a.n>>3] &^= 1 << (a.n & 7)
	switch {
	case a.width > 0:
		i := len(a.data)
		a.data = a.data[:i+a.width]
		clear(a.data[i:])
		a.n++
	case a.typ.Kind == Struct:
		for _, child := range a.children {
			child.AppendNull()
		}
		a.n++
	case a.typ.Kind == List:
		a.endValue(a.children[0].n)
	default:
		a.endValue(len(a.data))
	}
}

// endValue counts a value of variable size that ends at end. There is room for it.
func (a *Appender) endValue(end int) {
	a.n++
	a.offsets = a.offsets[:a.n+1]
	a.offsets[a.n] = int64(end)
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
	if a.validity != nil && n < a.n {
		setBits(a.validity, n, a.n-n)
	}
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
	n := len(a.data) + 8*len(a.offsets)
	if a.validity != nil {
		n += bitmapBytes(a.n)
	}
	for _, child := range a.children {
		n += child.Bytes()
	}
	return n
}
