package ingest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// sampleBytes is how much of a text stream, which cannot be read twice, is looked at to
// learn its types.
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

// renames are other names of columns, by the old ones.
type renames struct {
	names map[string]string
	seen  []string // all columns, by their old names
}

func (r *renames) named(column string) string {
	if len(r.names) == 0 {
		return column
	}
	if !slices.Contains(r.seen, column) {
		r.seen = append(r.seen, column)
	}
	if name, ok := r.names[column]; ok {
		return name
	}
	return column
}

// unused is the error of a name that no column has.
func (r *renames) unused() error {
	for _, old := range slices.Sorted(maps.Keys(r.names)) {
		if !slices.Contains(r.seen, old) {
			return fmt.Errorf("%w: no column %q to rename among %v", ErrSchema, old, r.seen)
		}
	}
	return nil
}

// renamed gives the columns of a reader other names.
func renamed(r array.RecordReader, names *renames) array.RecordReader {
	if len(names.names) == 0 {
		return r
	}
	fields := slices.Clone(r.Schema().Fields())
	for i, f := range fields {
		fields[i].Name = names.named(f.Name)
	}
	schema := arrow.NewSchema(fields, nil)
	return newFuncReader(schema, func() (arrow.RecordBatch, error) {
		if !r.Next() {
			if err := r.Err(); err != nil {
				return nil, err
			}
			return nil, io.EOF
		}
		batch := r.RecordBatch()
		return array.NewRecordBatch(schema, batch.Columns(), batch.NumRows()), nil
	})
}
