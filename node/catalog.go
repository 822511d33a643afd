package node

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/affinity"
	"github.com/kindling-ml/kindling/node/internal/sql"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// cache is a started cache.
type cache struct {
	id             int32
	config         atomic.Pointer[wire.CacheConfiguration] // read only
	checks         atomic.Pointer[sql.RowChecks]           // of the tables in config
	partitions     int
	affinityFields map[int32]int32 // key type id -> field id, from the key configurations

	// use is held for reading by operations and for writing by the end of the
	// cache, so that no write lands in a cache that is gone.
	use  sync.RWMutex
	gone atomic.Bool
}

// acquire keeps the cache from being destroyed until release.
func (c *cache) acquire() error {
	c.use.RLock()
	if c.gone.Load() {
		c.use.RUnlock()
		return noSuchCache(c.id)
	}
	return nil
}

func (c *cache) release() { c.use.RUnlock() }

// configure sets the configuration and what follows from it.
func (c *cache) configure(cfg *wire.CacheConfiguration) {
	c.config.Store(cfg)
	c.checks.Store(sql.ChecksOf(c.info()))
}

func (c *cache) name() string { return c.config.Load().Name }

// catalog is the set of caches, kept in the store.
type catalog struct {
	store      *store.Store
	partitions int

	mu     sync.RWMutex
	caches map[int32]*cache

	change sync.Mutex // orders creations and ends
}

// The kind of the store's records of caches; the id is the name.
const metaCache = "cache"

func loadCatalog(s *store.Store, partitions int) (*catalog, error) {
	cat := &catalog{store: s, partitions: partitions, caches: make(map[int32]*cache)}
	if err := checkPartitions(s, partitions); err != nil {
		return nil, err
	}
	return cat, s.EachMeta(metaCache, func(name string, value []byte) error {
		cfg, err := decodeConfig(value)
		if err != nil {
			return err
		}
		c := cat.newCache(cfg)
		cat.caches[c.id] = c
		return nil
	})
}

// checkPartitions refuses to open data with another partition count than it
// was written with: the keys would not be found.
func checkPartitions(s *store.Store, partitions int) error {
	want := fmt.Sprint(partitions)
	have, err := s.Meta("node", "partitions")
	if err != nil {
		return err
	}
	if have == nil {
		return s.PutMeta("node", "partitions", []byte(want))
	}
	if string(have) != want {
		return fmt.Errorf("node: the data directory was written with %s partitions, Config.Partitions is %s", have, want)
	}
	return nil
}

func (cat *catalog) newCache(cfg *wire.CacheConfiguration) *cache {
	c := &cache{
		id:             binary.CacheID(cfg.Name),
		partitions:     cat.partitions,
		affinityFields: make(map[int32]int32),
	}
	c.configure(cfg)
	if cfg.Mode == wire.CacheModeReplicated {
		ratio := affinity.DefaultPartitions / affinity.ReplicatedPartitions
		c.partitions = max(1, cat.partitions/ratio)
	}
	for _, k := range cfg.KeyConfigurations {
		c.affinityFields[binary.TypeID(k.TypeName)] = binary.FieldID(k.AffinityKeyField)
	}
	return c
}

// get returns a cache by id, or the error that answers its absence.
func (cat *catalog) get(id int32) (*cache, error) {
	cat.mu.RLock()
	defer cat.mu.RUnlock()
	if c := cat.caches[id]; c != nil {
		return c, nil
	}
	return nil, noSuchCache(id)
}

// all returns the caches, ordered by name.
func (cat *catalog) all() []*cache {
	cat.mu.RLock()
	list := make([]*cache, 0, len(cat.caches))
	for _, c := range cat.caches {
		list = append(list, c)
	}
	cat.mu.RUnlock()
	slices.SortFunc(list, func(a, b *cache) int { return strings.Compare(a.name(), b.name()) })
	return list
}

// create starts a cache. It reports whether it was not there before; that is
// an error unless orGet is set.
func (cat *catalog) create(cfg wire.CacheConfiguration, orGet bool) (bool, error) {
	if cfg.Name == "" {
		return false, failed("Ouch! Argument is invalid: Cache name must not be null or empty.")
	}
	if cfg.ExpiryPolicy != nil {
		return false, unsupported("the expiry policy of cache " + cfg.Name)
	}
	cat.change.Lock()
	defer cat.change.Unlock()
	if old, err := cat.get(binary.CacheID(cfg.Name)); err == nil {
		if old.name() != cfg.Name {
			return false, failed("Cache names %q and %q have the same id %d; rename one of them", old.name(), cfg.Name, old.id)
		}
		if orGet {
			return false, nil
		}
		return false, fail(wire.StatusCacheExists, "Failed to start cache (a cache with the same name is already started): %s", cfg.Name)
	}
	if cfg.Mode == wire.CacheModeReplicated {
		cfg.Backups = math.MaxInt32 // as Ignite tells it
	}
	normalizeEntities(&cfg)
	if err := cat.check(&cfg); err != nil {
		return false, err
	}
	encoded := encodeConfig(cfg.WithDefaults())
	own, err := decodeConfig(encoded) // nothing of the caller's bytes is kept
	if err != nil {
		return false, fail(wire.StatusCacheConfigInvalid, "configuration of cache %s: %v", cfg.Name, err)
	}
	if err := cat.store.PutMeta(metaCache, cfg.Name, encoded); err != nil {
		return false, err
	}
	c := cat.newCache(own)
	cat.mu.Lock()
	cat.caches[c.id] = c
	cat.mu.Unlock()
	return true, nil
}

// destroy ends a cache and removes its entries.
func (cat *catalog) destroy(id int32) error {
	cat.change.Lock()
	defer cat.change.Unlock()
	c, err := cat.get(id)
	if err != nil {
		return err
	}
	cat.mu.Lock()
	delete(cat.caches, id)
	cat.mu.Unlock()
	c.use.Lock()
	defer c.use.Unlock()
	c.gone.Store(true)
	if err := cat.store.Clear(id); err != nil {
		return err
	}
	return cat.store.DeleteMeta(metaCache, c.name())
}

// update replaces the configuration of a cache, for SQL's changes of tables.
// What decides the partition of a key must stay.
func (cat *catalog) update(cfg wire.CacheConfiguration) error {
	cat.change.Lock()
	defer cat.change.Unlock()
	old, err := cat.get(binary.CacheID(cfg.Name))
	if err != nil {
		return err
	}
	normalizeEntities(&cfg)
	encoded := encodeConfig(cfg.WithDefaults())
	own, err := decodeConfig(encoded)
	if err != nil {
		return fail(wire.StatusCacheConfigInvalid, "configuration of cache %s: %v", cfg.Name, err)
	}
	if err := cat.store.PutMeta(metaCache, cfg.Name, encoded); err != nil {
		return err
	}
	old.configure(own)
	return nil
}

// A configuration is stored as the message that creates it.
func encodeConfig(cfg wire.CacheConfiguration) []byte {
	var w binary.Writer
	(&wire.CacheCreateWithConfigurationRequest{Config: cfg}).Encode(&w, 0)
	return w.Buf
}

func decodeConfig(b []byte) (*wire.CacheConfiguration, error) {
	var q wire.CacheCreateWithConfigurationRequest
	r := binary.NewReader(slices.Clone(b))
	q.Decode(r, 0)
	if err := r.Finish(); err != nil {
		return nil, fmt.Errorf("node: stored cache configuration: %w", err)
	}
	return &q.Config, nil
}
