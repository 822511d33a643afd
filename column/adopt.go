package column

// Data is the memory of a column of fixed width so far. It moves with the next
// append.
func (a *Appender) Data() []byte { return a.data }

// Adopt moves the values of a column of fixed width into mem, which has room for
// them, and goes on there; the memory before goes back to the Allocator, and mem
// will, by its first byte.
func (a *Appender) Adopt(mem []byte) {
	old := a.data
	a.data = mem[:copy(mem, old)]
	if cap(old) > 0 {
		a.alloc.Free(old)
	}
}

// Extend appends values of fixed width that stand in their place already: mem
// begins with Data, in the same memory, and its capacity is what may be used.
func (a *Appender) Extend(mem []byte) {
	k := (len(mem) - len(a.data)) / a.width
	a.data = mem
	a.valid(k)
}
