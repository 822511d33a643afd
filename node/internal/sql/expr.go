package sql

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// rendered is an expression in SQLite's words.
type rendered struct {
	sql      string
	typ      dataType
	constant bool // a literal or a parameter
	known    bool // value is the form of a constant
	param    bool // a parameter: of no type of its own in arithmetic
	value    driver.Value
}

func of(k kind, sql string) rendered { return rendered{sql: sql, typ: typeOf(k)} }

// expr translates an expression. In a SELECT with groups, a column that is not one of them must have one value in
// each group.
func (p *planner) expr(e parse.Expr, sc *scope) (rendered, error) {
	if sc.groups.has(e) {
		defer sc.groups.suspend()()
		return p.plainExpr(e, sc)
	}
	return p.plainExpr(e, sc)
}

func (p *planner) plainExpr(e parse.Expr, sc *scope) (rendered, error) {
	switch e := e.(type) {
	case *parse.Literal:
		return p.literal(e)
	case *parse.Param:
		return p.param(e)
	case *parse.Column:
		return p.column(e, sc)
	case *parse.Unary:
		return p.unary(e, sc)
	case *parse.Binary:
		return p.binary(e, sc)
	case *parse.IsNull:
		x, err := p.expr(e.X, sc)
		return of(kindBool, "("+x.sql+" IS "+not(e.Not)+"NULL)"), err
	case *parse.IsDistinct:
		op := "IS NOT"
		if e.Not {
			op = "IS"
		}
		return p.comparison(op, e.L, e.R, sc)
	case *parse.Like:
		return p.like(e, sc)
	case *parse.Between:
		return p.between(e, sc)
	case *parse.In:
		return p.in(e, sc)
	case *parse.Exists:
		text, _, err := p.query(e.Query, sc)
		return of(kindBool, "EXISTS("+text+")"), err
	case *parse.Subquery:
		return p.subquery(e, sc)
	case *parse.Case:
		return p.caseExpr(e, sc)
	case *parse.Cast:
		return p.cast(e, sc)
	case *parse.Call:
		return p.call(e, sc)
	case *parse.Row:
		return rendered{}, fail(CodeUnsupported, stateUnsupported, "A row of values is not supported here: %s", parse.Text(e))
	case *parse.Default:
		return rendered{}, fail(CodeUnsupported, stateUnsupported, "DEFAULT is not supported here")
	}
	return rendered{}, fmt.Errorf("unknown expression %T", e)
}

func not(n bool) string {
	if n {
		return "NOT "
	}
	return ""
}

// subquery is a query in place of a value: kd_single fails at its second row.
func (p *planner) subquery(e *parse.Subquery, sc *scope) (rendered, error) {
	p.inner++
	text, cols, err := p.query(e.Query, sc)
	p.inner--
	if err != nil {
		return rendered{}, err
	}
	if len(cols) != 1 {
		return rendered{}, queryError(p.sql, 90052, messageSubqueryColumns)
	}
	return rendered{sql: "(SELECT kd_single(" + cols[0].sql + ") FROM (" + text + "))", typ: cols[0].typ}, nil
}

func (p *planner) unary(e *parse.Unary, sc *scope) (rendered, error) {
	if e.Op == "NOT" {
		c, err := p.condition(e.X, sc)
		return of(kindBool, "(NOT "+c+")"), err
	}
	x, err := p.expr(e.X, sc)
	if err != nil || x.typ.kind == kindNull {
		return x, err
	}
	if !x.typ.numeric() {
		return x, queryError(p.sql, 50100, "Feature not supported: %q", x.typ.info().name+" NEG")
	}
	return rendered{sql: fmt.Sprintf("kd_negate(%d, %s)", x.typ.kind, x.sql), typ: scaled(x.typ.kind, x)}, nil
}

func (p *planner) binary(e *parse.Binary, sc *scope) (rendered, error) {
	switch e.Op {
	case "=", "<>", "<", "<=", ">", ">=":
		return p.comparison(e.Op, e.L, e.R, sc)
	case "AND", "OR":
		l, err := p.condition(e.L, sc)
		if err != nil {
			return rendered{}, err
		}
		r, err := p.condition(e.R, sc)
		return of(kindBool, "("+l+" "+e.Op+" "+r+")"), err
	case "||":
		l, err := p.textOf(e.L, sc)
		if err != nil {
			return l, err
		}
		r, err := p.textOf(e.R, sc)
		return of(kindString, "("+l.sql+" || "+r.sql+")"), err
	}
	l, err := p.expr(e.L, sc)
	if err != nil {
		return l, err
	}
	r, err := p.expr(e.R, sc)
	if err != nil {
		return r, err
	}
	if l.typ.temporal() || r.typ.temporal() {
		return p.temporalArithmetic(e, l, r)
	}
	return p.arithmetic(e.Op, l, r)
}

func (p *planner) arithmetic(op string, l, r rendered) (rendered, error) {
	k := higher(l.openKind(), r.openKind())
	if k == kindNull || k == kindUnknown {
		k = kindDecimal // ? + ?
	}
	if !typeOf(k).numeric() {
		return rendered{}, queryError(p.sql, 50100, "Feature not supported: %q", typeInfos[k].name+" "+op)
	}
	t := scaled(k, l, r)
	l, err := p.convert(l, k)
	if err != nil {
		return l, err
	}
	if r, err = p.convert(r, k); err != nil {
		return r, err
	}
	return rendered{typ: t, sql: fmt.Sprintf("kd_arithmetic('%s', %d, %s, %s)", op, k, l.sql, r.sql)}, nil
}

// scaled is a kind with the scale that H2 expects of an expression: the largest of what goes into it. Values don't
// care, but what an aggregate gives is rounded to it.
func scaled(k kind, parts ...rendered) dataType {
	t := typeOf(k)
	if k != kindDecimal {
		return t
	}
	for _, r := range parts {
		switch {
		case r.param, r.typ.kind == kindDecimal && r.typ.scale < 0, r.typ.kind == kindFloat, r.typ.kind == kindDouble:
			return typeOf(k)
		case r.typ.kind == kindDecimal:
			t.scale = max(t.scale, r.typ.scale)
		default:
			t.scale = max(t.scale, 0)
		}
	}
	return t
}

// openKind is the kind of an expression where H2 looks before it has the parameters: they have none.
func (r rendered) openKind() kind {
	if r.param {
		return kindUnknown
	}
	return r.typ.kind
}

// temporalArithmetic is what H2 allows: date + days, date - days, a difference of dates in days, and times of day.
func (p *planner) temporalArithmetic(e *parse.Binary, l, r rendered) (rendered, error) {
	if e.Op == "+" && !l.typ.temporal() {
		l, r = r, l
	}
	sign := strings.Trim(e.Op, "+")
	isTime := l.typ.kind == kindTime || r.typ.kind == kindTime
	switch {
	case e.Op != "+" && e.Op != "-" || !l.typ.temporal():
	case l.typ.kind == kindTime && r.typ.kind == kindTime:
		return of(kindTime, fmt.Sprintf("kd_timeadd('%s', %s, %s)", e.Op, l.sql, r.sql)), nil
	case isTime:
	case r.typ.temporal() && e.Op == "-":
		return of(kindLong, "kd_datediff('DAY', "+r.sql+", "+l.sql+")"), nil
	case r.typ.temporal():
	case r.typ.integer() || r.typ.kind == kindNull || r.param:
		r, err := p.convert(r, kindInt)
		return rendered{typ: l.typ, sql: fmt.Sprintf("kd_dateadd('DAY', %s(%s), %s, '%s')", sign, r.sql, l.sql, l.typ.info().name)}, err
	case r.typ.numeric():
		// A part of a day makes seconds of a timestamp.
		seconds, err := p.arithmetic("*", r, of(kindInt, "86400"))
		if err == nil {
			seconds, err = p.convert(seconds, kindLong)
		}
		return of(kindTimestamp, fmt.Sprintf("kd_dateadd('SECOND', %s(%s), %s, 'TIMESTAMP')", sign, seconds.sql, l.sql)), err
	}
	return rendered{}, queryError(p.sql, 50100, "Feature not supported: %q", l.typ.info().name+" "+e.Op+" "+r.typ.info().name)
}

// commonKind is the kind of values that come from several places, as in CASE, COALESCE or UNION.
func commonKind(all ...rendered) kind {
	k := kindUnknown
	for _, r := range all {
		k = higher(k, r.openKind())
	}
	if k != kindUnknown {
		return k
	}
	for _, r := range all {
		k = higher(k, r.typ.kind)
	}
	return k
}

// commonType is commonKind with the precision and the scale that come with it.
func commonType(all ...rendered) dataType {
	t := scaled(commonKind(all...), all...)
	for i, r := range all {
		if t.kind == kindDecimal || r.typ.kind != t.kind || i > 0 && r.typ != all[0].typ {
			return t
		}
	}
	if len(all) > 0 {
		return all[0].typ
	}
	return t
}

// alike converts expressions to their common type. A constant that can't be converted fails when it is needed.
func (p *planner) alike(all []rendered) dataType {
	t := commonType(all...)
	for i, r := range all {
		var err error
		if all[i], err = p.convert(r, t.kind); err != nil {
			all[i] = p.convertLater(r, t.kind)
		}
	}
	return t
}

func (p *planner) caseExpr(e *parse.Case, sc *scope) (rendered, error) {
	conditions := make([]string, len(e.Whens))
	var results []rendered
	for i, w := range e.Whens {
		var err error
		if e.Operand != nil {
			var c rendered
			c, err = p.comparison("=", e.Operand, w.If, sc)
			conditions[i] = c.sql
		} else {
			conditions[i], err = p.condition(w.If, sc)
		}
		if err != nil {
			return rendered{}, err
		}
		t, err := p.expr(w.Then, sc)
		if err != nil {
			return t, err
		}
		results = append(results, t)
	}
	if e.Else != nil {
		t, err := p.expr(e.Else, sc)
		if err != nil {
			return t, err
		}
		results = append(results, t)
	}
	t := p.alike(results)
	var b strings.Builder
	b.WriteString("(CASE")
	for i, c := range conditions {
		b.WriteString(" WHEN " + c + " THEN " + results[i].sql)
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + results[len(results)-1].sql)
	}
	return rendered{sql: b.String() + " END)", typ: t}, nil
}

func (p *planner) cast(e *parse.Cast, sc *scope) (rendered, error) {
	t, ok := typeByName(e.Type)
	if !ok {
		return rendered{}, queryError(p.sql, 50004, "Unknown data type: %q", e.Type.Name)
	}
	if t.kind == kindDecimal && t.precision >= 0 && t.scale < 0 {
		t.scale = 0
	}
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	if t.precision < 0 && t.scale < 0 && t.kind != kindTime && t.kind != kindTimestamp {
		out, err := p.convert(x, t.kind)
		out.typ, out.param = t, false
		return out, err
	}
	return rendered{sql: fmt.Sprintf("kd_cast(%s, '%s', %d, %d, %d)", x.sql, t.info().name, t.precision, t.scale, x.typ.kind), typ: t}, nil
}
