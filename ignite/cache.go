package ignite

import (
	"context"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Cache is a typed view of a cache: keys are encoded from K and values from V,
// and decoded into them, by the rules of binary.Encoder and binary.Unmarshal. Go
// structs become binary objects whose types are registered before the first
// write. K or V may be any, *binary.Object, or binary.Raw for encoded bytes. The
// fields of a key get the order that keys have in the cache (see [Client.KeyOrder]),
// but for a Raw and an Object that was read.
//
// Making one asks nothing of the server: the cache need not exist yet. It is
// safe for concurrent use.
type Cache[K, V any] struct {
	c    *Client
	name string
}

// Entry is a key and its value.
type Entry[K, V any] struct {
	Key   K
	Value V
}

// NewCache returns a typed view of the cache of that name.
func NewCache[K, V any](c *Client, name string) *Cache[K, V] {
	return &Cache[K, V]{c: c, name: name}
}

// Name is the cache's name.
func (x *Cache[K, V]) Name() string { return x.name }

// Client is the client that the cache belongs to.
func (x *Cache[K, V]) Client() *Client { return x.c }

// key encodes a key.
func (x *Cache[K, V]) key(ctx context.Context, op wire.Request, k K) (binary.Raw, error) {
	raw, err := x.c.appendKey(ctx, nil, x.name, k)
	if err != nil {
		return nil, onCache(x.name).wrap(op, "", &decodeError{"key", err})
	}
	return raw, nil
}

// pair encodes a key and a value.
func (x *Cache[K, V]) pair(ctx context.Context, op wire.Request, k K, v V) (key, value binary.Raw, err error) {
	if key, err = x.key(ctx, op, k); err != nil {
		return nil, nil, err
	}
	if value, err = x.c.Encode(ctx, v); err != nil {
		return nil, nil, onCache(x.name).wrap(op, "", &decodeError{"value", err})
	}
	return key, value, nil
}

// object asks for a value; false when the answer is null.
func (x *Cache[K, V]) object(ctx context.Context, key binary.Raw, req wire.Request) (v V, ok bool, err error) {
	var res wire.ObjectResponse
	err = x.c.ask(ctx, onKey(x.name, key), req, &res, func() error {
		if ok = !res.Value.IsNull(); !ok {
			return nil
		}
		var err error
		if v, err = decodeValue[V](res.Value, x.c.Resolver(ctx)); err != nil {
			return &decodeError{"value", err}
		}
		return nil
	})
	if err != nil {
		var zero V
		return zero, false, err
	}
	return v, ok, nil
}

// truth asks a question that is answered by yes or no.
func (x *Cache[K, V]) truth(ctx context.Context, t target, req wire.Request) (bool, error) {
	var res wire.BoolResponse
	err := x.c.ask(ctx, t, req, &res, nil)
	return res.Value, err
}

// do asks for something that has no answer but success.
func (x *Cache[K, V]) do(ctx context.Context, t target, req wire.Request) error {
	return x.c.ask(ctx, t, req, &wire.EmptyResponse{}, nil)
}

// Get returns the value of a key; false when the key is absent.
func (x *Cache[K, V]) Get(ctx context.Context, k K) (V, bool, error) {
	req := &wire.CacheGetRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, err = x.key(ctx, req, k); err != nil {
		var zero V
		return zero, false, err
	}
	return x.object(ctx, req.Key, req)
}

// Put stores a value under a key.
func (x *Cache[K, V]) Put(ctx context.Context, k K, v V) error {
	req := &wire.CachePutRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		return err
	}
	return x.do(ctx, onKey(x.name, req.Key), req)
}

// PutIfAbsent stores a value unless the key is there, and reports whether it did.
func (x *Cache[K, V]) PutIfAbsent(ctx context.Context, k K, v V) (bool, error) {
	req := &wire.CachePutIfAbsentRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		return false, err
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}

// Replace stores a value if the key is there, and reports whether it was.
func (x *Cache[K, V]) Replace(ctx context.Context, k K, v V) (bool, error) {
	req := &wire.CacheReplaceRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		return false, err
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}

// ReplaceIfEquals stores v if the key has exactly the value old, byte for byte,
// and reports whether it had: compare and set.
func (x *Cache[K, V]) ReplaceIfEquals(ctx context.Context, k K, old, v V) (bool, error) {
	req := &wire.CacheReplaceIfEqualsRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, old); err != nil {
		return false, err
	}
	if req.NewValue, err = x.c.Encode(ctx, v); err != nil {
		return false, onCache(x.name).wrap(req, "", &decodeError{"new value", err})
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}

// GetAndPut stores a value and returns the one before; false when there was none.
func (x *Cache[K, V]) GetAndPut(ctx context.Context, k K, v V) (V, bool, error) {
	req := &wire.CacheGetAndPutRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		var zero V
		return zero, false, err
	}
	return x.object(ctx, req.Key, req)
}

// GetAndPutIfAbsent stores a value unless the key is there, and returns the one
// that was there; false when there was none.
func (x *Cache[K, V]) GetAndPutIfAbsent(ctx context.Context, k K, v V) (V, bool, error) {
	req := &wire.CacheGetAndPutIfAbsentRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		var zero V
		return zero, false, err
	}
	return x.object(ctx, req.Key, req)
}

// GetAndReplace stores a value if the key is there, and returns the one before;
// false when there was none.
func (x *Cache[K, V]) GetAndReplace(ctx context.Context, k K, v V) (V, bool, error) {
	req := &wire.CacheGetAndReplaceRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		var zero V
		return zero, false, err
	}
	return x.object(ctx, req.Key, req)
}

// GetAndRemove removes a key and returns the value it had; false when there was none.
func (x *Cache[K, V]) GetAndRemove(ctx context.Context, k K) (V, bool, error) {
	req := &wire.CacheGetAndRemoveRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, err = x.key(ctx, req, k); err != nil {
		var zero V
		return zero, false, err
	}
	return x.object(ctx, req.Key, req)
}

// ContainsKey reports whether the key is there.
func (x *Cache[K, V]) ContainsKey(ctx context.Context, k K) (bool, error) {
	req := &wire.CacheContainsKeyRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, err = x.key(ctx, req, k); err != nil {
		return false, err
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}

// Remove removes a key, and reports whether it was there.
func (x *Cache[K, V]) Remove(ctx context.Context, k K) (bool, error) {
	req := &wire.CacheRemoveKeyRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, err = x.key(ctx, req, k); err != nil {
		return false, err
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}

// RemoveIfEquals removes a key that has exactly this value, byte for byte, and
// reports whether it had.
func (x *Cache[K, V]) RemoveIfEquals(ctx context.Context, k K, v V) (bool, error) {
	req := &wire.CacheRemoveIfEqualsRequest{CacheInfo: cacheInfo(x.name)}
	var err error
	if req.Key, req.Value, err = x.pair(ctx, req, k, v); err != nil {
		return false, err
	}
	return x.truth(ctx, onKey(x.name, req.Key), req)
}
