package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// readAll reads a cursor to its end. The rows are copies.
func readAll(ctx context.Context, cur *ignite.Cursor) ([]ignite.Entry[binary.Raw, binary.Raw], error) {
	var rows []ignite.Entry[binary.Raw, binary.Raw]
	for {
		page, err := cur.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		r := binary.NewReader(page.Data)
		for range page.Rows {
			key, value := r.Raw(), r.Raw()
			rows = append(rows, ignite.Entry[binary.Raw, binary.Raw]{Key: bytes.Clone(key), Value: bytes.Clone(value)})
		}
		err = r.Finish()
		page.Release()
		if err != nil {
			return rows, err
		}
	}
}

// longs decodes the keys, which must be longs, and sorts them.
func (e *env) longs(rows []ignite.Entry[binary.Raw, binary.Raw]) []int64 {
	e.Helper()
	keys := make([]int64, len(rows))
	for i, row := range rows {
		key, err := binary.DecodeValue(row.Key, nil)
		e.noError(err)
		long, ok := key.(int64)
		if !ok {
			e.Fatalf("key %v is a %T, not a long", key, key)
		}
		keys[i] = long
	}
	slices.Sort(keys)
	return keys
}

// wantCount checks that keys are 0, 1, ... n-1, each once.
func (e *env) wantCount(keys []int64, n int) {
	e.Helper()
	if len(keys) != n {
		e.Fatalf("got %d rows, want %d", len(keys), n)
	}
	for i, key := range keys {
		if key != int64(i) {
			e.Fatalf("row %d has key %d: a row is missing or there twice", i, key)
		}
	}
}
