package main

/*
#include "outbox.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
)

// deliveries are those that C has not given back.
var deliveries handles

// delivery is what a kindling_delivery stands for.
type delivery struct {
	memory []byte        // it lies in
	batch  *column.Batch // nil for none
}

// newDelivery makes a delivery with one use, a token, a text and columns that are all
// zero. It takes the batch over.
func newDelivery(batch *column.Batch, columns int, token dataset.Position, text string) *C.kindling_delivery {
	size := int(C.sizeof_kindling_delivery) + columns*int(C.sizeof_kindling_column)
	memory := batchMemory.Alloc(size + len(token)*8 + len(text) + 1)
	clear(memory)
	d := (*C.kindling_delivery)(unsafe.Pointer(unsafe.SliceData(memory)))
	d.handle = C.int64_t(deliveries.put(&delivery{memory, batch}))
	d.uses = 1
	d.columns = C.int(columns)
	rest := memory[size:]
	d.token, d.token_length = (*C.int64_t)(pointer(rest)), C.size_t(len(token))
	copy(unsafe.Slice((*int64)(d.token), len(token)), token)
	rest = rest[len(token)*8:]
	copy(rest, text)
	d.text = (*C.char)(pointer(rest))
	return d
}

// columnsOf are the columns of a delivery, which C counts.
func columnsOf(d *C.kindling_delivery) []C.kindling_column {
	first := unsafe.Add(unsafe.Pointer(d), C.sizeof_kindling_delivery)
	return unsafe.Slice((*C.kindling_column)(first), int(d.columns))
}

// recycle releases the batch of a delivery that nobody uses, and its memory.
func recycle(d *C.kindling_delivery) {
	if v, ok := deliveries.take(int64(d.handle)); ok {
		held := v.(*delivery)
		if held.batch != nil {
			held.batch.Release()
		}
		batchMemory.Free(held.memory)
	}
}

// watch says that recycleReturned will be called again and again.
func watch() { watchers().Add(1) }

// unwatch ends that: from here on C tells of deliveries that come back, those excepted
// that are there already.
func unwatch() {
	watchers().Add(-1)
	recycleReturned()
}

func watchers() *atomic.Int64 { return (*atomic.Int64)(unsafe.Pointer(&C.kindling_returned.watchers)) }

// recycleReturned recycles the deliveries that TensorFlow has done with.
func recycleReturned() {
	first := (*unsafe.Pointer)(unsafe.Pointer(&C.kindling_returned.first))
	for d := (*C.kindling_delivery)(atomic.SwapPointer(first, nil)); d != nil; {
		next := d.next
		recycle(d)
		d = next
	}
}

// kindlingReturned is told that deliveries came back while nobody watches.
//
//export kindlingReturned
func kindlingReturned() { recycleReturned() }
