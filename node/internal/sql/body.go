package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// body translates SELECT, VALUES or a set operation. The scope is that of a single SELECT, else nil.
func (p *planner) body(b parse.Body, sc *scope, m mode) (string, []outColumn, *scope, error) {
	switch b := b.(type) {
	case *parse.Select:
		return p.selectBody(b, sc, m)
	case *parse.Values:
		return p.valuesBody(b, sc)
	case *parse.SetOp:
		text, cols, err := p.setOp(b, sc)
		return text, cols, nil, err
	}
	return "", nil, nil, fmt.Errorf("unknown query %T", b)
}

// setOp translates UNION and the like. Its columns have no exact twins: both sides are compared.
func (p *planner) setOp(b *parse.SetOp, sc *scope) (string, []outColumn, error) {
	left, lcols, _, err := p.body(b.Left, sc, modeValue)
	if err != nil {
		return "", nil, err
	}
	right, rcols, _, err := p.body(b.Right, sc, modeValue)
	if err != nil {
		return "", nil, err
	}
	if len(lcols) != len(rcols) {
		return "", nil, queryError(p.sql, 21002, messageColumnCount)
	}
	for i := range lcols {
		lcols[i].typ = commonType(lcols[i].typ, rcols[i].typ)
		lcols[i].exact = ""
	}
	if op, ok := b.Right.(*parse.SetOp); ok && op != nil {
		right = "SELECT * FROM (" + right + ")"
	}
	if op, ok := b.Left.(*parse.SetOp); ok && op.Op != b.Op {
		left = "SELECT * FROM (" + left + ")"
	}
	return left + " " + b.Op + " " + right, lcols, nil
}

func (p *planner) valuesBody(v *parse.Values, sc *scope) (string, []outColumn, *scope, error) {
	var cols []outColumn
	var rows []string
	for i, row := range v.Rows {
		if i > 0 && len(row) != len(cols) {
			return "", nil, nil, queryError(p.sql, 21002, messageColumnCount)
		}
		var parts []string
		for j, e := range row {
			r, err := p.expr(e, sc)
			if err != nil {
				return "", nil, nil, err
			}
			if i == 0 {
				cols = append(cols, outColumn{name: fmt.Sprintf("C%d", j+1), typ: r.typ, sql: fmt.Sprintf("c%d", j)})
			} else {
				cols[j].typ = commonType(cols[j].typ, r.typ)
			}
			parts = append(parts, fmt.Sprintf("%s AS c%d", r.sql, j))
		}
		rows = append(rows, "SELECT "+strings.Join(parts, ", "))
	}
	return strings.Join(rows, " UNION ALL "), cols, nil, nil
}

func (p *planner) selectBody(s *parse.Select, outer *scope, m mode) (string, []outColumn, *scope, error) {
	sc := &scope{parent: outer}
	var b strings.Builder
	b.WriteString("SELECT ")
	if s.Distinct {
		b.WriteString("DISTINCT ")
	}
	from, err := p.from(s.From, sc)
	if err != nil {
		return "", nil, nil, err
	}
	if err := p.items(s, sc); err != nil {
		return "", nil, nil, err
	}
	if m == modeValue && len(sc.items) == 0 {
		return "", nil, nil, queryError(p.sql, 90052, messageSubqueryColumns)
	}
	list, cols := outputList(sc.items, m)
	b.WriteString(list)
	if from != "" {
		b.WriteString(" FROM " + from)
	}
	if err := p.filters(&b, s, sc); err != nil {
		return "", nil, nil, err
	}
	return b.String(), cols, sc, nil
}

func (p *planner) filters(b *strings.Builder, s *parse.Select, sc *scope) error {
	if s.Where != nil {
		w, err := p.expr(s.Where, sc)
		if err != nil {
			return err
		}
		b.WriteString(" WHERE " + w.sql)
	}
	if len(s.GroupBy) > 0 {
		var parts []string
		for _, g := range s.GroupBy {
			text, err := p.groupTerm(g, sc)
			if err != nil {
				return err
			}
			parts = append(parts, text)
		}
		b.WriteString(" GROUP BY " + strings.Join(parts, ", "))
	}
	if s.Having != nil {
		h, err := p.expr(s.Having, sc)
		if err != nil {
			return err
		}
		b.WriteString(" HAVING " + h.sql)
	}
	return nil
}

// groupTerm translates one GROUP BY expression, which may be an alias of the select list.
func (p *planner) groupTerm(g parse.Expr, sc *scope) (string, error) {
	r, err := p.expr(g, sc)
	if err == nil {
		if r.constant {
			return "NULL", nil // SQLite would take a number for a position
		}
		return r.sql, nil
	}
	if c, ok := g.(*parse.Column); ok && c.Table == "" {
		for _, it := range sc.items {
			if it.name == c.Name {
				return it.sql, nil
			}
		}
	}
	return "", err
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
		for _, c := range src.cols {
			if c.hidden || it.StarTable == "" && src.merged[c.name] {
				continue
			}
			sc.items = append(sc.items, item{name: c.name, rendered: src.column(c)})
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
func outputList(items []item, m mode) (string, []outColumn) {
	var list, twins []string
	cols := make([]outColumn, len(items))
	for i, it := range items {
		cols[i] = outColumn{name: it.name, typ: it.typ, sql: fmt.Sprintf("c%d", i)}
		text := it.sql
		if cols[i].typ.kind == kindDecimal && (it.exact == "" || m == modeValue) {
			cols[i].typ = typeOf(kindDecimal) // a double does not know its scale
		}
		switch {
		case m == modeTop && it.exact != "":
			text = it.exact
		case m == modeDerived && it.exact != "":
			cols[i].exact = fmt.Sprintf("x%d", i)
			twins = append(twins, it.exact+" AS "+cols[i].exact)
		}
		list = append(list, text+" AS "+cols[i].sql)
	}
	return strings.Join(append(list, twins...), ", "), cols
}
