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

// coerce converts a decoded value to a column's type by Ignite's rules; false when it cannot be done without losing
// what the value says. Null stays null.
func coerce(v any, t dataType) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch t.kind {
	case kindBool:
		return toBool(v)
	case kindByte:
		return narrowed[int8](v)
	case kindShort:
		return narrowed[int16](v)
	case kindInt:
		return narrowed[int32](v)
	case kindLong:
		return narrowed[int64](v)
	case kindFloat:
		f, ok := toDouble(v)
		return float32(f), ok
	case kindDouble:
		f, ok := toDouble(v)
		return f, ok
	case kindDecimal:
		d, ok := toDecimal(v)
		return d, ok
	case kindString:
		return toText(v)
	case kindChar:
		s, ok := toText(v)
		units := utf16.Encode([]rune(s))
		if !ok || len(units) != 1 {
			return nil, false
		}
		return ignite.Char(units[0]), true
	case kindBytes:
		return toBytes(v)
	case kindUUID:
		return toUUID(v)
	case kindDate, kindTime, kindTimestamp, kindUtilDate:
		return toTemporal(v, t.kind)
	}
	return v, true
}

func toBool(v any) (any, bool) {
	switch x := v.(type) {
	case bool:
		return x, true
	case string:
		switch strings.ToLower(x) {
		case "true", "t", "yes", "y":
			return true, true
		case "false", "f", "no", "n":
			return false, true
		}
	}
	if f, ok := toDouble(v); ok {
		return f != 0, true
	}
	return nil, false
}

// narrowed converts to an integer type, rounding half up and checking the range.
func narrowed[T int8 | int16 | int32 | int64](v any) (any, bool) {
	n, ok := toInteger(v)
	if !ok || int64(T(n)) != n {
		return nil, false
	}
	return T(n), true
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
		if !saneDecimal(x) {
			return "", false
		}
		return x.Text('f'), true
	case uuid.UUID:
		return x.String(), true
	case []byte:
		return hex.EncodeToString(x), true
	case ignite.SQLDate:
		return textDate(x.Time()), true
	case ignite.Date:
		return javaTimestamp(x.Time()), true
	case time.Time:
		return javaTimestamp(x), true
	case ignite.TimeOfDay:
		return x.Duration().String(), true
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

func toUUID(v any) (any, bool) {
	switch x := v.(type) {
	case uuid.UUID:
		return x, true
	case string:
		if len(x) != 36 {
			return nil, false
		}
		u, err := uuid.Parse(x)
		return u, err == nil
	case []byte:
		u, err := uuid.FromBytes(x)
		return u, err == nil
	}
	return nil, false
}

func toTemporal(v any, k kind) (any, bool) {
	t, ok := asTime(v, k)
	if !ok {
		return nil, false
	}
	switch k {
	case kindDate:
		return ignite.SQLDate(startOfDay(t).UnixMilli()), true
	case kindTime:
		return ignite.TimeOfDay(sinceMidnight(t).Milliseconds()), true
	case kindUtilDate:
		return ignite.DateOf(t), true
	}
	return t, true
}

// asTime gives the instant that v means in a column of kind k.
func asTime(v any, k kind) (time.Time, bool) {
	switch x := v.(type) {
	case time.Time:
		return x.UTC(), true
	case ignite.SQLDate:
		return x.Time(), k != kindTime
	case ignite.Date:
		return x.Time(), true
	case ignite.TimeOfDay:
		return time.Unix(0, 0).UTC().Add(x.Duration()), k != kindDate
	case string:
		s, err := canonicalTemporal(x, k)
		if err != nil {
			return time.Time{}, false
		}
		if k == kindTime {
			d, err := parseTimeOfDay(s)
			return time.Unix(0, 0).UTC().Add(d), err == nil
		}
		t, err := parseTimestamp(s)
		return t, err == nil
	}
	return time.Time{}, false
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
	if out == nil || c.typ.precision < 0 {
		return out, nil
	}
	length := -1
	switch x := out.(type) {
	case string:
		length = len(utf16.Encode([]rune(x)))
	case []byte:
		length = len(x)
	case *apd.Decimal:
		return out, c.checkDecimal(x)
	}
	if length > c.typ.precision {
		return nil, fail(CodeTooLong, stateConstraint, "Value for a column '%s' is too long. Maximum length: %d, actual length: %d", c.name, c.typ.precision, length)
	}
	return out, nil
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
