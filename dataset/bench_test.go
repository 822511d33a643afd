package dataset

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/kindling-ml/kindling/column"
)

// canned serves one page again and again.
type canned struct {
	*fakeSource
	data        []byte
	rows, pages int
}

type cannedCursor struct {
	*canned
	left int
}

func (c *canned) open(context.Context, int, int, *placer) (cursor, error) {
	return &cannedCursor{c, c.pages}, nil
}

func (c *cannedCursor) next(context.Context) (page, error) {
	if c.left == 0 {
		return page{}, io.EOF
	}
	c.left--
	return page{rows: c.rows, data: c.data}, nil
}

func (c *cannedCursor) close() {}

func (c *cannedCursor) node() nodeName { return "canned" }

// BenchmarkReader reads 785-byte rows from memory: what lanes, decoder and
// batches cost without a network.
func BenchmarkReader(b *testing.B) {
	const rows, pages, parts = 1000, 25, 8
	src := &canned{fakeSource: tables(b, make([]int, parts), nil), rows: rows, pages: pages}
	row := append(enc(b, int64(1)), enc(b, make([]byte, 784))...)
	for range rows {
		src.data = append(src.data, row...)
	}
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(b, plainSchema), BatchRows: 1024, PageRows: rows}
	pool := column.NewPool(0)
	b.ReportAllocs()
	b.SetBytes(int64(parts * pages * len(src.data)))
	for b.Loop() {
		r, err := openReader(b.Context(), src, spec, nil, pool, Hooks{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			var batch *column.Batch
			if batch, err = r.Next(b.Context()); err == nil {
				batch.Release()
			}
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		_ = r.Close()
	}
}

// BenchmarkStep is a step of Streams whose batch is there already, without
// decoding it: the price of going by spec and position.
func BenchmarkStep(b *testing.B) {
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(b, plainSchema)}
	spec.Prepare()
	pos := Position{3, 0, 0, 0, 4, 8, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0}
	s := NewStreams(StreamsConfig{Getenv: noEnv})
	st := &stream{ready: make(chan struct{})}
	close(st.ready)
	s.put(st, streamKey{spec.Hash(), pos.bytes()}, &spec)
	b.ReportAllocs()
	for b.Loop() {
		st, key, err := s.take(spec, pos)
		if err != nil {
			b.Fatal(err)
		}
		s.put(st, key, &spec)
	}
	_ = s.CloseAll()
}
