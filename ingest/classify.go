package ingest

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// kinds is a set of what the values of a text column look like. The type of the
// column follows from the set (see dataType).
type kinds uint16

const (
	kindLong     kinds = 1 << iota // an integer of 64 bits that a double holds, too
	kindWide                       // an integer of 64 bits that a double changes
	kindBig                        // an integer beyond 64 bits
	kindFraction                   // a number with a point or exponent that a double holds
	kindExact                      // such a number that a double changes
	kindSpecial                    // NaN, an infinity
	kindBool
	kindDay   // a date
	kindLocal // a date and time
	kindZoned // a date and time with an offset from UTC
	kindText
)

const (
	integerKinds = kindLong | kindWide | kindBig
	numberKinds  = integerKinds | kindFraction | kindExact
)

func (k kinds) within(set kinds) bool { return k&^set == 0 }

// dataType is the type that keeps every value of these kinds exactly: long, else
// double, else decimal for numbers; boolean; timestamp, of which all or none have an
// offset; else text. In a key an integer never becomes a double.
func (k kinds) dataType(key bool) arrow.DataType {
	switch {
	case k == 0:
		return arrow.BinaryTypes.String
	case k.within(kindLong | kindWide):
		return arrow.PrimitiveTypes.Int64
	case k.within(kindLong|kindFraction|kindSpecial) && k != kindSpecial && !(key && k&kindLong != 0):
		return arrow.PrimitiveTypes.Float64
	case k.within(numberKinds):
		return textTypes["decimal"]
	case k == kindBool:
		return arrow.FixedWidthTypes.Boolean
	case k.within(kindDay|kindLocal) && k&kindLocal != 0, k == kindZoned:
		return textTypes["timestamp"]
	default:
		return arrow.BinaryTypes.String
	}
}

// maxNumberBytes bounds the text that is looked at as a number.
const maxNumberBytes = 400

// kindOf tells what the text of a field looks like. Spaces around it count for text
// only. What an integer or a number looks like is the grammar of JSON, and ".5".
func kindOf(s string) kinds {
	s = strings.Trim(s, " ")
	if s == "" {
		return 0
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '.':
		if k := numberKind(s); k != 0 {
			return k
		}
		if k := timeKind(s); k != 0 {
			return k
		}
	case s == "true" || s == "false" || s == "True" || s == "False" || s == "TRUE" || s == "FALSE":
		return kindBool
	}
	if isSpecial(s) {
		return kindSpecial
	}
	return kindText
}

func isSpecial(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return strings.EqualFold(s, "nan") || strings.EqualFold(s, "inf") || strings.EqualFold(s, "infinity")
}

// number is the text of a number, cut into its parts.
type number struct {
	whole, fraction, exponent string // digits, digits, digits with a sign
	negative                  bool
}

// cutNumber cuts a number: [-] digits [. digits] [e [+-] digits]. A leading zero, as
// in 007, a plus sign and a point without a digit behind it are not of its grammar.
func cutNumber(s string) (n number, ok bool) {
	rest, negative := strings.CutPrefix(s, "-")
	n.negative = negative
	n.whole, rest = cutDigits(rest)
	if len(n.whole) > 1 && n.whole[0] == '0' {
		return n, false
	}
	if after, point := strings.CutPrefix(rest, "."); point {
		if n.fraction, rest = cutDigits(after); n.fraction == "" {
			return n, false
		}
	} else if n.whole == "" {
		return n, false
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		n.exponent = rest[1:]
		digits := strings.TrimPrefix(n.exponent, "-")
		if digits == n.exponent {
			digits = strings.TrimPrefix(n.exponent, "+")
		}
		digits, rest = cutDigits(digits)
		return n, digits != "" && len(digits) <= 4 && rest == ""
	}
	return n, rest == ""
}

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// A double holds any number of so many digits with an exponent of such a size.
const (
	doubleDigits   = 15
	doubleExponent = 290
)

func numberKind(s string) kinds {
	if len(s) > maxNumberBytes {
		return 0
	}
	n, ok := cutNumber(s)
	if !ok {
		return 0
	}
	if n.fraction == "" && n.exponent == "" && s != "-0" {
		if len(n.whole) <= doubleDigits {
			return kindLong
		}
		if _, err := strconv.ParseInt(s, 10, 64); err != nil {
			return kindBig
		}
		if n.fitsDouble(s) {
			return kindLong
		}
		return kindWide
	}
	if n.fitsDouble(s) {
		return kindFraction
	}
	return kindExact
}

// fitsDouble tells whether the double nearest to a number, written with as many
// digits, or with as few as tell it from others, is that number again.
func (n number) fitsDouble(s string) bool {
	exponent := 0
	if n.exponent != "" {
		var err error
		if exponent, err = strconv.Atoi(n.exponent); err != nil {
			return false
		}
	}
	if len(n.whole)+len(n.fraction) <= doubleDigits && exponent > -doubleExponent && exponent < doubleExponent {
		return true
	}
	all := n.whole + n.fraction
	digits := strings.TrimLeft(all, "0")
	if digits == "" {
		return true // a zero
	}
	exponent += len(n.whole) - (len(all) - len(digits)) - 1
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return false
	}
	return isWritten(f, len(digits)-1, digits, exponent) || isWritten(f, -1, strings.TrimRight(digits, "0"), exponent)
}

// isWritten tells whether f in scientific notation has these digits and exponent.
func isWritten(f float64, precision int, digits string, exponent int) bool {
	var space [64]byte
	mantissa, power, _ := bytes.Cut(strconv.AppendFloat(space[:0], f, 'e', precision, 64), []byte("e"))
	mantissa = bytes.TrimPrefix(mantissa, []byte("-"))
	if n, err := strconv.Atoi(string(power)); err != nil || n != exponent {
		return false
	}
	first, rest, _ := strings.Cut(string(mantissa), ".")
	if precision < 0 {
		rest = strings.TrimRight(rest, "0")
	}
	return len(first)+len(rest) == len(digits) && digits[:1] == first && digits[1:] == rest
}

func timeKind(s string) kinds {
	switch _, form := parseInstant(s); form {
	case formDay:
		return kindDay
	case formLocal:
		return kindLocal
	case formZoned:
		return kindZoned
	default:
		return 0
	}
}

// instantForm is how an instant is written.
type instantForm int

const (
	formNone  instantForm = iota // it is no instant
	formDay                      // 2006-01-02
	formLocal                    // 2006-01-02 15:04[:05[.999999999]], or a T for the space
	formZoned                    // the same with Z, UTC or an offset: +01, +0100, +01:00
)

// parseInstant reads a date, or a date and time of the years 1 to 9999, down to
// nanoseconds. Without an offset it is UTC.
func parseInstant(s string) (time.Time, instantForm) {
	const day = len("2006-01-02")
	if len(s) < day || s[4] != '-' || s[7] != '-' {
		return time.Time{}, formNone
	}
	layout, form := "2006-01-02", formDay
	if clock := s[day:]; clock != "" {
		if clock[0] != ' ' && clock[0] != 'T' {
			return time.Time{}, formNone
		}
		layout, form = layout+clock[:1]+"15:04", formLocal
		zone := strings.TrimLeft(clock[1:], "0123456789:.")
		clock = clock[1 : len(clock)-len(zone)]
		if strings.Count(clock, ":") > 1 {
			layout += ":05"
		}
		if _, fraction, _ := strings.Cut(clock, "."); len(fraction) > 9 {
			return time.Time{}, formNone
		}
		if zone != "" {
			layout, form = layout+zoneLayout(zone), formZoned
		}
	}
	t, err := time.Parse(layout, s)
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, formNone
	}
	return t, form
}

func zoneLayout(zone string) string {
	space := zone[:len(zone)-len(strings.TrimPrefix(zone, " "))]
	switch zone = zone[len(space):]; {
	case zone == "UTC":
		return space + "UTC"
	case strings.Contains(zone, ":"):
		return space + "Z07:00"
	case len(zone) > len("+01"):
		return space + "Z0700"
	default:
		return space + "Z07"
	}
}
