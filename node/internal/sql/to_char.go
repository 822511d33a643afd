package sql

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// toCharCall is TO_CHAR: the kind of the value, the value and a format.
func toCharCall(a []driver.Value) (driver.Value, error) {
	k, _ := toInteger(a[0])
	t := typeOf(kind(k))
	format := ""
	if len(a) > 2 {
		format = asString(a[2])
	}
	switch {
	case t.temporal():
		if len(a) < 3 {
			format = map[bool]string{true: "DD-MON-YY", false: "DD-MON-YY HH.MI.SS.FF PM"}[t.kind == kindDate]
		}
		when, err := timeArgument(a[1])
		if err != nil {
			return nil, err
		}
		return charOfTime(when, format)
	case t.numeric():
		if len(a) < 3 {
			format = "TM9"
		}
		d, ok := toDecimal(a[1])
		if !ok {
			return nil, fmt.Errorf("Data conversion error converting %q", asString(a[1])) //nolint:staticcheck // H2's text
		}
		return charOfNumber(d, format)
	}
	return asString(a[1]), nil
}

func badFormat(format string) error {
	return fmt.Errorf("Invalid TO_CHAR format %q", format) //nolint:staticcheck // H2's text
}

// timeToken is a word of a format for times. fill is the width to which FM does not fill it up.
type timeToken struct {
	word string
	fill int
	text func(t time.Time) string
}

func layout(l string) func(time.Time) string { return func(t time.Time) string { return t.Format(l) } }

func digits(n int, f func(time.Time) int) func(time.Time) string {
	return func(t time.Time) string { return fmt.Sprintf("%0*d", n, f(t)) }
}

// lastDigits are the last n digits of a year.
func lastDigits(n int, year func(time.Time) int) func(time.Time) string {
	return func(t time.Time) string { s := fmt.Sprintf("%04d", year(t)); return s[len(s)-n:] }
}

func calendarYear(t time.Time) int { return t.Year() }

func isoYear(t time.Time) int { y, _ := t.ISOWeek(); return y }

func fraction(n int) func(time.Time) string {
	return func(t time.Time) string { return fmt.Sprintf("%09d", t.Nanosecond())[:n] }
}

// timeTokens are the words of formats, longer ones before those that they begin with.
var timeTokens = []timeToken{
	{"A.D.", 0, func(time.Time) string { return "A.D." }},
	{"B.C.", 0, func(time.Time) string { return "A.D." }},
	{"AD", 0, func(time.Time) string { return "AD" }},
	{"BC", 0, func(time.Time) string { return "AD" }},
	{"A.M.", 0, func(t time.Time) string { return t.Format("PM")[:1] + ".M." }},
	{"P.M.", 0, func(t time.Time) string { return t.Format("PM")[:1] + ".M." }},
	{"AM", 0, layout("PM")},
	{"PM", 0, layout("PM")},
	{"DL", 0, layout("Monday, January 2, 2006")},
	{"DS", 0, layout("01/02/2006")},
	{"TS", 0, layout("3:04:05 PM")},
	{"DDD", 0, func(t time.Time) string { return fmt.Sprint(t.YearDay()) }},
	{"DD", 0, layout("02")},
	{"DY", 0, layout("Mon")},
	{"DAY", 9, layout("Monday")},
	{"D", 0, func(t time.Time) string { return fmt.Sprint(int(t.Weekday()) + 1) }},
	{"J", 0, func(t time.Time) string { return fmt.Sprint(startOfDay(t).Unix()/86400 + 2440588) }},
	{"FF1", 0, fraction(1)},
	{"FF2", 0, fraction(2)},
	{"FF3", 0, fraction(3)},
	{"FF4", 0, fraction(4)},
	{"FF5", 0, fraction(5)},
	{"FF6", 0, fraction(6)},
	{"FF7", 0, fraction(7)},
	{"FF8", 0, fraction(8)},
	{"FF9", 0, fraction(9)},
	{"FF", 0, fraction(9)},
	{"HH24", 0, layout("15")},
	{"HH12", 0, layout("03")},
	{"HH", 0, layout("03")},
	{"IW", 0, digits(1, func(t time.Time) int { _, w := t.ISOWeek(); return w })},
	{"IYYY", 0, lastDigits(4, isoYear)},
	{"IYY", 0, lastDigits(3, isoYear)},
	{"IY", 0, lastDigits(2, isoYear)},
	{"I", 0, lastDigits(1, isoYear)},
	{"MI", 0, layout("04")},
	{"MONTH", 9, layout("January")},
	{"MON", 0, layout("Jan")},
	{"MM", 0, layout("01")},
	{"Q", 0, func(t time.Time) string { return fmt.Sprint((int(t.Month())-1)/3 + 1) }},
	{"RM", 0, func(t time.Time) string { return roman(int64(t.Month())) }},
	{"RRRR", 0, lastDigits(4, calendarYear)},
	{"RR", 0, lastDigits(2, calendarYear)},
	{"SSSSS", 0, func(t time.Time) string { return fmt.Sprint(t.Hour()*3600 + t.Minute()*60 + t.Second()) }},
	{"SS", 0, layout("05")},
	{"SYYYY", 0, lastDigits(4, calendarYear)},
	{"YYYY", 0, lastDigits(4, calendarYear)},
	{"YYY", 0, lastDigits(3, calendarYear)},
	{"YY", 0, lastDigits(2, calendarYear)},
	{"Y,YYY", 0, func(t time.Time) string { y := lastDigits(4, calendarYear)(t); return y[:1] + "," + y[1:] }},
	{"Y", 0, lastDigits(1, calendarYear)},
	{"WW", 0, func(t time.Time) string { return fmt.Sprint(partNumber('w', t)) }},
	{"W", 0, func(t time.Time) string { return fmt.Sprint((t.Day()-1)/7 + 1) }},
	{"X", 0, func(time.Time) string { return "." }},
	{"TZR", 0, layout("MST")},
	{"TZD", 0, layout("MST")},
}

// charOfTime writes a time by Oracle's format. The case of a word is that of the text it stands for.
func charOfTime(t time.Time, format string) (string, error) {
	var b strings.Builder
	fill := true
next:
	for rest := format; rest != ""; {
		if startsWith(rest, "FM") || startsWith(rest, "FX") {
			fill = fill != startsWith(rest, "FM")
			rest = rest[2:]
			continue
		}
		for _, token := range timeTokens {
			if !startsWith(rest, token.word) {
				continue
			}
			text := token.text(t)
			if fill {
				text = fmt.Sprintf("%-*s", token.fill, text)
			}
			b.WriteString(inCaseOf(rest[:len(token.word)], text))
			rest = rest[len(token.word):]
			continue next
		}
		switch c := rest[0]; {
		case strings.IndexByte(" -/,.;:", c) >= 0:
			b.WriteByte(c)
			rest = rest[1:]
		case c == '"' && strings.IndexByte(rest[1:], '"') >= 0:
			end := strings.IndexByte(rest[1:], '"') + 1
			b.WriteString(rest[1:end])
			rest = rest[end+1:]
		default:
			return "", badFormat(format)
		}
	}
	return b.String(), nil
}

// inCaseOf gives text the case of a word: as it is for Word, lower for word, upper for WORD.
func inCaseOf(word, text string) string {
	switch {
	case word == strings.ToLower(word) && word != strings.ToUpper(word):
		return strings.ToLower(text)
	case len(word) > 1 && word[1:] == strings.ToLower(word[1:]) && word[1:] != strings.ToUpper(word[1:]):
		return text
	case strings.ContainsAny(word, "LST") && len(word) == 2: // DL, DS and TS keep theirs
		return text
	}
	return strings.ToUpper(text)
}

func roman(n int64) string {
	var b strings.Builder
	for _, r := range []struct {
		n    int64
		text string
	}{
		{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
	} {
		for ; n >= r.n; n -= r.n {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

// numberFormat is a format for numbers without its marks.
type numberFormat struct {
	whole, fraction       string // digits and group separators before the point, digits behind it
	point                 bool
	noFill                bool // FM
	signFirst, signLast   bool // S
	minusLast, bracketNeg bool // MI, PR
}

// charOfNumber writes a number by Oracle's format.
func charOfNumber(d *apd.Decimal, format string) (string, error) {
	up := strings.ToUpper(format)
	bare, noFill := strings.CutPrefix(up, "FM")
	switch {
	case up == "TM" || up == "TM9":
		return d.Text('f'), nil
	case bare == "RN":
		return charOfInteger(d, format, noFill, 15, roman)
	case strings.Trim(bare, "X") == "" && bare != "" || strings.HasPrefix(bare, "0") && strings.Trim(bare[1:], "X") == "" && len(bare) > 1:
		width := len(bare)
		if bare[0] == '0' {
			return charOfInteger(d, format, noFill, width, func(n int64) string { return fmt.Sprintf("%0*X", width, n) })
		}
		return charOfInteger(d, format, noFill, width, func(n int64) string { return fmt.Sprintf("%X", n) })
	}
	f, shift, ok := readNumberFormat(bare)
	if !ok {
		return "", badFormat(format)
	}
	f.noFill = noFill
	shifted := new(apd.Decimal).Set(d)
	shifted.Exponent += int32(shift)
	return f.write(quantized(shifted, dataType{scale: len(f.fraction)})), nil
}

// charOfInteger writes a whole number right-aligned, with a space for its sign.
func charOfInteger(d *apd.Decimal, format string, noFill bool, width int, text func(int64) string) (string, error) {
	n, ok := toInteger(d)
	if !ok || n < 0 || n > 1<<40 {
		return "", badFormat(format)
	}
	s := text(n)
	if format == strings.ToLower(format) {
		s = strings.ToLower(s)
	}
	switch {
	case len(s) > width:
		return strings.Repeat("#", width+1), nil
	case noFill:
		return s, nil
	case strings.HasSuffix(strings.ToUpper(format), "RN"):
		return fmt.Sprintf("%*s", width, s), nil
	}
	return " " + fmt.Sprintf("%*s", width, s), nil
}

// readNumberFormat reads a format without FM. shift is the number of digits behind V.
func readNumberFormat(s string) (f numberFormat, shift int, ok bool) {
	s, f.signFirst = strings.CutPrefix(s, "S")
	if !f.signFirst {
		s, f.signLast = strings.CutSuffix(s, "S")
	}
	s, f.minusLast = strings.CutSuffix(s, "MI")
	s, f.bracketNeg = strings.CutSuffix(s, "PR")
	s = strings.ReplaceAll(s, "B", "")
	if at := strings.IndexByte(s, 'V'); at >= 0 {
		shift = len(s) - at - 1
		s = s[:at] + s[at+1:]
	}
	f.whole = s
	if at := strings.IndexAny(s, ".D"); at >= 0 {
		f.whole, f.fraction, f.point = s[:at], s[at+1:], true
	}
	return f, shift, strings.Trim(f.whole, "09,G") == "" && strings.Trim(f.fraction, "09") == ""
}

func (f *numberFormat) write(d *apd.Decimal) string {
	negative := d.Negative && !d.IsZero()
	plain := new(apd.Decimal).Abs(d).Text('f')
	whole, part, _ := strings.Cut(plain, ".")
	if whole == "0" && !d.IsZero() {
		whole = ""
	}
	body, ok := f.writeWhole(whole)
	if !ok {
		n := len(f.whole) + len(f.fraction) + 1
		if f.point {
			n++
		}
		return strings.Repeat("#", n)
	}
	if f.noFill {
		for part != "" && part[len(part)-1] == '0' && f.fraction[len(part)-1] == '9' {
			part = part[:len(part)-1]
		}
	}
	if f.point && (part != "" || !f.noFill) {
		body += "." + part
	}
	text := strings.TrimLeft(body, " ")
	pad := body[:len(body)-len(text)]
	sign := map[bool]string{true: "-", false: "+"}[negative]
	minus := strings.ReplaceAll(sign, "+", " ")
	switch {
	case f.signFirst:
		text = pad + sign + text
	case f.signLast:
		text = pad + text + sign
	case f.minusLast:
		text = pad + text + minus
	case f.bracketNeg && negative:
		text = "<" + text + ">"
	case f.bracketNeg:
		text = " " + text + " "
	default:
		text = pad + minus + text
	}
	if f.noFill {
		return strings.TrimSpace(text)
	}
	return text
}

// writeWhole puts digits into the part before the point; false when there are too many.
func (f *numberFormat) writeWhole(digits string) (string, bool) {
	out := []byte(f.whole)
	for i := len(out) - 1; i >= 0; i-- {
		zeros := strings.Contains(f.whole[:i+1], "0")
		switch {
		case out[i] == ',' || out[i] == 'G':
			out[i] = ' '
			if digits != "" || zeros {
				out[i] = ','
			}
		case digits != "":
			out[i] = digits[len(digits)-1]
			digits = digits[:len(digits)-1]
		case zeros:
			out[i] = '0'
		default:
			out[i] = ' '
		}
	}
	return string(out), digits == ""
}
