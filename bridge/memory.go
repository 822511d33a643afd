package main

/*
#include "host.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
)

// poolBytes is how much memory batchMemory has, lent and kept, while it still keeps what is
// freed. A stream of the largest batches needs half of it; readers that followed one
// another kept buffers of many sizes up to DefaultBufferBytes, and more than 64 MiB beside.
const poolBytes = 192 << 20

// batchMemory is the memory of every batch that goes to C: the C library's, so
// that Arrow and TensorFlow may hold on to a batch's buffers without a copy.
var batchMemory = column.NewPoolFrom(column.Source{Alloc: allocC, Free: freeC}, poolBytes)

func allocC(n int) []byte {
	p := C.kindling_aligned_alloc(C.size_t(n))
	if p == nil {
		panic(fmt.Sprintf("kindling: out of memory for a buffer of %d bytes", n))
	}
	return unsafe.Slice((*byte)(p), n)
}

func freeC(b []byte) { C.kindling_aligned_free(unsafe.Pointer(unsafe.SliceData(b)), C.size_t(cap(b))) }

// heapBytes is how large Go's heap may be when a stream has ended.
const heapBytes = 64 << 20

var trimming atomic.Bool

// trim empties Go's heap where it is large. Most of it are frames of pages then, which their
// pools keep; the collector lets it double, and hardly ever runs, for batches are not there.
// It takes some milliseconds in the goroutine of a stream that has ended.
func trim() {
	size := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(size)
	if size[0].Value.Uint64() < heapBytes || !trimming.CompareAndSwap(false, true) {
		return
	}
	defer trimming.Store(false)
	runtime.GC() // a pool forgets what it has in two collections
	debug.FreeOSMemory()
}
