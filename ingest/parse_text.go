package ingest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
)

// append parses s and appends the value, type code first. Spaces around a value that
// is not text do not count.
func (t *textType) append(dst []byte, s string) ([]byte, error) {
	if t.code == igbinary.TypeString {
		dst = appendCount(append(dst, byte(igbinary.TypeString)), len(s))
		return append(dst, s...), nil
	}
	if t.code == igbinary.TypeChar {
		return t.appendChar(dst, s)
	}
	s = strings.TrimSpace(s)
	switch t.code {
	case igbinary.TypeByte, igbinary.TypeShort, igbinary.TypeInt, igbinary.TypeLong:
		return t.appendInteger(dst, s)
	case igbinary.TypeFloat, igbinary.TypeDouble:
		return t.appendFloat(dst, s)
	case igbinary.TypeBool:
		v, known := boolWords[strings.ToLower(s)]
		if !known {
			return dst, t.refuse(s, "expected true or false")
		}
		return appendBool(dst, v), nil
	case igbinary.TypeDecimal:
		d, _, err := apd.NewFromString(s)
		if err != nil || d.Form != apd.Finite {
			return dst, t.refuse(s, "")
		}
		return igbinary.AppendValue(dst, d)
	case igbinary.TypeUUID:
		id, err := uuid.Parse(s)
		if err != nil {
			return dst, t.refuse(s, "")
		}
		return igbinary.AppendValue(dst, id)
	case igbinary.TypeByteArray:
		return t.appendBytes(dst, s)
	case igbinary.TypeTime, igbinary.TypeTimestamp, igbinary.TypeDate, igbinary.TypeOptimized:
		return t.appendTime(dst, s)
	default:
		return t.appendArray(dst, s)
	}
}

// refuse is the error of a value that is not of the type.
func (t *textType) refuse(s, expected string) error {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "..."
	}
	if expected != "" {
		expected = " (" + expected + ")"
	}
	return fmt.Errorf("%q is no %s%s", s, t.name, expected)
}

// boolWords are what a column that is declared as boolean may hold.
var boolWords = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "on": true, "1": true,
	"false": false, "f": false, "no": false, "n": false, "off": false, "0": false,
}

func (t *textType) appendChar(dst []byte, s string) ([]byte, error) {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || size != len(s) || r > math.MaxUint16 {
		return dst, t.refuse(s, "expected one character of 16 bits")
	}
	return binary.LittleEndian.AppendUint16(append(dst, byte(igbinary.TypeChar)), uint16(r)), nil
}

// appendInteger takes 5, +5, 005 and 5.0.
func (t *textType) appendInteger(dst []byte, s string) ([]byte, error) {
	width := widthOf(t.code)
	digits := s
	if whole, fraction, ok := strings.Cut(s, "."); ok && fraction != "" && strings.Trim(fraction, "0") == "" {
		digits = whole
	}
	n, err := strconv.ParseInt(digits, 10, 8*width)
	if errors.Is(err, strconv.ErrRange) {
		return dst, t.refuse(s, fmt.Sprintf("expected %d to %d", int64(math.MinInt64)>>(64-8*width), int64(math.MaxInt64)>>(64-8*width)))
	}
	if err != nil {
		return dst, t.refuse(s, "")
	}
	var le [8]byte
	binary.LittleEndian.PutUint64(le[:], uint64(n))
	return append(append(dst, byte(t.code)), le[:width]...), nil
}

func (t *textType) appendFloat(dst []byte, s string) ([]byte, error) {
	if strings.ContainsAny(s, "_xXpP") { // Go's own notations
		return dst, t.refuse(s, "")
	}
	if t.code == igbinary.TypeFloat {
		f, err := strconv.ParseFloat(s, 32)
		if err != nil {
			return dst, t.refuse(s, "")
		}
		return binary.LittleEndian.AppendUint32(append(dst, byte(t.code)), math.Float32bits(float32(f))), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return dst, t.refuse(s, "")
	}
	return binary.LittleEndian.AppendUint64(append(dst, byte(t.code)), math.Float64bits(f)), nil
}

// appendBytes takes hexadecimal digits behind 0x or \x, else base64.
func (t *textType) appendBytes(dst []byte, s string) ([]byte, error) {
	var b []byte
	var err error
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, `\x`) {
		b, err = hex.DecodeString(s[2:])
	} else {
		b, err = base64.StdEncoding.DecodeString(s)
	}
	if err != nil {
		return dst, t.refuse(s, `expected base64, or hexadecimal digits behind 0x or \x`)
	}
	return append(appendCount(append(dst, byte(t.code)), len(b)), b...), nil
}

// appendTime never cuts off what the type cannot hold.
func (t *textType) appendTime(dst []byte, s string) ([]byte, error) {
	if t.code == igbinary.TypeTime {
		at, ok := parseClock(s)
		if !ok {
			return dst, t.refuse(s, "expected 15:04, 15:04:05 or 15:04:05.999")
		}
		return igbinary.AppendValue(dst, at)
	}
	at, form := parseInstant(s)
	switch {
	case form == formNone:
		return dst, t.refuse(s, "expected 2006-01-02, or 2006-01-02 15:04:05.999999999 with or without an offset as +01:00, of the years 1 to 9999")
	case t.code == igbinary.TypeTimestamp:
		return igbinary.AppendValue(dst, at)
	case t.code == igbinary.TypeDate && at.Nanosecond()%int(time.Millisecond) != 0:
		return dst, t.refuse(s, "it holds milliseconds")
	case t.code == igbinary.TypeDate:
		return igbinary.AppendValue(dst, igbinary.DateOf(at))
	case at != at.Truncate(24*time.Hour):
		return dst, t.refuse(s, "it holds no time of day")
	default:
		return igbinary.AppendValue(dst, igbinary.SQLDate(at.UnixMilli()))
	}
}

func parseClock(s string) (igbinary.TimeOfDay, bool) {
	layout := "15:04"
	if strings.Count(s, ":") > 1 {
		layout = time.TimeOnly
	}
	at, err := time.Parse(layout, s)
	if _, fraction, _ := strings.Cut(s, "."); err != nil || len(fraction) > 9 || at.Nanosecond()%int(time.Millisecond) != 0 {
		return 0, false
	}
	clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())
	return igbinary.TimeOfDay(clock.Milliseconds()), true
}

// appendArray takes an array of numbers, booleans or texts in JSON.
func (t *textType) appendArray(dst []byte, s string) ([]byte, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var items []any
	if err := d.Decode(&items); err != nil || items == nil {
		return dst, t.refuse(s, "expected an array as [1, 2, 3]")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return dst, t.refuse(s, "expected one array")
	}
	dst = appendCount(append(dst, byte(t.code)), len(items))
	item := *t
	item.name, item.code = strings.TrimSuffix(t.name, "[]"), igbinary.TypeString
	if t.code != igbinary.TypeStringArray {
		item.code = elementCode(t.code)
	}
	for _, v := range items {
		at := len(dst)
		var err error
		_, text := v.(string)
		switch {
		case v == nil && t.code == igbinary.TypeStringArray:
			dst = append(dst, byte(igbinary.TypeNull))
			continue
		case v == nil || text != (t.code == igbinary.TypeStringArray):
			return dst, t.refuse(s, fmt.Sprintf("%v is no %s", v, item.name))
		}
		if dst, err = item.append(dst, fmt.Sprint(v)); err != nil {
			return dst, err
		}
		if t.code != igbinary.TypeStringArray { // its items have type codes
			dst = slices.Delete(dst, at, at+1)
		}
	}
	return dst, nil
}
