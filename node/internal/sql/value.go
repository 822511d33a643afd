package sql

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// Values travel through SQLite in forms that lose nothing and that SQLite puts into H2's order:
//
//	BOOLEAN, whole numbers   integers
//	REAL, DOUBLE             doubles; NaN is the text "NaN", which SQLite, like Java, puts behind all numbers
//	DECIMAL                  text as BigDecimal.toString() writes it, scale and all; compared by collateDecimal
//	VARCHAR, CHAR            text; ordered by collateText
//	DATE, TIME, TIMESTAMP    text whose order is the order in time
//	UUID                     16 bytes, with the signs of the two longs turned, so that their order is that of Java
//	VARBINARY, objects       bytes
//
// The planner knows the type of every expression, so nothing is ever guessed from a form.

// sqlDate reads a java.sql.Date; false for any other value.
func sqlDate(raw ignite.Raw) (ignite.SQLDate, bool) {
	if raw.Type() != ignite.TypeOptimized {
		return 0, false
	}
	d, ok := ignite.NewReader(raw).Value().(ignite.SQLDate)
	return d, ok
}

// sqliteValue turns an encoded value into its form in SQLite. Values SQL has no form for stay as their encoded bytes.
func sqliteValue(raw ignite.Raw) (driver.Value, error) {
	switch raw.Type() {
	case 0, ignite.TypeNull:
		return nil, nil
	case ignite.TypeLong:
		if len(raw) == 9 {
			return int64(binary.LittleEndian.Uint64(raw[1:])), nil
		}
	case ignite.TypeInt:
		if len(raw) == 5 {
			return int64(int32(binary.LittleEndian.Uint32(raw[1:]))), nil
		}
	case ignite.TypeDouble:
		if len(raw) == 9 {
			return plainDouble(math.Float64frombits(binary.LittleEndian.Uint64(raw[1:]))), nil
		}
	case ignite.TypeString:
		if len(raw) >= 5 && int64(binary.LittleEndian.Uint32(raw[1:])) == int64(len(raw)-5) {
			return string(raw[5:]), nil
		}
	case ignite.TypeObject, ignite.TypeWrapped:
		return []byte(raw), nil
	}
	r := ignite.NewReader(raw)
	v := r.Value()
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return plainValue(v, raw), nil
}

const nan = "NaN"

func plainDouble(f float64) driver.Value {
	if math.IsNaN(f) {
		return nan
	}
	return f
}

// plainValue is sqliteValue for a decoded value; raw stands in for what has no plain form.
func plainValue(v any, raw ignite.Raw) driver.Value {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case float32:
		return plainDouble(float64(v))
	case float64:
		return plainDouble(v)
	case ignite.Char:
		return string(rune(v))
	case string:
		return v
	case []byte:
		return v
	case uuid.UUID:
		return turned(v)
	case ignite.SQLDate:
		return textDate(v.Time())
	case ignite.Date:
		return textTimestamp(v.Time())
	case time.Time:
		return textTimestamp(v)
	case ignite.TimeOfDay:
		return textTimeOfDay(v.Duration())
	case *apd.Decimal:
		return v.String()
	}
	return []byte(raw)
}

// turned gives the bytes of a UUID with the signs of both longs turned, and takes them back.
func turned(u uuid.UUID) []byte {
	b := append([]byte{}, u[:]...)
	b[0] ^= 0x80
	b[8] ^= 0x80
	return b
}

// typedValue gives the Go value behind a form: bool, int64, float32, float64, *apd.Decimal, string, []byte, uuid.UUID,
// ignite.SQLDate, ignite.TimeOfDay or time.Time; false when the form is not one of the kind.
func typedValue(v driver.Value, k kind) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case bool:
		return typedInteger(plainValue(x, nil).(int64), k)
	case int64:
		return typedInteger(x, k)
	case float64:
		return typedDouble(x, k)
	case []byte:
		if k == kindUUID && len(x) == 16 {
			return uuid.UUID(turned(uuid.UUID(x))), true
		}
		return x, k == kindBytes || k == kindObject || k == kindUnknown
	case string:
		return typedText(x, k)
	case time.Time:
		return x.UTC(), true
	}
	return nil, false
}

func typedInteger(n int64, k kind) (any, bool) {
	switch k {
	case kindBool:
		return n != 0, true
	case kindFloat:
		return float32(n), true
	case kindDouble:
		return float64(n), true
	case kindDecimal:
		return apd.New(n, 0), true
	}
	return n, true
}

func typedDouble(f float64, k kind) (any, bool) {
	switch k {
	case kindFloat:
		return float32(f), true
	case kindDecimal:
		return toDecimal(f)
	}
	return f, true
}

func typedText(s string, k kind) (any, bool) {
	switch k {
	case kindFloat:
		return float32(math.NaN()), s == nan
	case kindDouble:
		return math.NaN(), s == nan
	case kindDecimal:
		return toDecimal(s)
	case kindDate:
		t, err := parseTimestamp(s)
		return ignite.SQLDate(startOfDay(t).UnixMilli()), err == nil
	case kindTime:
		d, err := parseTimeOfDay(s)
		return ignite.TimeOfDay(d.Milliseconds()), err == nil
	case kindTimestamp, kindUtilDate:
		t, err := parseTimestamp(s)
		return t, err == nil
	}
	return s, true
}

// maxExponent bounds decimals, so that a few bytes cannot ask for megabytes of zeros.
const maxExponent = 2000

func saneDecimal(d *apd.Decimal) bool {
	return d.Form == apd.Finite && d.Exponent > -maxExponent && d.Exponent < maxExponent
}

// appendResult appends what SQLite computed as a value of type t. A value that does not fit t is written as what it is.
func appendResult(dst []byte, v driver.Value, t dataType) ([]byte, error) {
	if b, ok := v.([]byte); ok && t.kind == kindObject {
		return append(dst, b...), nil
	}
	x, ok := typedValue(v, t.kind)
	if !ok {
		x, _ = typedValue(v, kindUnknown)
	}
	if n, ok := x.(int64); ok {
		x = narrow(n, t.kind)
	}
	switch x := x.(type) {
	case nil:
		return append(dst, byte(ignite.TypeNull)), nil
	case []byte:
		return ignite.AppendValue(dst, append([]byte{}, x...))
	case string:
		if t.kind == kindChar {
			if c, ok := coerce(x, t); ok {
				return ignite.AppendValue(dst, c)
			}
		}
		return ignite.AppendValue(dst, x)
	case time.Time:
		if t.kind == kindUtilDate {
			return ignite.AppendValue(dst, ignite.DateOf(x))
		}
	}
	return ignite.AppendValue(dst, x)
}

// narrow gives a whole number the Go type of its kind.
func narrow(n int64, k kind) any {
	switch {
	case k == kindByte && n == int64(int8(n)):
		return int8(n)
	case k == kindShort && n == int64(int16(n)):
		return int16(n)
	case k == kindInt && n == int64(int32(n)):
		return int32(n)
	}
	return n
}

// quantized gives d the scale of t, rounding half up; d as it is when t has none.
func quantized(d *apd.Decimal, t dataType) *apd.Decimal {
	if t.scale < 0 || t.scale > maxExponent {
		return d
	}
	out := new(apd.Decimal)
	ctx := apd.Context{Precision: uint32(d.NumDigits()) + 2*maxExponent, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfUp}
	if _, err := ctx.Quantize(out, d, -int32(t.scale)); err != nil {
		return d
	}
	return out
}

// lookupKey turns a value that SQLite compares with the key into the key; false when only a scan can tell.
func lookupKey(v driver.Value, t dataType) (any, bool) {
	switch t.kind {
	case kindFloat, kindDouble, kindDecimal, kindUtilDate, kindObject, kindUnknown, kindNull, kindBytes:
		return nil, false
	}
	switch v.(type) {
	case int64:
		if !t.integer() && t.kind != kindBool {
			return nil, false
		}
	case string:
		if t.integer() || t.kind == kindBool || t.kind == kindUUID {
			return nil, false
		}
	case []byte:
		if t.kind != kindUUID {
			return nil, false
		}
	default:
		return nil, false
	}
	x, ok := typedValue(v, t.kind)
	if !ok {
		return nil, false
	}
	return coerce(x, t)
}

var errForm = errors.New("a value has not the form of its type")
