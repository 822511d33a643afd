package dataset

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// Row is an entry as Go values.
type Row[K, V any] struct {
	Key   K
	Value V
}

// Rows iterates over the entries of a cache as Go values, in the order of Open:
// the same lanes, pages ahead and budget, each row decoded by binary.Unmarshal
// into K and V. Of the Spec it uses what says which rows and in which order;
// schema, nulls and batches do not matter. Breaking out of the loop frees the
// cursors. An error is the last thing that comes.
func Rows[K, V any](ctx context.Context, c *ignite.Client, spec Spec) iter.Seq2[Row[K, V], error] {
	return func(yield func(Row[K, V], error) bool) {
		err := eachRow(ctx, &clusterSource{c: c, spec: &spec}, spec, func(key, val binary.Raw, res binary.Resolver) (bool, error) {
			var row Row[K, V]
			if err := errors.Join(binary.Unmarshal(key, &row.Key, res), binary.Unmarshal(val, &row.Value, res)); err != nil {
				return false, err
			}
			return yield(row, nil), nil
		})
		if err != nil {
			yield(Row[K, V]{}, err)
		}
	}
}

// Of iterates over the values of a cache: Rows without the keys.
func Of[T any](ctx context.Context, c *ignite.Client, spec Spec) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range Rows[binary.Raw, T](ctx, c, spec) {
			if !yield(row.Value, err) {
				return
			}
		}
	}
}

// eachRow calls do for the rows in order until it says stop. What do gets is its
// own to keep.
func eachRow(ctx context.Context, src source, spec Spec, do func(key, val binary.Raw, res binary.Resolver) (bool, error)) error {
	spec.Fields, spec.Shapes, spec.Defaults = nil, nil, nil
	var sc scan
	st, err := sc.plan(ctx, src, spec, nil)
	if err != nil {
		return err
	}
	life, cancel := context.WithCancelCause(ctx)
	sc.prepare(cancel, Hooks{})
	a := sc.start(life, src, st, &share{wanted: true})
	defer a.free()
	defer sc.stop()
	res := src.resolver(life)
	for {
		f, err := a.feed(life)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r := binary.NewReader(f.item.data[f.pos:])
		r.Raw()
		keyLen := r.Pos()
		r.Raw()
		if r.Err() != nil {
			return a.rowError(f, r.Err())
		}
		row := slices.Clone(f.item.data[f.pos : f.pos+r.Pos()])
		more, err := do(row[:keyLen:keyLen], row[keyLen:], res)
		if err != nil {
			return a.rowError(f, err)
		}
		if !more {
			return nil
		}
		a.took(f, 1, r.Pos())
	}
}
