package sql

import (
	"errors"
	"slices"
	"strings"

	"modernc.org/sqlite/vtab"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// viewCursor reads the rows of a system view.
type viewCursor struct {
	rows     [][]any
	at       int
	identity int // the column that tells rows from each other: here, their place
}

// Filter starts at the first row.
func (c *viewCursor) Filter(int, string, []vtab.Value) error {
	c.at = 0
	return nil
}

// Next goes to the next row.
func (c *viewCursor) Next() error {
	c.at++
	return nil
}

// Eof reports whether there is no current row.
func (c *viewCursor) Eof() bool { return c.at >= len(c.rows) }

// Column gives a column of the current row.
func (c *viewCursor) Column(i int) (vtab.Value, error) {
	if i == c.identity {
		return int64(c.at), nil
	}
	if i >= len(c.rows[c.at]) {
		return nil, nil
	}
	return plainValue(c.rows[c.at][i], nil), nil
}

// Rowid is not asked for: the tables have none.
func (*viewCursor) Rowid() (int64, error) { return 0, errors.New("virtual tables have no row numbers") }

// Close has nothing to free.
func (c *viewCursor) Close() error { return nil }

// systemView gives a view of SYS or INFORMATION_SCHEMA with the part of Ignite's columns that mean something here;
// nil when there is none of that name.
func (c *catalog) systemView(schema, name string) *table {
	view := func(rows func() [][]any, columns ...string) *table {
		t := &table{schema: schema, name: name, rows: rows}
		for _, col := range columns {
			n, typ, _ := strings.Cut(col, " ")
			t.columns = append(t.columns, column{name: n, typ: typeOf(kindsByName[typ])})
		}
		return t
	}
	if schema == schemaInformation {
		switch name {
		case "TABLES":
			return view(c.tableNames, "TABLE_CATALOG VARCHAR", "TABLE_SCHEMA VARCHAR", "TABLE_NAME VARCHAR", "TABLE_TYPE VARCHAR")
		case "COLUMNS":
			return view(c.informationColumns, "TABLE_SCHEMA VARCHAR", "TABLE_NAME VARCHAR", "COLUMN_NAME VARCHAR", "ORDINAL_POSITION INT",
				"IS_NULLABLE VARCHAR", "TYPE_NAME VARCHAR")
		}
		return nil
	}
	switch name {
	case "TABLES":
		return view(c.sysTables, "CACHE_GROUP_ID INT", "CACHE_GROUP_NAME VARCHAR", "CACHE_ID INT", "CACHE_NAME VARCHAR", "SCHEMA_NAME VARCHAR",
			"TABLE_NAME VARCHAR", "AFFINITY_KEY_COLUMN VARCHAR", "KEY_ALIAS VARCHAR", "VALUE_ALIAS VARCHAR", "KEY_TYPE_NAME VARCHAR",
			"VALUE_TYPE_NAME VARCHAR", "IS_INDEX_REBUILD_IN_PROGRESS BOOLEAN")
	case "TABLE_COLUMNS":
		return view(c.sysColumns, "COLUMN_NAME VARCHAR", "TABLE_NAME VARCHAR", "SCHEMA_NAME VARCHAR", "AFFINITY_COLUMN BOOLEAN",
			"AUTO_INCREMENT BOOLEAN", "DEFAULT_VALUE VARCHAR", "NULLABLE BOOLEAN", "PK BOOLEAN", "PRECISION INT", "SCALE INT", "TYPE VARCHAR")
	case "CACHES":
		return view(c.sysCaches, "CACHE_NAME VARCHAR", "CACHE_ID INT", "CACHE_TYPE VARCHAR", "CACHE_MODE VARCHAR", "ATOMICITY_MODE VARCHAR",
			"CACHE_GROUP_NAME VARCHAR", "BACKUPS INT", "DATA_REGION_NAME VARCHAR", "SQL_SCHEMA VARCHAR", "WRITE_SYNCHRONIZATION_MODE VARCHAR")
	case "SCHEMAS":
		return view(c.sysSchemas, "SCHEMA_NAME VARCHAR", "PREDEFINED BOOLEAN")
	case "INDEXES":
		return view(c.sysIndexes, "CACHE_ID INT", "CACHE_NAME VARCHAR", "SCHEMA_NAME VARCHAR", "TABLE_NAME VARCHAR", "INDEX_NAME VARCHAR",
			"INDEX_TYPE VARCHAR", "COLUMNS VARCHAR", "IS_PK BOOLEAN", "IS_UNIQUE BOOLEAN", "INLINE_SIZE INT")
	}
	return nil
}

// eachTable calls f for every table of a cache.
func (c *catalog) eachTable(f func(*table)) {
	c.each(func(info CacheInfo, e *wire.QueryEntity) bool {
		f(newTable(info, e))
		return true
	})
}

func (c *catalog) tableNames() [][]any {
	var rows [][]any
	c.eachTable(func(t *table) { rows = append(rows, []any{"KINDLING", t.schema, t.name, "TABLE"}) })
	return rows
}

func (c *catalog) informationColumns() [][]any {
	var rows [][]any
	c.eachTable(func(t *table) {
		for i, col := range t.columns {
			nullable := "YES"
			if col.notNull || col.wholeKey {
				nullable = "NO"
			}
			rows = append(rows, []any{t.schema, t.name, col.name, int32(i + 1), nullable, col.typ.info().name})
		}
	})
	return rows
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *catalog) sysTables() [][]any {
	var rows [][]any
	c.eachTable(func(t *table) {
		cfg := t.cache.Config
		group := cfg.GroupName
		if group == "" {
			group = cfg.Name
		}
		rows = append(rows, []any{
			cacheID(group), group, t.cache.ID, t.cache.Name, t.schema, t.name, orNil(t.affinityColumn()),
			orNil(t.entity.KeyField), orNil(t.entity.ValueField), t.entity.KeyType, t.entity.ValueType, false,
		})
	})
	return rows
}

// affinityColumn is the column that decides the partition, "" when it is the whole key object.
func (t *table) affinityColumn() string {
	for _, k := range t.cache.Config.KeyConfigurations {
		if k.TypeName == t.entity.KeyType {
			return k.AffinityKeyField
		}
	}
	if t.keyType.kind != kindObject {
		if t.entity.KeyField != "" {
			return t.entity.KeyField
		}
		return columnKey
	}
	return ""
}

func (c *catalog) sysColumns() [][]any {
	var rows [][]any
	c.eachTable(func(t *table) {
		for _, col := range t.columns {
			var def any
			if col.def != nil {
				def, _ = toText(col.def)
			}
			rows = append(rows, []any{
				col.name, t.name, t.schema, col.name == t.affinityColumn(), false, def, !col.notNull && !col.wholeKey, col.inKey,
				int32(col.typ.precision), int32(col.typ.scale), col.typ.className(),
			})
		}
	})
	return rows
}

func (c *catalog) sysCaches() [][]any {
	var rows [][]any
	for _, i := range c.all() {
		if i.Config == nil {
			continue
		}
		f := i.Config
		group := f.GroupName
		if group == "" {
			group = i.Name
		}
		rows = append(rows, []any{
			i.Name, i.ID, "USER", f.Mode.String(), f.Atomicity.String(), group, f.Backups, orNil(f.DataRegionName), orNil(schemaOf(i)), f.WriteSync.String(),
		})
	}
	return rows
}

func (c *catalog) sysSchemas() [][]any {
	rows := [][]any{{schemaPublic, true}, {schemaSystem, true}, {schemaInformation, true}}
	seen := []string{schemaPublic}
	for _, i := range c.all() {
		if i.Config == nil {
			continue
		}
		if s := schemaOf(i); !slices.Contains(seen, s) {
			seen = append(seen, s)
			rows = append(rows, []any{s, false})
		}
	}
	return rows
}

func (c *catalog) sysIndexes() [][]any {
	var rows [][]any
	c.eachTable(func(t *table) {
		for _, x := range t.entity.Indexes {
			var cols []string
			for _, f := range x.Fields {
				d := " ASC"
				if f.Descending {
					d = " DESC"
				}
				cols = append(cols, `"`+f.Name+`"`+d)
			}
			rows = append(rows, []any{t.cache.ID, t.cache.Name, t.schema, t.name, x.Name, "BTREE", strings.Join(cols, ", "), false, false, x.InlineSize})
		}
	})
	return rows
}
