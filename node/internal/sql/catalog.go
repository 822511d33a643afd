package sql

import (
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	schemaPublic      = "PUBLIC"
	schemaSystem      = "SYS"
	schemaInformation = "INFORMATION_SCHEMA"
	columnKey         = "_KEY"
	columnValue       = "_VAL"
)

// column is one column of a table.
type column struct {
	name       string
	field      string  // field of the object, may be a path such as "a.b"
	path       []int32 // ids of the fields on the way
	typ        dataType
	inKey      bool // part of the key, or the whole key
	wholeKey   bool
	wholeValue bool
	notNull    bool
	def        any // default value, nil for none
}

// table is a query entity of a cache seen as a table.
type table struct {
	schema, name string
	cache        CacheInfo
	entity       wire.QueryEntity
	columns      []column
	keyType      dataType // kindObject when the key has fields
	valueType    dataType
	rows         func() [][]any // a system view: its rows, nil for a cache
}

// keyIndex and valueIndex are the positions of the hidden columns _KEY and _VAL.
func (t *table) keyIndex() int   { return len(t.columns) }
func (t *table) valueIndex() int { return len(t.columns) + 1 }

// find gives the position of a column by name, -1 when there is none.
func (t *table) find(name string) int {
	if t.rows == nil {
		switch name {
		case columnKey:
			return t.keyIndex()
		case columnValue:
			return t.valueIndex()
		}
	}
	return slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
}

// identityIndex is the column of SQLite's tables that tells rows from each other.
func (t *table) identityIndex() int { return len(t.columns) + 2 }

// columnAt gives the column at a position, which may be that of _KEY or _VAL.
func (t *table) columnAt(i int) column {
	switch i {
	case t.keyIndex():
		return column{name: columnKey, typ: t.keyType, inKey: true, wholeKey: true}
	case t.valueIndex():
		return column{name: columnValue, typ: t.valueType, wholeValue: true}
	}
	return t.columns[i]
}

// schemaOf is the SQL schema of a cache: the configured one, or the name of the cache, in which case matters.
func schemaOf(c CacheInfo) string {
	s := c.Config.SQLSchema
	if s == "" {
		return c.Name
	}
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	if c.Config.SQLEscapeAll {
		return s
	}
	return strings.ToUpper(s)
}

// tableName is the name of a query entity's table.
func tableNameOf(c CacheInfo, e *wire.QueryEntity) string {
	name := e.TableName
	if name == "" {
		name = simpleName(e.ValueType)
	}
	if c.Config.SQLEscapeAll {
		return name
	}
	return strings.ToUpper(name)
}

// catalog reads the tables off the configurations of the caches, freshly for each statement.
type catalog struct {
	store  Store
	caches []CacheInfo
	loaded bool
}

func (c *catalog) all() []CacheInfo {
	if !c.loaded {
		c.caches, c.loaded = c.store.Caches(), true
		slices.SortFunc(c.caches, func(a, b CacheInfo) int { return strings.Compare(a.Name, b.Name) })
	}
	return c.caches
}

// defaultSchema is the schema of names without one.
func (c *catalog) defaultSchema(q Query) string {
	if q.Schema != "" {
		return q.Schema
	}
	for _, info := range c.all() {
		if q.CacheID != 0 && info.ID == q.CacheID && info.Config != nil {
			return schemaOf(info)
		}
	}
	return schemaPublic
}

func (c *catalog) hasSchema(name string) bool {
	switch name {
	case schemaPublic, schemaSystem, schemaInformation:
		return true
	}
	return slices.ContainsFunc(c.all(), func(i CacheInfo) bool { return i.Config != nil && schemaOf(i) == name })
}

// table finds a table; nil when there is none.
func (c *catalog) table(schema, name string) *table {
	if schema == schemaSystem || schema == schemaInformation {
		return c.systemView(schema, name)
	}
	var found *table
	c.each(func(info CacheInfo, e *wire.QueryEntity) bool {
		if schemaOf(info) == schema && tableNameOf(info, e) == name {
			found = newTable(info, e)
		}
		return found == nil
	})
	return found
}

// each calls f for every query entity until f returns false.
func (c *catalog) each(f func(CacheInfo, *wire.QueryEntity) bool) {
	for _, info := range c.all() {
		if info.Config == nil {
			continue
		}
		for i := range info.Config.QueryEntities {
			if !f(info, &info.Config.QueryEntities[i]) {
				return
			}
		}
	}
}

func newTable(info CacheInfo, e *wire.QueryEntity) *table {
	t := &table{schema: schemaOf(info), name: tableNameOf(info, e), cache: info, entity: *e}
	t.keyType, t.valueType = typeByClass(e.KeyType), typeByClass(e.ValueType)
	aliases := make(map[string]string, len(e.Aliases))
	for _, a := range e.Aliases {
		aliases[a.Field] = a.Alias
	}
	for _, f := range e.Fields {
		c := column{name: f.Name, field: f.Name, typ: typeByClass(f.TypeName), notNull: f.NotNull}
		if a := aliases[f.Name]; a != "" {
			c.name = a
		}
		if !info.Config.SQLEscapeAll {
			c.name = strings.ToUpper(c.name)
		}
		c.wholeKey, c.wholeValue = e.KeyField != "" && f.Name == e.KeyField, e.ValueField != "" && f.Name == e.ValueField
		c.inKey = f.IsKey || c.wholeKey
		if c.wholeKey && t.keyType.kind != kindObject {
			c.typ = t.keyType
		}
		if f.Precision > 0 {
			c.typ.precision = int(f.Precision)
		}
		if f.Scale >= 0 && f.Precision > 0 {
			c.typ.scale = int(f.Scale)
		}
		for _, part := range strings.Split(f.Name, ".") {
			c.path = append(c.path, binary.FieldID(part))
		}
		if len(f.Default) > 0 && !f.Default.IsNull() {
			if v, err := binary.DecodeValue(f.Default, nil); err == nil {
				c.def = v
			}
		}
		t.columns = append(t.columns, c)
	}
	return t
}

// keyColumns gives the positions of the columns that make up the key.
func (t *table) keyColumns() []int {
	var at []int
	for i, c := range t.columns {
		if c.inKey {
			at = append(at, i)
		}
	}
	return at
}

// replicated reports whether every node has all partitions, so that a filter on partitions does not apply.
func (t *table) replicated() bool {
	return t.cache.Config != nil && t.cache.Config.Mode == wire.CacheModeReplicated
}
