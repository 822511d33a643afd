package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"modernc.org/sqlite"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// aggregates are the aggregate functions that Ignite takes apart for its nodes.
var aggregates = map[string]bool{
	"COUNT": true, "SUM": true, "AVG": true, "MIN": true, "MAX": true, "GROUP_CONCAT": true, "STRING_AGG": true,
}

// refusedAggregates are those of H2 that Ignite knows and refuses.
var refusedAggregates = map[string]bool{
	"STDDEV_POP": true, "STDDEV_SAMP": true, "STDDEV": true, "VAR_POP": true, "VAR_SAMP": true, "VARIANCE": true,
	"MEDIAN": true, "BIT_OR": true, "BIT_AND": true, "BOOL_OR": true, "BOOL_AND": true, "HISTOGRAM": true, "SELECTIVITY": true,
}

// aggregate translates an aggregate function.
func (p *planner) aggregate(c *parse.Call, sc *scope) (rendered, error) {
	defer sc.groups.suspend()()
	if c.Star {
		if c.Name != "COUNT" {
			return rendered{}, queryError(p.sql, 42000, "Syntax error: %s(*)", c.Name)
		}
		return p.filtered(of(kindLong, "COUNT(*)"), c, sc)
	}
	args, err := p.list(c.Args, sc)
	if err != nil {
		return rendered{}, err
	}
	concat := c.Name == "GROUP_CONCAT" || c.Name == "STRING_AGG"
	if len(args) != 1 && (!concat || len(args) != 2) {
		return rendered{}, p.argumentCount(c.Name, 1, 1)
	}
	if concat {
		return p.groupConcat(c, args, sc)
	}
	distinct := ""
	if c.Distinct {
		distinct = "DISTINCT "
	}
	x := args[0]
	switch c.Name {
	case "COUNT":
		return p.filtered(of(kindLong, "COUNT("+distinct+x.sql+")"), c, sc)
	case "MIN", "MAX":
		out, err := p.filtered(rendered{sql: c.Name + "(" + distinct + x.sql + collation(x.typ.kind) + ")", typ: x.typ}, c, sc)
		return p.reduced(out), err
	}
	return p.sumOrAverage(c, distinct, x, sc)
}

func (p *planner) sumOrAverage(c *parse.Call, distinct string, x rendered, sc *scope) (rendered, error) {
	var name string
	var t dataType
	switch k := x.typ.kind; {
	case k == kindLong && c.Name == "SUM":
		name, t = "decimal", typeOf(kindDecimal)
	case k == kindBool && c.Name == "SUM" || x.typ.integer():
		name, t = "long", typeOf(kindLong)
	case k == kindDecimal:
		name, t = "decimal", typeOf(kindDecimal)
	case k == kindFloat || k == kindDouble:
		name, t = "double", typeOf(kindDouble)
	default:
		return rendered{}, queryError(p.sql, 90015, "SUM or AVG on wrong data type for %q", parse.Text(c))
	}
	if c.Name == "SUM" {
		out, err := p.filtered(rendered{sql: "kd_sum_" + name + "(" + distinct + x.sql + ")", typ: scaled(t.kind, x)}, c, sc)
		return p.reduced(out), err
	}
	if x.typ.kind == kindDecimal && (p.inner > 0 || sc.groups != nil && sc.groups.distinct) {
		return p.filtered(of(kindDecimal, "kd_mean("+distinct+x.sql+")"), c, sc)
	}
	// Otherwise the average goes through doubles in Ignite. It has the type of its argument.
	out, err := p.filtered(of(kindDouble, "kd_avg_"+name+"("+distinct+x.sql+")"), c, sc)
	switch {
	case err != nil:
	case x.typ.kind == kindDecimal:
		out = rendered{sql: fmt.Sprintf("kd_cast(%s, 'DECIMAL', -1, %d, %d)", out.sql, x.typ.scale, kindDouble), typ: x.typ}
	case x.typ.kind == kindFloat || x.typ.kind == kindDouble:
		out, err = p.convert(out, x.typ.kind)
	default:
		out.typ = typeOf(max(x.typ.kind, kindByte))
	}
	return out, err
}

// reduced is what an aggregate of decimals gives: in Ignite it goes through a column with the scale of its argument, on
// the way from the nodes to the one that puts the results together.
func (p *planner) reduced(r rendered) rendered {
	if r.typ.kind == kindDecimal && r.typ.scale >= 0 && p.inner == 0 {
		r.sql = fmt.Sprintf("kd_cast(%s, 'DECIMAL', -1, %d, %d)", r.sql, r.typ.scale, kindDecimal)
	}
	return r
}

func (p *planner) groupConcat(c *parse.Call, args []rendered, sc *scope) (rendered, error) {
	if c.Distinct || len(c.OrderBy) > 0 {
		return rendered{}, fail(CodeUnsupported, stateUnsupported, "Clauses DISTINCT and ORDER BY are unsupported for GROUP_CONCAT for not collocated data.")
	}
	if c.Separator != nil {
		s, err := p.expr(c.Separator, sc)
		if err != nil {
			return s, err
		}
		args = append(args, s)
	}
	list := make([]string, len(args))
	for i := range args {
		text, err := p.convert(args[i], kindString)
		if err != nil {
			return text, err
		}
		list[i] = text.sql
	}
	return p.filtered(of(kindString, "group_concat("+strings.Join(list, ", ")+")"), c, sc)
}

// filtered adds FILTER (WHERE ..).
func (p *planner) filtered(r rendered, c *parse.Call, sc *scope) (rendered, error) {
	if c.Filter != nil {
		f, err := p.condition(c.Filter, sc)
		if err != nil {
			return r, err
		}
		r.sql += " FILTER (WHERE " + f + ")"
	}
	return r, nil
}

// aggregateFunction is an aggregate function in Go: step takes the values that are not null, result gives the rest.
type aggregateFunction struct {
	step   func(v driver.Value) error
	result func() (driver.Value, error)
}

// Step takes the value of one row; nulls do not count.
func (f *aggregateFunction) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if args[0] == nil {
		return nil
	}
	return f.step(args[0])
}

// WindowInverse is not supported: Ignite has no windows.
func (f *aggregateFunction) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return errors.New("windows are not supported")
}

// WindowValue gives the result.
func (f *aggregateFunction) WindowValue(*sqlite.FunctionContext) (driver.Value, error) {
	return f.result()
}

// Final has nothing to free.
func (f *aggregateFunction) Final(*sqlite.FunctionContext) {}

func sumLong() *aggregateFunction {
	var sum driver.Value
	return &aggregateFunction{
		func(v driver.Value) (err error) {
			if sum == nil {
				sum = int64(0)
			}
			sum, err = integerOperation('+', kindLong, sum.(int64), v.(int64))
			return err
		},
		func() (driver.Value, error) { return sum, nil },
	}
}

// sumDecimal is the exact sum, or with mean set the exact average.
func sumDecimal(mean bool) *aggregateFunction {
	var sum *apd.Decimal
	n := int64(0)
	return &aggregateFunction{
		func(v driver.Value) (err error) {
			x, ok := typedValue(v, kindDecimal)
			if !ok {
				return errForm
			}
			if n++; sum == nil {
				sum = x.(*apd.Decimal)
				return nil
			}
			sum, err = decimalOperation('+', sum, x.(*apd.Decimal))
			return err
		},
		func() (driver.Value, error) {
			if sum == nil {
				return nil, nil
			}
			if mean {
				average, err := decimalQuotient(sum, apd.New(n, 0))
				return average.String(), err
			}
			return sum.String(), nil
		},
	}
}

func sumDouble() *aggregateFunction {
	sum, n := 0.0, 0
	return &aggregateFunction{
		func(v driver.Value) error {
			x, ok := typedValue(v, kindDouble)
			if !ok {
				return errForm
			}
			sum += x.(float64)
			n++
			return nil
		},
		func() (driver.Value, error) {
			if n == 0 {
				return nil, nil
			}
			return plainDouble(sum), nil
		},
	}
}

// average computes as Ignite does, which sums the averages of the nodes up: average * count / count.
func average(k kind) *aggregateFunction {
	sum, n := 0.0, 0.0
	return &aggregateFunction{
		func(v driver.Value) error {
			x, ok := typedValue(v, k)
			if !ok {
				return errForm
			}
			f, err := convertDouble(x)
			sum += f
			n++
			return err
		},
		func() (driver.Value, error) {
			switch {
			case n == 0:
				return nil, nil
			case k == kindLong:
				return javaRound(sum/n*n) / int64(n), nil
			}
			return plainDouble(sum / n * n / n), nil
		},
	}
}

// single is the value of a query in place of a value.
func single() *sqliteAll {
	var value driver.Value
	rows := 0
	return &sqliteAll{
		func(v driver.Value) error {
			if rows++; rows > 1 {
				return errors.New("Scalar subquery contains more than one row") //nolint:staticcheck // H2's text
			}
			value = v
			return nil
		},
		func() (driver.Value, error) { return value, nil },
	}
}

// same is the one value that a column has in a group.
func same() *sqliteAll {
	var value driver.Value
	rows := 0
	return &sqliteAll{
		func(v driver.Value) error {
			if rows++; rows > 1 && !equalForms(v, value) {
				return errors.New("Column must be in the GROUP BY list") //nolint:staticcheck // H2's text
			}
			value = v
			return nil
		},
		func() (driver.Value, error) { return value, nil },
	}
}

func equalForms(a, b driver.Value) bool {
	x, xok := a.([]byte)
	y, yok := b.([]byte)
	if xok && yok {
		return string(x) == string(y)
	}
	return xok == yok && a == b
}

// sqliteAll is an aggregateFunction that takes nulls, too.
type sqliteAll aggregateFunction

// Step takes the value of one row.
func (f *sqliteAll) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	return f.step(args[0])
}

// WindowInverse is not supported.
func (f *sqliteAll) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return errors.New("windows are not supported")
}

// WindowValue gives the result.
func (f *sqliteAll) WindowValue(*sqlite.FunctionContext) (driver.Value, error) { return f.result() }

// Final has nothing to free.
func (f *sqliteAll) Final(*sqlite.FunctionContext) {}

func registerAggregates(d *sqlite.Driver) error {
	for name, make := range map[string]func() sqlite.AggregateFunction{
		"kd_sum_long":    func() sqlite.AggregateFunction { return sumLong() },
		"kd_sum_decimal": func() sqlite.AggregateFunction { return sumDecimal(false) },
		"kd_mean":        func() sqlite.AggregateFunction { return sumDecimal(true) },
		"kd_sum_double":  func() sqlite.AggregateFunction { return sumDouble() },
		"kd_avg_long":    func() sqlite.AggregateFunction { return average(kindLong) },
		"kd_avg_decimal": func() sqlite.AggregateFunction { return average(kindDecimal) },
		"kd_avg_double":  func() sqlite.AggregateFunction { return average(kindDouble) },
		"kd_single":      func() sqlite.AggregateFunction { return single() },
		"kd_same":        func() sqlite.AggregateFunction { return same() },
	} {
		err := d.RegisterFunction(name, &sqlite.FunctionImpl{
			NArgs: 1, Deterministic: true,
			MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) { return make(), nil },
		})
		if err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	return nil
}
