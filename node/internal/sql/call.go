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

// first gives the kind of the first argument.
func first(args []rendered) dataType { return typeOf(args[0].typ.kind) }

// common gives the type that all arguments share.
func common(args []rendered) dataType {
	t := typeOf(kindNull)
	for _, a := range args {
		t = commonType(t, a.typ)
	}
	return t
}

// call translates a function call.
func (p *planner) call(c *parse.Call, sc *scope) (rendered, error) {
	if r, ok, err := p.specialCall(c, sc); ok || err != nil {
		return r, err
	}
	args := make([]rendered, len(c.Args))
	for i, a := range c.Args {
		var err error
		if args[i], err = p.expr(a, sc); err != nil {
			return args[i], err
		}
	}
	if aggregates[c.Name] {
		return p.aggregate(c, args, sc)
	}
	f, ok := functions[c.Name]
	if !ok || c.Star || c.Distinct {
		return rendered{}, queryError(p.sql, 90022, "Function %q not found", c.Name)
	}
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return rendered{}, p.argumentCount(c.Name, f.min, f.max)
	}
	return p.filtered(rendered{sql: apply(f.form, args), typ: f.typ(args)}, c, sc)
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
	case "CURRENT_TIMESTAMP", "NOW", "LOCALTIMESTAMP", "SYSTIMESTAMP":
		return of(kindTimestamp, "'"+textTimestamp(p.now)+"'"), true, nil
	case "CURRENT_DATE", "CURDATE", "SYSDATE", "TODAY":
		return of(kindDate, "'"+textDate(p.now)+"'"), true, nil
	case "CURRENT_TIME", "CURTIME":
		return of(kindTime, "'"+p.now.Format(layoutTime)+"'"), true, nil
	case "CONVERT":
		if len(c.Args) == 1 {
			r, err := p.expr(c.Args[0], sc)
			return r, true, err
		}
	case "EXTRACT", "DATEADD", "TIMESTAMPADD", "DATEDIFF", "TIMESTAMPDIFF":
		r, err := p.unitCall(c, sc)
		return r, true, err
	case "CASEWHEN":
		if len(c.Args) == 3 {
			r, err := p.expr(&parse.Case{Whens: []parse.When{{If: c.Args[0], Then: c.Args[1]}}, Else: c.Args[2]}, sc)
			return r, true, err
		}
	case "NULLIF":
		if len(c.Args) == 2 {
			x, err := p.expr(c.Args[0], sc)
			if err != nil {
				return x, true, err
			}
			y, err := p.expr(c.Args[1], sc)
			if err == nil {
				y, err = p.asKindOf(y, x)
			}
			return rendered{sql: "nullif(" + x.sql + ", " + y.sql + ")", typ: x.typ}, true, err
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
	switch c.Name {
	case "EXTRACT":
		return of(kindInt, fmt.Sprintf("kd_part('%s', %s)", unit, args[0].sql)), nil
	case "DATEDIFF", "TIMESTAMPDIFF":
		return of(kindLong, fmt.Sprintf("kd_datediff('%s', %s, %s)", unit, args[0].sql, args[1].sql)), nil
	}
	t := args[1].typ
	if _, short := unitDuration(unit); short && t.kind == kindDate || !t.temporal() {
		t = typeOf(kindTimestamp)
	}
	return rendered{sql: fmt.Sprintf("kd_dateadd('%s', %s, %s, '%s')", unit, args[0].sql, args[1].sql, t.info().name), typ: t}, nil
}

var aggregates = map[string]bool{
	"COUNT": true, "SUM": true, "AVG": true, "MIN": true, "MAX": true, "GROUP_CONCAT": true, "LISTAGG": true, "STRING_AGG": true,
	"STDDEV_POP": true, "STDDEV_SAMP": true, "STDDEV": true, "VAR_POP": true, "VAR_SAMP": true, "VARIANCE": true,
}

// aggregate translates an aggregate function.
func (p *planner) aggregate(c *parse.Call, args []rendered, sc *scope) (rendered, error) {
	if c.Star {
		if c.Name != "COUNT" {
			return rendered{}, queryError(p.sql, 42000, "Syntax error: %s(*)", c.Name)
		}
		return p.filtered(of(kindLong, "COUNT(*)"), c, sc)
	}
	if len(args) != 1 && (c.Name != "GROUP_CONCAT" && c.Name != "LISTAGG" && c.Name != "STRING_AGG" || len(args) != 2) {
		return rendered{}, p.argumentCount(c.Name, 1, 1)
	}
	distinct := ""
	if c.Distinct {
		distinct = "DISTINCT "
	}
	x := args[0]
	out := rendered{sql: c.Name + "(" + distinct + x.sql + ")"}
	exact := ""
	switch c.Name {
	case "COUNT":
		out.typ = typeOf(kindLong)
	case "SUM":
		out.typ, exact = sumType(x.typ), "kd_sum"
		if x.typ.kind == kindLong {
			x.exact = x.sql // the sum of BIGINT is a DECIMAL in Ignite
		}
	case "AVG":
		out.typ = avgType(x.typ)
		exact = "kd_avg"
	case "MIN", "MAX":
		out.typ, exact = x.typ, "kd_"+strings.ToLower(c.Name)
	case "GROUP_CONCAT", "LISTAGG", "STRING_AGG":
		return p.groupConcat(c, distinct, args, sc)
	default:
		out.typ = typeOf(kindDouble)
		out.sql = "kd_" + strings.ToLower(c.Name) + "(" + distinct + x.sql + ")"
	}
	if x.exact != "" && exact != "" && c.Over == nil && !c.Distinct {
		out.exact = exact + "(" + x.exact + ")"
	}
	out, err := p.filtered(out, c, sc)
	if c.Name == "AVG" {
		// The average has the type of its argument in Ignite: whole for whole numbers.
		if out.typ.integer() {
			out.sql = "CAST(" + out.sql + " AS INTEGER)"
		}
		if out.exact != "" && out.typ.scale >= 0 {
			out.exact = fmt.Sprintf("kd_cast(%s, 'DECIMAL', -1, %d, 0)", out.exact, out.typ.scale)
		}
	}
	return out, err
}

// filtered adds FILTER (WHERE ..) and OVER (..).
func (p *planner) filtered(r rendered, c *parse.Call, sc *scope) (rendered, error) {
	tail, err := p.callTail(c, sc)
	r.sql += tail
	if r.exact != "" {
		r.exact += tail
	}
	return r, err
}

func sumType(t dataType) dataType {
	switch {
	case t.kind == kindDecimal, t.kind == kindLong:
		return typeOf(kindDecimal)
	case t.integer():
		return typeOf(kindLong)
	case t.kind == kindFloat, t.kind == kindDouble:
		return typeOf(kindDouble)
	}
	return typeOf(kindUnknown)
}

func avgType(t dataType) dataType {
	if t.numeric() {
		return t
	}
	return typeOf(kindDouble)
}

func (p *planner) groupConcat(c *parse.Call, distinct string, args []rendered, sc *scope) (rendered, error) {
	list := distinct + asText(args[0])
	if len(args) == 2 {
		list += ", " + args[1].sql
	}
	if c.Separator != nil {
		s, err := p.expr(c.Separator, sc)
		if err != nil {
			return s, err
		}
		list += ", " + s.sql
	}
	if len(c.OrderBy) > 0 {
		order, err := p.orderList(c.OrderBy, sc)
		if err != nil {
			return rendered{}, err
		}
		list += " ORDER BY " + order
	}
	return p.filtered(of(kindString, "group_concat("+list+")"), c, sc)
}

func (p *planner) orderList(list []parse.Order, sc *scope) (string, error) {
	var parts []string
	for _, o := range list {
		r, err := p.expr(o.Expr, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, r.sql+direction(o))
	}
	return strings.Join(parts, ", "), nil
}

// callTail writes FILTER (WHERE ..) and OVER (..).
func (p *planner) callTail(c *parse.Call, sc *scope) (string, error) {
	tail := ""
	if c.Filter != nil {
		f, err := p.expr(c.Filter, sc)
		if err != nil {
			return "", err
		}
		tail = " FILTER (WHERE " + f.sql + ")"
	}
	if c.Over != nil {
		over, err := p.window(c.Over, sc)
		if err != nil {
			return "", err
		}
		tail += " OVER (" + over + ")"
	}
	return tail, nil
}

func (p *planner) window(w *parse.Window, sc *scope) (string, error) {
	var parts []string
	for _, e := range w.PartitionBy {
		r, err := p.expr(e, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, r.sql)
	}
	text := ""
	if len(parts) > 0 {
		text = "PARTITION BY " + strings.Join(parts, ", ")
	}
	if len(w.OrderBy) > 0 {
		order, err := p.orderList(w.OrderBy, sc)
		if err != nil {
			return "", err
		}
		text += " ORDER BY " + order
	}
	return text, nil
}
