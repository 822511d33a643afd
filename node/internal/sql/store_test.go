package sql

import (
	"bytes"
	"errors"
	"slices"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// memoryStore is a Store for tests: entries in the order of their encoded keys, in one partition.
type memoryStore struct {
	mu     sync.Mutex
	caches map[int32]*memoryCache
	types  map[int32]*binary.Metadata
	scans  int
	gets   int
	// onScan, if set, is called for each entry of a scan.
	onScan func(n int)
}

type memoryCache struct {
	info CacheInfo
	rows map[string]binary.Raw
}

var errNoCache = errors.New("no such cache")

func newMemoryStore() *memoryStore {
	return &memoryStore{caches: map[int32]*memoryCache{}, types: map[int32]*binary.Metadata{}}
}

func (m *memoryStore) Caches() []CacheInfo {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []CacheInfo
	for _, c := range m.caches {
		all = append(all, c.info)
	}
	return all
}

func (m *memoryStore) CreateCache(cfg wire.CacheConfiguration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := binary.CacheID(cfg.Name)
	m.caches[id] = &memoryCache{info: CacheInfo{Name: cfg.Name, ID: id, Config: &cfg}, rows: map[string]binary.Raw{}}
	return nil
}

func (m *memoryStore) UpdateCacheConfiguration(cfg wire.CacheConfiguration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.caches[binary.CacheID(cfg.Name)].info.Config = &cfg
	return nil
}

func (m *memoryStore) DropCache(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.caches, binary.CacheID(name))
	return nil
}

func (m *memoryStore) cache(id int32) (*memoryCache, error) {
	c := m.caches[id]
	if c == nil {
		return nil, errNoCache
	}
	return c, nil
}

func (m *memoryStore) Get(cache int32, key binary.Raw) (binary.Raw, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets++
	c, err := m.cache(cache)
	if err != nil {
		return nil, false, err
	}
	v, ok := c.rows[string(key)]
	return v, ok, nil
}

func (m *memoryStore) Put(cache int32, key, value binary.Raw) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.cache(cache)
	if err != nil {
		return err
	}
	c.rows[string(key)] = bytes.Clone(value)
	return nil
}

func (m *memoryStore) PutIfAbsent(cache int32, key, value binary.Raw) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.cache(cache)
	if err != nil {
		return false, err
	}
	if _, ok := c.rows[string(key)]; ok {
		return false, nil
	}
	c.rows[string(key)] = bytes.Clone(value)
	return true, nil
}

func (m *memoryStore) Remove(cache int32, key binary.Raw) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.cache(cache)
	if err != nil {
		return false, err
	}
	_, ok := c.rows[string(key)]
	delete(c.rows, string(key))
	return ok, nil
}

// Scan gives the entries whose partition is asked for; the last byte of the key modulo 4 is its partition.
func (m *memoryStore) Scan(cache int32, parts []int32, yield func(key, value binary.Raw) bool) error {
	m.mu.Lock()
	m.scans++
	c, err := m.cache(cache)
	if err != nil {
		m.mu.Unlock()
		return err
	}
	keys := make([]string, 0, len(c.rows))
	for k := range c.rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	rows := make([]binary.Raw, len(keys))
	for i, k := range keys {
		rows[i] = c.rows[k]
	}
	onScan := m.onScan
	m.mu.Unlock()
	for i, k := range keys {
		if onScan != nil {
			onScan(i)
		}
		if parts != nil && !slices.Contains(parts, int32(k[1]%4)) {
			continue
		}
		if !yield(binary.Raw(k), rows[i]) {
			return nil
		}
	}
	return nil
}

func (m *memoryStore) Metadata(typeID int32) (*binary.Metadata, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.types[typeID], nil
}

func (m *memoryStore) RegisterType(meta *binary.Metadata) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	merged, _, err := m.types[meta.TypeID].Merge(meta)
	if err == nil {
		m.types[meta.TypeID] = merged
	}
	return err
}

func (m *memoryStore) CacheConfiguration(name string) (*wire.CacheConfiguration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.caches[binary.CacheID(name)]
	if c == nil {
		return nil, false
	}
	return c.info.Config, true
}
