package node

import (
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// normalizeEntities fills in what a query entity leaves out, as Ignite does
// when a cache starts (QueryUtils.normalizeQueryEntity): a table name, an alias
// for each field, index names; all in upper case unless the cache keeps names
// as they are (SQLEscapeAll). Doing it twice changes nothing.
func normalizeEntities(cfg *wire.CacheConfiguration) {
	name := strings.ToUpper
	if cfg.SQLEscapeAll {
		name = func(s string) string { return s }
	}
	entities := slices.Clone(cfg.QueryEntities)
	for i := range entities {
		e := &entities[i]
		if e.TableName == "" {
			e.TableName = e.ValueType[strings.LastIndexAny(e.ValueType, ".$")+1:]
		}
		e.TableName = name(e.TableName)
		e.Aliases = normalizeAliases(e, name)
		e.Indexes = slices.Clone(e.Indexes)
		for j := range e.Indexes {
			x := &e.Indexes[j]
			if x.Name == "" {
				x.Name = indexName(e.TableName, x)
			}
			x.Name = name(x.Name)
		}
	}
	cfg.QueryEntities = entities
}

func normalizeAliases(e *wire.QueryEntity, name func(string) string) []wire.QueryAlias {
	aliases := slices.DeleteFunc(slices.Clone(e.Aliases), func(a wire.QueryAlias) bool { return !hasField(e, a.Field) })
	given := make(map[string]bool, len(aliases))
	for i := range aliases {
		aliases[i].Alias = name(aliases[i].Alias)
		given[aliases[i].Field] = true
	}
	for _, f := range e.Fields {
		if !given[f.Name] {
			last := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
			aliases = append(aliases, wire.QueryAlias{Field: f.Name, Alias: name(last)})
		}
	}
	return aliases
}

// indexName is the name of an index without one, such as
// "PERSON_NAME_ASC_AGE_DESC_IDX".
func indexName(table string, x *wire.QueryIndex) string {
	var b strings.Builder
	b.WriteString(table)
	for _, f := range x.Fields {
		b.WriteByte('_')
		b.WriteString(f.Name)
		if f.Descending {
			b.WriteString("_desc")
		} else {
			b.WriteString("_asc")
		}
	}
	b.WriteString("_idx")
	return b.String()
}
