package ingest

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// sampleBytes is how much of a text file is looked at to learn its types.
const sampleBytes = 8 << 20

// countingReader counts the bytes that pass; n may be read by another goroutine.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// sample reads up to sampleBytes from r and returns them, whether they are all
// there is, and a reader that gives the whole stream again.
func sample(r io.Reader) (head []byte, whole bool, all io.Reader, err error) {
	var buf bytes.Buffer
	_, err = io.CopyN(&buf, r, sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, nil, err
	}
	head = buf.Bytes()
	if whole = errors.Is(err, io.EOF); whole {
		return head, true, bytes.NewReader(head), nil
	}
	return head, false, io.MultiReader(bytes.NewReader(head), r), nil
}

// funcReader is a record reader over a function that makes the next batch, or
// returns io.EOF.
type funcReader struct {
	schema *arrow.Schema
	next   func() (arrow.RecordBatch, error)
	cur    arrow.RecordBatch
	err    error
	refs   atomic.Int64
}

func newFuncReader(schema *arrow.Schema, next func() (arrow.RecordBatch, error)) array.RecordReader {
	f := &funcReader{schema: schema, next: next}
	f.refs.Store(1)
	return f
}

func (f *funcReader) Retain() { f.refs.Add(1) }

func (f *funcReader) Release() {
	if f.refs.Add(-1) == 0 {
		f.drop()
	}
}

func (f *funcReader) drop() {
	if f.cur != nil {
		f.cur.Release()
		f.cur = nil
	}
}

func (f *funcReader) Schema() *arrow.Schema { return f.schema }

func (f *funcReader) Next() bool {
	f.drop()
	if f.err != nil {
		return false
	}
	f.cur, f.err = f.next()
	return f.err == nil
}

func (f *funcReader) RecordBatch() arrow.RecordBatch { return f.cur }

// Record is the older name of RecordBatch, which the interface still asks for.
func (f *funcReader) Record() arrow.RecordBatch { return f.cur }

func (f *funcReader) Err() error {
	if errors.Is(f.err, io.EOF) {
		return nil
	}
	return f.err
}
