package main

/*
#include "kernel.h"
*/
import "C"

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/kindling-ml/kindling/dataset"
)

// readWait is how long a read may hold a TensorFlow thread. A kernel can't see
// that the iterator was cancelled, so after this time the op gives empty columns
// and the token that it got; the next call goes on where this one stopped.
const readWait = 150 * time.Millisecond

// kernels are the kernels that TensorFlow has made and not destroyed.
var kernels handles

// waits counts the reads that gave nothing because the batch was not there yet.
var waits atomic.Int64

// kernel is a place in an instantiated function of TensorFlow. It lives as long
// as the iterator, or whatever else runs the function, so its end closes the
// readers that wait for its next step. Several nested datasets may read through
// one kernel at once.
type kernel struct {
	mu      sync.Mutex
	text    string // of the spec
	spec    dataset.Spec
	outputs []output
	waiting map[string]step // by token and part
	broken  error           // a panic happened in it
}

// step is what a reader waits for.
type step struct {
	spec  dataset.Spec
	at    dataset.Position
	count int
}

//export kindlingKernelOpened
func kindlingKernelOpened() C.int64_t {
	return C.int64_t(kernels.put(&kernel{waiting: make(map[string]step)}))
}

//export kindlingKernelClosed
func kindlingKernelClosed(n C.int64_t) {
	v, ok := kernels.take(int64(n))
	if !ok {
		return
	}
	for _, s := range v.(*kernel).waiting {
		for range s.count {
			source.Drop(s.spec, s.at)
		}
	}
}

//export kindlingRead
func kindlingRead(op *C.TF_OpKernelContext, kernel C.int64_t, spec *C.char, specLen C.size_t, part C.int64_t,
	token *C.int64_t, tokenLen C.size_t,
) {
	at := unsafe.Slice((*int64)(unsafe.Pointer(token)), int(tokenLen))
	if err := read(op, int64(kernel), unsafe.String((*byte)(unsafe.Pointer(spec)), int(specLen)), int(part), at); err != nil {
		fail(op, err)
	}
}

// read does a step of the op; the error, if any, has not been told to TensorFlow.
// text and at are TensorFlow's memory.
func read(op *C.TF_OpKernelContext, number int64, text string, part int, at dataset.Position) (err error) {
	k, ok := held[*kernel](&kernels, number)
	if !ok {
		return badArgument("the kernel is gone")
	}
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{r, debug.Stack()}
			k.mu.Lock()
			k.broken = err
			k.mu.Unlock()
		}
	}()
	spec, outputs, err := k.plan(text, part)
	if err != nil {
		return err
	}
	k.wait(&spec, at, -1)
	batch, next, err := source.NextWithin(context.Background(), spec, at, readWait)
	if errors.Is(err, dataset.ErrNotReady) {
		k.wait(&spec, at, 1)
		waits.Add(1)
		deliverNothing(op, outputs, at)
		return nil
	}
	if err != nil {
		return err
	}
	k.wait(&spec, next, 1)
	defer batch.Release()
	return deliver(op, outputs, batch, next)
}

// plan gives the spec of a text, with the part to read put in.
func (k *kernel) plan(text string, part int) (dataset.Spec, []output, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken != nil {
		return dataset.Spec{}, nil, k.broken
	}
	if k.text != text {
		spec, err := dataset.ParseSpec([]byte(text))
		if err != nil {
			return spec, nil, badArgument("%v", err)
		}
		if k.outputs, err = outputsOf(&spec); err != nil {
			return spec, nil, err
		}
		spec.Prepare()
		k.text, k.spec = string([]byte(text)), spec
	}
	spec := k.spec
	spec.Part = part
	return spec, k.outputs, nil
}

// wait notes by how many more or fewer readers wait for the step at a position.
func (k *kernel) wait(spec *dataset.Spec, at dataset.Position, n int) {
	key := stepKey(spec.Part, at)
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.waiting[key]
	if !ok && n > 0 {
		s = step{spec: *spec, at: append(dataset.Position{}, at...)}
	}
	if s.count += n; s.count > 0 {
		k.waiting[key] = s
	} else {
		delete(k.waiting, key)
	}
}

func stepKey(part int, at dataset.Position) string {
	b := make([]byte, 0, 8*(len(at)+1))
	for _, v := range append(dataset.Position{int64(part)}, at...) {
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
	}
	return string(b)
}

// fail ends the op with an error.
func fail(op *C.TF_OpKernelContext, err error) {
	code, text := codeOutOfRange, "end of sequence"
	if !errors.Is(err, io.EOF) {
		class := classify(err)
		code, text = class.Code, class.Name+": "+err.Error()
	}
	C.kindling_op_fail(op, C.int(code), (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)))
}
