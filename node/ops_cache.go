package node

import (
	"bytes"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// use calls f with a cache that can't be destroyed meanwhile, after the checks
// that all operations on data have in common.
func (c *conn) use(q *wire.CacheInfo, write bool, f func(*cache) error) error {
	ch, err := c.node.caches.get(q.CacheID)
	if err != nil {
		return err
	}
	if err := ch.acquire(); err != nil {
		return err
	}
	defer ch.release()
	if q.Expiry != nil && !neverExpires(q.Expiry) {
		return unsupported("an expiry policy")
	}
	if q.Flags&wire.FlagTransactional != 0 && ch.config.Load().Atomicity == wire.AtomicityTransactional {
		return fail(wire.StatusTxNotFound, "Transaction with id %d not found.", q.TxID)
	}
	if write {
		if err := c.node.cluster.writable(ch); err != nil {
			return err
		}
	}
	return f(ch)
}

func neverExpires(expiry *[3]int64) bool {
	for _, ms := range expiry {
		if ms != wire.ExpiryUnchanged && ms != wire.ExpiryEternal {
			return false
		}
	}
	return true
}

// withKey is use for operations on one key.
func (c *conn) withKey(q *wire.CacheInfo, key binary.Raw, write bool, f func(store.Key) error) error {
	return c.use(q, write, func(ch *cache) error {
		k, err := ch.key(c.node.types, key)
		if err != nil {
			return err
		}
		return f(k)
	})
}

// withEntry is withKey for operations that write a value: the entry must fit the
// cache's tables.
func (c *conn) withEntry(q *wire.CacheInfo, key, value binary.Raw, f func(store.Key) error) error {
	return c.use(q, true, func(ch *cache) error {
		k, err := ch.key(c.node.types, key)
		if err != nil {
			return err
		}
		if err := c.fits(ch, k, value); err != nil {
			return err
		}
		return f(k)
	})
}

// fits checks that an entry may be a row of a table of the cache, as Ignite does
// before it writes one.
func (c *conn) fits(ch *cache, k store.Key, value binary.Raw) error {
	if err := ch.checks.Load().Check(sqlStore{c.node}, k.Bytes, value); err != nil {
		return failed("%s", err)
	}
	return nil
}

// update changes one entry: f gets the value before, nil for none.
func (c *conn) update(q *wire.CacheInfo, key binary.Raw, f func(old []byte) store.Change) error {
	return c.withKey(q, key, true, func(k store.Key) error { return c.node.store.Update(k, f) })
}

// newValue is the stored form of a value that is to be written.
func newValue(v binary.Raw) (binary.Raw, error) {
	if err := notNull("val", v); err != nil {
		return nil, err
	}
	return stored(v)
}

var keep = store.Change{}

func write(v binary.Raw) store.Change { return store.Change{Write: true, Value: v} }

var remove = store.Change{Write: true}

func (c *conn) cachePut(q *wire.CachePutRequest) (wire.Response, error) {
	v, err := newValue(q.Value)
	if err != nil {
		return nil, err
	}
	return done, c.withEntry(&q.CacheInfo, q.Key, v, func(k store.Key) error {
		_, err := c.node.store.Write(k.Cache, []store.Row{{Key: k, Value: v}}, store.Overwrite)
		return err
	})
}

func (c *conn) cachePutAll(q *wire.CachePutAllRequest) (wire.Response, error) {
	return done, c.use(&q.CacheInfo, true, func(ch *cache) error {
		rows := make([]store.Row, 0, len(q.Entries))
		for _, e := range q.Entries {
			r, err := c.row(ch, e.Key, e.Value)
			if err != nil {
				return err
			}
			if r.Value == nil {
				return failed("Null value.")
			}
			if err := c.fits(ch, r.Key, r.Value); err != nil {
				return err
			}
			rows = append(rows, r)
		}
		_, err := c.node.store.Write(ch.id, rows, store.Overwrite)
		return err
	})
}

// row makes a row of a batch; a null value becomes nil.
func (c *conn) row(ch *cache, key, value binary.Raw) (store.Row, error) {
	if key.IsNull() || len(key) == 0 {
		return store.Row{}, failed("Null key.")
	}
	k, err := ch.key(c.node.types, key)
	if err != nil || value.IsNull() || len(value) == 0 {
		return store.Row{Key: k}, err
	}
	v, err := stored(value)
	return store.Row{Key: k, Value: v}, err
}

// put serves the operations that write a value depending on the one before.
// decide says whether to write.
func (c *conn) put(q *wire.CacheKeyValue, decide func(old []byte) bool) (before []byte, wrote bool, err error) {
	v, err := newValue(q.Value)
	if err != nil {
		return nil, false, err
	}
	err = c.withEntry(&q.CacheInfo, q.Key, v, func(k store.Key) error {
		return c.node.store.Update(k, func(old []byte) store.Change {
			before = bytes.Clone(old)
			if wrote = decide(old); wrote {
				return write(v)
			}
			return keep
		})
	})
	return before, wrote, err
}

func absent(old []byte) bool  { return old == nil }
func present(old []byte) bool { return old != nil }
func anyway([]byte) bool      { return true }

func (c *conn) cachePutIfAbsent(q *wire.CachePutIfAbsentRequest) (wire.Response, error) {
	_, wrote, err := c.put((*wire.CacheKeyValue)(q), absent)
	return yes(wrote), err
}

func (c *conn) cacheReplace(q *wire.CacheReplaceRequest) (wire.Response, error) {
	_, wrote, err := c.put((*wire.CacheKeyValue)(q), present)
	return yes(wrote), err
}

func (c *conn) cacheGetAndPut(q *wire.CacheGetAndPutRequest) (wire.Response, error) {
	before, _, err := c.put((*wire.CacheKeyValue)(q), anyway)
	return &valueResponse{value: before}, err
}

func (c *conn) cacheGetAndReplace(q *wire.CacheGetAndReplaceRequest) (wire.Response, error) {
	before, _, err := c.put((*wire.CacheKeyValue)(q), present)
	return &valueResponse{value: before}, err
}

func (c *conn) cacheGetAndPutIfAbsent(q *wire.CacheGetAndPutIfAbsentRequest) (wire.Response, error) {
	before, _, err := c.put((*wire.CacheKeyValue)(q), absent)
	return &valueResponse{value: before}, err
}

func (c *conn) cacheReplaceIfEquals(q *wire.CacheReplaceIfEqualsRequest) (wire.Response, error) {
	v, err := newValue(q.NewValue)
	if err != nil {
		return nil, err
	}
	want, err := newValue(q.Value)
	if err != nil {
		return nil, err
	}
	wrote := false
	err = c.withEntry(&q.CacheInfo, q.Key, v, func(k store.Key) error {
		return c.node.store.Update(k, func(old []byte) store.Change {
			if wrote = old != nil && bytes.Equal(old, want); wrote {
				return write(v)
			}
			return keep
		})
	})
	return yes(wrote), err
}

func (c *conn) cacheRemoveKey(q *wire.CacheRemoveKeyRequest) (wire.Response, error) {
	before, err := c.remove((*wire.CacheKey)(q))
	return yes(before != nil), err
}

func (c *conn) cacheGetAndRemove(q *wire.CacheGetAndRemoveRequest) (wire.Response, error) {
	before, err := c.remove((*wire.CacheKey)(q))
	return &valueResponse{value: before}, err
}

func (c *conn) cacheClearKey(q *wire.CacheClearKeyRequest) (wire.Response, error) {
	return done, c.clear(&q.CacheInfo, func(ch *cache) error {
		k, err := ch.key(c.node.types, q.Key)
		if err != nil {
			return err
		}
		_, err = c.node.store.Write(ch.id, []store.Row{{Key: k}}, store.Overwrite)
		return err
	})
}

func (c *conn) remove(q *wire.CacheKey) (before []byte, err error) {
	err = c.update(&q.CacheInfo, q.Key, func(old []byte) store.Change {
		before = bytes.Clone(old)
		return remove
	})
	return before, err
}

func (c *conn) cacheRemoveIfEquals(q *wire.CacheRemoveIfEqualsRequest) (wire.Response, error) {
	want, err := newValue(q.Value)
	if err != nil {
		return nil, err
	}
	removed := false
	err = c.update(&q.CacheInfo, q.Key, func(old []byte) store.Change {
		if removed = old != nil && bytes.Equal(old, want); removed {
			return remove
		}
		return keep
	})
	return yes(removed), err
}

func (c *conn) cacheRemoveKeys(q *wire.CacheRemoveKeysRequest) (wire.Response, error) {
	return done, c.use(&q.CacheInfo, true, func(ch *cache) error { return c.removeRows(ch, q.Keys) })
}

func (c *conn) cacheClearKeys(q *wire.CacheClearKeysRequest) (wire.Response, error) {
	return done, c.clear(&q.CacheInfo, func(ch *cache) error { return c.removeRows(ch, q.Keys) })
}

func (c *conn) removeRows(ch *cache, keys []binary.Raw) error {
	rows := make([]store.Row, 0, len(keys))
	for _, key := range keys {
		r, err := c.row(ch, key, nil)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	_, err := c.node.store.Write(ch.id, rows, store.Overwrite)
	return err
}

func (c *conn) cacheRemoveAll(q *wire.CacheRemoveAllRequest) (wire.Response, error) {
	return done, c.use(&q.CacheInfo, true, func(ch *cache) error { return c.node.store.Clear(ch.id) })
}

func (c *conn) cacheClear(q *wire.CacheClearRequest) (wire.Response, error) {
	return done, c.clear(&q.CacheInfo, func(ch *cache) error { return c.node.store.Clear(ch.id) })
}

// clear is use for operations that Ignite calls clear.
func (c *conn) clear(q *wire.CacheInfo, f func(*cache) error) error {
	return c.use(q, false, func(ch *cache) error {
		if err := c.node.cluster.changeable("clear", ch.config.Load().GroupName, ch.name()); err != nil {
			return err
		}
		return f(ch)
	})
}
