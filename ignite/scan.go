package ignite

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// ScanQuery says which entries [Cache.Scan] goes through. The zero value is all
// of the cache.
type ScanQuery struct {
	Partition *int      // nil: all partitions
	PageRows  int       // 0: [DefaultPageRows]
	Local     bool      // only what the asked node holds
	Node      uuid.UUID // the node to ask; zero: the partition's owner when known, else any
}

func (q ScanQuery) raw(cache string) RawScan {
	s := RawScan{Cache: cache, Partition: NoPartition, PageRows: q.PageRows, Local: q.Local, Node: q.Node}
	if q.Partition != nil {
		s.Partition = *q.Partition
	}
	return s
}

// Scan goes through the cache's entries, in no order that is to be relied on. An
// error is the last pair. Breaking out of the loop frees the cursor. Ranging
// over the result again is a new scan.
func (x *Cache[K, V]) Scan(ctx context.Context, q ScanQuery) iter.Seq2[Entry[K, V], error] {
	return func(yield func(Entry[K, V], error) bool) {
		cur, err := x.c.OpenScan(ctx, q.raw(x.name))
		if err != nil {
			yield(Entry[K, V]{}, err)
			return
		}
		defer func() { _ = cur.Close() }()
		res := x.c.Resolver(ctx)
		err = cur.rows(ctx, 2, func(kv []binary.Raw) (bool, error) {
			e, err := decodeEntry[K, V](kv[0], kv[1], res)
			if err != nil {
				return false, err
			}
			return yield(e, nil), nil
		})
		if err != nil {
			yield(Entry[K, V]{}, err)
		}
	}
}

// rows calls row for each row of the cursor until it returns false or the
// cursor ends. The values are valid during the call only.
func (cur *Cursor) rows(ctx context.Context, columns int, row func([]binary.Raw) (bool, error)) error {
	for {
		p, err := cur.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		more, err := splitPage(p, columns, row)
		p.Release()
		if err != nil {
			return cur.t.wrap(cur.page(cur.id), cur.cn.Addr(), err)
		}
		if !more {
			return nil
		}
	}
}

func decodeEntry[K, V any](key, value binary.Raw, res binary.Resolver) (Entry[K, V], error) {
	var (
		e   Entry[K, V]
		err error
	)
	if e.Key, err = decodeValue[K](key, res); err != nil {
		return e, &decodeError{"key", err}
	}
	if e.Value, err = decodeValue[V](value, res); err != nil {
		return e, &decodeError{"value", err}
	}
	return e, nil
}

// decodeError says which half of an entry could not be decoded.
type decodeError struct {
	what string
	err  error
}

func (e *decodeError) Error() string { return e.what + ": " + e.err.Error() }
func (e *decodeError) Unwrap() error { return e.err }
