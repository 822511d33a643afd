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

// delivery is Go's side of a kindling_delivery, from newDelivery to recycle.
type delivery struct {
	c      *C.kindling_delivery
	batch  *column.Batch // nil for none
	memory [][]byte      // of c, and what its columns have beside the batch
}

// newDelivery makes a delivery with one use, a token, a text and columns that are all
// zero. It takes the batch over.
func newDelivery(batch *column.Batch, columns int, token dataset.Position, text string) *delivery {
	d := &delivery{batch: batch}
	size := int(C.sizeof_kindling_delivery) + columns*int(C.sizeof_kindling_column)
	memory := d.alloc(size + len(token)*8 + len(text) + 1)
	d.c = (*C.kindling_delivery)(pointer(memory))
	d.c.handle = C.int64_t(deliveries.put(d))
	d.c.uses = 1
	d.c.columns = C.int(columns)
	rest := memory[size:]
	d.c.token, d.c.token_length = (*C.int64_t)(pointer(rest)), C.size_t(len(token))
	copy(unsafe.Slice((*int64)(d.c.token), len(token)), token)
	rest = rest[len(token)*8:]
	copy(rest, text)
	d.c.text = (*C.char)(pointer(rest))
	return d
}

// alloc gives n zero bytes that live as long as the delivery.
func (d *delivery) alloc(n int) []byte {
	b := batchMemory.Alloc(n)
	clear(b)
	d.memory = append(d.memory, b)
	return b
}

// columns are what C gets of the columns.
func (d *delivery) columns() []C.kindling_column {
	first := unsafe.Add(unsafe.Pointer(d.c), C.sizeof_kindling_delivery)
	return unsafe.Slice((*C.kindling_column)(first), int(d.c.columns))
}

// recycle releases the batch of a delivery that nobody uses, and its memory.
func recycle(c *C.kindling_delivery) {
	v, ok := deliveries.take(int64(c.handle))
	if !ok {
		return
	}
	d := v.(*delivery)
	if d.batch != nil {
		d.batch.Release()
	}
	for _, b := range d.memory {
		batchMemory.Free(b)
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
