package sql

import (
	"reflect"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// grouping is what a SELECT with groups or aggregates knows while its list, HAVING and ORDER BY are translated. H2
// lets any column stand there and fails when its values differ within a group; so does kd_same.
type grouping struct {
	exprs    []parse.Expr
	columns  map[string]bool // in SQLite's words
	off      int             // inside of a group's expression or of an aggregate
	distinct bool            // there is an aggregate of DISTINCT values: Ignite computes all averages in one place
}

// newGrouping gives nil for a SELECT without groups and aggregates.
func (p *planner) newGrouping(s *parse.Select, sc *scope) (*grouping, error) {
	if len(s.GroupBy) == 0 && s.Having == nil && !hasCall(s, isAggregate) {
		return nil, nil
	}
	g := &grouping{columns: make(map[string]bool), distinct: hasCall(s, func(c *parse.Call) bool { return isAggregate(c) && c.Distinct })}
	for _, e := range s.GroupBy {
		e = aliased(s, e, p, sc)
		g.exprs = append(g.exprs, e)
		if c, ok := e.(*parse.Column); ok {
			r, err := p.resolve(c, sc)
			if err != nil {
				return nil, err
			}
			g.columns[r.sql] = true
		}
	}
	return g, nil
}

// aliased is the expression that a name of the select list stands for in GROUP BY, when no column has that name.
func aliased(s *parse.Select, e parse.Expr, p *planner, sc *scope) parse.Expr {
	c, ok := e.(*parse.Column)
	if !ok || c.Table != "" {
		return e
	}
	if _, err := p.resolve(c, sc); err == nil {
		return e
	}
	for _, it := range s.Items {
		if !it.Star && it.Alias == c.Name {
			return it.Expr
		}
	}
	return e
}

// has reports whether e is one of the expressions of GROUP BY.
func (g *grouping) has(e parse.Expr) bool {
	if g == nil || g.off > 0 {
		return false
	}
	for _, x := range g.exprs {
		if reflect.DeepEqual(x, e) {
			return true
		}
	}
	return false
}

// suspend lets columns stand as they are until the function that it returns is called.
func (g *grouping) suspend() func() {
	if g == nil {
		return func() {}
	}
	g.off++
	return func() { g.off-- }
}

// column translates a column; in a SELECT with groups one that is not a group's must have one value in each.
func (p *planner) column(c *parse.Column, sc *scope) (rendered, error) {
	r, err := p.resolve(c, sc)
	if err != nil {
		return r, err
	}
	if g := sc.groups; g != nil && g.off == 0 && sc.owns(r) && !g.columns[r.sql] {
		return rendered{sql: "kd_same(" + r.sql + ")", typ: r.typ}, nil
	}
	return r, nil
}

// owns reports whether a column is one of the scope's own sources, not of a query around it.
func (s *scope) owns(r rendered) bool {
	for _, src := range s.sources {
		if n := len(src.id); len(r.sql) > n && r.sql[:n] == src.id && r.sql[n] == '.' {
			return true
		}
	}
	return false
}

func isAggregate(c *parse.Call) bool { return aggregates[c.Name] && c.Over == nil }

// hasCall reports whether the list of a SELECT or its HAVING has a call that match takes.
func hasCall(s *parse.Select, match func(*parse.Call) bool) bool {
	for _, it := range s.Items {
		if it.Expr != nil && findCall(it.Expr, match) {
			return true
		}
	}
	return s.Having != nil && findCall(s.Having, match)
}

// findCall looks into an expression, but not into its subqueries.
func findCall(e parse.Expr, match func(*parse.Call) bool) bool {
	if c, ok := e.(*parse.Call); ok && match(c) {
		return true
	}
	for _, part := range partsOf(e) {
		if part != nil && findCall(part, match) {
			return true
		}
	}
	return false
}

// partsOf gives the expressions that an expression is made of; some may be nil.
func partsOf(e parse.Expr) []parse.Expr {
	switch e := e.(type) {
	case *parse.Call:
		return e.Args
	case *parse.Unary:
		return []parse.Expr{e.X}
	case *parse.Binary:
		return []parse.Expr{e.L, e.R}
	case *parse.IsNull:
		return []parse.Expr{e.X}
	case *parse.IsDistinct:
		return []parse.Expr{e.L, e.R}
	case *parse.Like:
		return []parse.Expr{e.X, e.Pattern, e.Escape}
	case *parse.Between:
		return []parse.Expr{e.X, e.Low, e.High}
	case *parse.In:
		return append([]parse.Expr{e.X}, e.List...)
	case *parse.Cast:
		return []parse.Expr{e.X}
	case *parse.Row:
		return e.Items
	case *parse.Case:
		parts := []parse.Expr{e.Operand, e.Else}
		for _, w := range e.Whens {
			parts = append(parts, w.If, w.Then)
		}
		return parts
	}
	return nil
}
