package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

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
	{"kd_upper", 1, true, false, text1(upper)},
	{"kd_lower", 1, true, false, text1(lower)},
	{"kd_concat", -1, true, true, concat},
	{"kd_substring", -1, true, false, substring},
	{"kd_left", 2, true, false, left},
	{"kd_length", 1, true, false, lengthCall},
	{"kd_ascii", 1, true, false, ascii},
	{"kd_right", 2, true, false, right},
	{"kd_repeat", 2, true, false, repeat},
	{"kd_lpad", -1, true, false, func(a []driver.Value) (driver.Value, error) { return pad(a, true) }},
	{"kd_rpad", -1, true, false, func(a []driver.Value) (driver.Value, error) { return pad(a, false) }},
	{"kd_replace", -1, true, false, replace},
	{"kd_like", 3, true, true, likeCall},
	{"kd_regexp", 2, true, false, regexpCall},
	{"kd_part", 2, true, false, partCall},
	{"kd_name", 2, true, false, nameCall},
	{"kd_dateadd", 4, true, false, dateAdd},
	{"kd_datediff", 3, true, false, dateDiff},
	{"kd_rand", -1, false, true, func([]driver.Value) (driver.Value, error) { return rand.Float64(), nil }},
	{"kd_uuid", 0, false, true, func([]driver.Value) (driver.Value, error) { return turned(uuid.New()), nil }},
}

func registerFunctions(d *sqlite.Driver) error {
	for _, f := range slices.Concat(builtins, valueBuiltins, searchBuiltins, encodeBuiltins, formatBuiltins) {
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
	_, month, _ := civil(t)
	return month.String(), nil
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
	switch kindsByName[asString(a[3])] {
	case kindDate:
		return textDate(t), nil
	case kindTime:
		return textTimeOfDay(sinceMidnight(t)), nil
	}
	return textTimestamp(t), nil
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
