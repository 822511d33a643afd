package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
	"modernc.org/sqlite"
)

// builtin is a function in Go that SQLite calls. Unless nulls is set, a null argument gives null without a call.
type builtin struct {
	name  string
	args  int32 // -1 for any number
	pure  bool  // the same arguments always give the same result
	nulls bool
	call  func(args []driver.Value) (driver.Value, error)
}

const maxText = 1 << 26 // bytes that a function such as REPEAT may make

var errTooLarge = errors.New("the result of a text function is too long")

var builtins = []builtin{
	{"kd_upper", 1, true, false, text1(strings.ToUpper)},
	{"kd_lower", 1, true, false, text1(strings.ToLower)},
	{"kd_reverse", 1, true, false, text1(reverse)},
	{"kd_initcap", 1, true, false, text1(initcap)},
	{"kd_concat", -1, true, true, concat},
	{"kd_substring", -1, true, false, substring},
	{"kd_right", 2, true, false, right},
	{"kd_repeat", 2, true, false, repeat},
	{"kd_lpad", -1, true, false, func(a []driver.Value) (driver.Value, error) { return pad(a, true) }},
	{"kd_rpad", -1, true, false, func(a []driver.Value) (driver.Value, error) { return pad(a, false) }},
	{"kd_replace", -1, true, false, replace},
	{"kd_like", 3, true, true, likeCall},
	{"kd_regexp", 2, true, false, regexpCall},
	{"kd_regexp_replace", 3, true, false, regexpReplace},
	{"kd_divide", 3, true, false, divide},
	{"kd_decimal", 3, true, false, decimalCall},
	{"kd_truncate", -1, true, false, truncate},
	{"kd_cast", 5, true, false, castCall},
	{"kd_part", 2, true, false, partCall},
	{"kd_name", 2, true, false, nameCall},
	{"kd_dateadd", 4, true, false, dateAdd},
	{"kd_datediff", 3, true, false, dateDiff},
	{"kd_greatest", -1, true, true, func(a []driver.Value) (driver.Value, error) { return extreme(a, 1), nil }},
	{"kd_least", -1, true, true, func(a []driver.Value) (driver.Value, error) { return extreme(a, -1), nil }},
	{"kd_rand", -1, false, true, func([]driver.Value) (driver.Value, error) { return rand.Float64(), nil }},
	{"kd_uuid", 0, false, true, func([]driver.Value) (driver.Value, error) { return uuid.NewString(), nil }},
}

func registerFunctions(d *sqlite.Driver) error {
	for _, f := range builtins {
		scalar := func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if !f.nulls {
				for _, a := range args {
					if a == nil {
						return nil, nil
					}
				}
			}
			return f.call(args)
		}
		register := d.RegisterScalarFunction
		if f.pure {
			register = d.RegisterDeterministicScalarFunction
		}
		if err := register(f.name, f.args, scalar); err != nil {
			return fmt.Errorf("register %s: %w", f.name, err)
		}
	}
	return registerAggregates(d)
}

// asString is the text of a value of SQLite.
func asString(v driver.Value) string {
	switch x := v.(type) {
	case string:
		return x
	case nil:
		return ""
	case []byte:
		return string(x)
	}
	s, _ := toText(v)
	return s
}

func asInteger(v driver.Value) (int64, error) {
	n, ok := toInteger(v)
	if !ok {
		return 0, fmt.Errorf("Data conversion error converting %q", asString(v)) //nolint:staticcheck // H2's text
	}
	return n, nil
}

// divide is / and %: whole for whole numbers, and an error for zero as in H2.
func divide(a []driver.Value) (driver.Value, error) {
	rest := asString(a[0]) == "%"
	l, lok := a[1].(int64)
	r, rok := a[2].(int64)
	if lok && rok {
		if r == 0 {
			return nil, divisionByZero(a[1])
		}
		if r == -1 {
			if rest {
				return int64(0), nil
			}
			return -l, nil
		}
		if rest {
			return l % r, nil
		}
		return l / r, nil
	}
	x, ok1 := toDouble(a[1])
	y, ok2 := toDouble(a[2])
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("Data conversion error converting %q", asString(a[1])) //nolint:staticcheck // H2's text
	}
	if y == 0 {
		return nil, divisionByZero(a[1])
	}
	if rest {
		return math.Mod(x, y), nil
	}
	return x / y, nil
}

func divisionByZero(v driver.Value) error {
	return fmt.Errorf("Division by zero: %q", asString(v)) //nolint:staticcheck // H2's text
}

// decimalCall computes with all digits; the arguments and the result are text.
func decimalCall(a []driver.Value) (driver.Value, error) {
	l, ok1 := toDecimal(a[1])
	r, ok2 := toDecimal(a[2])
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("Data conversion error converting %q", asString(a[1])) //nolint:staticcheck // H2's text
	}
	ctx := apd.BaseContext.WithPrecision(uint32(l.NumDigits()+r.NumDigits()) + 25)
	out := new(apd.Decimal)
	var err error
	switch asString(a[0]) {
	case "+", "-":
		ctx.Precision += uint32(math.Abs(float64(l.Exponent)) + math.Abs(float64(r.Exponent)))
		if asString(a[0]) == "+" {
			_, err = ctx.Add(out, l, r)
		} else {
			_, err = ctx.Sub(out, l, r)
		}
	case "*":
		_, err = ctx.Mul(out, l, r)
	default:
		if r.IsZero() {
			return nil, divisionByZero(a[1])
		}
		if asString(a[0]) == "/" {
			if _, err = ctx.Quo(out, l, r); err == nil {
				out.Reduce(out)
			}
		} else {
			_, err = ctx.Rem(out, l, r)
		}
	}
	if err != nil || !saneDecimal(out) {
		return nil, errors.New("Numeric value out of range") //nolint:staticcheck // H2's text
	}
	return out.Text('f'), nil
}

func truncate(a []driver.Value) (driver.Value, error) {
	if len(a) == 0 || len(a) > 2 {
		return nil, errors.New("TRUNCATE takes one or two arguments")
	}
	if s, ok := a[0].(string); ok {
		if t, err := parseTimestamp(s); err == nil {
			return textTimestamp(startOfDay(t)), nil
		}
	}
	x, ok := toDouble(a[0])
	if !ok {
		return nil, fmt.Errorf("Data conversion error converting %q", asString(a[0])) //nolint:staticcheck // H2's text
	}
	digits := int64(0)
	if len(a) == 2 {
		var err error
		if digits, err = asInteger(a[1]); err != nil {
			return nil, err
		}
	}
	f := math.Pow(10, float64(digits))
	return math.Trunc(x*f) / f, nil
}

// castCall is CAST: value, name of the type, precision, scale, kind of the value's own type.
func castCall(a []driver.Value) (driver.Value, error) {
	name := asString(a[1])
	precision, _ := toInteger(a[2])
	scale, _ := toInteger(a[3])
	from, _ := toInteger(a[4])
	t := dataType{kind: kindsByName[name], precision: int(precision), scale: int(scale)}
	v := a[0]
	if kind(from) == kindBool && t.text() {
		v = v == driver.Value(int64(1))
	}
	if s, ok := v.(string); ok && t.numeric() {
		d, ok := toDecimal(s)
		if !ok {
			return nil, fmt.Errorf("Data conversion error converting %q", s) //nolint:staticcheck // H2's text
		}
		v = d
	}
	out, ok := coerce(v, t)
	if !ok {
		return nil, fmt.Errorf("Data conversion error converting %q", asString(a[0])) //nolint:staticcheck // H2's text
	}
	switch x := out.(type) {
	case *apd.Decimal:
		return quantized(x, t).Text('f'), nil
	case string:
		if r := []rune(x); t.precision >= 0 && len(r) > t.precision {
			return string(r[:t.precision]), nil
		}
		return x, nil
	}
	return plainValue(out, nil), nil
}

func timeArgument(v driver.Value) (time.Time, error) {
	s := asString(v)
	if t, err := parseTimestamp(s); err == nil {
		return t, nil
	}
	d, err := parseTimeOfDay(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("Cannot parse %q constant %q", "TIMESTAMP", s) //nolint:staticcheck // H2's text
	}
	return time.Unix(0, 0).UTC().Add(d), nil
}

func partCall(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[1])
	if err != nil {
		return nil, err
	}
	return part(asString(a[0]), t)
}

func nameCall(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[1])
	if err != nil {
		return nil, err
	}
	if asString(a[0]) == "DAY" {
		return t.Weekday().String(), nil
	}
	return t.Month().String(), nil
}

func dateAdd(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[2])
	if err != nil {
		return nil, err
	}
	n, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	if t, err = addUnits(asString(a[0]), n, t); err != nil {
		return nil, err
	}
	return canonicalTemporal(textTimestamp(t), kindsByName[asString(a[3])])
}

func dateDiff(a []driver.Value) (driver.Value, error) {
	from, err := timeArgument(a[1])
	if err != nil {
		return nil, err
	}
	to, err := timeArgument(a[2])
	if err != nil {
		return nil, err
	}
	return diffUnits(asString(a[0]), from, to)
}

// extreme is GREATEST (sign 1) and LEAST (sign -1); nulls are left out.
func extreme(args []driver.Value, sign int) driver.Value {
	var best driver.Value
	for _, a := range args {
		if a != nil && (best == nil || compare(a, best)*sign > 0) {
			best = a
		}
	}
	return best
}

func compare(a, b driver.Value) int {
	x, ok1 := toDouble(a)
	y, ok2 := toDouble(b)
	if _, text := a.(string); text || !ok1 || !ok2 {
		return strings.Compare(asString(a), asString(b))
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
