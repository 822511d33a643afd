//go:build !linux

package main

/*
#include "outbox.h"
*/
import "C"

// wake has the steps look again that wait at the queue.
func (q queue) wake() { C.kindling_outbox_wake(q.c) }
