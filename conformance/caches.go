package conformance

import (
	"errors"
	"slices"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testCaches(e *env) {
	e.run("create, list, destroy", testCacheLifecycle)
	e.run("get or create", testGetOrCreateCache)
	e.run("configuration", testCacheConfiguration)
	e.run("query entity", testQueryEntity)
	e.run("names", testCacheNames)
}

func testCacheLifecycle(e *env) {
	name := e.cacheName()
	e.noError(e.c.CreateCache(e.ctx, wire.CacheConfiguration{Name: name}))
	if err := e.c.CreateCache(e.ctx, wire.CacheConfiguration{Name: name}); !errors.Is(err, wire.StatusCacheExists) {
		e.Errorf("a second CreateCache: %v, want %v", err, wire.StatusCacheExists)
	}
	names, err := e.c.CacheNames(e.ctx)
	e.noError(err)
	if !slices.Contains(names, name) {
		e.Errorf("%s is not among %v", name, names)
	}
	e.noError(e.c.DestroyCache(e.ctx, name))
	names, err = e.c.CacheNames(e.ctx)
	e.noError(err)
	if slices.Contains(names, name) {
		e.Errorf("%s is still among %v", name, names)
	}
	if err := e.c.DestroyCache(e.ctx, name); !errors.Is(err, wire.StatusCacheDoesNotExist) {
		e.Errorf("a second DestroyCache: %v, want %v", err, wire.StatusCacheDoesNotExist)
	}
	// A cache of the same name starts empty.
	e.noError(e.c.CreateCache(e.ctx, wire.CacheConfiguration{Name: name}))
	size, err := ignite.NewCache[int64, string](e.c, name).Size(e.ctx)
	e.noError(err)
	if size != 0 {
		e.Errorf("the new cache has %d entries", size)
	}
	e.noError(e.c.DestroyCache(e.ctx, name))
}

func testGetOrCreateCache(e *env) {
	name := e.newCache()
	e.fill(name, 3)
	e.noError(e.c.GetOrCreateCache(e.ctx, wire.CacheConfiguration{Name: name, Mode: wire.CacheModeReplicated}))
	cfg, err := e.c.CacheConfiguration(e.ctx, name)
	e.noError(err)
	if cfg.Mode != wire.CacheModePartitioned {
		e.Errorf("GetOrCreateCache changed the mode of a cache to %v", cfg.Mode)
	}
	size, err := ignite.NewCache[int64, string](e.c, name).Size(e.ctx)
	e.noError(err)
	if size != 3 {
		e.Errorf("GetOrCreateCache left %d of 3 entries", size)
	}
}

func testCacheConfiguration(e *env) {
	name := e.newCache(func(c *wire.CacheConfiguration) {
		c.Atomicity = wire.AtomicityTransactional
		c.Backups = 1
		c.StatisticsEnabled = true
		c.SQLSchema = "SHELF"
	})
	cfg, err := e.c.CacheConfiguration(e.ctx, name)
	e.noError(err)
	if cfg.Name != name || cfg.Mode != wire.CacheModePartitioned || cfg.Atomicity != wire.AtomicityTransactional ||
		cfg.Backups != 1 || !cfg.StatisticsEnabled || cfg.SQLSchema != "SHELF" {
		e.Errorf("the configuration came back as %+v", cfg)
	}
	replicated := e.newCache(func(c *wire.CacheConfiguration) { c.Mode = wire.CacheModeReplicated })
	cfg, err = e.c.CacheConfiguration(e.ctx, replicated)
	e.noError(err)
	if cfg.Mode != wire.CacheModeReplicated || cfg.Atomicity != wire.AtomicityAtomic {
		e.Errorf("the configuration of a replicated cache came back as %v, %v", cfg.Mode, cfg.Atomicity)
	}
	if _, err := e.c.CacheConfiguration(e.ctx, "NO_SUCH_CACHE"); !errors.Is(err, wire.StatusCacheDoesNotExist) {
		e.Errorf("the configuration of an unknown cache: %v", err)
	}
}

func testQueryEntity(e *env) {
	name := e.newCache(func(c *wire.CacheConfiguration) {
		c.SQLSchema = "PUBLIC"
		c.QueryEntities = []wire.QueryEntity{{
			KeyType: "java.lang.Long", ValueType: "Kitten", TableName: "KITTENS_" + c.Name,
			Fields: []wire.QueryField{
				{Name: "name", TypeName: "java.lang.String", Precision: -1, Scale: -1},
				{Name: "age", TypeName: "java.lang.Integer", Precision: -1, Scale: -1},
			},
		}}
	})
	cfg, err := e.c.CacheConfiguration(e.ctx, name)
	e.noError(err)
	if len(cfg.QueryEntities) != 1 {
		e.Fatalf("there are %d query entities", len(cfg.QueryEntities))
	}
	q := cfg.QueryEntities[0]
	if q.KeyType != "java.lang.Long" || q.ValueType != "Kitten" || len(q.Fields) != 2 ||
		q.Fields[0].Name != "name" || q.Fields[0].TypeName != "java.lang.String" {
		e.Errorf("the query entity came back as %+v", q)
	}
	// An object put through the key-value API is a row of the table.
	cache := ignite.NewCache[int64, any](e.c, name)
	e.noError(cache.Put(e.ctx, 7, binary.NewObject("Kitten").Set("name", "Tom").Set("age", int32(3))))
	rows := e.query("SELECT name, age FROM KITTENS_" + name)
	if len(rows) != 1 || rows[0][0] != "Tom" || rows[0][1] != int32(3) {
		e.Errorf("SQL sees %v", rows)
	}
}

// testCacheNames has names whose hash codes are easy to get wrong.
func testCacheNames(e *env) {
	for _, name := range []string{"lower", "With Space", "Кот", "\U0001F431", "a.b/c"} {
		e.noError(e.c.CreateCache(e.ctx, wire.CacheConfiguration{Name: name}))
		cache := ignite.NewCache[string, string](e.c, name)
		e.noError(cache.Put(e.ctx, name, name))
		got, ok, err := cache.Get(e.ctx, name)
		e.noError(err)
		if !ok || got != name {
			e.Errorf("cache %q gave back %q, %v", name, got, ok)
		}
		e.noError(e.c.DestroyCache(e.ctx, name))
	}
}
