package column

import "unsafe"

// reserve makes room for n values in all, also in the fields of a Struct. How
// long lists and strings will be nobody knows: theirs starts at the batch before.
func (a *Appender) reserve(n int) {
	if n > a.room {
		a.grow(n - a.n)
	}
	if a.typ.Kind == Struct {
		for _, child := range a.children {
			child.reserve(n)
		}
	}
}

// grow makes room for k values more, by doubling at least.
func (a *Appender) grow(k int) {
	room := max(2*a.room, a.n+k, a.hint)
	switch {
	case a.width > 0:
		if cap(a.data) < (a.n+k)*a.width {
			a.growData(room * a.width)
		}
		room = cap(a.data) / a.width
	case a.typ.Kind == Struct: // has nothing of its own but validity
		room = max(room, Alignment)
	default:
		a.growOffsets(room + 1)
		room = cap(a.offsets) - 1
	}
	if a.validity != nil {
		a.growValidity(room)
	}
	a.room = room
}

// valid counts k values of fixed width whose bytes stand in data already.
func (a *Appender) valid(k int) {
	a.n += k
	if a.n > a.room {
		a.grow(0)
	}
}

func (a *Appender) growData(size int) {
	b := a.alloc.Alloc(max(size, Alignment))[:len(a.data)]
	copy(b, a.data)
	if cap(a.data) > 0 {
		a.alloc.Free(a.data)
	}
	a.data = b
}

func (a *Appender) growOffsets(size int) {
	b := int64sOf(a.alloc.Alloc(max(8*size, Alignment)))[:max(len(a.offsets), 1)]
	b[0] = 0
	copy(b, a.offsets)
	if cap(a.offsets) > 0 {
		a.alloc.Free(bytesOf(a.offsets))
	}
	a.offsets = b
}

// growValidity makes the bitmap long enough for n values, with set bits.
func (a *Appender) growValidity(n int) {
	size := bitmapBytes(n)
	if size <= len(a.validity) {
		return
	}
	b := a.alloc.Alloc(size)
	for i := copy(b, a.validity); i < size; i++ {
		b[i] = 0xff
	}
	if a.validity != nil {
		a.alloc.Free(a.validity)
	}
	a.validity = b
}

func bitmapBytes(n int) int { return (n + 7) / 8 }

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
		c.Validity = a.validity[:bitmapBytes(a.n)]
		if rest := a.n & 7; rest != 0 {
			c.Validity[len(c.Validity)-1] &= 1<<rest - 1
		}
	}
	for _, child := range a.children {
		c.Children = append(c.Children, child.take())
	}
	a.hint, a.dataHint = a.n, len(a.data)
	a.n, a.room, a.data, a.offsets, a.validity = 0, 0, nil, nil, nil
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
