package sql

import (
	"database/sql/driver"
	"fmt"
	"math"
	"math/bits"

	"github.com/cockroachdb/apd/v3"
)

// divideScale is how many digits H2 adds to the scale of a decimal that is divided.
const divideScale = 25

// arithmeticCall is kd_arithmetic(operator, kind, left, right): both sides have the form of the kind, and so has the
// result. What does not fit the kind is an error, as in H2.
func arithmeticCall(a []driver.Value) (driver.Value, error) {
	op, k := asString(a[0])[0], kind(a[1].(int64))
	if typeOf(k).integer() {
		l, lok := a[2].(int64)
		r, rok := a[3].(int64)
		if !lok || !rok {
			return nil, errForm
		}
		return integerOperation(op, k, l, r)
	}
	l, lok := typedValue(a[2], k)
	r, rok := typedValue(a[3], k)
	if !lok || !rok {
		return nil, errForm
	}
	switch x := l.(type) {
	case float32:
		y := r.(float32)
		if y == 0 && (op == '/' || op == '%') {
			return nil, divisionByZero(l)
		}
		return plainDouble(float64(floatOperation(op, x, y))), nil
	case float64:
		y := r.(float64)
		if y == 0 && (op == '/' || op == '%') {
			return nil, divisionByZero(l)
		}
		return plainDouble(floatOperation(op, x, y)), nil
	case *apd.Decimal:
		out, err := decimalOperation(op, x, r.(*apd.Decimal))
		if err != nil {
			return nil, err
		}
		return out.String(), nil
	}
	return nil, errForm
}

func divisionByZero(v any) error {
	return fmt.Errorf("Division by zero: %q", h2Text(v)) //nolint:staticcheck // H2's text
}

func integerOperation(op byte, k kind, l, r int64) (driver.Value, error) {
	var n int64
	var over bool
	switch op {
	case '+':
		n = l + r
		over = (n > l) != (r > 0) && r != 0
	case '-':
		n = l - r
		over = (n < l) != (r > 0) && r != 0
	case '*':
		high, low := bits.Mul64(magnitude(l), magnitude(r))
		negative := (l < 0) != (r < 0)
		n = l * r
		over = high != 0 || low > 1<<63 || low == 1<<63 && !negative
	default:
		switch {
		case r == 0:
			return nil, divisionByZero(l)
		case r == -1: // the smallest number has no opposite: H2 keeps it
			n = map[byte]int64{'/': -l}[op]
		case op == '/':
			n = l / r
		default:
			n = l % r
		}
		shift := 64 - integerBits[k]
		return n << shift >> shift, nil
	}
	if shift := 64 - integerBits[k]; over || n<<shift>>shift != n {
		if k == kindLong {
			return nil, rangeError(l)
		}
		return nil, rangeError(n)
	}
	return n, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// floatOperation computes with the precision of F, REAL or DOUBLE.
func floatOperation[F float32 | float64](op byte, l, r F) F {
	switch op {
	case '+':
		return l + r
	case '-':
		return l - r
	case '*':
		return l * r
	case '/':
		return l / r
	}
	return F(math.Mod(float64(l), float64(r)))
}

// decimalOperation has the digits and the scale of BigDecimal.
func decimalOperation(op byte, l, r *apd.Decimal) (*apd.Decimal, error) {
	if !saneDecimal(l) || !saneDecimal(r) {
		return nil, rangeError(l)
	}
	ctx := apd.BaseContext.WithPrecision(uint32(l.NumDigits()+r.NumDigits()) + 4*maxExponent)
	out := new(apd.Decimal)
	var err error
	switch op {
	case '+':
		_, err = ctx.Add(out, l, r)
	case '-':
		_, err = ctx.Sub(out, l, r)
	case '*':
		_, err = ctx.Mul(out, l, r)
	case '/':
		return decimalQuotient(l, r)
	default:
		if r.IsZero() {
			return nil, divisionByZero(l)
		}
		_, err = ctx.Rem(out, l, r)
	}
	if err != nil || !saneDecimal(out) {
		return nil, rangeError(l)
	}
	if out.IsZero() {
		out.Negative = false
	}
	return out, nil
}

// decimalQuotient has 25 digits more than the scale of l, rounded half down; zeros at the end go where the last digit
// is even, which is what ValueDecimal.divide looks at.
func decimalQuotient(l, r *apd.Decimal) (*apd.Decimal, error) {
	if r.IsZero() {
		return nil, divisionByZero(l)
	}
	scale := divideScale - l.Exponent
	num, den := new(apd.BigInt).Abs(&l.Coeff), new(apd.BigInt).Abs(&r.Coeff)
	// l / r at the scale is coefficient l * 10^(scale + l.exp) / (coefficient r * 10^r.exp).
	if shift := int64(scale) + int64(l.Exponent) - int64(r.Exponent); shift >= 0 {
		num.Mul(num, powerOfTen(shift))
	} else {
		den.Mul(den, powerOfTen(-shift))
	}
	quotient, rest := new(apd.BigInt).QuoRem(num, den, new(apd.BigInt))
	if rest.Mul(rest, apd.NewBigInt(2)).Cmp(den) > 0 {
		quotient.Add(quotient, apd.NewBigInt(1))
	}
	out := apd.NewWithBigInt(quotient, -scale)
	out.Negative = l.Negative != r.Negative
	switch {
	case out.IsZero():
		return apd.New(0, 0), nil
	case scale > 0 && quotient.Bit(0) == 0:
		out.Reduce(out)
	}
	return out, nil
}

func powerOfTen(n int64) *apd.BigInt {
	return new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(n), nil)
}

// negateCall is kd_negate(kind, value).
func negateCall(a []driver.Value) (driver.Value, error) {
	k := kind(a[0].(int64))
	x, ok := typedValue(a[1], k)
	if !ok {
		return nil, errForm
	}
	switch x := x.(type) {
	case int64:
		return integerOperation('-', k, 0, x)
	case float32:
		return plainDouble(float64(-x)), nil
	case float64:
		return plainDouble(-x), nil
	case *apd.Decimal:
		out := new(apd.Decimal).Set(x)
		out.Negative = !x.Negative && !x.IsZero()
		return out.String(), nil
	}
	return nil, errForm
}
