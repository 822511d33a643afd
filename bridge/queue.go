package main

/*
#include "outbox.h"
*/
import "C"

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// queue is Go's end of a stream's queue. One goroutine may put at a time; it makes no
// call of C that the runtime would see, which costs more than all else here.
type queue struct{ c *C.kindling_queue }

func counter(p *C.uint64_t) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(p)) }

func flag(p *C.uint32_t) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(p)) }

// put puts a delivery at the end, where it is C's. true: another one of that size may
// follow at once; false: only after kindlingRoom.
func (q queue) put(d *C.kindling_delivery) bool {
	n, bytes := counter(&q.c.put).Load(), uint64(d.bytes)
	q.c.slots[n%C.KINDLING_SLOTS] = d
	counter(&q.c.expected).Store(bytes)
	counter(&q.c.put_bytes).Add(bytes)
	counter(&q.c.put).Store(n + 1)
	if flag(&q.c.waiters).Load() != 0 {
		q.wake()
	}
	if q.hasRoom() {
		return true
	}
	flag(&q.c.paused).Store(1)
	// A step that took something in between has not seen that.
	return q.hasRoom() && flag(&q.c.paused).CompareAndSwap(1, 0)
}

// waited is how long steps have waited, but for waits that go on.
func (q queue) waited() time.Duration { return time.Duration(counter(&q.c.waited).Load()) }

// hasRoom says whether a delivery like the last one may follow it. One that is larger than
// the limit may when a step waits for it.
func (q queue) hasRoom() bool {
	length := counter(&q.c.put).Load() - counter(&q.c.taken).Load()
	if length == 0 && flag(&q.c.waiters).Load() != 0 {
		return true
	}
	bytes := counter(&q.c.put_bytes).Load() - counter(&q.c.taken_bytes).Load()
	return bytes+counter(&q.c.expected).Load() <= uint64(q.c.limit) && length < C.KINDLING_SLOTS-1
}
