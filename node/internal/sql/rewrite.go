package sql

import (
	"fmt"
	"math"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// rewrittenCall translates functions that are another expression, or need to know more than the values of their
// arguments.
func (p *planner) rewrittenCall(c *parse.Call, sc *scope) (rendered, error) {
	counts := map[string][2]int{
		"DECODE": {3, math.MaxInt32}, "ADD_MONTHS": {2, 2}, "INSTR": {2, 3}, "REGEXP_LIKE": {2, 3}, "REGEXP_REPLACE": {3, 4}, "TO_CHAR": {1, 3},
		"SCHEMA": {0, 0}, "TRUNCATE_VALUE": {3, 3},
	}[c.Name]
	if len(c.Args) < counts[0] || len(c.Args) > counts[1] {
		return rendered{}, p.argumentCount(c.Name, counts[0], counts[1])
	}
	switch c.Name {
	case "SCHEMA":
		return p.expr(&parse.Literal{Kind: parse.LiteralString, Text: p.schema}, sc)
	case "ADD_MONTHS":
		unit := &parse.Literal{Kind: parse.LiteralString, Text: "MONTH"}
		return p.expr(&parse.Call{Name: "DATEADD", Args: []parse.Expr{unit, c.Args[1], c.Args[0]}}, sc)
	case "DECODE":
		return p.expr(decode(c.Args), sc)
	}
	args, err := p.list(c.Args, sc)
	if err == nil && c.Name != "TO_CHAR" {
		args, err = p.signature(c.Name, args)
	}
	if err != nil {
		return rendered{}, err
	}
	none := rendered{sql: "''"}
	switch c.Name {
	case "TRUNCATE_VALUE":
		if args[0].typ.numeric() {
			return args[0], nil
		}
		return rendered{sql: apply("kd_truncate_value", args), typ: typeOf(args[0].typ.kind)}, nil
	case "INSTR":
		args[0], args[1] = args[1], args[0]
		return of(kindInt, apply("kd_locate", args)), nil
	case "REGEXP_LIKE":
		return of(kindBool, apply("kd_regexp_like", append(args, none)[:3])), nil
	case "REGEXP_REPLACE":
		return of(kindString, apply("kd_regexp_replace", append(args, none)[:4])), nil
	}
	k := rendered{sql: fmt.Sprint(int(args[0].typ.kind))}
	return of(kindString, apply("kd_to_char", append([]rendered{k}, args[:min(len(args), 2)]...))), nil
}

// extract is EXTRACT(unit FROM x).
func (p *planner) extract(unit string, x rendered) (rendered, error) {
	switch unit {
	case "ISO_WEEK", "ISO_DAY_OF_WEEK", "MICROSECOND", "NANOSECOND":
		return of(kindInt, fmt.Sprintf("kd_iso('%s', %s)", unit, x.sql)), nil
	case "TIMEZONE_HOUR", "TIMEZONE_MINUTE":
		return of(kindInt, "0"), nil
	case "DOW":
		unit = "DAY_OF_WEEK"
	case "EPOCH":
		return of(kindDecimal, "kd_iso('EPOCH', "+x.sql+")"), nil
	}
	return of(kindInt, fmt.Sprintf("kd_part('%s', %s)", unit, x.sql)), nil
}

// decode is DECODE(value, search, result, ..., [otherwise]) as a CASE in which null equals null.
func decode(args []parse.Expr) parse.Expr {
	out := &parse.Case{}
	for i := 1; i+1 < len(args); i += 2 {
		out.Whens = append(out.Whens, parse.When{If: &parse.IsDistinct{L: args[0], R: args[i], Not: true}, Then: args[i+1]})
	}
	if len(args)%2 == 0 {
		out.Else = args[len(args)-1]
	}
	return out
}
