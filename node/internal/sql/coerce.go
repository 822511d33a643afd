package sql

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// coerce converts a decoded value to a column's type, as Ignite does by H2's conversions; false when it can't be done.
// Null stays null.
func coerce(v any, t dataType) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch x := v.(type) {
	case int8, int16, int32:
		v, _ = toInteger(x)
	case ignite.Char:
		v = string(rune(x))
	case ignite.Date:
		v = x.Time()
	}
	out, err := convertTo(v, t.kind)
	if err != nil {
		return nil, false
	}
	switch x := out.(type) {
	case int64:
		return narrow(x, t.kind), true
	case time.Time:
		if t.kind == kindUtilDate {
			return ignite.DateOf(x), true
		}
		return x.UTC(), true
	case string:
		if t.kind == kindChar {
			u := units(x)
			if len(u) != 1 {
				return nil, false
			}
			return ignite.Char(u[0]), true
		}
	}
	return out, true
}

func toInteger(v any) (int64, bool) {
	switch x := v.(type) {
	case int8:
		return int64(x), true
	case int16:
		return int64(x), true
	case int32:
		return int64(x), true
	case int64:
		return x, true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	case float32:
		return toInteger(float64(x))
	case float64:
		r := math.Floor(math.Abs(x) + 0.5)
		if math.IsNaN(x) || r >= 1<<63 {
			return 0, false
		}
		return int64(math.Copysign(r, x)), true
	case *apd.Decimal:
		if !saneDecimal(x) {
			return 0, false
		}
		n, err := quantized(x, dataType{scale: 0}).Int64()
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func toDouble(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case float32:
		return float64(x), true
	case *apd.Decimal:
		f, err := x.Float64()
		return f, err == nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
		return f, err == nil
	}
	n, ok := toInteger(v)
	return float64(n), ok
}

func toDecimal(v any) (*apd.Decimal, bool) {
	switch x := v.(type) {
	case *apd.Decimal:
		return x, true
	case float32:
		return toDecimal(strconv.FormatFloat(float64(x), 'g', -1, 32))
	case float64:
		return toDecimal(strconv.FormatFloat(x, 'g', -1, 64))
	case string:
		d, _, err := apd.NewFromString(strings.TrimSpace(x))
		if err != nil || !saneDecimal(d) {
			return nil, false
		}
		d.Negative = d.Negative && !d.IsZero()
		return d, true
	}
	n, ok := toInteger(v)
	return apd.New(n, 0), ok
}

// toText is H2's Value.getString.
func toText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case ignite.Char:
		return string(rune(x)), true
	case bool:
		return strings.ToUpper(strconv.FormatBool(x)), true
	case float32:
		return javaDouble(float64(x), 32), true
	case float64:
		return javaDouble(x, 64), true
	case *apd.Decimal:
		if saneDecimal(x) {
			if s := x.Text('f'); len(s) < 40 {
				return s, true
			}
		}
		return x.String(), true
	case uuid.UUID:
		return x.String(), true
	case []byte:
		return hex.EncodeToString(x), true
	case ignite.SQLDate:
		return showDate(x.Time()), true
	case ignite.Date:
		return showTimestamp(x.Time()), true
	case time.Time:
		return showTimestamp(x), true
	case ignite.TimeOfDay:
		return textTimeOfDay(x.Duration()), true
	}
	n, ok := toInteger(v)
	return strconv.FormatInt(n, 10), ok
}

// javaDouble is Double.toString and Float.toString.
func javaDouble(f float64, bits int) string {
	a := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return nan
	case math.IsInf(f, 0):
		if f < 0 {
			return "-Infinity"
		}
		return "Infinity"
	case a == 0 || a >= 1e-3 && a < 1e7:
		s := strconv.FormatFloat(f, 'f', -1, bits)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	if !strings.Contains(digits, ".") {
		digits += ".0"
	}
	n, _ := strconv.Atoi(exponent)
	return digits + "E" + strconv.Itoa(n)
}

func toBytes(v any) (any, bool) {
	switch x := v.(type) {
	case []byte:
		return x, true
	case uuid.UUID:
		return append([]byte{}, x[:]...), true
	case string:
		b, err := hex.DecodeString(x)
		return b, err == nil
	}
	return nil, false
}

// javaClass names the Java class of a decoded value, for messages.
func javaClass(v any) string {
	switch v.(type) {
	case bool:
		return "java.lang.Boolean"
	case int8:
		return "java.lang.Byte"
	case int16:
		return "java.lang.Short"
	case int32:
		return "java.lang.Integer"
	case int64:
		return "java.lang.Long"
	case float32:
		return "java.lang.Float"
	case float64:
		return "java.lang.Double"
	case *apd.Decimal:
		return "java.math.BigDecimal"
	case string:
		return "java.lang.String"
	case []byte:
		return "[B"
	case uuid.UUID:
		return "java.util.UUID"
	case ignite.SQLDate:
		return "java.sql.Date"
	case ignite.Date:
		return "java.util.Date"
	case time.Time:
		return "java.sql.Timestamp"
	case ignite.TimeOfDay:
		return "java.sql.Time"
	}
	return "java.lang.Object"
}

// checked converts v for the column and checks its limits, with Ignite's messages.
func (c *column) checked(v any) (any, error) {
	out, ok := coerce(v, c.typ)
	if !ok {
		return nil, fail(CodeConversionFailed, stateConversion, "Value conversion failed [column=%s, from=%s, to=%s]", c.name, javaClass(v), c.typ.className())
	}
	return out, c.limits(out)
}

// limits checks that a value is not longer than the column may be.
func (c *column) limits(v any) error {
	if v == nil || c.typ.precision < 0 {
		return nil
	}
	length := -1
	switch x := v.(type) {
	case string:
		length = len(utf16.Encode([]rune(x)))
	case []byte:
		length = len(x)
	case *apd.Decimal:
		return c.checkDecimal(x)
	}
	if length > c.typ.precision {
		return fail(CodeTooLong, stateConstraint, "Value for a column '%s' is too long. Maximum length: %d, actual length: %d", c.name, c.typ.precision, length)
	}
	return nil
}

func (c *column) checkDecimal(d *apd.Decimal) error {
	precision, scale := int(d.NumDigits()), -int(d.Exponent)
	if scale < 0 {
		precision, scale = precision-scale, 0
	}
	if precision > c.typ.precision {
		return fail(CodeTooLong, stateConstraint, "Value for a column '%s' is out of range. Maximum precision: %d, actual precision: %d", c.name, c.typ.precision, precision)
	}
	if c.typ.scale >= 0 && scale > c.typ.scale {
		return fail(CodeScaleOutOfRange, stateConstraint, "Value for a column '%s' is out of range. Maximum scale : %d, actual scale: %d", c.name, c.typ.scale, scale)
	}
	return nil
}
