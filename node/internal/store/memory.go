package store

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/RaduBerinde/btreemap"

	budget "github.com/kindling-ml/kindling/node/internal/memory"
)

// memory is an engine that keeps each cache in a copy-on-write tree. A snapshot
// is a clone of the tree, which copies nothing until the next write, and keys
// and values are never written again: whoever holds one may send it from where
// it lies.
//
// Each entry takes its bytes from the budget, and gives them back when neither
// the cache nor an open cursor has it any more.
type memory struct {
	budget *budget.Share
	mu     sync.RWMutex
	caches map[int32]*memoryCache

	catalog sync.RWMutex
	records map[string][]byte // by metaKey
}

// memoryCache is one cache. Writers hold the lock while a batch goes in, about
// a microsecond a row; scans hold it only to take a snapshot.
type memoryCache struct {
	budget *budget.Share
	mu     sync.RWMutex
	rows   *tree
	view   *view   // a snapshot of rows as they are; nil after a write
	open   []*view // those that cursors read, oldest first
}

type tree = btreemap.BTreeMap[place, []byte]

// place is where an entry stands in a cache.
type place struct {
	order uint64 // partition, then hash with its sign bit flipped
	key   []byte
}

// treeDegree makes nodes of up to 63 entries, 3.5 KB: a copied node is what a
// write after a snapshot costs.
const treeDegree = 32

func newTree() *tree { return btreemap.New[place, []byte](treeDegree, comparePlaces) }

func comparePlaces(a, b place) int {
	if c := cmp.Compare(a.order, b.order); c != 0 {
		return c
	}
	return bytes.Compare(a.key, b.key)
}

func (k *Key) place() place {
	return place{order: partitionOrder(int(k.Partition)) | uint64(uint32(k.Hash)^0x80000000), key: k.Bytes}
}

func allPlaces() (btreemap.LowerBound[place], btreemap.UpperBound[place]) {
	return btreemap.Min[place](), btreemap.Max[place]()
}

func partitionOrder(partition int) uint64 { return uint64(partition) << 32 }

func newMemory(b *budget.Share) *memory {
	return &memory{budget: b, caches: make(map[int32]*memoryCache), records: make(map[string][]byte)}
}

func (*memory) lasting() bool { return true }

func (*memory) close() error { return nil }

func (m *memory) cache(id int32) *memoryCache {
	m.mu.RLock()
	c := m.caches[id]
	m.mu.RUnlock()
	if c != nil {
		return c
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c = m.caches[id]; c == nil {
		c = &memoryCache{budget: m.budget, rows: newTree()}
		m.caches[id] = c
	}
	return c
}

// held closes nothing: the garbage collector knows who still has a value.
type held struct{}

func (held) Close() error { return nil }

func (m *memory) get(k Key) (value []byte, closer io.Closer, ok bool, err error) {
	c := m.cache(k.Cache)
	c.mu.RLock()
	defer c.mu.RUnlock()
	if _, value, ok = c.rows.Get(k.place()); !ok {
		return nil, nil, false, nil
	}
	return value, held{}, true, nil
}

func (m *memory) update(k Key, f func(old []byte) Change) error {
	c := m.cache(k.Cache)
	return m.makeRoom(func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, old, _ := c.rows.Get(k.place())
		ch := f(old)
		if !ch.Write {
			return nil
		}
		r := Row{Key: k, Value: ch.Value}
		e := r.entry()
		if err := c.budget.Take(e.bytes()); err != nil {
			return err
		}
		c.apply(e)
		return nil
	})
}

func (m *memory) write(cache int32, rows []Row, mode Mode) (int64, error) {
	var bytes int64
	for i := range rows {
		bytes += rows[i].bytes()
	}
	if err := m.makeRoom(func() error { return m.budget.Take(bytes) }); err != nil {
		return 0, err
	}
	entries := make([]entry, len(rows))
	for i := range rows {
		entries[i] = rows[i].entry()
	}
	c := m.cache(cache)
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.rows.Len()
	for _, e := range entries {
		if mode == Absent && (e.value == nil || c.rows.Has(e.place)) {
			m.budget.Give(e.bytes())
			continue
		}
		c.apply(e)
	}
	return int64(c.rows.Len() - before), nil
}

// apply puts an entry, whose bytes are taken, into the tree.
func (c *memoryCache) apply(e entry) {
	c.view = nil
	var old entry
	var had bool
	if e.value == nil {
		old.place, old.value, had = c.rows.Delete(e.place)
	} else {
		old.place, old.value, had = c.rows.ReplaceOrInsert(e.place, e.value)
	}
	if had {
		c.replaced(len(c.open), old)
	}
}

func (m *memory) size(cache int32) (int64, error) {
	c := m.cache(cache)
	c.mu.RLock()
	defer c.mu.RUnlock()
	return int64(c.rows.Len()), nil
}

func (m *memory) clear(cache int32) error {
	c := m.cache(cache)
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.rows
	c.rows, c.view = newTree(), nil
	for p, value := range old.Ascend(allPlaces()) {
		c.replaced(len(c.open), entry{p, value})
	}
	return nil
}

// entry is a row in memory of the store's own.
type entry struct {
	place place
	value []byte
}

// slotBytes is what an entry takes in the tree, and beside its bytes.
const slotBytes = 96

// bytes is what the entry takes of memory; nothing when it removes one.
func (e *entry) bytes() int64 {
	return entryBytes(len(e.place.key), e.value)
}

func (r *Row) bytes() int64 { return entryBytes(len(r.Key.Bytes), r.Value) }

func entryBytes(key int, value []byte) int64 {
	if value == nil {
		return 0
	}
	n := key + len(value)
	return int64(n + n/16 + slotBytes) // a sixteenth is lost to the sizes that Go's heap has
}

// shareBytes is the size of a value up to which it lies in one piece of memory
// with its key. A longer one is cloned, which does not zero its memory first.
const shareBytes = 16 << 10

func (r *Row) entry() entry {
	e := entry{place: r.Key.place(), value: r.Value}
	switch {
	case r.Value == nil:
	case len(r.Value) > shareBytes:
		e.place.key = bytes.Clone(e.place.key)
		e.value = bytes.Clone(r.Value)
	default:
		both := make([]byte, 0, len(r.Key.Bytes)+len(r.Value))
		both = append(append(both, r.Key.Bytes...), r.Value...)
		n := len(r.Key.Bytes)
		e.place.key, e.value = both[:n:n], both[n:]
	}
	return e
}

func (m *memory) putMeta(kind, id string, value []byte) error {
	m.catalog.Lock()
	defer m.catalog.Unlock()
	m.records[string(metaKey(kind, id))] = append([]byte{}, value...)
	return nil
}

func (m *memory) deleteMeta(kind, id string) error {
	m.catalog.Lock()
	defer m.catalog.Unlock()
	delete(m.records, string(metaKey(kind, id)))
	return nil
}

func (m *memory) meta(kind, id string) ([]byte, error) {
	m.catalog.RLock()
	defer m.catalog.RUnlock()
	if v, ok := m.records[string(metaKey(kind, id))]; ok {
		return append([]byte{}, v...), nil
	}
	return nil, nil
}

func (m *memory) eachMeta(kind string, f func(id string, value []byte) error) error {
	prefix := string(metaKey(kind, ""))
	type record struct {
		id    string
		value []byte
	}
	var found []record
	m.catalog.RLock()
	for k, v := range m.records {
		if id, ok := strings.CutPrefix(k, prefix); ok {
			found = append(found, record{id, v})
		}
	}
	m.catalog.RUnlock()
	slices.SortFunc(found, func(a, b record) int { return strings.Compare(a.id, b.id) })
	for _, r := range found {
		if err := f(r.id, r.value); err != nil {
			return metaError(kind, r.id, err)
		}
	}
	return nil
}
