package column

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Alignment is the alignment of every buffer in bytes: Arrow recommends it and
// TensorFlow asks for it before it takes a buffer over without a copy.
const Alignment = 64

// DefaultPoolBytes is the memory that a Pool keeps for reuse when none is
// stated: 64 MiB.
const DefaultPoolBytes = 64 << 20

// Allocator gives the memory of columns. It must be safe for several goroutines.
type Allocator interface {
	// Alloc gives a buffer of n bytes (n > 0) whose first byte is aligned to
	// Alignment. Its capacity is a multiple of 8, may be larger than n and
	// may be used as well; its content is undefined.
	Alloc(n int) []byte
	// Free takes back a buffer of Alloc: b starts at the address that Alloc
	// gave and has the same capacity; its length may differ.
	Free(b []byte)
}

// Pool is an Allocator on the Go heap that keeps freed buffers in size classes
// and hands them out again, so that a steady stream of batches neither
// allocates nor faults new pages in. It is safe for several goroutines. The zero value is not
// usable: call NewPool.
type Pool struct {
	mu    sync.Mutex
	limit int
	kept  int
	lent  int
	free  [64][][]byte
}

// NewPool makes a Pool that keeps at most limit bytes for reuse,
// DefaultPoolBytes when limit is 0, nothing when it is negative.
func NewPool(limit int) *Pool {
	if limit == 0 {
		limit = DefaultPoolBytes
	}
	return &Pool{limit: limit}
}

// class is the size class of n bytes: the power of two that holds them.
func class(n int) int {
	if n <= Alignment {
		return 6
	}
	return bits.Len(uint(n - 1))
}

// Alloc gives a buffer of n bytes, a recycled one where there is one.
func (p *Pool) Alloc(n int) []byte {
	c := class(n)
	p.mu.Lock()
	p.lent++
	if l := p.free[c]; len(l) > 0 {
		b := l[len(l)-1]
		l[len(l)-1] = nil
		p.free[c] = l[:len(l)-1]
		p.kept -= cap(b)
		p.mu.Unlock()
		return b[:n]
	}
	p.mu.Unlock()
	size := 1 << c
	raw := make([]byte, size+Alignment)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(raw))) & (Alignment - 1))
	return raw[skip : skip+n : skip+size]
}

// Free keeps the buffer for the next Alloc of its size, or leaves it to the
// garbage collector when the pool is full.
func (p *Pool) Free(b []byte) {
	if cap(b) == 0 {
		return
	}
	c := class(cap(b))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lent--
	if cap(b) != 1<<c || p.kept+cap(b) > p.limit {
		return
	}
	p.kept += cap(b)
	p.free[c] = append(p.free[c], b[:0])
}

// Lent is the number of buffers handed out and not given back: 0 when every
// batch has been released. Tests look for leaks with it.
func (p *Pool) Lent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lent
}
