package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// rendered is an expression in SQLite's words.
type rendered struct {
	sql      string
	exact    string // the same with all digits of a DECIMAL, as text; "" when sql is as good
	typ      dataType
	text     *string // value of a string constant
	constant bool    // a literal or a parameter
}

// exactly is the best form for a client: exact when there is such a form.
func (r rendered) exactly() string {
	if r.exact != "" {
		return r.exact
	}
	return r.sql
}

func of(k kind, sql string) rendered { return rendered{sql: sql, typ: typeOf(k)} }

// expr translates an expression.
func (p *planner) expr(e parse.Expr, sc *scope) (rendered, error) {
	switch e := e.(type) {
	case *parse.Literal:
		return p.literal(e)
	case *parse.Param:
		return p.param(e)
	case *parse.Column:
		return p.resolve(e, sc)
	case *parse.Unary:
		return p.unary(e, sc)
	case *parse.Binary:
		return p.binary(e, sc)
	case *parse.IsNull:
		x, err := p.expr(e.X, sc)
		return of(kindBool, "("+x.sql+" IS "+not(e.Not)+"NULL)"), err
	case *parse.IsDistinct:
		l, r, err := p.comparable(e.L, e.R, sc)
		return of(kindBool, "("+l+" IS "+not(!e.Not)+r+")"), err
	case *parse.Like:
		return p.like(e, sc)
	case *parse.Between:
		return p.between(e, sc)
	case *parse.In:
		return p.in(e, sc)
	case *parse.Exists:
		text, _, err := p.query(e.Query, sc, modeValue)
		return of(kindBool, "EXISTS("+text+")"), err
	case *parse.Subquery:
		text, cols, err := p.query(e.Query, sc, modeValue)
		if err != nil {
			return rendered{}, err
		}
		if len(cols) != 1 {
			return rendered{}, queryError(p.sql, 90052, messageSubqueryColumns)
		}
		return rendered{sql: "(" + text + ")", typ: cols[0].typ}, nil
	case *parse.Case:
		return p.caseExpr(e, sc)
	case *parse.Cast:
		return p.cast(e, sc)
	case *parse.Call:
		return p.call(e, sc)
	case *parse.Row:
		return p.row(e, sc)
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

func (p *planner) unary(e *parse.Unary, sc *scope) (rendered, error) {
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	if e.Op == "NOT" {
		return of(kindBool, "(NOT "+x.sql+")"), nil
	}
	out := rendered{sql: "(-" + x.sql + ")", typ: x.typ}
	if x.exact != "" {
		out.exact = "kd_decimal('-', '0', " + x.exact + ")"
	}
	return out, nil
}

func (p *planner) binary(e *parse.Binary, sc *scope) (rendered, error) {
	switch e.Op {
	case "=", "<>", "<", "<=", ">", ">=":
		l, r, err := p.comparable(e.L, e.R, sc)
		return of(kindBool, "("+l+" "+e.Op+" "+r+")"), err
	}
	l, err := p.expr(e.L, sc)
	if err != nil {
		return l, err
	}
	r, err := p.expr(e.R, sc)
	if err != nil {
		return r, err
	}
	switch e.Op {
	case "AND", "OR":
		return of(kindBool, "("+l.sql+" "+e.Op+" "+r.sql+")"), nil
	case "||":
		return of(kindString, "("+asText(l)+" || "+asText(r)+")"), nil
	}
	return p.arithmetic(e, l, r)
}

// asText is the text of a value in a concatenation.
func asText(r rendered) string {
	switch r.typ.kind {
	case kindString, kindChar, kindByte, kindShort, kindInt, kindLong, kindUUID, kindDate, kindTime, kindNull:
		return r.sql
	case kindUnknown:
		return r.sql
	}
	return fmt.Sprintf("kd_cast(%s, 'VARCHAR', -1, -1, %d)", r.exactly(), r.typ.kind)
}

func (p *planner) arithmetic(e *parse.Binary, l, r rendered) (rendered, error) {
	t := arithmeticType(l.typ, r.typ)
	if l.typ.temporal() || r.typ.temporal() {
		return p.temporalArithmetic(e, l, r)
	}
	out := rendered{typ: t, sql: "(" + l.sql + " " + e.Op + " " + r.sql + ")"}
	if e.Op == "/" || e.Op == "%" {
		out.sql = fmt.Sprintf("kd_divide('%s', %s, %s)", e.Op, l.sql, r.sql)
	}
	if t.kind == kindDecimal {
		out.exact = fmt.Sprintf("kd_decimal('%s', %s, %s)", e.Op, l.exactly(), r.exactly())
		out.typ = typeOf(kindDecimal)
	}
	return out, nil
}

// temporalArithmetic is date + days, date - days and date - date, as in H2.
func (p *planner) temporalArithmetic(e *parse.Binary, l, r rendered) (rendered, error) {
	switch {
	case l.typ.temporal() && r.typ.temporal() && e.Op == "-":
		return of(kindLong, "kd_datediff('DAY', "+r.sql+", "+l.sql+")"), nil
	case l.typ.temporal() && (e.Op == "+" || e.Op == "-"):
		return rendered{typ: l.typ, sql: fmt.Sprintf("kd_dateadd('DAY', %s(%s), %s, '%s')", strings.Trim(e.Op, "+"), r.sql, l.sql, l.typ.info().name)}, nil
	case r.typ.temporal() && e.Op == "+":
		return rendered{typ: r.typ, sql: fmt.Sprintf("kd_dateadd('DAY', %s, %s, '%s')", l.sql, r.sql, r.typ.info().name)}, nil
	}
	return rendered{}, queryError(p.sql, 50100, "Feature not supported: %q", parse.Text(e))
}

// arithmeticType is the type of an operation on two numbers: the wider one.
func arithmeticType(l, r dataType) dataType {
	if l.kind == kindNull {
		return typeOf(r.kind)
	}
	if r.kind == kindNull {
		return typeOf(l.kind)
	}
	if !l.numeric() || !r.numeric() {
		return typeOf(kindUnknown)
	}
	k := max(l.kind, r.kind)
	if k < kindInt {
		k = kindInt
	}
	if low := min(l.kind, r.kind); k == kindDecimal && (low == kindDouble || low == kindFloat) {
		k = low // a DECIMAL with a DOUBLE or a REAL gives that, as in H2
	}
	return typeOf(k)
}

// commonType is the type of values that come from either side, as in CASE or UNION.
func commonType(l, r dataType) dataType {
	switch {
	case l.kind == r.kind:
		if l.precision != r.precision || l.scale != r.scale {
			return dataType{kind: l.kind, precision: -1, scale: -1, class: l.class}
		}
		return l
	case l.kind == kindNull:
		return r
	case r.kind == kindNull:
		return l
	case l.numeric() && r.numeric():
		return typeOf(max(l.kind, r.kind))
	case l.text() && r.text():
		return typeOf(kindString)
	}
	return typeOf(kindUnknown)
}

func (p *planner) row(e *parse.Row, sc *scope) (rendered, error) {
	parts := make([]string, len(e.Items))
	for i, item := range e.Items {
		r, err := p.expr(item, sc)
		if err != nil {
			return r, err
		}
		parts[i] = r.sql
	}
	return of(kindUnknown, "("+strings.Join(parts, ", ")+")"), nil
}

func (p *planner) caseExpr(e *parse.Case, sc *scope) (rendered, error) {
	var b strings.Builder
	out := rendered{typ: typeOf(kindNull)}
	b.WriteString("CASE")
	var operand rendered
	if e.Operand != nil {
		var err error
		if operand, err = p.expr(e.Operand, sc); err != nil {
			return operand, err
		}
		b.WriteString(" " + operand.sql)
	}
	for _, w := range e.Whens {
		c, err := p.expr(w.If, sc)
		if err == nil && e.Operand != nil {
			c, err = p.asKindOf(c, operand)
		}
		if err != nil {
			return c, err
		}
		t, err := p.expr(w.Then, sc)
		if err != nil {
			return t, err
		}
		out.typ = commonType(out.typ, t.typ)
		b.WriteString(" WHEN " + c.sql + " THEN " + t.sql)
	}
	if e.Else != nil {
		t, err := p.expr(e.Else, sc)
		if err != nil {
			return t, err
		}
		out.typ = commonType(out.typ, t.typ)
		b.WriteString(" ELSE " + t.sql)
	}
	out.sql = "(" + b.String() + " END)"
	return out, nil
}

func (p *planner) cast(e *parse.Cast, sc *scope) (rendered, error) {
	t, ok := typeByName(e.Type)
	if !ok {
		return rendered{}, queryError(p.sql, 50004, "Unknown data type: %q", e.Type.Name)
	}
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	args := func(v string) string {
		return fmt.Sprintf("kd_cast(%s, '%s', %d, %d, %d)", v, t.info().name, t.precision, t.scale, x.typ.kind)
	}
	out := rendered{sql: args(x.exactly()), typ: t}
	if t.kind == kindDecimal {
		out.exact = out.sql
		out.sql = "CAST(" + out.sql + " AS REAL)"
	}
	return out, nil
}
