package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// collation names the order of a kind in SQLite; "" where SQLite's own is right.
func collation(k kind) string {
	switch k {
	case kindDecimal:
		return " COLLATE " + collateDecimal
	case kindString, kindChar:
		return " COLLATE " + collateText
	}
	return ""
}

// convert turns an expression into another kind by H2's rules. Constants are converted here, so that a bad one is an
// error of the statement.
func (p *planner) convert(r rendered, k kind) (rendered, error) {
	if sameForm(r.typ.kind, k) {
		if r.typ.kind != kindNull && k != kindUnknown && k != kindNull && r.typ.kind != k {
			r.typ = typeOf(k)
		}
		return r, nil
	}
	if r.known {
		v, err := converted(r.value, r.typ.kind, k)
		if err != nil {
			return r, queryError(p.sql, 22018, "%s", err.Error())
		}
		return rendered{sql: p.bind(v), value: v, known: true, typ: typeOf(k), constant: true, param: r.param}, nil
	}
	return p.convertLater(r, k), nil
}

func (p *planner) convertLater(r rendered, k kind) rendered {
	return rendered{sql: fmt.Sprintf("kd_convert(%s, %d, %d)", r.sql, r.typ.kind, k), typ: typeOf(k)}
}

// condition translates an expression that decides something: WHERE, HAVING, ON, NOT, AND, OR, CASE WHEN.
func (p *planner) condition(e parse.Expr, sc *scope) (string, error) {
	r, err := p.expr(e, sc)
	if err != nil {
		return "", err
	}
	if r.typ.integer() {
		return r.sql, nil
	}
	r, err = p.convert(r, kindBool)
	return r.sql, err
}

// compared writes the comparison of two expressions: both become the higher kind of the two.
func (p *planner) compared(l rendered, op string, r rendered) (string, error) {
	if op == "=" {
		l, r = p.whole(l, r.typ.kind), p.whole(r, l.typ.kind)
	}
	k := higher(l.typ.kind, r.typ.kind)
	var err error
	if l, err = p.convert(l, k); err != nil {
		return "", err
	}
	if r, err = p.convert(r, k); err != nil {
		return "", err
	}
	order := collation(k)
	if k == kindString && (op == "=" || op == "<>" || op == "IS" || op == "IS NOT") {
		order = "" // equal text is equal in every order
	}
	return "(" + l.sql + order + " " + op + " " + r.sql + ")", nil
}

// whole makes a constant such as 7.0 a whole number where it is compared with one, so that a key can be looked up.
func (p *planner) whole(r rendered, with kind) rendered {
	if !r.known || r.typ.kind != kindDecimal || !typeOf(with).integer() {
		return r
	}
	d, ok := toDecimal(r.value)
	if !ok {
		return r
	}
	n, err := d.Int64()
	if err != nil {
		return r
	}
	return rendered{sql: p.bind(n), value: n, known: true, typ: typeOf(kindLong), constant: true}
}

func (p *planner) comparison(op string, le, re parse.Expr, sc *scope) (rendered, error) {
	lrow, lok := le.(*parse.Row)
	rrow, rok := re.(*parse.Row)
	if lok && rok && len(lrow.Items) == len(rrow.Items) && op == "=" {
		text, err := p.rowsEqual(lrow, rrow, sc)
		return of(kindBool, text), err
	}
	l, err := p.expr(le, sc)
	if err != nil {
		return l, err
	}
	r, err := p.expr(re, sc)
	if err != nil {
		return r, err
	}
	text, err := p.compared(l, op, r)
	return of(kindBool, text), err
}

func (p *planner) rowsEqual(l, r *parse.Row, sc *scope) (string, error) {
	parts := make([]string, len(l.Items))
	for i := range l.Items {
		c, err := p.comparison("=", l.Items[i], r.Items[i], sc)
		if err != nil {
			return "", err
		}
		parts[i] = c.sql
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// between is x >= low AND x <= high, each pair with its own kind, as in H2.
func (p *planner) between(e *parse.Between, sc *scope) (rendered, error) {
	low, err := p.comparison(">=", e.X, e.Low, sc)
	if err != nil {
		return low, err
	}
	high, err := p.comparison("<=", e.X, e.High, sc)
	return of(kindBool, "("+not(e.Not)+"("+low.sql+" AND "+high.sql+"))"), err
}

func (p *planner) like(e *parse.Like, sc *scope) (rendered, error) {
	x, err := p.textOf(e.X, sc)
	if err != nil {
		return x, err
	}
	pattern, err := p.textOf(e.Pattern, sc)
	if err != nil {
		return x, err
	}
	if e.IgnoreCase && e.Regexp {
		pattern.sql = "('(?i)' || " + pattern.sql + ")"
	} else if e.IgnoreCase {
		x, pattern = of(kindString, "kd_lower("+x.sql+")"), of(kindString, "kd_lower("+pattern.sql+")")
	}
	if e.Regexp {
		return of(kindBool, "("+not(e.Not)+"kd_regexp("+x.sql+", "+pattern.sql+"))"), nil
	}
	escape := rendered{sql: `'\'`}
	if e.Escape != nil {
		if escape, err = p.textOf(e.Escape, sc); err != nil {
			return x, err
		}
	}
	return of(kindBool, "("+not(e.Not)+"kd_like("+x.sql+", "+pattern.sql+", "+escape.sql+"))"), nil
}

func (p *planner) textOf(e parse.Expr, sc *scope) (rendered, error) {
	x, err := p.expr(e, sc)
	if err != nil {
		return x, err
	}
	return p.convert(x, kindString)
}

func (p *planner) in(e *parse.In, sc *scope) (rendered, error) {
	if e.Query != nil {
		return p.inQuery(e, sc)
	}
	if _, ok := e.X.(*parse.Row); ok {
		parts := make([]string, len(e.List))
		for i, item := range e.List {
			c, err := p.comparison("=", e.X, item, sc)
			if err != nil {
				return c, err
			}
			parts[i] = c.sql
		}
		return of(kindBool, "("+not(e.Not)+"("+strings.Join(parts, " OR ")+"))"), nil
	}
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	text, err := p.inList(x, e.List, sc)
	return of(kindBool, "("+not(e.Not)+text+")"), err
}

// inList compares x with each item by the higher kind of the two; items of one kind are one IN of SQLite.
func (p *planner) inList(x rendered, list []parse.Expr, sc *scope) (string, error) {
	if len(list) == 0 {
		return "FALSE", nil
	}
	var order []kind
	items := make(map[kind][]string)
	for _, e := range list {
		r, err := p.expr(e, sc)
		if err != nil {
			return "", err
		}
		k := higher(x.typ.kind, r.typ.kind)
		if r, err = p.convert(r, k); err != nil {
			return "", err
		}
		if items[k] == nil {
			order = append(order, k)
		}
		items[k] = append(items[k], r.sql)
	}
	parts := make([]string, len(order))
	for i, k := range order {
		l, err := p.convert(x, k)
		if err != nil {
			return "", err
		}
		by := ""
		if k == kindDecimal {
			by = collation(k)
		}
		parts[i] = l.sql + by + " IN (" + strings.Join(items[k], ", ") + ")"
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// inQuery turns x into the kind of the query's column and looks for an equal value: scale counts there, as in H2,
// which looks into a hash table.
func (p *planner) inQuery(e *parse.In, sc *scope) (rendered, error) {
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	p.inner++
	text, cols, err := p.query(e.Query, sc)
	p.inner--
	if err != nil {
		return x, err
	}
	if len(cols) != 1 {
		return x, queryError(p.sql, 90052, messageSubqueryColumns)
	}
	if x, err = p.convert(x, cols[0].typ.kind); err != nil {
		return x, err
	}
	return of(kindBool, "("+x.sql+" "+not(e.Not)+"IN ("+text+"))"), nil
}
