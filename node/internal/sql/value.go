package sql

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// sqlDate reads a java.sql.Date; false for any other value.
func sqlDate(raw ignite.Raw) (ignite.SQLDate, bool) {
	if raw.Type() != ignite.TypeOptimized {
		return 0, false
	}
	d, ok := ignite.NewReader(raw).Value().(ignite.SQLDate)
	return d, ok
}

// sqliteValue turns an encoded value into what SQLite computes with: integers, doubles, text and bytes. DECIMAL
// becomes a double; its exact form is exactValue. Values SQL has no form for stay as their encoded bytes.
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
			return math.Float64frombits(binary.LittleEndian.Uint64(raw[1:])), nil
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
		return float64(v)
	case float64:
		return v
	case ignite.Char:
		return string(rune(v))
	case string:
		return v
	case []byte:
		return v
	case uuid.UUID:
		return v.String()
	case ignite.SQLDate:
		return textDate(v.Time())
	case ignite.Date:
		return textTimestamp(v.Time())
	case time.Time:
		return textTimestamp(v)
	case ignite.TimeOfDay:
		return textTimeOfDay(v.Duration())
	case *apd.Decimal:
		f, _ := v.Float64()
		return f
	}
	return []byte(raw)
}

// exactValue is the text of a DECIMAL with all its digits; any other value as sqliteValue gives it.
func exactValue(raw ignite.Raw) (driver.Value, error) {
	if raw.Type() != ignite.TypeDecimal {
		return sqliteValue(raw)
	}
	r := ignite.NewReader(raw)
	d, ok := r.Value().(*apd.Decimal)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	if !ok || !saneDecimal(d) {
		return sqliteValue(raw)
	}
	return d.Text('f'), nil
}

// maxExponent bounds decimals, so that a few bytes cannot ask for megabytes of zeros.
const maxExponent = 2000

func saneDecimal(d *apd.Decimal) bool {
	return d.Form == apd.Finite && d.Exponent > -maxExponent && d.Exponent < maxExponent
}

// appendResult appends what SQLite computed as a value of type t. A value that does not fit t, which a type that was
// only inferred may bring about, is written as what it is.
func appendResult(dst []byte, v driver.Value, t dataType) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, byte(ignite.TypeNull)), nil
	case int64:
		return appendInteger(dst, v, t)
	case float64:
		return appendDouble(dst, v, t)
	case string:
		return appendText(dst, v, t)
	case []byte:
		if t.kind == kindObject {
			return append(dst, v...), nil
		}
		return ignite.AppendValue(dst, append([]byte{}, v...))
	case bool:
		return ignite.AppendValue(dst, v)
	case time.Time:
		return ignite.AppendValue(dst, v.UTC())
	}
	return dst, fmt.Errorf("SQLite gave a value of type %T", v)
}

func appendInteger(dst []byte, v int64, t dataType) ([]byte, error) {
	switch t.kind {
	case kindBool:
		return ignite.AppendValue(dst, v != 0)
	case kindByte:
		if v == int64(int8(v)) {
			return ignite.AppendValue(dst, int8(v))
		}
	case kindShort:
		if v == int64(int16(v)) {
			return ignite.AppendValue(dst, int16(v))
		}
	case kindInt:
		if v == int64(int32(v)) {
			return ignite.AppendValue(dst, int32(v))
		}
	case kindFloat, kindDouble:
		return appendDouble(dst, float64(v), t)
	case kindDecimal:
		return ignite.AppendValue(dst, quantized(apd.New(v, 0), t))
	case kindString:
		return ignite.AppendValue(dst, strconv.FormatInt(v, 10))
	}
	return ignite.AppendValue(dst, v)
}

func appendDouble(dst []byte, v float64, t dataType) ([]byte, error) {
	switch t.kind {
	case kindFloat:
		return ignite.AppendValue(dst, float32(v))
	case kindDecimal:
		d := new(apd.Decimal)
		if _, _, err := d.SetString(strconv.FormatFloat(v, 'f', -1, 64)); err == nil && d.Form == apd.Finite {
			return ignite.AppendValue(dst, quantized(d, t))
		}
	case kindString:
		return ignite.AppendValue(dst, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return ignite.AppendValue(dst, v)
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

func appendText(dst []byte, v string, t dataType) ([]byte, error) {
	if t.kind == kindString || t.kind == kindUnknown {
		return ignite.AppendValue(dst, v)
	}
	if out, ok := coerce(v, t); ok {
		return ignite.AppendValue(dst, out)
	}
	return ignite.AppendValue(dst, v)
}

// lookupKey turns a value that SQLite compares with the key into the key; false when only a scan can tell.
func lookupKey(v driver.Value, t dataType) (any, bool) {
	switch t.kind {
	case kindFloat, kindDouble, kindDecimal, kindUtilDate, kindObject, kindUnknown, kindNull, kindBytes:
		return nil, false
	}
	switch x := v.(type) {
	case int64:
		if !t.integer() && t.kind != kindBool {
			return nil, false
		}
	case float64:
		if !t.integer() || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
			return nil, false
		}
		v = int64(x)
	case string:
		if t.integer() || t.kind == kindBool {
			return nil, false
		}
	default:
		return nil, false
	}
	return coerce(v, t)
}
