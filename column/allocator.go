package column

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Alignment is the alignment of every buffer in bytes: Arrow recommends it and
// TensorFlow asks for it before it takes a buffer over without a copy.
const Alignment = 64

// DefaultPoolBytes is how much memory a Pool holds, lent and kept together,
// before it keeps nothing more: 256 MiB.
const DefaultPoolBytes = 256 << 20

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

// Source is where a Pool has its memory from. Alloc gives n bytes, aligned to
// Alignment, with undefined content; Free takes them back as they were given.
type Source struct {
	Alloc func(n int) []byte
	Free  func(b []byte)
}

// GoHeap is the Source that the garbage collector looks after.
var GoHeap = Source{
	Alloc: func(n int) []byte {
		raw := make([]byte, n+Alignment)
		skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(raw))) & (Alignment - 1))
		return raw[skip : skip+n : skip+n]
	},
	Free: func([]byte) {},
}

// Pool is an Allocator that keeps freed buffers and hands them out again, so that
// a steady stream of batches neither allocates nor faults new pages in: a fault
// for each 4 KiB costs more than filling them. Sizes are rounded up by an eighth
// at most. It is safe for several goroutines. The zero value is not usable: call
// NewPool.
type Pool struct {
	source Source
	limit  int

	mu     sync.Mutex
	kept   int // bytes
	lent   int // bytes
	number int // of buffers lent
	free   map[int][][]byte
}

// NewPool makes a Pool on the Go heap that keeps a freed buffer as long as all
// its memory, lent and kept, is at most limit bytes: DefaultPoolBytes when limit
// is 0, nothing is kept when it is negative.
func NewPool(limit int) *Pool { return NewPoolFrom(GoHeap, limit) }

// NewPoolFrom is NewPool with memory from somewhere else.
func NewPoolFrom(source Source, limit int) *Pool {
	if limit == 0 {
		limit = DefaultPoolBytes
	}
	return &Pool{source: source, limit: limit, free: make(map[int][][]byte)}
}

// sizeOf rounds n up to a size that the pool deals in: eight of them from each
// power of two to the next.
func sizeOf(n int) int {
	if n <= 8*Alignment {
		return (n + Alignment - 1) &^ (Alignment - 1)
	}
	step := 1 << (bits.Len(uint(n-1)) - 4)
	return (n + step - 1) &^ (step - 1)
}

// Alloc gives a buffer of n bytes, a recycled one where there is one.
func (p *Pool) Alloc(n int) []byte {
	size := sizeOf(n)
	p.mu.Lock()
	p.number++
	p.lent += size
	if l := p.free[size]; len(l) > 0 {
		b := l[len(l)-1]
		l[len(l)-1] = nil
		p.free[size] = l[:len(l)-1]
		p.kept -= size
		p.mu.Unlock()
		return b[:n]
	}
	spare := p.shrink()
	p.mu.Unlock()
	for _, b := range spare {
		p.source.Free(b)
	}
	return p.source.Alloc(size)[:n]
}

// shrink takes out kept buffers while the pool is over its limit; the lock is held.
func (p *Pool) shrink() (out [][]byte) {
	for size, l := range p.free {
		for len(l) > 0 && p.lent+p.kept > p.limit {
			out = append(out, l[len(l)-1])
			l[len(l)-1] = nil
			l = l[:len(l)-1]
			p.kept -= size
		}
		p.free[size] = l
		if p.lent+p.kept <= p.limit {
			break
		}
	}
	return out
}

// Free keeps the buffer for the next Alloc of its size, or gives it back when the
// pool is full.
func (p *Pool) Free(b []byte) {
	size := cap(b)
	if size == 0 {
		return
	}
	p.mu.Lock()
	p.number--
	p.lent -= size
	keep := p.lent+p.kept+size <= p.limit
	if keep {
		p.kept += size
		p.free[size] = append(p.free[size], b[:0])
	}
	p.mu.Unlock()
	if !keep {
		p.source.Free(b[:size])
	}
}

// Lent is the number of buffers handed out and not given back: 0 when every
// batch has been released. Tests look for leaks with it.
func (p *Pool) Lent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.number
}
