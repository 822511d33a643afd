package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// cacheID is the id that Ignite gives a cache.
func cacheID(name string) int32 { return binary.CacheID(name) }

func errTableMissing(name string) error {
	return fail(CodeTableNotFound, stateSyntax, "Table doesn't exist: %s", name)
}

// ddlTable finds the table of a DDL statement; nil when there is none.
func (p *planner) ddlTable(name parse.TableName) (*table, error) {
	schema, err := p.ddlSchema(name.Schema)
	if err != nil {
		return nil, err
	}
	t := p.catalog.table(schema, name.Name)
	if t != nil && t.rows != nil {
		return nil, fail(CodeUnsupported, stateUnsupported, "DDL statements are not supported on system views: %s", t.name)
	}
	return t, nil
}

// dropTable drops the cache of each table.
func (r *run) dropTable(s *parse.DropTable) error {
	for _, name := range s.Tables {
		p := r.newPlanner()
		t, err := p.ddlTable(name)
		if err != nil {
			return err
		}
		if t == nil {
			if s.IfExists {
				continue
			}
			return errTableMissing(name.Name)
		}
		if t.schema != schemaPublic && t.cache.Config.SQLSchema == "" {
			return fail(CodeUnexpectedOperation, stateSyntax, "Only cache created with CREATE TABLE may be removed with DROP TABLE [cacheName=%s]", t.cache.Name)
		}
		if err := r.store.DropCache(t.cache.Name); err != nil {
			return err
		}
	}
	return nil
}

// changeEntity writes a changed copy of the query entity of a table to the store.
func (r *run) changeEntity(t *table, change func(*wire.QueryEntity) error) error {
	updater, ok := r.store.(ConfigurationUpdater)
	if !ok {
		return fail(CodeUnsupported, stateUnsupported, messageAlterUnsupported, t.cache.Name)
	}
	cfg := *t.cache.Config
	cfg.QueryEntities = slices.Clone(cfg.QueryEntities)
	for i := range cfg.QueryEntities {
		e := &cfg.QueryEntities[i]
		if tableNameOf(t.cache, e) != t.name {
			continue
		}
		e.Fields, e.Aliases, e.Indexes = slices.Clone(e.Fields), slices.Clone(e.Aliases), slices.Clone(e.Indexes)
		if err := change(e); err != nil {
			return err
		}
		return updater.UpdateCacheConfiguration(cfg)
	}
	return fmt.Errorf("cache %q has no query entity for table %q", t.cache.Name, t.name)
}

// alterTable adds or drops columns. Rows are not touched, as in Ignite: a dropped column's data stays in the objects.
func (r *run) alterTable(s *parse.AlterTable) error {
	p := r.newPlanner()
	t, err := p.ddlTable(s.Table)
	if err != nil {
		return err
	}
	if t == nil {
		if s.IfExists {
			return nil
		}
		return errTableMissing(s.Table.Name)
	}
	if t.valueType.kind != kindObject {
		return fail(CodeUnsupported, stateSyntax, "Cannot add or drop columns of a table whose value is not an object (was it created with WRAP_VALUE=false?): %s", t.name)
	}
	if s.Add != nil {
		return r.addColumns(t, s)
	}
	return r.dropColumns(t, s)
}

func (r *run) addColumns(t *table, s *parse.AlterTable) error {
	var fields []wire.QueryField
	for _, c := range s.Add {
		if t.find(c.Name) >= 0 || slices.ContainsFunc(fields, func(f wire.QueryField) bool { return f.Name == c.Name }) {
			if s.IfNotExistsCol {
				continue
			}
			return fail(CodeColumnExists, stateSyntax, "Column already exists: %s", c.Name)
		}
		f, err := r.queryField(c)
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return nil
	}
	return r.changeEntity(t, func(e *wire.QueryEntity) error {
		for _, f := range fields {
			e.Fields = append(e.Fields, f)
			e.Aliases = append(e.Aliases, wire.QueryAlias{Field: f.Name, Alias: f.Name})
		}
		return nil
	})
}

func (r *run) dropColumns(t *table, s *parse.AlterTable) error {
	drop := make(map[string]bool)
	for _, name := range s.Drop {
		i := t.find(name)
		if i < 0 {
			if s.IfExistsCol {
				continue
			}
			return errColumnNotFound(r.sql, name)
		}
		c := t.columnAt(i)
		switch {
		case c.wholeKey:
			return fail(CodeUnknown, stateGeneral, "Cannot drop column %q because it represents an entire cache key", name)
		case c.inKey:
			return fail(CodeUnknown, stateGeneral, "Cannot drop column %q because it is a part of a cache key", name)
		case c.wholeValue:
			return fail(CodeUnknown, stateGeneral, "Cannot drop column %q because it represents an entire cache value", name)
		}
		for _, x := range t.entity.Indexes {
			if slices.ContainsFunc(x.Fields, func(f wire.QueryIndexField) bool { return f.Name == c.field }) {
				return fail(CodeUnknown, stateGeneral, "Cannot drop column %q because an index exists (%q) that uses the column.", name, x.Name)
			}
		}
		drop[c.field] = true
	}
	if len(drop) == 0 {
		return nil
	}
	return r.changeEntity(t, func(e *wire.QueryEntity) error {
		e.Fields = slices.DeleteFunc(e.Fields, func(f wire.QueryField) bool { return drop[f.Name] })
		e.Aliases = slices.DeleteFunc(e.Aliases, func(a wire.QueryAlias) bool { return drop[a.Field] })
		return nil
	})
}

// findIndex finds an index of a schema by name.
func (c *catalog) findIndex(schema, name string) *table {
	var found *table
	c.each(func(info CacheInfo, e *wire.QueryEntity) bool {
		if schemaOf(info) == schema && slices.ContainsFunc(e.Indexes, func(x wire.QueryIndex) bool { return x.Name == name }) {
			found = newTable(info, e)
		}
		return found == nil
	})
	return found
}

// createIndex records an index in the query entity. Scans of this node do not use it.
func (r *run) createIndex(s *parse.CreateIndex) error {
	p := r.newPlanner()
	name := s.Table
	if name.Schema == "" {
		name.Schema = s.Schema
	}
	t, err := p.ddlTable(name)
	if err != nil {
		return err
	}
	if t == nil {
		return errTableMissing(s.Table.Name)
	}
	x := wire.QueryIndex{Name: s.Name, Type: wire.QueryIndexSorted, InlineSize: int32(s.InlineSize)}
	var parts []string
	for _, c := range s.Columns {
		i := t.find(c.Name)
		if i < 0 || i >= len(t.columns) {
			return fail(CodeColumnNotFound, stateSyntax, "Column doesn't exist: %s", c.Name)
		}
		direction := "asc"
		if c.Desc {
			direction = "desc"
		}
		if slices.ContainsFunc(x.Fields, func(f wire.QueryIndexField) bool { return f.Name == t.columns[i].field }) {
			return fail(CodeUnknown, stateSyntax, "Already defined column in index: %s %s", c.Name, strings.ToUpper(direction))
		}
		parts = append(parts, strings.ToLower(c.Name)+"_"+direction)
		x.Fields = append(x.Fields, wire.QueryIndexField{Name: t.columns[i].field, Descending: c.Desc})
	}
	if x.Name == "" {
		x.Name = strings.ToLower(t.name) + "_" + strings.Join(parts, "_") + "_idx"
	}
	if p.catalog.findIndex(t.schema, x.Name) != nil {
		if s.IfNotExists {
			return nil
		}
		return fail(CodeIndexExists, stateSyntax, "Index already exists: %s", x.Name)
	}
	return r.changeEntity(t, func(e *wire.QueryEntity) error {
		e.Indexes = append(e.Indexes, x)
		return nil
	})
}

// dropIndex takes an index out of its query entity.
func (r *run) dropIndex(s *parse.DropIndex) error {
	p := r.newPlanner()
	schema, err := p.ddlSchema(s.Schema)
	if err != nil {
		if s.IfExists && !p.catalog.hasSchema(s.Schema) {
			return nil
		}
		return err
	}
	t := p.catalog.findIndex(schema, s.Name)
	if t == nil {
		if s.IfExists {
			return nil
		}
		return fail(CodeIndexNotFound, stateSyntax, "Index doesn't exist: %s", s.Name)
	}
	return r.changeEntity(t, func(e *wire.QueryEntity) error {
		e.Indexes = slices.DeleteFunc(e.Indexes, func(x wire.QueryIndex) bool { return x.Name == s.Name })
		return nil
	})
}
