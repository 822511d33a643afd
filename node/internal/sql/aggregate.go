package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"

	"github.com/cockroachdb/apd/v3"
	"modernc.org/sqlite"
)

// decimalAggregate is SUM, AVG, MIN or MAX of decimals with all their digits; arguments and result are text.
type decimalAggregate struct {
	name string
	n    int64
	acc  apd.Decimal
}

var decimalContext = apd.BaseContext.WithPrecision(4 * maxExponent)

// Step takes the value of one row; nulls do not count.
func (d *decimalAggregate) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if len(args) != 1 || args[0] == nil {
		return nil
	}
	x, ok := toDecimal(args[0])
	if !ok {
		return fmt.Errorf("%s: %q is not a decimal", d.name, asString(args[0]))
	}
	d.n++
	if d.n == 1 {
		d.acc.Set(x)
		return nil
	}
	switch d.name {
	case "kd_min":
		if x.Cmp(&d.acc) < 0 {
			d.acc.Set(x)
		}
	case "kd_max":
		if x.Cmp(&d.acc) > 0 {
			d.acc.Set(x)
		}
	default:
		if _, err := decimalContext.Add(&d.acc, &d.acc, x); err != nil {
			return err
		}
	}
	return nil
}

// WindowInverse is not supported: windows use doubles.
func (d *decimalAggregate) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return errors.New(d.name + " is not a window function")
}

// WindowValue gives the result.
func (d *decimalAggregate) WindowValue(*sqlite.FunctionContext) (driver.Value, error) {
	if d.n == 0 {
		return nil, nil
	}
	if d.name == "kd_avg" {
		return decimalCall([]driver.Value{"/", d.acc.Text('f'), d.n})
	}
	return d.acc.Text('f'), nil
}

// Final has nothing to free.
func (d *decimalAggregate) Final(*sqlite.FunctionContext) {}

// variance is the family of STDDEV and VAR functions, by Welford's method.
type variance struct {
	sample, root bool
	n, mean, m2  float64
}

// Step takes the value of one row; nulls do not count.
func (v *variance) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if len(args) != 1 || args[0] == nil {
		return nil
	}
	x, ok := toDouble(args[0])
	if !ok {
		return fmt.Errorf("Data conversion error converting %q", asString(args[0])) //nolint:staticcheck // H2's text
	}
	v.n++
	d := x - v.mean
	v.mean += d / v.n
	v.m2 += d * (x - v.mean)
	return nil
}

// WindowInverse is not supported.
func (v *variance) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return errors.New("variance is not a window function")
}

// WindowValue gives the result.
func (v *variance) WindowValue(*sqlite.FunctionContext) (driver.Value, error) {
	n := v.n
	if v.sample {
		n--
	}
	if n <= 0 {
		return nil, nil
	}
	if v.root {
		return math.Sqrt(v.m2 / n), nil
	}
	return v.m2 / n, nil
}

// Final has nothing to free.
func (v *variance) Final(*sqlite.FunctionContext) {}

func registerAggregates(d *sqlite.Driver) error {
	makers := map[string]func() sqlite.AggregateFunction{}
	for _, name := range []string{"kd_sum", "kd_avg", "kd_min", "kd_max"} {
		makers[name] = func() sqlite.AggregateFunction { return &decimalAggregate{name: name} }
	}
	for _, f := range []struct {
		name         string
		sample, root bool
	}{
		{"kd_stddev_pop", false, true},
		{"kd_stddev_samp", true, true},
		{"kd_stddev", true, true},
		{"kd_var_pop", false, false},
		{"kd_var_samp", true, false},
		{"kd_variance", true, false},
	} {
		makers[f.name] = func() sqlite.AggregateFunction { return &variance{sample: f.sample, root: f.root} }
	}
	for name, make := range makers {
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
