package node

import (
	"errors"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql"
)

// defaultRegion is the name of the only data region, as Ignite calls the one that
// holds caches that name none.
const defaultRegion = "default"

// accept refuses the configurations of a new cache that Ignite refuses. The
// caller holds cat.change.
func (cat *catalog) accept(cfg *wire.CacheConfiguration) error {
	if cfg.QueryParallelism < 0 || cfg.QueryParallelism == 0 && cfg.Set.Has(wire.PropertyQueryParallelism) {
		return failed("Query parallelism of cache %s must be positive: %d", cfg.Name, cfg.QueryParallelism)
	}
	if cfg.DataRegionName != "" && cfg.DataRegionName != defaultRegion {
		return failed("Requested DataRegion is not configured: %s [cache=%s]; the embedded node has only %q",
			cfg.DataRegionName, cfg.Name, defaultRegion)
	}
	running := cat.all()
	for _, ch := range running {
		if err := groupConflict(ch.config.Load(), cfg); err != nil {
			return err
		}
	}
	infos := make([]sql.CacheInfo, len(running))
	for i, ch := range running {
		infos[i] = ch.info()
	}
	err := sql.CheckTables(sql.CacheInfo{Name: cfg.Name, ID: binary.CacheID(cfg.Name), Config: cfg}, infos)
	if e, ok := errors.AsType[*sql.Error](err); ok {
		return failed("%s", e.Message)
	}
	return err
}

// groupConflict compares a new cache with one that runs: caches of a group share
// what decides where their partitions are, and a group's name is no cache's.
func groupConflict(old, cfg *wire.CacheConfiguration) error {
	const class = "class org.apache.ignite.IgniteCheckedException: "
	switch {
	case cfg.GroupName == "" && old.GroupName == cfg.Name:
		return failed(class+"Failed to start cache. Cache name conflict with existing cache group (change cache name) [cacheName=%s]", cfg.Name)
	case cfg.GroupName != "" && old.GroupName == "" && old.Name == cfg.GroupName:
		return failed(class+"Failed to start cache. Cache group name conflict with existing cache (change group name) "+
			"[cacheName=%s, conflictingCacheName=%s]", cfg.Name, old.Name)
	case cfg.GroupName == "" || old.GroupName != cfg.GroupName:
		return nil
	}
	filled := cfg.WithDefaults()
	for _, p := range []struct {
		what, field string
		old, new    any
	}{
		{"Cache mode", "CacheMode", old.Mode, filled.Mode},
		{"Atomicity mode", "AtomicityMode", old.Atomicity, filled.Atomicity},
		{"Backups", "Backups", old.Backups, filled.Backups},
		{"Data region", "DataRegionName", old.DataRegionName, filled.DataRegionName},
		{"Partition Loss Policy", "PartitionLossPolicy", old.PartitionLossPolicy, filled.PartitionLossPolicy},
		{"Rebalance mode", "RebalanceMode", old.RebalanceMode, filled.RebalanceMode},
	} {
		if p.old != p.new {
			return failed(class+"%s mismatch for caches related to the same group [groupName=%s, existingCache=%s, existing%s=%v, startingCache=%s, starting%s=%v]",
				p.what, cfg.GroupName, old.Name, p.field, p.old, cfg.Name, p.field, p.new)
		}
	}
	return nil
}

// info is the cache as SQL sees it.
func (c *cache) info() sql.CacheInfo {
	cfg := c.config.Load()
	return sql.CacheInfo{Name: cfg.Name, ID: c.id, Config: cfg}
}
