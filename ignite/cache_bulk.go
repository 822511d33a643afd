package ignite

import (
	"context"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// PeekMode says which copies of entries [Cache.Size] counts.
type PeekMode uint8

// The peek modes.
const (
	PeekAll     = PeekMode(wire.PeekAll)
	PeekNear    = PeekMode(wire.PeekNear)
	PeekPrimary = PeekMode(wire.PeekPrimary)
	PeekBackup  = PeekMode(wire.PeekBackup)
	PeekOnheap  = PeekMode(wire.PeekOnheap)
	PeekOffheap = PeekMode(wire.PeekOffheap)
)

func (x *Cache[K, V]) keys(ctx context.Context, op wire.Request, keys []K) ([]binary.Raw, error) {
	out := make([]binary.Raw, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = x.key(ctx, op, k); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PutAll stores entries in one request. It is atomic only in a transactional
// cache. For many rows use a [Streamer].
func (x *Cache[K, V]) PutAll(ctx context.Context, entries []Entry[K, V]) error {
	if len(entries) == 0 {
		return nil
	}
	req := &wire.CachePutAllRequest{CacheInfo: cacheInfo(x.name), Entries: make([]wire.Entry, len(entries))}
	for i, e := range entries {
		var err error
		if req.Entries[i].Key, req.Entries[i].Value, err = x.pair(ctx, req, e.Key, e.Value); err != nil {
			return err
		}
	}
	return x.do(ctx, onCache(x.name), req)
}

// GetAll returns the entries of those keys that are there, in no order.
func (x *Cache[K, V]) GetAll(ctx context.Context, keys []K) ([]Entry[K, V], error) {
	if len(keys) == 0 {
		return nil, nil
	}
	req := &wire.CacheGetAllRequest{CacheInfo: cacheInfo(x.name)}
	var (
		err error
		res wire.EntriesResponse
		out []Entry[K, V]
	)
	if req.Keys, err = x.keys(ctx, req, keys); err != nil {
		return nil, err
	}
	err = x.c.ask(ctx, onCache(x.name), req, &res, func() error {
		r := x.c.Resolver(ctx)
		out = make([]Entry[K, V], 0, len(res.Entries))
		for _, e := range res.Entries {
			d, err := decodeEntry[K, V](e.Key, e.Value, r)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ContainsKeys reports whether all keys are there.
func (x *Cache[K, V]) ContainsKeys(ctx context.Context, keys []K) (bool, error) {
	req := &wire.CacheContainsKeysRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Keys, err = x.keys(ctx, req, keys); err != nil {
		return false, err
	}
	return x.truth(ctx, onCache(x.name), req)
}

// RemoveKeys removes keys.
func (x *Cache[K, V]) RemoveKeys(ctx context.Context, keys []K) error {
	if len(keys) == 0 {
		return nil
	}
	req := &wire.CacheRemoveKeysRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Keys, err = x.keys(ctx, req, keys); err != nil {
		return err
	}
	return x.do(ctx, onCache(x.name), req)
}

// RemoveAll removes every entry, telling cache stores and listeners of each.
func (x *Cache[K, V]) RemoveAll(ctx context.Context) error {
	return x.do(ctx, onCache(x.name), &wire.CacheRemoveAllRequest{CacheInfo: cacheInfo(x.name)})
}

// Clear removes every entry without telling anyone, which is faster than RemoveAll.
func (x *Cache[K, V]) Clear(ctx context.Context) error {
	return x.do(ctx, onCache(x.name), &wire.CacheClearRequest{CacheInfo: cacheInfo(x.name)})
}

// Size is the number of entries in the cluster. Without a mode primaries are
// counted, each entry once; [PeekAll] counts backups as well.
func (x *Cache[K, V]) Size(ctx context.Context, modes ...PeekMode) (int64, error) {
	if len(modes) == 0 {
		modes = []PeekMode{PeekPrimary}
	}
	req := &wire.CacheGetSizeRequest{CacheInfo: cacheInfo(x.name), PeekModes: make([]uint8, len(modes))}
	for i, m := range modes {
		req.PeekModes[i] = uint8(m)
	}
	var res wire.LongResponse
	err := x.c.ask(ctx, onCache(x.name), req, &res, nil)
	return res.Value, err
}
