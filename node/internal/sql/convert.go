package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// typeOrder is H2's Value.getOrder: of two types that meet, values are turned into the later one.
var typeOrder = [...]int{
	kindUnknown: 1, kindNull: 2, kindString: 10, kindChar: 10, kindBool: 20, kindByte: 21, kindShort: 22, kindInt: 23, kindLong: 24,
	kindDecimal: 25, kindFloat: 26, kindDouble: 27, kindTime: 30, kindDate: 31, kindTimestamp: 32, kindUtilDate: 32,
	kindBytes: 40, kindObject: 42, kindUUID: 43,
}

// higher is the kind that values of two kinds are turned into where they meet: H2's Value.getHigherOrder.
func higher(l, r kind) kind {
	k := l
	if typeOrder[r] > typeOrder[l] {
		k = r
	}
	switch k {
	case kindUtilDate:
		return kindTimestamp
	case kindChar:
		return kindString
	}
	return k
}

// sameForm reports whether a value of one kind is a value of another as it is.
func sameForm(from, to kind) bool {
	switch {
	case from == to, from == kindNull, to == kindUnknown, to == kindNull:
		return true
	case typeOf(from).integer() || from == kindBool:
		return typeOf(to).integer() && to >= from
	}
	return from == kindFloat && to == kindDouble || from == kindChar && to == kindString || from == kindUtilDate && to == kindTimestamp ||
		from == kindTimestamp && to == kindUtilDate
}

// converted turns a form into that of another kind by H2's rules (Value.convertTo).
func converted(v driver.Value, from, to kind) (driver.Value, error) {
	if v == nil || sameForm(from, to) {
		return v, nil
	}
	x, ok := typedValue(v, from)
	if !ok {
		return nil, errForm
	}
	out, err := convertTo(x, to)
	if err != nil {
		return nil, err
	}
	return plainValue(out, nil), nil
}

func conversionError(v any) error {
	return fmt.Errorf("Data conversion error converting %q", h2Text(v)) //nolint:staticcheck // H2's text
}

func rangeError(v any) error {
	return fmt.Errorf("Numeric value out of range: %q", h2Text(v)) //nolint:staticcheck // H2's text
}

// convertTo is H2's Value.convertTo on typed values.
func convertTo(v any, to kind) (any, error) {
	switch to {
	case kindBool:
		return convertBool(v)
	case kindByte, kindShort, kindInt, kindLong:
		return convertInteger(v, to)
	case kindDecimal:
		return convertDecimal(v)
	case kindFloat:
		f, err := convertDouble(v)
		return float32(f), err
	case kindDouble:
		return convertDouble(v)
	case kindString, kindChar:
		s, ok := toText(v)
		if !ok {
			return nil, errForm
		}
		return s, nil
	case kindBytes:
		return convertBytes(v)
	case kindUUID:
		return convertUUID(v)
	case kindDate, kindTime, kindTimestamp, kindUtilDate:
		return convertTemporal(v, to)
	}
	return v, nil
}

func convertBool(v any) (any, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case int64:
		return x != 0, nil
	case float32:
		return x != 0, nil
	case float64:
		return x != 0, nil
	case *apd.Decimal:
		return !x.IsZero(), nil
	case string:
		switch strings.ToLower(x) {
		case "true", "t", "yes", "y":
			return true, nil
		case "false", "f", "no", "n":
			return false, nil
		}
		if d, ok := toDecimal(x); ok {
			return !d.IsZero(), nil
		}
	}
	return nil, conversionError(v)
}

var integerBits = map[kind]int{kindByte: 8, kindShort: 16, kindInt: 32, kindLong: 64}

func convertInteger(v any, to kind) (any, error) {
	var n int64
	switch x := v.(type) {
	case bool:
		n = plainValue(x, nil).(int64)
	case int64:
		n = x
	case float32:
		return convertInteger(float64(x), to)
	case float64:
		if x > math.MaxInt64 || x < math.MinInt64 {
			return nil, rangeError(v)
		}
		n = javaRound(x)
	case *apd.Decimal:
		whole, err := quantized(x, dataType{scale: 0}).Int64()
		if err != nil {
			return nil, rangeError(v)
		}
		n = whole
	case []byte:
		parsed, err := strconv.ParseInt(h2Text(x), 16, 64)
		if err != nil {
			return nil, conversionError(v)
		}
		n = parsed
	case string:
		parsed, err := strconv.ParseInt(strings.TrimSpace(x), 10, integerBits[to])
		if err != nil {
			return nil, conversionError(v)
		}
		n = parsed
	default:
		return nil, conversionError(v)
	}
	if shift := 64 - integerBits[to]; n<<shift>>shift != n {
		return nil, rangeError(v)
	}
	return n, nil
}

// javaRound is Math.round: half up, NaN is 0, and what is too large is the largest long.
func javaRound(f float64) int64 {
	switch r := math.Floor(f + 0.5); {
	case math.IsNaN(f):
		return 0
	case math.Abs(f) < 0.5 && f != -0.5: // f + 0.5 may have been rounded to 1
		return 0
	case r >= 1<<63:
		return math.MaxInt64
	case r < -1<<63:
		return math.MinInt64
	default:
		return int64(r)
	}
}

func convertDecimal(v any) (any, error) {
	switch x := v.(type) {
	case *apd.Decimal:
		return x, nil
	case bool:
		return apd.New(plainValue(x, nil).(int64), 0), nil
	case int64:
		return apd.New(x, 0), nil
	case float32, float64, string:
		// A double becomes the decimal that its text shows, as with BigDecimal.valueOf.
		if d, ok := toDecimal(h2Text(x)); ok {
			return d, nil
		}
	}
	return nil, conversionError(v)
}

func convertDouble(v any) (float64, error) {
	switch x := v.(type) {
	case bool:
		return float64(plainValue(x, nil).(int64)), nil
	case int64:
		return float64(x), nil
	case float32:
		return float64(x), nil
	case float64:
		return x, nil
	case *apd.Decimal:
		f, err := strconv.ParseFloat(x.String(), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, conversionError(v)
		}
		return f, nil
	case string:
		if f, ok := parseDouble(x); ok {
			return f, nil
		}
	}
	return 0, conversionError(v)
}

// parseDouble is Java's Double.parseDouble: it takes a suffix f or d, and no numbers in other bases.
func parseDouble(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	switch strings.TrimLeft(s, "+-") {
	case nan, "Infinity":
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil || strings.HasSuffix(s, nan)
	}
	if s != "" && strings.ContainsRune("fFdD", rune(s[len(s)-1])) {
		s = s[:len(s)-1]
	}
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func convertBytes(v any) (any, error) {
	switch x := v.(type) {
	case []byte:
		return x, nil
	case uuid.UUID:
		return append([]byte{}, x[:]...), nil
	case string:
		if b, ok := toBytes(x); ok {
			return b, nil
		}
	}
	return nil, conversionError(v)
}

func convertUUID(v any) (any, error) {
	switch x := v.(type) {
	case uuid.UUID:
		return x, nil
	case []byte:
		if len(x) >= 16 {
			return uuid.UUID(x[:16]), nil
		}
	}
	if u, ok := looseUUID(h2Text(v)); ok {
		return u, nil
	}
	return nil, conversionError(v)
}

// looseUUID reads hexadecimal digits as H2's ValueUuid.get does: dashes and blanks do not count, and the first sixteen
// digits of more are the high long.
func looseUUID(s string) (uuid.UUID, bool) {
	var low, high uint64
	digits := 0
	for _, c := range s {
		n := strings.IndexRune("0123456789abcdef", c|0x20)
		switch {
		case c == '-' || c <= ' ':
			continue
		case n < 0 || c > 'f':
			return uuid.UUID{}, false
		}
		low = low<<4 | uint64(n)
		if digits++; digits == 16 {
			high, low = low, 0
		}
	}
	var u uuid.UUID
	for i := range 8 {
		u[i], u[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
	}
	return u, true
}

func convertTemporal(v any, to kind) (any, error) {
	var t time.Time
	switch x := v.(type) {
	case ignite.SQLDate:
		t = x.Time()
	case ignite.TimeOfDay:
		t = time.Unix(0, 0).UTC().Add(x.Duration())
	case time.Time:
		t = x
	default:
		s := h2Text(v)
		form, err := canonicalTemporal(s, to)
		if err != nil {
			return nil, fmt.Errorf("Cannot parse %q constant %q", typeInfos[to].name, s) //nolint:staticcheck // H2's text
		}
		out, _ := typedValue(form, to)
		return out, nil
	}
	switch to {
	case kindDate:
		return ignite.SQLDate(startOfDay(t).UnixMilli()), nil
	case kindTime:
		return ignite.TimeOfDay(sinceMidnight(t).Milliseconds()), nil
	}
	return t, nil
}

// h2Text is toText for values that have one.
func h2Text(v any) string {
	s, _ := toText(v)
	return s
}

// convertCall is kd_convert(value, from, to).
func convertCall(a []driver.Value) (driver.Value, error) {
	return converted(a[0], kind(a[1].(int64)), kind(a[2].(int64)))
}

// castCall is CAST: value, name of the type, precision, scale, kind of the value's own type.
func castCall(a []driver.Value) (driver.Value, error) {
	precision, _ := toInteger(a[2])
	scale, _ := toInteger(a[3])
	from, _ := toInteger(a[4])
	t := dataType{kind: kindsByName[asString(a[1])], precision: int(precision), scale: int(scale)}
	x, ok := typedValue(a[0], kind(from))
	if !ok {
		return nil, errForm
	}
	out, err := convertTo(x, t.kind)
	if err != nil {
		return nil, err
	}
	switch x := out.(type) {
	case *apd.Decimal:
		d := quantized(x, t)
		if digits := int(d.NumDigits()); t.precision > 0 && digits > t.precision {
			return nil, rangeError(d)
		}
		return d.String(), nil
	case string:
		if t.precision >= 0 {
			return units(x).cut(0, t.precision), nil
		}
	case []byte:
		if t.precision >= 0 && len(x) > t.precision {
			return x[:t.precision], nil
		}
	case ignite.TimeOfDay:
		// CAST has whole seconds, and rounds up to the last moment of the day.
		rounded := x.Duration().Round(time.Second)
		return textTimeOfDay(min(rounded, day-time.Millisecond)), nil
	case time.Time:
		return textTimestamp(x.Round(time.Microsecond)), nil
	}
	return plainValue(out, nil), nil
}
