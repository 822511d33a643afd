package sql

import (
	"github.com/kindling-ml/kindling/ignite/wire"
)

// CheckTables gives the error with which Ignite refuses to start a cache because of its query entities: their names
// must be free, within the cache and among the tables of the caches that run.
func CheckTables(info CacheInfo, running []CacheInfo) error {
	taken := make(map[string]bool)
	schema := schemaOf(info)
	for _, other := range running {
		if other.Config == nil || schemaOf(other) != schema {
			continue
		}
		for i := range other.Config.QueryEntities {
			taken[tableNameOf(other, &other.Config.QueryEntities[i])] = true
		}
	}
	types := make(map[string]bool)
	for i := range info.Config.QueryEntities {
		e := &info.Config.QueryEntities[i]
		if err := checkEntity(info, e); err != nil {
			return err
		}
		name := tableNameOf(info, e)
		if taken[name] {
			return fail(CodeTableExists, stateSyntax, "Table already exists: %s", name)
		}
		if types[e.ValueType] {
			return entityError("Two query entities of cache %s have the value type %s", info.Name, e.ValueType)
		}
		taken[name], types[e.ValueType] = true, true
	}
	return nil
}

func entityError(format string, args ...any) error {
	return fail(CodeUnknown, stateGeneral, "class org.apache.ignite.IgniteCheckedException: "+format, args...)
}

func checkEntity(info CacheInfo, e *wire.QueryEntity) error {
	t := newTable(info, e)
	seen := make(map[string]string)
	for _, c := range t.columns {
		if other, ok := seen[c.name]; ok && other != c.field {
			return entityError("Multiple query fields are associated with the same alias [alias=%s]", c.name)
		}
		if c.name == columnKey || c.name == columnValue {
			return entityError("The query entity of %s names a field %s, which every table has", e.ValueType, c.name)
		}
		seen[c.name] = c.field
	}
	return nil
}
