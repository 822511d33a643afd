package main

/*
#include "outbox.h"
*/
import "C"

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"sync"
	"time"
	"unsafe"

	"github.com/kindling-ml/kindling/dataset"
)

// kernels are the kernels that TensorFlow has made and not destroyed; carrying are
// the carriers.
var kernels, carrying handles

// kernel is a place in an instantiated function of TensorFlow. It lives as long
// as the iterator, or whatever else runs the function, so its end closes the
// streams that wait for its next step. Several nested datasets may read through
// one kernel at once.
type kernel struct {
	life context.Context //nolint:containedctx // ends the carriers
	end  context.CancelFunc

	mu     sync.Mutex
	text   string // of the spec
	spec   dataset.Spec
	layout layout
	broken error // a panic happened in it
}

//export kindlingKernelOpened
func kindlingKernelOpened() C.int64_t {
	life, end := context.WithCancel(context.Background())
	return C.int64_t(kernels.put(&kernel{life: life, end: end}))
}

//export kindlingKernelClosed
func kindlingKernelClosed(n C.int64_t) {
	if v, ok := kernels.take(int64(n)); ok {
		v.(*kernel).end()
	}
}

// kindlingCarry begins the stream that goes on from a step. What it gives is
// TensorFlow's answer at once, an error; nil where the stream will answer.
//
//export kindlingCarry
func kindlingCarry(n C.int64_t, box *C.kindling_outbox, step *C.kindling_step) (answer *C.kindling_delivery) {
	k, ok := held[*kernel](&kernels, int64(n))
	if !ok {
		return failure(badArgument("the kernel is gone"))
	}
	defer func() {
		if r := recover(); r != nil {
			answer = k.caught(r)
		}
	}()
	text := unsafe.String((*byte)(unsafe.Pointer(step.spec)), int(step.spec_length))
	spec, layout, err := k.plan(text, int(step.part))
	if err != nil {
		return failure(err)
	}
	c := &carrier{
		kernel: k, spec: spec, layout: layout, room: make(chan struct{}, 1),
		at: append(dataset.Position{}, unsafe.Slice((*int64)(step.token), int(step.token_length))...),
	}
	c.number = carrying.put(c)
	empty := layout.nothing()
	c.queue.c = C.kindling_outbox_enter(box, step, C.int64_t(c.number), C.size_t(spec.BufferLimit()/handedShare), empty)
	if c.queue.c == nil {
		recycle(empty)
		carrying.take(c.number)
		return failure(errMemory)
	}
	watch()
	go c.run()
	return nil
}

// kindlingRoom is told that a carrier that had paused may go on.
//
//export kindlingRoom
func kindlingRoom(n C.int64_t) {
	if c, ok := held[*carrier](&carrying, int64(n)); ok {
		select {
		case c.room <- struct{}{}:
		default:
		}
	}
}

// plan gives the spec of a text, with the part to read put in.
func (k *kernel) plan(text string, part int) (dataset.Spec, layout, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken != nil {
		return dataset.Spec{}, layout{}, k.broken
	}
	if k.text != text {
		spec, err := dataset.ParseSpec([]byte(text))
		if err != nil {
			return spec, layout{}, badArgument("%v", err)
		}
		if k.layout, err = layoutOf(&spec); err != nil {
			return spec, layout{}, err
		}
		spec.Prepare()
		k.text, k.spec = string([]byte(text)), spec
	}
	spec := k.spec
	spec.Part = part
	return spec, k.layout, nil
}

// caught is TensorFlow's answer to a panic, now and at each later step.
func (k *kernel) caught(r any) *C.kindling_delivery {
	err := &panicError{r, debug.Stack()}
	k.mu.Lock()
	k.broken = err
	k.mu.Unlock()
	return failure(err)
}

// handedShare is the part of what a dataset may hold that may wait in an outbox. Half of
// it has to last until a carrier goes on that had paused: Go's scheduler has one thread on
// two cores, and lets a call from C wait for some 60 turns of goroutines, each of which may
// take a MiB from a socket.
const handedShare = 4

// carrier carries the batches of a stream into the outbox of its kernel, some MiB
// ahead of TensorFlow, from a position on.
type carrier struct {
	kernel *kernel
	number int64 // among carrying
	spec   dataset.Spec
	layout layout
	at     dataset.Position
	queue  queue
	waited time.Duration // by steps, of what is counted
	room   chan struct{} // told when there is some again
}

// run carries until the data, the kernel or TensorFlow's interest ends.
func (c *carrier) run() {
	last := c.carry()
	carrying.take(c.number)
	c.starved(time.Duration(C.kindling_outbox_waited(c.queue.c)))
	C.kindling_outbox_leave(c.queue.c, last)
	unwatch()
	trim()
}

// carry gives what the stream ends with for TensorFlow, nil when nobody wants it.
func (c *carrier) carry() (last *C.kindling_delivery) {
	defer func() {
		if r := recover(); r != nil {
			last = c.kernel.caught(r)
		}
	}()
	for {
		batch, next, err := source.Next(c.kernel.life, c.spec, c.at)
		if c.kernel.life.Err() != nil {
			if err == nil {
				batch.Release()
				c.at = next
			}
			source.Drop(c.spec, c.at)
			return nil
		}
		if err != nil {
			return failure(err)
		}
		c.at = next
		delivery, err := c.layout.pack(batch, next)
		if err != nil {
			source.Drop(c.spec, c.at)
			return failure(err)
		}
		room := c.queue.put(delivery)
		c.starved(c.queue.waited())
		recycleReturned()
		if !room && !c.wait() {
			source.Drop(c.spec, c.at)
			return nil
		}
	}
}

// starved counts how long steps have waited.
func (c *carrier) starved(waited time.Duration) {
	if waited > c.waited {
		source.Starved(c.spec, waited-c.waited)
		c.waited = waited
	}
}

// wait waits for room; false when the stream is to end, because its kernel has or
// because nobody took anything for the idle timeout.
func (c *carrier) wait() bool {
	unwatch()
	defer watch()
	idle := time.NewTimer(c.spec.IdleTimeout())
	defer idle.Stop()
	select {
	case <-c.room:
		return true
	case <-idle.C:
		return false
	case <-c.kernel.life.Done():
		return false
	}
}

// failure is the delivery of an error; the end of the data is one, too.
func failure(err error) *C.kindling_delivery {
	code, text := codeOutOfRange, "end of sequence"
	if !errors.Is(err, io.EOF) {
		class := classify(err)
		code, text = class.Code, class.Name+": "+err.Error()
	}
	d := newDelivery(nil, 0, nil, text)
	d.c.code = C.int32_t(code)
	return d.c
}

var errMemory = errors.New("kindling: out of memory")
