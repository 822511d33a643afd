package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// body translates SELECT, VALUES or a set operation. The scope is that of a single SELECT, else nil.
func (p *planner) body(b parse.Body, sc *scope) (string, []outColumn, *scope, error) {
	switch b := b.(type) {
	case *parse.Select:
		return p.selectBody(b, sc)
	case *parse.Values:
		return p.valuesBody(b, sc)
	case *parse.SetOp:
		text, cols, err := p.setOp(b, sc)
		return text, cols, nil, err
	}
	return "", nil, nil, fmt.Errorf("unknown query %T", b)
}

// setOp translates UNION and the like: both sides get the higher kind of each column. The branches of a recursive
// query stay as they are, for SQLite wants the recursion at their top.
func (p *planner) setOp(b *parse.SetOp, sc *scope) (string, []outColumn, error) {
	left, lcols, _, err := p.body(b.Left, sc)
	if err != nil {
		return "", nil, err
	}
	right, rcols, _, err := p.body(b.Right, sc)
	if err != nil {
		return "", nil, err
	}
	if len(lcols) != len(rcols) {
		return "", nil, queryError(p.sql, 21002, messageColumnCount)
	}
	cols := slices.Clone(lcols)
	for i := range cols {
		cols[i].typ = commonType(rendered{typ: lcols[i].typ}, rendered{typ: rcols[i].typ})
	}
	if p.recursive == 0 {
		left, right = retyped(left, lcols, cols), retyped(right, rcols, cols)
	}
	if op, ok := b.Right.(*parse.SetOp); ok && op != nil {
		right = "SELECT * FROM (" + right + ")"
	}
	if op, ok := b.Left.(*parse.SetOp); ok && op.Op != b.Op {
		left = "SELECT * FROM (" + left + ")"
	}
	return left + " " + b.Op + " " + right, cols, nil
}

// retyped wraps a query whose columns are to have other kinds.
func retyped(text string, have, want []outColumn) string {
	list := make([]string, len(have))
	changed := false
	for i, c := range have {
		list[i] = c.sql
		if from, to := c.typ.kind, want[i].typ.kind; !sameForm(from, to) {
			changed = true
			list[i] = fmt.Sprintf("kd_convert(%s, %d, %d) AS %s", c.sql, from, to, c.sql)
		}
	}
	if !changed {
		return text
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM (" + text + ")"
}

func (p *planner) valuesBody(v *parse.Values, sc *scope) (string, []outColumn, *scope, error) {
	columns := make([][]rendered, len(v.Rows[0]))
	for _, row := range v.Rows {
		if len(row) != len(columns) {
			return "", nil, nil, queryError(p.sql, 21002, messageColumnCount)
		}
		for j, e := range row {
			r, err := p.expr(e, sc)
			if err != nil {
				return "", nil, nil, err
			}
			columns[j] = append(columns[j], r)
		}
	}
	cols := make([]outColumn, len(columns))
	for j, values := range columns {
		t := p.alike(values)
		cols[j] = outColumn{name: fmt.Sprintf("C%d", j+1), typ: t, sql: fmt.Sprintf("c%d", j)}
	}
	rows := make([]string, len(v.Rows))
	for i := range rows {
		parts := make([]string, len(columns))
		for j := range columns {
			parts[j] = columns[j][i].sql + " AS " + cols[j].sql
		}
		rows[i] = "SELECT " + strings.Join(parts, ", ")
	}
	return strings.Join(rows, " UNION ALL "), cols, nil, nil
}

func (p *planner) selectBody(s *parse.Select, outer *scope) (string, []outColumn, *scope, error) {
	sc := &scope{parent: outer}
	var b strings.Builder
	b.WriteString("SELECT ")
	if s.Distinct {
		b.WriteString("DISTINCT ")
		sc.distinct = true
	}
	from, err := p.from(s.From, sc)
	if err != nil {
		return "", nil, nil, err
	}
	where := ""
	if s.Where != nil {
		w, err := p.condition(s.Where, sc)
		if err != nil {
			return "", nil, nil, err
		}
		where = " WHERE " + w
	}
	if sc.groups, err = p.newGrouping(s, sc); err != nil {
		return "", nil, nil, err
	}
	if err := p.items(s, sc); err != nil {
		return "", nil, nil, err
	}
	list, cols := outputList(sc.items)
	b.WriteString(list)
	if from != "" {
		b.WriteString(" FROM " + from)
	}
	b.WriteString(where)
	if err := p.groups(&b, s, sc); err != nil {
		return "", nil, nil, err
	}
	return b.String(), cols, sc, nil
}

// groups writes GROUP BY and HAVING.
func (p *planner) groups(b *strings.Builder, s *parse.Select, sc *scope) error {
	if len(s.GroupBy) > 0 {
		var parts []string
		for _, g := range sc.groups.exprs {
			r, err := p.expr(g, sc)
			if err != nil {
				return err
			}
			if r.constant {
				r.sql = "NULL" // SQLite would take a number for a position
			}
			parts = append(parts, r.sql)
		}
		b.WriteString(" GROUP BY " + strings.Join(parts, ", "))
	}
	if s.Having != nil {
		sc.having = true
		h, err := p.condition(s.Having, sc)
		sc.having = false
		if err != nil {
			return err
		}
		b.WriteString(" HAVING " + h)
	}
	return nil
}

// items translates the select list into the scope.
func (p *planner) items(s *parse.Select, sc *scope) error {
	for _, it := range s.Items {
		if it.Star {
			if err := p.star(it, sc); err != nil {
				return err
			}
			continue
		}
		r, err := p.expr(it.Expr, sc)
		if err != nil {
			return err
		}
		name := it.Alias
		if c, ok := it.Expr.(*parse.Column); ok && name == "" {
			name = c.Name
		} else if name == "" {
			name = parse.Text(it.Expr)
		}
		sc.items = append(sc.items, item{name: name, rendered: r})
	}
	return nil
}

// star expands * and t.*.
func (p *planner) star(it parse.Item, sc *scope) error {
	found := false
	for _, src := range sc.sources {
		if it.StarTable != "" && (src.alias != it.StarTable || it.StarSchema != "" && src.schema != it.StarSchema) {
			continue
		}
		found = true
		// A table without columns shows its keys and values.
		visible := slices.ContainsFunc(src.cols, func(c outColumn) bool { return !c.hidden })
		for _, c := range src.cols {
			if c.hidden && visible || it.StarTable == "" && src.merged[c.name] {
				continue
			}
			r := src.column(c)
			if g := sc.groups; g != nil && !g.columns[r.sql] {
				r.sql = "kd_same(" + r.sql + ")"
			}
			sc.items = append(sc.items, item{name: c.name, rendered: r})
		}
	}
	if !found {
		if it.StarTable != "" {
			return errTableNotFound(p.sql, it.StarTable)
		}
		return queryError(p.sql, 42000, "SELECT * needs a FROM clause")
	}
	return nil
}

// outputList writes the select list and gives the columns it stands for.
func outputList(items []item) (string, []outColumn) {
	list := make([]string, len(items))
	cols := make([]outColumn, len(items))
	for i, it := range items {
		cols[i] = outColumn{name: it.name, typ: it.typ, sql: fmt.Sprintf("c%d", i)}
		list[i] = it.sql + " AS " + cols[i].sql
	}
	return strings.Join(list, ", "), cols
}
