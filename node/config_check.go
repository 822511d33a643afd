package node

import (
	"errors"
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql"
)

// dataRegion is the name of the one data region, as Ignite's default has it.
const dataRegion = "default"

// invalid is the answer to a configuration that Ignite refuses when a cache is to start.
func invalid(format string, args ...any) error {
	return failed("class org.apache.ignite.IgniteCheckedException: "+format, args...)
}

// unstarted is the answer to a configuration that Ignite accepts, and with which the cache
// then does not start. Ignite says no more than that; the reason stands in its log.
func unstarted(format string, args ...any) error {
	return invalid("Failed to complete exchange process. "+format, args...)
}

// check refuses a configuration with which no cache can start, in Ignite's words. Its
// entities are normalized.
func (cat *catalog) check(cfg *wire.CacheConfiguration) error {
	c := cfg.WithDefaults()
	for _, check := range []func() error{
		func() error { return checkNumbers(&c) },
		func() error { return checkKeyConfigurations(&c) },
		func() error { return checkEntities(&c) },
		func() error { return cat.checkGroup(&c) },
		func() error { return cat.checkTables(&c) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.DataRegionName != "" && c.DataRegionName != dataRegion {
		return unstarted("Requested DataRegion is not configured: %s", c.DataRegionName)
	}
	return nil
}

func checkNumbers(c *wire.CacheConfiguration) error {
	if c.Mode == wire.CacheModeReplicated && c.QueryParallelism > 1 {
		return invalid("Segmented indices are supported for PARTITIONED mode only.")
	}
	for _, n := range []struct {
		name         string
		value, least int64
	}{
		{"Query parallelism", int64(c.QueryParallelism), 1},
		{"Rebalance batch size", int64(c.RebalanceBatchBytes), 1},
		{"Number of rebalance batches to prefetch", c.RebalanceBatchesPrefetchCount, 1},
		{"Rebalance throttle", c.RebalanceThrottleMillis, 0},
		{"Rebalance timeout", c.RebalanceTimeoutMillis, 0},
	} {
		if n.value < n.least {
			return unstarted("%s of cache %s is %d, must be %d at least", n.name, c.Name, n.value, n.least)
		}
	}
	return nil
}

func checkKeyConfigurations(c *wire.CacheConfiguration) error {
	fields := make(map[string]string, len(c.KeyConfigurations))
	for _, k := range c.KeyConfigurations {
		if was, ok := fields[k.TypeName]; ok && was != k.AffinityKeyField {
			return invalid("Cache key configuration contains conflicting definitions: [cacheName=%s, typeName=%s, affKeyFieldName1=%s, "+
				"affKeyFieldName2=%s]. Fix cache configuration or set system property -DIGNITE_SKIP_CONFIGURATION_CONSISTENCY_CHECK=true.",
				c.Name, k.TypeName, was, k.AffinityKeyField)
		}
		fields[k.TypeName] = k.AffinityKeyField
	}
	return nil
}

func checkEntities(c *wire.CacheConfiguration) error {
	indexes := make(map[string]bool)
	for i := range c.QueryEntities {
		e := &c.QueryEntities[i]
		if e.ValueType == "" {
			return invalid("Value type cannot be null or empty [queryEntity=%s]", e.TableName)
		}
		if e.KeyField != "" && !hasField(e, e.KeyField) {
			return invalid("Key field is not in the field list [queryEntity=%s, keyFieldName=%s]", e.TableName, e.KeyField)
		}
		if e.ValueField != "" && !hasField(e, e.ValueField) {
			return invalid("Value field is not in the field list [queryEntity=%s, valueFieldName=%s]", e.TableName, e.ValueField)
		}
		aliases := make(map[string]string, len(e.Aliases))
		for _, a := range e.Aliases {
			if field, taken := aliases[a.Alias]; taken && field != a.Field {
				return invalid("Multiple query fields are associated with the same alias [alias=%s]", a.Alias)
			}
			aliases[a.Alias] = a.Field
		}
		for j := range e.Indexes {
			x := &e.Indexes[j]
			if indexes[x.Name] {
				return invalid("Duplicate index name [queryEntity=%s, queryIdx=%s]", e.TableName, x.Name)
			}
			indexes[x.Name] = true
			for _, f := range x.Fields {
				if _, alias := aliases[f.Name]; !alias && !hasField(e, f.Name) {
					return unstarted("Index %s of table %s has a field %s that the table lacks", x.Name, e.TableName, f.Name)
				}
			}
		}
	}
	return nil
}

func hasField(e *wire.QueryEntity, name string) bool {
	return slices.ContainsFunc(e.Fields, func(f wire.QueryField) bool { return f.Name == name })
}

// checkGroup compares a cache with the others of its group, in what the group decides.
func (cat *catalog) checkGroup(c *wire.CacheConfiguration) error {
	for _, other := range cat.all() {
		o := other.config.Load()
		if o.GroupName == c.Name {
			return invalid("Failed to start cache. Cache name conflict with existing cache group (change cache name) [cacheName=%s]", c.Name)
		}
		if c.GroupName == "" {
			continue
		}
		if o.Name == c.GroupName {
			return invalid("Failed to start cache. Cache group name conflict with existing cache (change group name) [cacheName=%s, conflictingCacheName=%s]",
				c.Name, o.Name)
		}
		if o.GroupName != c.GroupName {
			continue
		}
		for _, p := range []struct {
			what, property string
			was, is        any
		}{
			{"Cache mode", "CacheMode", o.Mode, c.Mode},
			{"Atomicity mode", "AtomicityMode", o.Atomicity, c.Atomicity},
			{"Data region", "DataRegionName", orNull(o.DataRegionName), orNull(c.DataRegionName)},
			{"Partition Loss Policy", "PartitionLossPolicy", o.PartitionLossPolicy, c.PartitionLossPolicy},
			{"Rebalance mode", "RebalanceMode", o.RebalanceMode, c.RebalanceMode},
			{"Backups", "Backups", o.Backups, c.Backups},
		} {
			if p.was != p.is {
				return invalid("%s mismatch for caches related to the same group [groupName=%s, existingCache=%s, existing%s=%v, startingCache=%s, starting%s=%v]",
					p.what, c.GroupName, o.Name, p.property, p.was, c.Name, p.property, p.is)
			}
		}
	}
	return nil
}

// checkTables refuses a second table of a name in a schema, and columns that no table can have.
func (cat *catalog) checkTables(c *wire.CacheConfiguration) error {
	running := cat.all()
	infos := make([]sql.CacheInfo, len(running))
	for i, ch := range running {
		infos[i] = ch.info()
	}
	err := sql.CheckTables(sql.CacheInfo{Name: c.Name, ID: binary.CacheID(c.Name), Config: c}, infos)
	if e, ok := errors.AsType[*sql.Error](err); ok {
		return failed("%s", e.Message)
	}
	return err
}

// info is the cache as SQL sees it.
func (c *cache) info() sql.CacheInfo {
	cfg := c.config.Load()
	return sql.CacheInfo{Name: cfg.Name, ID: c.id, Config: cfg}
}
