package conformance

import (
	"errors"
	"slices"
	"strings"

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
	e.run("refused configurations", testRefusedConfigurations)
	e.run("groups", testCacheGroups)
}

// refused wants a configuration to be refused with a text, and no cache to be there.
func (e *env) refused(what, text string, cfg wire.CacheConfiguration) {
	e.Helper()
	err := e.c.CreateCache(e.ctx, cfg)
	if !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), text) {
		e.Errorf("%s: %v, want %q", what, err, text)
	}
	names, err := e.c.CacheNames(e.ctx)
	e.noError(err)
	if slices.Contains(names, cfg.Name) {
		e.Errorf("%s: the cache is there", what)
		e.noError(e.c.DestroyCache(e.ctx, cfg.Name))
	}
}

func testRefusedConfigurations(e *env) {
	const unstarted = "Failed to complete exchange process."
	entity := func(change func(*wire.QueryEntity)) []wire.QueryEntity {
		q := wire.QueryEntity{KeyType: "java.lang.Long", ValueType: "some.Puppy", Fields: []wire.QueryField{
			{Name: "name", TypeName: "java.lang.String", Precision: -1, Scale: -1},
			{Name: "age", TypeName: "java.lang.Integer", Precision: -1, Scale: -1},
		}}
		change(&q)
		return []wire.QueryEntity{q}
	}
	for what, c := range map[string]struct {
		text   string
		change func(*wire.CacheConfiguration)
	}{
		"unknown data region":  {unstarted, func(c *wire.CacheConfiguration) { c.DataRegionName = "nowhere" }},
		"rebalance batch size": {unstarted, func(c *wire.CacheConfiguration) { c.RebalanceBatchBytes = -1 }},
		"rebalance batches":    {unstarted, func(c *wire.CacheConfiguration) { c.RebalanceBatchesPrefetchCount = -1 }},
		"rebalance throttle":   {unstarted, func(c *wire.CacheConfiguration) { c.RebalanceThrottleMillis = -1 }},
		"two affinity fields": {"Cache key configuration contains conflicting definitions", func(c *wire.CacheConfiguration) {
			c.KeyConfigurations = []wire.KeyConfiguration{{TypeName: "some.Key", AffinityKeyField: "a"}, {TypeName: "some.Key", AffinityKeyField: "b"}}
		}},
		"no value type": {"Value type cannot be null or empty", func(c *wire.CacheConfiguration) {
			c.QueryEntities = entity(func(q *wire.QueryEntity) { q.ValueType = "" })
		}},
		"key field of no field": {"Key field is not in the field list", func(c *wire.CacheConfiguration) {
			c.QueryEntities = entity(func(q *wire.QueryEntity) { q.KeyField = "nothing" })
		}},
		"fields that differ in case": {"Multiple query fields are associated with the same alias [alias=NAME]", func(c *wire.CacheConfiguration) {
			c.QueryEntities = entity(func(q *wire.QueryEntity) { q.Fields[1].Name = "NAME" })
		}},
		"index of no field": {unstarted, func(c *wire.CacheConfiguration) {
			c.QueryEntities = entity(func(q *wire.QueryEntity) {
				q.Indexes = []wire.QueryIndex{{InlineSize: -1, Fields: []wire.QueryIndexField{{Name: "nothing"}}}}
			})
		}},
		"two indexes of one name": {"Duplicate index name", func(c *wire.CacheConfiguration) {
			c.QueryEntities = entity(func(q *wire.QueryEntity) {
				for _, f := range q.Fields {
					q.Indexes = append(q.Indexes, wire.QueryIndex{Name: "x", InlineSize: -1, Fields: []wire.QueryIndexField{{Name: f.Name}}})
				}
			})
		}},
		"two tables of one name": {"Table already exists: PUPPY", func(c *wire.CacheConfiguration) {
			c.QueryEntities = append(entity(func(*wire.QueryEntity) {}), entity(func(q *wire.QueryEntity) { q.ValueType = "other.Puppy" })...)
		}},
	} {
		cfg := wire.CacheConfiguration{Name: e.cacheName()}
		c.change(&cfg)
		e.refused(what, c.text, cfg)
	}
	table := func(c *wire.CacheConfiguration) {
		c.SQLSchema, c.QueryEntities = "PUBLIC", entity(func(*wire.QueryEntity) {})
	}
	e.newCache(table)
	second := wire.CacheConfiguration{Name: e.cacheName()}
	table(&second)
	e.refused("a second table of the name", "Table already exists: PUPPY", second)
	e.newCache(table, func(c *wire.CacheConfiguration) { c.SQLSchema = "OTHER" })
}

// testCacheGroups: caches of one group agree about what the group decides.
func testCacheGroups(e *env) {
	group := e.cacheName()
	first := e.newCache(func(c *wire.CacheConfiguration) { c.GroupName, c.Backups = group, 1 })
	same := func(c *wire.CacheConfiguration) { c.GroupName, c.Backups = group, 1 }
	for text, change := range map[string]func(*wire.CacheConfiguration){
		"Cache mode mismatch":             func(c *wire.CacheConfiguration) { c.Mode = wire.CacheModeReplicated },
		"existingBackups=1, startingCach": func(c *wire.CacheConfiguration) { c.Backups = 2 },
		"existingAtomicityMode=ATOMIC":    func(c *wire.CacheConfiguration) { c.Atomicity = wire.AtomicityTransactional },
		"Partition Loss Policy mismatch":  func(c *wire.CacheConfiguration) { c.PartitionLossPolicy = wire.PartitionLossReadOnlySafe },
		"startingRebalanceMode=SYNC":      func(c *wire.CacheConfiguration) { c.RebalanceMode = wire.RebalanceSync },
		"existingDataRegionName=null":     func(c *wire.CacheConfiguration) { c.DataRegionName = "default" },
	} {
		cfg := wire.CacheConfiguration{Name: e.cacheName()}
		same(&cfg)
		change(&cfg)
		e.refused("another "+text, text, cfg)
	}
	e.newCache(same, func(c *wire.CacheConfiguration) { c.StatisticsEnabled, c.RebalanceOrder = true, 5 })
	e.refused("a cache named like a group", "Cache name conflict with existing cache group", wire.CacheConfiguration{Name: group})
	cfg, err := e.c.CacheConfiguration(e.ctx, first)
	e.noError(err)
	if cfg.GroupName != group {
		e.Errorf("the group is %q, want %q", cfg.GroupName, group)
	}
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
