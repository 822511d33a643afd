package main

/*
#include "host.h"
*/
import "C"

import (
	"fmt"
	"math/bits"
	"sync"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
)

// keptBytes is how much freed memory cMemory keeps: fresh pages cost a fault for
// each 4 KiB, which for batches is more than filling them.
const keptBytes = 256 << 20

// batchMemory is the memory of every batch that goes to C.
var batchMemory = &cMemory{}

// cMemory is a column.Allocator over the C library, so that Arrow and TensorFlow
// may hold on to a batch's buffers without a copy. Buffers have sizes of powers
// of two and are recycled. It is safe for several goroutines.
type cMemory struct {
	mu   sync.Mutex
	kept int
	free [64][]unsafe.Pointer
}

// class is the size class of n bytes, 64 at least: the power of two that holds them.
func class(n int) int {
	return bits.Len(uint(max(n, column.Alignment) - 1))
}

// Alloc gives n bytes, aligned to 64; their content is undefined.
func (m *cMemory) Alloc(n int) []byte {
	c := class(n)
	m.mu.Lock()
	if l := m.free[c]; len(l) > 0 {
		p := l[len(l)-1]
		m.free[c] = l[:len(l)-1]
		m.kept -= 1 << c
		m.mu.Unlock()
		return unsafe.Slice((*byte)(p), 1<<c)[:n]
	}
	m.mu.Unlock()
	p := C.kindling_aligned_alloc(1 << c)
	if p == nil {
		panic(fmt.Sprintf("kindling: out of memory for a buffer of %d bytes", n))
	}
	return unsafe.Slice((*byte)(p), 1<<c)[:n]
}

// Free takes back what Alloc gave.
func (m *cMemory) Free(b []byte) {
	c := class(cap(b))
	p := unsafe.Pointer(unsafe.SliceData(b))
	m.mu.Lock()
	if m.kept+1<<c <= keptBytes {
		m.kept += 1 << c
		m.free[c] = append(m.free[c], p)
		p = nil
	}
	m.mu.Unlock()
	if p != nil {
		C.kindling_aligned_free(p)
	}
}
