package sql

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// formatBuiltins are functions between times and text, and the parts of times that follow ISO 8601.
var formatBuiltins = []builtin{
	{"kd_formatdatetime", -1, true, false, formatDateTime},
	{"kd_parsedatetime", -1, true, false, parseDateTime},
	{"kd_date_trunc", 2, true, false, dateTrunc},
	{"kd_iso", 2, true, false, isoPart},
	{"kd_to_char", -1, true, false, toCharCall},
}

func isoPart(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[1])
	if err != nil {
		return nil, err
	}
	year, week := t.ISOWeek()
	switch asString(a[0]) {
	case "ISO_YEAR":
		return int64(year), nil
	case "ISO_WEEK":
		return int64(week), nil
	case "MICROSECOND":
		return int64(t.Nanosecond() / 1000), nil
	case "NANOSECOND":
		return int64(t.Nanosecond()), nil
	case "EPOCH":
		return epoch(t), nil
	}
	return int64(isoWeekday(t)), nil
}

// epoch is the number of seconds since 1970 with their fraction, as the text of a DECIMAL.
func epoch(t time.Time) string {
	d := apd.New(t.Unix(), 0)
	if n := t.Nanosecond(); n != 0 {
		d.Coeff.Add(d.Coeff.Mul(&d.Coeff, apd.NewBigInt(1e9)), apd.NewBigInt(int64(n)))
		d.Exponent = -9
		d.Reduce(d)
	}
	return d.Text('f')
}

// isoWeekday counts from 1, Monday.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// dateTrunc is DATE_TRUNC(unit, time).
func dateTrunc(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[1])
	if err != nil {
		return nil, err
	}
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	switch strings.ToUpper(asString(a[0])) {
	case "MICROSECONDS":
		t = t.Truncate(time.Microsecond)
	case "MILLISECONDS":
		t = t.Truncate(time.Millisecond)
	case "SECOND":
		t = t.Truncate(time.Second)
	case "MINUTE":
		t = t.Truncate(time.Minute)
	case "HOUR":
		t = t.Truncate(time.Hour)
	case "DAY":
		t = startOfDay(t)
	case "WEEK":
		t = startOfDay(t).AddDate(0, 0, 1-isoWeekday(t))
	case "MONTH":
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "QUARTER":
		t = time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "YEAR":
		t = year(t.Year())
	case "DECADE":
		t = year(t.Year() / 10 * 10)
	case "CENTURY":
		t = year((t.Year()-1)/100*100 + 1)
	case "MILLENNIUM":
		t = year((t.Year()-1)/1000*1000 + 1)
	default:
		return nil, fmt.Errorf("Invalid value %q for parameter \"date part\"", asString(a[0])) //nolint:staticcheck // H2's text
	}
	return textTimestamp(t), nil
}

// patternPart is a run of one letter of a pattern, or text that stands for itself.
type patternPart struct {
	letter byte // 0 for text
	n      int
	text   string
}

// splitPattern cuts a pattern of Java's SimpleDateFormat into its parts; false for one that is none.
func splitPattern(pattern string) ([]patternPart, bool) {
	var parts []patternPart
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, next, ok := quotedText(pattern, i)
			if !ok {
				return nil, false
			}
			parts, i = append(parts, patternPart{text: text}), next
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := len(pattern[i:]) - len(strings.TrimLeft(pattern[i:], string(c)))
			if !strings.ContainsRune("GyMwWDdFEuaHkKhmsSzZX", rune(c)) || c == 'X' && n > 3 {
				return nil, false
			}
			parts, i = append(parts, patternPart{letter: c, n: n}), i+n
		default:
			parts, i = append(parts, patternPart{text: string(c)}), i+1
		}
	}
	return parts, true
}

// quotedText reads 'text' from a quote on; two quotes stand for one.
func quotedText(s string, i int) (text string, next int, ok bool) {
	if strings.HasPrefix(s[i:], "''") {
		return "'", i + 2, true
	}
	var b strings.Builder
	for i++; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return b.String(), i + 1, true
		}
		b.WriteByte('\'')
		i++
	}
	return "", 0, false
}

// formatArguments reads the pattern, the locale and the zone of FORMATDATETIME and PARSEDATETIME.
func formatArguments(a []driver.Value) ([]patternPart, *time.Location, error) {
	parts, ok := splitPattern(asString(a[1]))
	if !ok {
		return nil, nil, fmt.Errorf("Error parsing %q", asString(a[1])) //nolint:staticcheck // H2's text
	}
	if len(a) > 2 && !strings.HasPrefix(strings.ToLower(asString(a[2])), "en") {
		return nil, nil, fmt.Errorf("the embedded node knows the names of days and months in English only, not in the locale %q", asString(a[2]))
	}
	zone := time.UTC
	if len(a) > 3 {
		var err error
		if zone, err = time.LoadLocation(asString(a[3])); err != nil {
			return nil, nil, fmt.Errorf("Error parsing %q", asString(a[3])) //nolint:staticcheck // H2's text
		}
	}
	return parts, zone, nil
}

func formatDateTime(a []driver.Value) (driver.Value, error) {
	t, err := timeArgument(a[0])
	if err != nil {
		return nil, err
	}
	parts, zone, err := formatArguments(a)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, p := range parts {
		if p.letter == 0 {
			b.WriteString(p.text)
		} else {
			b.WriteString(formatPart(p, t.In(zone)))
		}
	}
	return b.String(), nil
}

// formatPart writes one part of a time, as SimpleDateFormat does.
func formatPart(p patternPart, t time.Time) string {
	switch p.letter {
	case 'G':
		return "AD"
	case 'y':
		if p.n == 2 {
			return fmt.Sprintf("%02d", t.Year()%100)
		}
	case 'M':
		if p.n > 3 {
			return t.Month().String()
		}
		if p.n == 3 {
			return t.Format("Jan")
		}
	case 'E':
		if p.n > 3 {
			return t.Weekday().String()
		}
		return t.Format("Mon")
	case 'a':
		return t.Format("PM")
	case 'z':
		name := t.Format("MST")
		if p.n > 3 && name == "UTC" {
			return "Coordinated Universal Time"
		}
		return name
	case 'Z':
		return t.Format("-0700")
	case 'X':
		return t.Format([]string{"", "Z07", "Z0700", "Z07:00"}[p.n])
	}
	return fmt.Sprintf("%0*d", p.n, partNumber(p.letter, t))
}

// partNumber is a part of a time that is a number.
func partNumber(letter byte, t time.Time) int {
	first := int(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location()).Weekday())
	switch letter {
	case 'y':
		return t.Year()
	case 'M':
		return int(t.Month())
	case 'w': // weeks begin on Sunday, the first has 1 January
		start := int(time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location()).Weekday())
		week := (t.YearDay()-1+start)/7 + 1
		if end := time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, t.Location()); t.AddDate(0, 0, 7-int(t.Weekday())).After(end) {
			week = 1
		}
		return week
	case 'W':
		return (t.Day()-1+first)/7 + 1
	case 'D':
		return t.YearDay()
	case 'd':
		return t.Day()
	case 'F':
		return (t.Day()-1)/7 + 1
	case 'u':
		return isoWeekday(t)
	case 'H':
		return t.Hour()
	case 'k':
		return (t.Hour()+23)%24 + 1
	case 'K':
		return t.Hour() % 12
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'm':
		return t.Minute()
	case 's':
		return t.Second()
	}
	return t.Nanosecond() / 1e6
}

// parsedTime is what PARSEDATETIME has read so far.
type parsedTime struct {
	year, month, day, hour, minute, second, milli int
	afternoon, half                               bool
	zone                                          *time.Location
}

func parseDateTime(a []driver.Value) (driver.Value, error) {
	parts, zone, err := formatArguments(a)
	if err != nil {
		return nil, err
	}
	bad := fmt.Errorf("Error parsing %q", asString(a[0])) //nolint:staticcheck // H2's text
	p := parsedTime{year: 1970, month: 1, day: 1, zone: zone}
	rest := asString(a[0])
	for i, part := range parts {
		adjacent := i+1 < len(parts) && parts[i+1].letter != 0
		var ok bool
		if rest, ok = p.take(part, rest, adjacent); !ok {
			return nil, bad
		}
	}
	if p.half {
		p.hour %= 12
		if p.afternoon {
			p.hour += 12
		}
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.milli*1e6, p.zone)
	return textTimestamp(t.UTC()), nil
}

// take reads one part off the text. Numbers end where the next part begins when that is a number, too.
func (p *parsedTime) take(part patternPart, s string, adjacent bool) (rest string, ok bool) {
	switch {
	case part.letter == 0:
		return strings.CutPrefix(s, part.text)
	case part.letter == 'M' && part.n >= 3:
		return takeName(s, 12, func(i int) string { return time.Month(i + 1).String() }, func(i int) { p.month = i + 1 })
	case part.letter == 'E':
		return takeName(s, 7, func(i int) string { return time.Weekday(i).String() }, func(int) {})
	case part.letter == 'a':
		return takeName(s, 2, func(i int) string { return []string{"AM ", "PM "}[i] }, func(i int) { p.half, p.afternoon = true, i == 1 })
	case strings.IndexByte("zZX", part.letter) >= 0:
		return p.takeZone(s)
	}
	s = strings.TrimLeft(s, " ")
	end := 0
	for end < len(s) && (isDigit(s[end]) || end == 0 && s[0] == '-') && (!adjacent || end < part.n) {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return s, false
	}
	p.number(part, n, end)
	return s[end:], true
}

func (p *parsedTime) number(part patternPart, n, digits int) {
	switch part.letter {
	case 'y':
		if part.n <= 2 && digits == 2 { // within 80 years before and 20 years after now
			now := time.Now().UTC().Year()
			n += now / 100 * 100
			if n > now+20 {
				n -= 100
			} else if n <= now-80 {
				n += 100
			}
		}
		p.year = n
	case 'M':
		p.month = n
	case 'd':
		p.day = n
	case 'D':
		p.month, p.day = 1, n
	case 'H', 'k':
		p.hour = n % 24
	case 'h', 'K':
		p.hour, p.half = n, true
	case 'm':
		p.minute = n
	case 's':
		p.second = n
	case 'S':
		p.milli = n
	}
}

// takeName reads one of n names, in full or its first three letters, in any case.
func takeName(s string, n int, name func(int) string, found func(int)) (string, bool) {
	for i := range n {
		for _, full := range []string{name(i), name(i)[:3]} {
			full = strings.TrimSpace(full)
			if startsWith(s, full) {
				found(i)
				return s[len(full):], true
			}
		}
	}
	return s, false
}

// takeZone reads Z, GMT, UTC, a name such as CET, or an offset such as +01:00.
func (p *parsedTime) takeZone(s string) (string, bool) {
	end := strings.IndexAny(s, " ,;)")
	if end < 0 {
		end = len(s)
	}
	word := s[:end]
	for _, layout := range []string{"Z07:00", "Z0700", "Z07"} {
		if t, err := time.Parse(layout, word); err == nil {
			_, offset := t.Zone()
			p.zone = time.FixedZone("", offset)
			return s[end:], true
		}
	}
	zone, err := time.LoadLocation(word)
	if err != nil {
		return s, false
	}
	p.zone = zone
	return s[end:], true
}
