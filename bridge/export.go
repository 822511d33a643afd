package main

/*
#include <stdlib.h>
#include "stream.h"
*/
import "C"

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
)

// exported are the streams and batches that C owns.
var exported handles

// kindlingExport moves a stream from the objects to what C owns and gives its new
// number, 0 where there is no such stream.
//
//export kindlingExport
func kindlingExport(n C.int64_t) C.int64_t {
	s, ok := held[*rowStream](&objects, int64(n))
	if !ok {
		return 0
	}
	objects.take(int64(n))
	return C.int64_t(exported.put(s))
}

//export kindlingStreamSchema
func kindlingStreamSchema(n C.int64_t, out *C.struct_ArrowSchema) *C.char {
	s, _ := held[*rowStream](&exported, int64(n))
	if s == nil {
		return C.CString("kindling: the stream is closed")
	}
	root := column.Field{Type: column.Type{Kind: column.Struct, Fields: s.schema.Fields}}
	if !putSchema(out, &root) {
		out.release = nil // what was allocated so far is lost together with the process
		return C.CString("kindling: out of memory")
	}
	return nil
}

//export kindlingStreamNext
func kindlingStreamNext(n C.int64_t, out *C.struct_ArrowArray) *C.char {
	s, _ := held[*rowStream](&exported, int64(n))
	if s == nil {
		return C.CString("kindling: the stream is closed")
	}
	batch, err := s.batch()
	if errors.Is(err, io.EOF) {
		return nil // out.release stays NULL: the end
	}
	if err != nil {
		return C.CString(classify(err).Name + ": " + err.Error())
	}
	defer batch.Release()
	if err := exactTimes(batch.Columns, batch.Schema.Fields, ""); err != nil {
		return C.CString(classify(err).Name + ": " + err.Error())
	}
	root := &column.Column{Type: column.Type{Kind: column.Struct, Fields: batch.Schema.Fields}, Len: batch.Rows, Children: batch.Columns}
	if !putArray(out, root, batch) {
		return C.CString("kindling: out of memory")
	}
	return nil
}

// batch gives the next batch of the stream, within its time and without a panic.
func (s *rowStream) batch() (b *column.Batch, err error) {
	if s.broken != nil {
		return nil, s.broken
	}
	defer func() {
		if r := recover(); r != nil {
			s.broken = &panicError{r, debug.Stack()}
			b, err = nil, s.broken
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), s.wait)
	defer cancel()
	return s.next(ctx)
}

//export kindlingStreamRelease
func kindlingStreamRelease(n C.int64_t) {
	if v, ok := exported.take(int64(n)); ok {
		_ = v.(*rowStream).close() // nobody is there to be told
	}
}

//export kindlingBatchRelease
func kindlingBatchRelease(n C.int64_t) {
	if v, ok := exported.take(int64(n)); ok {
		v.(*column.Batch).Release()
	}
}

// lend gives C a hold on a batch.
func lend(batch *column.Batch) C.int64_t {
	batch.Retain()
	return C.int64_t(exported.put(batch))
}

// arrowFormats are Arrow's format strings.
var arrowFormats = map[column.Kind]string{
	column.Bool: "b", column.Int8: "c", column.Uint8: "C", column.Int16: "s", column.Uint16: "S", column.Int32: "i", column.Int64: "l",
	column.Float32: "f", column.Float64: "g", column.String: "U", column.Bytes: "Z", column.List: "+L", column.Struct: "+s",
}

// timeFormats are those of times by their unit. What Ignite has is an instant, without a
// zone, so it comes in UTC.
var timeFormats = map[string]string{
	"ms": "tsm:UTC", "us": "tsu:UTC", "ns": "tsn:UTC", column.UnitDate: "tdD", column.UnitTime: "ttm",
}

func arrowFormat(t *column.Type) string {
	if t.Unit != "" {
		return timeFormats[t.Unit]
	}
	return arrowFormats[t.Kind]
}

func putSchema(out *C.struct_ArrowSchema, f *column.Field) bool {
	children := f.Type.Fields
	if f.Type.Kind == column.List {
		children = []column.Field{{Name: "item", Type: *f.Type.Elem, Nullable: true}}
	}
	format, name := C.CString(arrowFormat(&f.Type)), C.CString(f.Name)
	defer C.free(unsafe.Pointer(format))
	defer C.free(unsafe.Pointer(name))
	var flags C.int64_t
	if f.Nullable {
		flags = C.ARROW_FLAG_NULLABLE
	}
	if C.kindling_schema_node(out, format, name, flags, C.int64_t(len(children))) == 0 {
		return false
	}
	for i, child := range unsafe.Slice(out.children, len(children)) {
		if !putSchema(child, &children[i]) {
			return false
		}
	}
	return true
}

// putArray describes a column of a batch to Arrow. The buffers are the batch's
// own, in C memory; only the bits of a Bool column are packed into new ones, and days and
// times of day go into 32 bits.
func putArray(out *C.struct_ArrowArray, c *column.Column, batch *column.Batch) bool {
	buffers, owned := arrowBuffers(c)
	if C.kindling_array_node(out, C.int64_t(c.Len), C.int64_t(c.NullCount()), C.int64_t(len(buffers)), C.int64_t(len(c.Children)),
		lend(batch), owned) == 0 {
		return false
	}
	copy(unsafe.Slice((*unsafe.Pointer)(unsafe.Pointer(out.buffers)), len(buffers)), buffers)
	for i, child := range unsafe.Slice(out.children, len(c.Children)) {
		if !putArray(child, c.Children[i], batch) {
			return false
		}
	}
	return true
}

func arrowBuffers(c *column.Column) (buffers []unsafe.Pointer, owned unsafe.Pointer) {
	validity := pointer(c.Validity)
	if c.Type.Unit == column.UnitDate || c.Type.Unit == column.UnitTime {
		owned = arrowTimes(c)
		return []unsafe.Pointer{validity, owned}, owned
	}
	switch c.Type.Kind {
	case column.Struct:
		return []unsafe.Pointer{validity}, nil
	case column.Bool:
		owned = C.CBytes(append(column.PackBits(nil, c.Data), make([]byte, 8)...))
		return []unsafe.Pointer{validity, owned}, owned
	case column.String, column.Bytes:
		return []unsafe.Pointer{validity, pointer(c.Offsets), pointer(c.Data)}, nil
	case column.List:
		return []unsafe.Pointer{validity, pointer(c.Offsets)}, nil
	default:
		return []unsafe.Pointer{validity, pointer(c.Data)}, nil
	}
}

// pointer is the address of a buffer in C memory, nil for one without any.
func pointer[T any](b []T) unsafe.Pointer {
	if cap(b) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(b))
}
