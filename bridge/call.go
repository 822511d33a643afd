package main

/*
#include <stdlib.h>
#include "arrow.h"
*/
import "C"

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
)

// calls are the calls under way, objects what C holds of clients, streams, nodes
// and lent batches.
var calls, objects handles

// call is one call of the C ABI.
type call struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when answer is there
	answer []byte
}

// method does the work of a call. request is JSON; rows is nil but for methods
// that read rows.
type method func(ctx context.Context, request json.RawMessage, rows array.RecordReader) (any, error)

//export kindlingBegin
func kindlingBegin(name, request *C.char, timeoutMillis C.int64_t, rows *C.struct_ArrowArrayStream) C.int64_t {
	ctx, cancel := context.WithCancel(context.Background())
	if timeoutMillis > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(timeoutMillis)*time.Millisecond)
	}
	c := &call{cancel: cancel, done: make(chan struct{})}
	reader, err := takeRows(rows)
	go c.run(ctx, C.GoString(name), []byte(C.GoString(request)), reader, err)
	return C.int64_t(calls.put(c))
}

// takeRows moves a stream out of C.
func takeRows(rows *C.struct_ArrowArrayStream) (array.RecordReader, error) {
	if rows == nil || rows.release == nil {
		return nil, nil //nolint:nilnil // no stream is no error
	}
	reader, err := cdata.ImportCRecordReader((*cdata.CArrowArrayStream)(unsafe.Pointer(rows)), nil)
	if err != nil {
		return nil, badArgument("the rows are no readable Arrow stream: %v", err)
	}
	records, ok := reader.(array.RecordReader)
	if !ok {
		return nil, badArgument("the rows are no Arrow stream of record batches")
	}
	return records, nil
}

func (c *call) run(ctx context.Context, name string, request []byte, rows array.RecordReader, err error) {
	defer close(c.done)
	defer c.cancel()
	if rows != nil {
		defer rows.Release()
	}
	var value any
	if err == nil {
		err = errThreads
	}
	if err == nil {
		value, err = invoke(ctx, name, request, rows)
	}
	c.answer = encodeAnswer(value, err)
}

// invoke runs a method and catches its panics.
func invoke(ctx context.Context, name string, request []byte, rows array.RecordReader) (_ any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{r, debug.Stack()}
		}
	}()
	m, ok := methods()[name]
	if !ok {
		return nil, badArgument("libkindling has no method %q", name)
	}
	if len(request) == 0 {
		request = []byte("{}")
	}
	return m(ctx, request, rows)
}

type errorAnswer struct {
	Class   string `json:"class"`
	Message string `json:"message"`
}

func encodeAnswer(value any, err error) []byte {
	answer := map[string]any{"value": value}
	if err != nil {
		answer = map[string]any{"error": errorAnswer{classify(err).Name, err.Error()}}
	}
	b, err := json.Marshal(answer)
	if err != nil {
		b, _ = json.Marshal(map[string]any{"error": errorAnswer{"InternalError", err.Error()}})
	}
	return b
}

//export kindlingWait
func kindlingWait(n, waitMillis C.int64_t, answer **C.char) C.int32_t {
	c, ok := held[*call](&calls, int64(n))
	if !ok {
		*answer = C.CString(string(encodeAnswer(nil, badArgument("there is no call %d", int64(n)))))
		return 1
	}
	select {
	case <-c.done:
	default:
		timer := time.NewTimer(time.Duration(waitMillis) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-c.done:
		case <-timer.C:
			return 0
		}
	}
	calls.take(int64(n))
	*answer = C.CString(string(c.answer))
	return 1
}

//export kindlingCancel
func kindlingCancel(n C.int64_t) {
	if c, ok := held[*call](&calls, int64(n)); ok {
		c.cancel()
	}
}

// decode reads a request; unknown members are errors.
func decode[T any](request json.RawMessage) (T, error) {
	var v T
	dec := json.NewDecoder(bytes.NewReader(request))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return v, badArgument("the request can't be read: %v", err)
	}
	return v, nil
}

// object gives what a handle stands for.
func object[T any](n int64, what string) (T, error) {
	v, ok := held[T](&objects, n)
	if !ok {
		return v, fmt.Errorf("kindling: the %s %w", what, errGone)
	}
	return v, nil
}
