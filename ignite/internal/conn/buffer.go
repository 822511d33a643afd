package conn

import (
	"math/bits"
	"sync"
)

// Classes of sizes are 4, 5, 6 and 7 times a power of two: a page of two rows of 1 MiB is a
// little over 2 MiB, and should not take 4.
const (
	minBits   = 12 // 4 KiB, class 0
	maxBits   = 26 // 64 MiB: a larger buffer is not kept
	stepBits  = 2
	steps     = 1 << stepBits // to twice the size
	lastClass = (maxBits - minBits) * steps
)

// buffer is a byte slice that came from the pool of its size class.
type buffer struct {
	b      []byte
	class  int    // -1: not pooled
	mapped []byte // what the system gave for a large one; nil for none
}

var pools [lastClass + 1]sync.Pool

// classSize is the number of bytes of the buffers of a class.
func classSize(c int) int { return (steps + c%steps) << (c/steps + minBits - stepBits) }

// classBelow is the largest class of at most n bytes, -1 when there is none.
func classBelow(n int) int {
	if n < 1<<minBits {
		return -1
	}
	high := bits.Len(uint(n)) - 1
	return min((high-minBits)*steps+n>>(high-stepBits)-steps, lastClass)
}

// classOf is the smallest class that holds n bytes, -1 above the largest.
func classOf(n int) int {
	c := classBelow(n)
	if c < 0 {
		return 0
	}
	if classSize(c) < n {
		c++
	}
	if c > lastClass {
		return -1
	}
	return c
}

// getBuffer returns a buffer of length n. Its bytes are not cleared.
func getBuffer(n int) *buffer {
	c := classOf(n)
	if c < 0 {
		return largeBuffer(n)
	}
	if v, ok := pools[c].Get().(*buffer); ok {
		v.b = v.b[:n]
		return v
	}
	return &buffer{b: make([]byte, n, classSize(c)), class: c}
}

// largeBuffer has the system map a buffer beside Go's heap, and put gives it back at once. On
// the heap some of this size would lie until the collector runs, which waits until the heap
// has doubled; to have it run for each would stop the user's whole program.
func largeBuffer(n int) *buffer {
	if m := mapMemory(n); m != nil {
		return &buffer{b: m, class: -1, mapped: m}
	}
	return &buffer{b: make([]byte, n), class: -1}
}

// put returns the buffer to its pool. The caller must not touch it again.
func (b *buffer) put() {
	if b == nil {
		return
	}
	if b.class < 0 {
		b.b = nil
		unmapMemory(b.mapped)
		b.mapped = nil
		return
	}
	// An append may have moved the slice to a larger array: file it where it fits now.
	if c := classBelow(cap(b.b)); c >= 0 && cap(b.b) < 2<<maxBits {
		b.class = c
		pools[c].Put(b)
	}
}
