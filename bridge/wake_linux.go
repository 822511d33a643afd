package main

/*
#include "outbox.h"
*/
import "C"

import (
	"math"
	"unsafe"

	"golang.org/x/sys/unix"
)

// futexWakePrivate is FUTEX_WAKE_PRIVATE of <linux/futex.h>.
const futexWakePrivate = 1 | 128

// wake has the steps look again that wait at the queue. RawSyscall: the scheduler need not
// know of a call that never waits.
func (q queue) wake() {
	woken := &q.c.came.woken
	flag(woken).Add(1)
	_, _, _ = unix.RawSyscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(woken)), futexWakePrivate, math.MaxInt32)
}
