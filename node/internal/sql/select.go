package sql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// selectQuery plans and starts a SELECT.
func (r *run) selectQuery(q *parse.Query) (*Result, error) {
	p := r.newPlanner()
	text, cols, err := p.query(q, nil)
	if err != nil {
		return nil, err
	}
	return r.start(p, text, cols)
}

func (r *run) newPlanner() *planner {
	p := &planner{run: r, catalog: catalog{store: r.store}, now: time.Now().UTC()}
	p.schema = p.catalog.defaultSchema(r.query)
	return p
}

// start runs the translated query on a fresh SQLite connection with the virtual tables it needs.
func (r *run) start(p *planner, text string, cols []outColumn) (*Result, error) {
	d, err := sqliteDriver()
	if err != nil {
		return nil, err
	}
	conn, err := d.Open(":memory:")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(r.ctx)
	s := &session{id: lastSession.Add(1), sql: r.sql, ctx: ctx, store: r.store, tables: p.tables, partitions: r.query.Partitions}
	sessions.Store(s.id, s)
	res := &Result{types: make([]dataType, len(cols)), dest: make([]driver.Value, len(cols)), left: -1, cancel: cancel, sess: s}
	for i, c := range cols {
		res.Columns = append(res.Columns, c.name)
		res.types[i] = c.typ
	}
	if r.query.MaxRows > 0 {
		res.left = r.query.MaxRows
	}
	interrupt := watch(ctx, conn)
	res.free = func() {
		interrupt.end()
		cancel()
		conn.Close()
		sessions.Delete(s.id)
		r.engine.untrack(res)
	}
	if err := r.engine.track(res); err != nil {
		res.Close()
		return nil, err
	}
	for i := range p.tables {
		stmt := fmt.Sprintf("CREATE VIRTUAL TABLE t%d USING %s(%d, %d)", i, moduleName, s.id, i)
		if _, err := conn.(driver.ExecerContext).ExecContext(context.Background(), stmt, nil); err != nil {
			err = s.failure(err)
			res.Close()
			return nil, err
		}
	}
	args := make([]driver.NamedValue, len(p.binds))
	for i, v := range p.binds {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, text, args)
	if err != nil {
		err = s.failure(err)
		res.Close()
		return nil, err
	}
	res.mu.Lock()
	defer res.mu.Unlock()
	if res.closed {
		rows.Close()
		return nil, ErrClosed
	}
	res.rows = rows
	return res, nil
}

// outColumn is a column that a query or a table gives.
type outColumn struct {
	name   string
	typ    dataType
	sql    string // column in SQLite
	hidden bool   // not part of *
}

// source is one entry of FROM.
type source struct {
	id            string // alias in SQLite
	alias, schema string
	cols          []outColumn
	merged        map[string]bool // columns of NATURAL and USING joins that * shows once
}

// scope is what names may refer to.
type scope struct {
	parent   *scope
	sources  []*source
	ctes     map[string]*cte
	items    []item    // select list, for ORDER BY, GROUP BY and HAVING
	having   bool      // names may be those of the select list, too
	groups   *grouping // nil without groups and aggregates
	distinct bool      // ORDER BY may name the select list only
}

type cte struct {
	id   string
	cols []outColumn
}

// item is a rendered entry of a select list.
type item struct {
	name string
	rendered
}

// planner translates a query for SQLite. Tables become t0.., entries of FROM s0.., columns c0..; no name that a user
// chose gets into SQLite's text.
type planner struct {
	*run
	catalog   catalog
	schema    string
	tables    []*table
	binds     []driver.Value
	ids       int
	recursive int // inside of WITH RECURSIVE
	inner     int // inside of a query in place of a value, which Ignite does not take apart for its nodes
	now       time.Time
}

func (p *planner) id(prefix string) string {
	p.ids++
	return prefix + strconv.Itoa(p.ids)
}

// bind makes a value a parameter of the SQLite statement.
func (p *planner) bind(v driver.Value) string {
	p.binds = append(p.binds, v)
	return "?" + strconv.Itoa(len(p.binds))
}

// query translates a query with its WITH, ORDER BY and LIMIT.
func (p *planner) query(q *parse.Query, parent *scope) (string, []outColumn, error) {
	sc := &scope{parent: parent}
	var b strings.Builder
	if len(q.With) > 0 {
		with, err := p.with(q, sc)
		if err != nil {
			return "", nil, err
		}
		b.WriteString(with)
	}
	body, cols, inner, err := p.body(q.Body, sc)
	if err != nil {
		return "", nil, err
	}
	b.WriteString(body)
	if len(q.OrderBy) > 0 {
		order, err := p.queryOrder(q.OrderBy, inner, cols)
		if err != nil {
			return "", nil, err
		}
		b.WriteString(" ORDER BY " + order)
	}
	if err := p.limits(&b, q, sc); err != nil {
		return "", nil, err
	}
	return b.String(), cols, nil
}

func (p *planner) limits(b *strings.Builder, q *parse.Query, sc *scope) error {
	if q.Limit == nil && q.Offset == nil {
		return nil
	}
	limit := "-1"
	if q.Limit != nil {
		l, err := p.expr(q.Limit, sc)
		if err != nil {
			return err
		}
		if limit = l.sql; l.typ.kind == kindNull {
			limit = "-1"
		}
	}
	b.WriteString(" LIMIT CAST(" + limit + " AS INTEGER)")
	if q.Offset != nil {
		o, err := p.expr(q.Offset, sc)
		if err != nil {
			return err
		}
		b.WriteString(" OFFSET CAST(" + o.sql + " AS INTEGER)")
	}
	return nil
}

// with translates the common table expressions and puts them into the scope.
func (p *planner) with(q *parse.Query, sc *scope) (string, error) {
	sc.ctes = make(map[string]*cte)
	var parts []string
	for _, w := range q.With {
		c := &cte{id: p.id("q")}
		if q.Recursive {
			// The columns of a recursive query are those of its first branch.
			if err := p.recursiveColumns(w, c, sc); err != nil {
				return "", err
			}
			sc.ctes[w.Name] = c
			p.recursive++
		}
		text, cols, err := p.query(w.Query, sc)
		if q.Recursive {
			p.recursive--
		}
		if err != nil {
			return "", err
		}
		if c.cols, err = p.rename(cols, w.Columns); err != nil {
			return "", err
		}
		sc.ctes[w.Name] = c
		names := columnNames(c.cols)
		parts = append(parts, c.id+"("+names+") AS ("+text+")")
	}
	word := "WITH "
	if q.Recursive {
		word = "WITH RECURSIVE "
	}
	return word + strings.Join(parts, ", ") + " ", nil
}

func (p *planner) recursiveColumns(w parse.CTE, c *cte, sc *scope) error {
	first := w.Query.Body
	for {
		op, ok := first.(*parse.SetOp)
		if !ok {
			break
		}
		first = op.Left
	}
	probe := &planner{run: p.run, catalog: p.catalog, schema: p.schema, now: p.now}
	_, cols, _, err := probe.body(first, sc)
	if err != nil {
		return err
	}
	c.cols, err = p.rename(cols, w.Columns)
	return err
}

// columnNames lists the columns of a derived table in SQLite.
func columnNames(cols []outColumn) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.sql
	}
	return strings.Join(names, ", ")
}

func (p *planner) rename(cols []outColumn, names []string) ([]outColumn, error) {
	if names == nil {
		return cols, nil
	}
	if len(names) != len(cols) {
		return nil, queryError(p.sql, 21002, messageColumnCount)
	}
	for i, n := range names {
		cols[i].name = n
	}
	return cols, nil
}

// queryOrder translates ORDER BY. inner is the scope of the only SELECT, nil behind a set operation.
func (p *planner) queryOrder(list []parse.Order, inner *scope, cols []outColumn) (string, error) {
	var parts []string
	for _, o := range list {
		text, err := p.orderTerm(o.Expr, inner, cols)
		if err != nil {
			return "", err
		}
		parts = append(parts, text+direction(o))
	}
	return strings.Join(parts, ", "), nil
}

func direction(o parse.Order) string {
	s := ""
	if o.Desc {
		s = " DESC"
	}
	if o.Nulls != "" {
		s += " NULLS " + o.Nulls
	}
	return s
}

func (p *planner) orderTerm(e parse.Expr, inner *scope, cols []outColumn) (string, error) {
	at := -1
	switch x := e.(type) {
	case *parse.Literal:
		if x.Kind == parse.LiteralInteger {
			n, err := strconv.Atoi(x.Text)
			if err != nil || n == 0 || n > len(cols) || n < -len(cols) {
				return "", queryError(p.sql, 90068, "Order by expression %q must be in the result list in this case", x.Text)
			}
			at = max(n, -n) - 1
		}
	case *parse.Column:
		if x.Table == "" {
			for i, c := range cols {
				if c.name == x.Name {
					at = i
					break
				}
			}
		}
	}
	switch {
	case at >= 0 && inner != nil:
		return orderKey(inner.items[at].rendered), nil
	case at >= 0:
		return strconv.Itoa(at+1) + collation(cols[at].typ.kind), nil
	case inner == nil:
		return "", queryError(p.sql, 90068, "Order by expression %q must be in the result list in this case", parse.Text(e))
	}
	r, err := p.expr(e, inner)
	if err == nil && inner.distinct && !slices.ContainsFunc(inner.items, func(it item) bool { return it.sql == r.sql }) {
		return "", queryError(p.sql, 90068, "Order by expression %q must be in the result list in this case", parse.Text(e))
	}
	return orderKey(r), err
}

// orderKey is an expression as ORDER BY wants it; SQLite would take a constant number for a position.
func orderKey(r rendered) string {
	if r.constant {
		return "NULL"
	}
	return r.sql + collation(r.typ.kind)
}
