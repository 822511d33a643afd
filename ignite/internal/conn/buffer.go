package conn

import (
	"math/bits"
	"runtime/debug"
	"sync"
)

const (
	minClass = 12 // 4 KiB
	maxClass = 26 // 64 MiB: a larger buffer is left to the garbage collector
)

// buffer is a byte slice that came from the pool of its size class.
type buffer struct {
	b     []byte
	class int // -1: not pooled
}

var pools [maxClass + 1]sync.Pool

// classOf is the smallest class that holds n bytes, or -1 above the largest.
func classOf(n int) int {
	if n <= 1<<minClass {
		return minClass
	}
	c := bits.Len(uint(n - 1))
	if c > maxClass {
		return -1
	}
	return c
}

// getBuffer returns a buffer of length n. Its bytes are not cleared.
func getBuffer(n int) *buffer {
	c := classOf(n)
	if c < 0 {
		return &buffer{b: make([]byte, n), class: -1}
	}
	if v, ok := pools[c].Get().(*buffer); ok {
		v.b = v.b[:n]
		return v
	}
	return &buffer{b: make([]byte, n, 1<<c), class: c}
}

// put returns the buffer to its pool. The caller must not touch it again.
func (b *buffer) put() {
	if b == nil {
		return
	}
	if b.class < 0 {
		// The collector would wait until the heap has doubled, with memory of this size.
		b.b = nil
		debug.FreeOSMemory()
		return
	}
	// An append may have moved the slice to a larger array: file it where it fits now.
	c := bits.Len(uint(cap(b.b))) - 1
	if c < minClass || c > maxClass {
		return
	}
	b.class = c
	pools[c].Put(b)
}
