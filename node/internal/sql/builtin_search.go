package sql

import (
	"database/sql/driver"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// searchBuiltins are functions that look for text or change a part of it. Positions count UTF-16 units, as in Java.
var searchBuiltins = []builtin{
	{"kd_locate", -1, true, false, locate},
	{"kd_insert", 4, true, true, insertText},
	{"kd_translate", 3, true, false, translate},
	{"kd_regexp_like", 3, true, false, regexpLike},
	{"kd_regexp_replace", 4, true, false, regexpReplace},
	{"kd_soundex", 1, true, false, text1(soundex)},
	{"kd_difference", 2, true, false, difference},
	{"kd_hextoraw", 1, true, false, hexToRaw},
	{"kd_rawtohex", 1, true, false, rawToHex},
}

func ofUnits(u []uint16) string { return utf16Text(u).String() }

// locate is LOCATE(search, text [, start]). A negative start searches backwards from the end.
func locate(a []driver.Value) (driver.Value, error) {
	search, text, start := units(asString(a[0])), units(asString(a[1])), int64(1)
	if len(a) == 3 {
		var err error
		if start, err = asInteger(a[2]); err != nil {
			return nil, err
		}
	}
	at := func(i int64) bool {
		end := i + int64(len(search))
		return i >= 0 && end <= int64(len(text)) && slices.Equal(text[i:end], search)
	}
	if start < 0 {
		for i := min(int64(len(text))+start, int64(len(text))); i >= 0; i-- {
			if at(i) {
				return i + 1, nil
			}
		}
		return int64(0), nil
	}
	for i := max(start-1, 0); i <= int64(len(text)); i++ {
		if at(i) {
			return i + 1, nil
		}
	}
	return int64(0), nil
}

// insertText is INSERT(text, start, length, new).
func insertText(a []driver.Value) (driver.Value, error) {
	if a[1] == nil || a[2] == nil {
		return nil, nil
	}
	start, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	length, err := asInteger(a[2])
	if err != nil {
		return nil, err
	}
	switch {
	case a[0] == nil:
		return a[3], nil
	case a[3] == nil:
		return a[0], nil
	}
	old := units(asString(a[0]))
	if n := int64(len(old)); start > 0 && length > 0 && start-1 <= n {
		end := min(start-1+min(length, n), n)
		return ofUnits(old[:start-1]) + asString(a[3]) + ofUnits(old[end:]), nil
	}
	return a[0], nil
}

// translate is TRANSLATE(text, from, to), as H2 has it: characters of from that have no partner in to stay.
func translate(a []driver.Value) (driver.Value, error) {
	from, to := units(asString(a[1])), units(asString(a[2]))
	out := units(asString(a[0]))
	for i, c := range out {
		for n, f := range from {
			if f == c {
				if n < len(to) {
					out[i] = to[n]
				}
				break
			}
		}
	}
	return ofUnits(out), nil
}

// compileRegexp compiles a pattern with the flags of REGEXP_LIKE: i, c, n and m.
func compileRegexp(pattern, flags string) (*regexp.Regexp, error) {
	set := ""
	for _, f := range flags {
		switch f {
		case 'i', 'm':
			set += string(f)
		case 'n':
			set += "s"
		case 'c':
			set = strings.ReplaceAll(set, "i", "")
		default:
			return nil, fmt.Errorf("Invalid value %q for parameter \"flags\"", flags) //nolint:staticcheck // H2's text
		}
	}
	if set != "" {
		pattern = "(?" + set + ")" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("Error in LIKE ESCAPE: %q", pattern) //nolint:staticcheck // H2's text
	}
	return re, nil
}

func regexpLike(a []driver.Value) (driver.Value, error) {
	re, err := compileRegexp(asString(a[1]), asString(a[2]))
	if err != nil {
		return nil, err
	}
	return re.MatchString(asString(a[0])), nil
}

func regexpReplace(a []driver.Value) (driver.Value, error) {
	re, err := compileRegexp(asString(a[1]), asString(a[3]))
	if err != nil {
		return nil, err
	}
	template, err := goTemplate(asString(a[2]), re.NumSubexp())
	if err != nil {
		return nil, err
	}
	return re.ReplaceAllString(asString(a[0]), template), nil
}

// goTemplate turns a replacement of Java, with $1 and \x for a plain x, into Go's.
func goTemplate(s string, groups int) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteString(strings.ReplaceAll(s[i:i+1], "$", "$$"))
		case c == '$' && i+1 < len(s) && isDigit(s[i+1]):
			n := int(s[i+1] - '0')
			if n > groups {
				return "", fmt.Errorf("No group %d", n) //nolint:staticcheck // Java's text
			}
			i++
			for i+1 < len(s) && isDigit(s[i+1]) && n*10+int(s[i+1]-'0') <= groups {
				i++
				n = n*10 + int(s[i]-'0')
			}
			fmt.Fprintf(&b, "${%d}", n)
		case c == '$':
			return "", fmt.Errorf("Illegal group reference in %q", s) //nolint:staticcheck // Java's text
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// soundexCodes are H2's codes of a to z: a digit, 0 for vowels, 7 for h and w, which don't part equal codes.
const soundexCodes = "01230127022455012623017202"

func soundex(s string) string {
	code := []byte("0000")
	last, n := byte('0'), 0
	for i := 0; i < len(s) && n < len(code); i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			continue
		}
		switch digit := soundexCodes[c-'a']; {
		case n == 0:
			code[0], last, n = s[i], digit, 1
		case digit == '7':
		case digit == '0':
			last = '0'
		case digit != last:
			code[n], last = digit, digit
			n++
		}
	}
	return string(code)
}

// difference is the number of equal characters of two sound codes.
func difference(a []driver.Value) (driver.Value, error) {
	x, y := soundex(asString(a[0])), soundex(asString(a[1]))
	n := int64(0)
	for i := range x {
		if x[i] == y[i] {
			n++
		}
	}
	return n, nil
}

// hexToRaw is the text of UTF-16 units in hexadecimal, four digits each.
func hexToRaw(a []driver.Value) (driver.Value, error) {
	s := asString(a[0])
	u := make([]uint16, 0, len(s)/4)
	for i := 0; i < len(s); i += 4 {
		n, err := strconv.ParseUint(s[i:min(i+4, len(s))], 16, 16)
		if err != nil || i+4 > len(s) {
			return nil, fmt.Errorf("Data conversion error converting %q", s) //nolint:staticcheck // H2's text
		}
		u = append(u, uint16(n))
	}
	return ofUnits(u), nil
}

// rawToHex is the other way round.
func rawToHex(a []driver.Value) (driver.Value, error) {
	var out strings.Builder
	for _, u := range units(asString(a[0])) {
		fmt.Fprintf(&out, "%04x", u)
	}
	return out.String(), nil
}
