package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// from translates the FROM clause and puts its sources into the scope.
func (p *planner) from(refs []parse.TableRef, sc *scope) (string, error) {
	var parts []string
	for _, ref := range refs {
		text, err := p.tableRef(ref, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", "), nil
}

func (p *planner) tableRef(ref parse.TableRef, sc *scope) (string, error) {
	switch ref := ref.(type) {
	case *parse.Table:
		return p.namedTable(ref, sc)
	case *parse.Derived:
		// A query in FROM does not see its neighbours.
		text, cols, err := p.query(ref.Query, sc.parent)
		if err != nil {
			return "", err
		}
		if cols, err = p.rename(cols, ref.Columns); err != nil {
			return "", err
		}
		src := &source{id: p.id("s"), alias: ref.Alias, cols: cols}
		sc.sources = append(sc.sources, src)
		return "(" + text + ") AS " + src.id, nil
	case *parse.Join:
		return p.join(ref, sc)
	case *parse.TableFunction:
		return p.tableFunction(ref, sc)
	}
	return "", fmt.Errorf("unknown table reference %T", ref)
}

// namedTable translates a table or the name of a common table expression.
func (p *planner) namedTable(ref *parse.Table, sc *scope) (string, error) {
	src := &source{id: p.id("s"), alias: ref.Alias}
	if src.alias == "" {
		src.alias = ref.Name.Name
	}
	if ref.Name.Schema == "" {
		for s := sc; s != nil; s = s.parent {
			if c := s.ctes[ref.Name.Name]; c != nil {
				src.cols = c.cols
				sc.sources = append(sc.sources, src)
				return c.id + " AS " + src.id, nil
			}
		}
	}
	t, err := p.lookup(ref.Name)
	if err != nil {
		if ref.Name.Name == "DUAL" {
			return p.tableRef(parse.Dual(ref.Alias), sc)
		}
		return "", err
	}
	n := len(p.tables)
	p.tables = append(p.tables, t)
	src.schema, src.cols = t.schema, tableColumns(t)
	sc.sources = append(sc.sources, src)
	return fmt.Sprintf("t%d AS %s", n, src.id), nil
}

// lookup finds a table by its name, in the default schema when it has none of its own.
func (p *planner) lookup(name parse.TableName) (*table, error) {
	schema := name.Schema
	if schema == "" {
		schema = p.schema
	} else if !p.catalog.hasSchema(schema) {
		return nil, errSchemaNotFound(p.sql, schema)
	}
	t := p.catalog.table(schema, name.Name)
	if t == nil {
		return nil, errTableNotFound(p.sql, name.Name)
	}
	return t, nil
}

func tableColumns(t *table) []outColumn {
	n := len(t.columns)
	cols := make([]outColumn, 0, n+2)
	total := n + 2
	if t.rows != nil {
		total = n
	}
	for i := range total {
		c := t.columnAt(i)
		cols = append(cols, outColumn{name: c.name, typ: c.typ, sql: fmt.Sprintf("c%d", i), hidden: i >= n})
	}
	return cols
}

func (p *planner) join(j *parse.Join, sc *scope) (string, error) {
	if strings.HasPrefix(j.Kind, "FULL") {
		return "", queryError(p.sql, 42000, "Syntax error in SQL statement: there is no FULL OUTER JOIN")
	}
	first := len(sc.sources)
	left, err := p.tableRef(j.Left, sc)
	if err != nil {
		return "", err
	}
	middle := len(sc.sources)
	right, err := p.tableRef(j.Right, sc)
	if err != nil {
		return "", err
	}
	if _, ok := j.Right.(*parse.Join); ok {
		right = "(" + right + ")"
	}
	text := left + " " + j.Kind + " JOIN " + right
	lefts, rights := sc.sources[first:middle], sc.sources[middle:]
	using := j.Using
	if j.Natural {
		using = commonNames(lefts, rights)
	}
	if len(using) > 0 {
		on, err := p.using(using, lefts, rights)
		return text + " ON " + on, err
	}
	if j.On == nil {
		return text, nil
	}
	on, err := p.condition(j.On, sc)
	return text + " ON " + on, err
}

func commonNames(lefts, rights []*source) []string {
	var names []string
	for _, l := range lefts {
		for _, c := range l.cols {
			if !c.hidden && findIn(rights, c.name) != nil {
				names = append(names, c.name)
			}
		}
	}
	return names
}

// findIn gives the first source with a column of that name.
func findIn(sources []*source, name string) *source {
	for _, s := range sources {
		for _, c := range s.cols {
			if c.name == name {
				return s
			}
		}
	}
	return nil
}

// using writes the condition of a USING or NATURAL join; * then shows the columns of the left side only.
func (p *planner) using(names []string, lefts, rights []*source) (string, error) {
	var parts []string
	for _, n := range names {
		l, r := findIn(lefts, n), findIn(rights, n)
		if l == nil || r == nil {
			return "", errColumnNotFound(p.sql, n)
		}
		if r.merged == nil {
			r.merged = make(map[string]bool)
		}
		r.merged[n] = true
		lc, rc := l.named(n), r.named(n)
		equal, err := p.compared(l.column(lc), "=", r.column(rc))
		if err != nil {
			return "", err
		}
		parts = append(parts, equal)
	}
	return strings.Join(parts, " AND "), nil
}

func (s *source) named(name string) outColumn {
	for _, c := range s.cols {
		if c.name == name {
			return c
		}
	}
	return outColumn{}
}

// column is a reference to a column of the source.
func (s *source) column(c outColumn) rendered {
	return rendered{sql: s.id + "." + c.sql, typ: c.typ}
}

// aliased gives the entry of the select list that has the name, where a condition may refer to it: in HAVING.
func (s *scope) aliased(c *parse.Column) *item {
	if !s.having || c.Table != "" {
		return nil
	}
	for i := range s.items {
		if s.items[i].name == c.Name {
			return &s.items[i]
		}
	}
	return nil
}

// resolve finds a column by name, in the scope and then in those around it.
func (p *planner) resolve(c *parse.Column, sc *scope) (rendered, error) {
	for s := sc; s != nil; s = s.parent {
		var found []rendered
		for _, src := range s.sources {
			if c.Table != "" && src.alias != c.Table || c.Schema != "" && src.schema != c.Schema {
				continue
			}
			for _, col := range src.cols {
				if col.name == c.Name && (c.Table != "" || !src.merged[c.Name]) {
					found = append(found, src.column(col))
					break
				}
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return rendered{}, queryError(p.sql, 90059, "Ambiguous column name %q", c.Name)
		}
		if it := s.aliased(c); it != nil {
			return it.rendered, nil
		}
	}
	name := c.Name
	if c.Table != "" {
		name = c.Table + "." + name
	}
	if c.Schema != "" {
		name = c.Schema + "." + name
	}
	return rendered{}, errColumnNotFound(p.sql, name)
}
