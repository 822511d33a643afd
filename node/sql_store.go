package node

import (
	"bytes"
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// sqlStore is the node as its SQL engine sees it.
type sqlStore struct{ node *Node }

var (
	_ sql.Store                = sqlStore{}
	_ sql.ConfigurationUpdater = sqlStore{}
)

func (s sqlStore) Caches() []sql.CacheInfo {
	caches := s.node.caches.all()
	list := make([]sql.CacheInfo, len(caches))
	for i, ch := range caches {
		list[i] = ch.info()
	}
	return list
}

func (s sqlStore) CacheConfiguration(name string) (*wire.CacheConfiguration, bool) {
	ch, err := s.node.caches.get(binary.CacheID(name))
	if err != nil || ch.name() != name {
		return nil, false
	}
	return ch.config.Load(), true
}

func (s sqlStore) CreateCache(cfg wire.CacheConfiguration) error {
	return s.node.createCache(cfg, false)
}

func (s sqlStore) DropCache(name string) error {
	return s.node.destroyCache(binary.CacheID(name))
}

func (s sqlStore) UpdateCacheConfiguration(cfg wire.CacheConfiguration) error {
	ch, err := s.node.caches.get(binary.CacheID(cfg.Name))
	if err != nil {
		return err
	}
	if err := s.node.cluster.writable(ch); err != nil {
		return err
	}
	return s.node.caches.update(cfg)
}

// use calls f with the location of a key in a cache that stays meanwhile.
func (s sqlStore) use(cacheID int32, key binary.Raw, write bool, f func(store.Key) error) error {
	ch, err := s.node.caches.get(cacheID)
	if err != nil {
		return err
	}
	if err := ch.acquire(); err != nil {
		return err
	}
	defer ch.release()
	if write {
		if err := s.node.cluster.writable(ch); err != nil {
			return err
		}
	}
	k, err := ch.key(s.node.types, key)
	if err != nil {
		return err
	}
	return f(k)
}

func (s sqlStore) Get(cacheID int32, key binary.Raw) (value binary.Raw, found bool, err error) {
	err = s.use(cacheID, key, false, func(k store.Key) (err error) {
		found, err = s.node.store.View(k, func(v []byte) { value = bytes.Clone(v) })
		return err
	})
	return value, found, err
}

func (s sqlStore) Put(cacheID int32, key, value binary.Raw) error {
	_, err := s.write(cacheID, key, value, store.Overwrite)
	return err
}

func (s sqlStore) PutIfAbsent(cacheID int32, key, value binary.Raw) (bool, error) {
	return s.write(cacheID, key, value, store.Absent)
}

// write reports whether an entry was added.
func (s sqlStore) write(cacheID int32, key, value binary.Raw, mode store.Mode) (added bool, err error) {
	err = s.use(cacheID, key, true, func(k store.Key) error {
		v, err := newValue(value)
		if err != nil {
			return err
		}
		diff, err := s.node.store.Write(cacheID, []store.Row{{Key: k, Value: v}}, mode)
		added = diff > 0
		return err
	})
	return added, err
}

func (s sqlStore) Remove(cacheID int32, key binary.Raw) (removed bool, err error) {
	err = s.use(cacheID, key, true, func(k store.Key) error {
		diff, err := s.node.store.Write(cacheID, []store.Row{{Key: k}}, store.Overwrite)
		removed = diff < 0
		return err
	})
	return removed, err
}

// Scan reads a snapshot of each partition; it holds no lock while the engine
// has a row.
func (s sqlStore) Scan(cacheID int32, parts []int32, yield func(key, value binary.Raw) bool) error {
	ch, err := s.node.caches.get(cacheID)
	if err != nil {
		return err
	}
	if parts == nil {
		_, err := s.scan(ch, 0, ch.partitions, yield)
		return err
	}
	sorted := slices.Clone(parts)
	slices.Sort(sorted)
	for _, p := range slices.Compact(sorted) {
		if p < 0 || int(p) >= ch.partitions {
			return failed("Illegal partition: %d", p)
		}
		if more, err := s.scan(ch, int(p), int(p)+1, yield); err != nil || !more {
			return err
		}
	}
	return nil
}

func (s sqlStore) scan(ch *cache, lo, hi int, yield func(key, value binary.Raw) bool) (more bool, err error) {
	cur, err := s.node.store.Scan(ch.id, lo, hi)
	if err != nil {
		return false, err
	}
	for cur.Next() {
		if ch.gone.Load() {
			_ = cur.Close()
			return false, noSuchCache(ch.id)
		}
		if !yield(cur.Key(), cur.Value()) {
			return false, cur.Close()
		}
	}
	return true, cur.Close()
}

func (s sqlStore) Metadata(typeID int32) (*binary.Metadata, error) {
	return s.node.types.get(typeID), nil
}

func (s sqlStore) RegisterType(m *binary.Metadata) error { return s.node.types.put(m) }
