package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// function says how a function of Ignite is written for SQLite. The form is Go's fmt: %s is the list of arguments,
// %[n]s one of them.
type function struct {
	min, max int // number of arguments; max -1 means any
	form     string
	typ      func(args []rendered) dataType
}

func gives(k kind) func([]rendered) dataType {
	return func([]rendered) dataType { return typeOf(k) }
}

// call translates a function call.
func (p *planner) call(c *parse.Call, sc *scope) (rendered, error) {
	switch {
	case c.Over != nil:
		return rendered{}, queryError(p.sql, 42000, "Syntax error in SQL statement: there are no window functions: %s(...) OVER", c.Name)
	case aggregates[c.Name]:
		return p.aggregate(c, sc)
	case refusedAggregates[c.Name]:
		return rendered{}, fail(CodeUnknown, stateGeneral, "Unsupported expression: %s [type=Aggregate]", parse.Text(c))
	}
	if r, ok, err := p.specialCall(c, sc); ok || err != nil {
		return r, err
	}
	f, ok := functionNamed(c.Name)
	if !ok || c.Star || c.Distinct {
		return rendered{}, queryError(p.sql, 90022, "Function %q not found", c.Name)
	}
	if len(c.Args) < f.min || f.max >= 0 && len(c.Args) > f.max {
		return rendered{}, p.argumentCount(c.Name, f.min, f.max)
	}
	args, err := p.list(c.Args, sc)
	if err != nil {
		return rendered{}, err
	}
	if typed := typedFunctions[c.Name]; typed != nil {
		return typed(p, args)
	}
	if args, err = p.signature(c.Name, args); err != nil {
		return rendered{}, err
	}
	return rendered{sql: apply(f.form, args), typ: f.typ(args)}, nil
}

func (p *planner) list(exprs []parse.Expr, sc *scope) ([]rendered, error) {
	list := make([]rendered, len(exprs))
	for i, e := range exprs {
		var err error
		if list[i], err = p.expr(e, sc); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p *planner) argumentCount(name string, low, high int) error {
	expected := fmt.Sprint(low)
	if high < 0 {
		expected = fmt.Sprintf("%d or more", low)
	} else if high != low {
		expected = fmt.Sprintf("%d..%d", low, high)
	}
	return queryError(p.sql, 7001, "Invalid parameter count for %q, expected count: %q", name, expected)
}

// apply puts arguments into a form.
func apply(form string, args []rendered) string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = a.sql
	}
	if strings.Contains(form, "%[") {
		anyArgs := make([]any, len(list))
		for i, s := range list {
			anyArgs[i] = s
		}
		return fmt.Sprintf(form, anyArgs...)
	}
	if strings.Contains(form, "%s") {
		return fmt.Sprintf(form, strings.Join(list, ", "))
	}
	return form + "(" + strings.Join(list, ", ") + ")"
}

// specialCall translates calls whose arguments are not all plain expressions; false for any other.
func (p *planner) specialCall(c *parse.Call, sc *scope) (rendered, bool, error) {
	switch c.Name {
	case "CURRENT_TIMESTAMP", "NOW", "LOCALTIMESTAMP", "SYSTIMESTAMP", "GETDATE":
		return of(kindTimestamp, "'"+textTimestamp(p.now)+"'"), true, nil
	case "CURRENT_DATE", "CURDATE", "SYSDATE", "TODAY":
		return of(kindDate, "'"+textDate(p.now)+"'"), true, nil
	case "CURRENT_TIME", "CURTIME", "SYSTIME":
		return of(kindTime, "'"+p.now.Format(layoutTime)+"'"), true, nil
	case "CONVERT":
		if len(c.Args) == 1 {
			r, err := p.expr(c.Args[0], sc)
			return r, true, err
		}
	case "EXTRACT", "DATEADD", "TIMESTAMPADD", "DATEDIFF", "TIMESTAMPDIFF":
		r, err := p.unitCall(c, sc)
		return r, true, err
	case "DECODE", "ADD_MONTHS", "INSTR", "REGEXP_LIKE", "REGEXP_REPLACE", "TO_CHAR", "SCHEMA", "TRUNCATE_VALUE":
		r, err := p.rewrittenCall(c, sc)
		return r, true, err
	case "CASEWHEN":
		if len(c.Args) == 3 {
			r, err := p.expr(&parse.Case{Whens: []parse.When{{If: c.Args[0], Then: c.Args[1]}}, Else: c.Args[2]}, sc)
			return r, true, err
		}
	case "NULLIF":
		if len(c.Args) == 2 {
			equal, err := p.comparison("=", c.Args[0], c.Args[1], sc)
			if err != nil {
				return equal, true, err
			}
			x, err := p.expr(c.Args[0], sc)
			return rendered{sql: "iif(" + equal.sql + ", NULL, " + x.sql + ")", typ: x.typ}, true, err
		}
	}
	return rendered{}, false, nil
}

// unitCall translates the functions whose first argument is a unit of time, as a word or as a string.
func (p *planner) unitCall(c *parse.Call, sc *scope) (rendered, error) {
	want := 3
	if c.Name == "EXTRACT" {
		want = 2
	}
	if len(c.Args) != want {
		return rendered{}, p.argumentCount(c.Name, want, want)
	}
	unit := ""
	switch u := c.Args[0].(type) {
	case *parse.Column:
		unit = u.Name
	case *parse.Literal:
		unit = strings.ToUpper(u.Text)
	}
	unit = strings.TrimPrefix(unit, "SQL_TSI_")
	if unit == "" || strings.ContainsAny(unit, "'\x00") {
		return rendered{}, queryError(p.sql, 42001, "Syntax error in the unit of %q", c.Name)
	}
	args := make([]rendered, len(c.Args)-1)
	for i, a := range c.Args[1:] {
		var err error
		if args[i], err = p.expr(a, sc); err != nil {
			return args[i], err
		}
	}
	if at := len(args) - 1; !args[at].typ.temporal() {
		var err error
		if args[at], err = p.convert(args[at], kindTimestamp); err != nil {
			return args[at], err
		}
	}
	switch c.Name {
	case "EXTRACT":
		return p.extract(unit, args[0])
	case "DATEDIFF", "TIMESTAMPDIFF":
		return of(kindLong, fmt.Sprintf("kd_datediff('%s', %s, %s)", unit, args[0].sql, args[1].sql)), nil
	}
	t := args[1].typ
	if _, short := unitDuration(unit); short && t.kind == kindDate || !t.temporal() {
		t = typeOf(kindTimestamp)
	}
	n, err := p.convert(args[0], kindLong)
	return rendered{sql: fmt.Sprintf("kd_dateadd('%s', %s, %s, '%s')", unit, n.sql, args[1].sql, t.info().name), typ: t}, err
}
