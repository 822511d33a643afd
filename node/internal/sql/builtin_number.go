package sql

import (
	"database/sql/driver"
	"math"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"modernc.org/libc"
)

// valueBuiltins are the functions that compute with typed values.
var valueBuiltins = []builtin{
	{"kd_convert", 3, true, false, convertCall},
	{"kd_cast", 5, true, false, castCall},
	{"kd_arithmetic", 4, true, false, arithmeticCall},
	{"kd_negate", 2, true, false, negateCall},
	{"kd_abs", 2, true, false, absCall},
	{"kd_sign", 2, true, false, signCall},
	{"kd_round", -1, true, false, round},
	{"kd_truncate", 2, true, false, truncate},
	{"kd_mod", 2, true, false, modCall},
	{"kd_math", 2, true, false, mathCall},
	{"kd_math2", 3, true, false, mathCall2},
	{"kd_timeadd", 3, true, false, timeAdd},
}

func absCall(a []driver.Value) (driver.Value, error) {
	k := kind(a[0].(int64))
	x, ok := typedValue(a[1], k)
	if !ok {
		return nil, errForm
	}
	switch x := x.(type) {
	case int64:
		if x < 0 {
			return integerOperation('-', k, 0, x)
		}
	case float32:
		return plainDouble(math.Abs(float64(x))), nil
	case float64:
		return plainDouble(math.Abs(x)), nil
	case *apd.Decimal:
		return new(apd.Decimal).Abs(x).String(), nil
	}
	return a[1], nil
}

func signCall(a []driver.Value) (driver.Value, error) {
	x, ok := typedValue(a[1], kind(a[0].(int64)))
	if !ok {
		return nil, errForm
	}
	switch x := x.(type) {
	case int64:
		return signOf(float64(x)), nil
	case float32:
		return signOf(float64(x)), nil
	case float64:
		return signOf(x), nil
	case *apd.Decimal:
		return int64(x.Sign()), nil
	}
	return nil, errForm
}

func signOf(f float64) int64 {
	switch {
	case f > 0:
		return 1
	case f < 0:
		return -1
	}
	return 0
}

// doubles reads the arguments of a function of doubles.
func doubles(a []driver.Value) ([]float64, error) {
	out := make([]float64, len(a))
	for i, v := range a {
		x, ok := typedValue(v, kindDouble)
		if !ok {
			return nil, errForm
		}
		out[i] = x.(float64)
	}
	return out, nil
}

// round is H2's ROUND, which rounds the absolute value by Math.round and gives the sign back.
func round(a []driver.Value) (driver.Value, error) {
	x, err := doubles(a)
	if err != nil {
		return nil, err
	}
	f := 1.0
	if len(x) == 2 {
		f = math.Pow(10, x[1])
	}
	middle := x[0] * f
	sign := -1.0
	if middle > 0 {
		sign = 1
	}
	return plainDouble(float64(javaRound(math.Abs(middle))) / f * sign), nil
}

// truncate is H2's TRUNCATE of a double.
func truncate(a []driver.Value) (driver.Value, error) {
	x, err := doubles(a)
	if err != nil {
		return nil, err
	}
	f := math.Pow(10, x[1])
	return plainDouble(math.Trunc(x[0]*f) / f), nil
}

func modCall(a []driver.Value) (driver.Value, error) {
	return integerOperation('%', kindLong, a[0].(int64), a[1].(int64))
}

// mathFunctions are those of the C library that SQLite uses, which, like Java's StrictMath, is fdlibm: Go's own differ
// from it in the last digit.
var mathFunctions = map[string]func(float64) float64{
	"FLOOR": math.Floor, "CEIL": math.Ceil, "SQRT": math.Sqrt, "EXP": fdlibm(libc.Xexp), "LN": fdlibm(libc.Xlog), "LOG10": fdlibm(libc.Xlog10),
	"SIN": fdlibm(libc.Xsin), "COS": fdlibm(libc.Xcos), "TAN": fdlibm(libc.Xtan), "ASIN": fdlibm(libc.Xasin), "ACOS": fdlibm(libc.Xacos),
	"ATAN": fdlibm(libc.Xatan), "SINH": fdlibm(libc.Xsinh), "COSH": fdlibm(libc.Xcosh), "TANH": fdlibm(tanh),
	"DEGREES": func(f float64) float64 { return f * (180 / math.Pi) }, "RADIANS": func(f float64) float64 { return f / 180 * math.Pi },
}

func fdlibm(f func(*libc.TLS, float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		tls := libc.NewTLS()
		defer tls.Close()
		return f(tls, x)
	}
}

// tanh is fdlibm's; the C library has a shorter one.
func tanh(tls *libc.TLS, x float64) float64 {
	a, z := math.Abs(x), 1.0
	switch {
	case math.IsNaN(x) || a*(1<<55) < 1:
		return x
	case a >= 1 && a < 22:
		z = 1 - 2/(libc.Xexpm1(tls, 2*a)+2)
	case a < 1:
		t := libc.Xexpm1(tls, -2*a)
		z = -t / (t + 2)
	}
	return math.Copysign(z, x)
}

func mathCall(a []driver.Value) (driver.Value, error) {
	x, err := doubles(a[1:])
	if err != nil {
		return nil, err
	}
	return plainDouble(mathFunctions[asString(a[0])](x[0])), nil
}

func mathCall2(a []driver.Value) (driver.Value, error) {
	x, err := doubles(a[1:])
	if err != nil {
		return nil, err
	}
	tls := libc.NewTLS()
	defer tls.Close()
	if asString(a[0]) == "POWER" {
		return plainDouble(libc.Xpow(tls, x[0], x[1])), nil
	}
	return plainDouble(libc.Xatan2(tls, x[0], x[1])), nil
}

// timeAdd adds or subtracts two times of day, around midnight.
func timeAdd(a []driver.Value) (driver.Value, error) {
	l, err := parseTimeOfDay(asString(a[1]))
	if err != nil {
		return nil, err
	}
	r, err := parseTimeOfDay(asString(a[2]))
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(asString(a[0]), "-") {
		r = -r
	}
	return textTimeOfDay((l + r + day) % day), nil
}
