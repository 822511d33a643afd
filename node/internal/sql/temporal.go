package sql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Inside of SQLite, dates and times are text of a form whose order is the order in time: "2006-01-02",
// "15:04:05" and "2006-01-02 15:04:05[.fraction without trailing zeros]". All of them are UTC. A year of more than four
// digits is "~" and nine digits, one before 0 is "!" and its distance from -1000000000.
const layoutTime = "15:04:05"

const day = 24 * time.Hour

var errTemporal = errors.New("not a date or time")

// H2 reads dates before 15 October 1582 by the Julian calendar, as java.util.GregorianCalendar does. A time.Time is
// always the instant; civil and fromCivil say which date people called it.
var gregorianStart = time.Date(1582, 10, 15, 0, 0, 0, 0, time.UTC)

// civil is the date of an instant.
func civil(t time.Time) (year int, month time.Month, dayOfMonth int) {
	if !t.Before(gregorianStart) {
		return t.Date()
	}
	// The Julian day number, and the calendar of four years that begin in March.
	n := floorDiv(t.Unix(), 86400) + 2440588 + 32082
	cycle := floorDiv(n*4+3, 1461)
	inCycle := n - floorDiv(1461*cycle, 4)
	m := (5*inCycle + 2) / 153
	return int(cycle - 4800 + m/10), time.Month(m + 3 - 12*(m/10)), int(inCycle - (153*m+2)/5 + 1)
}

// fromCivil is midnight of a date; false for one that is in no calendar.
func fromCivil(year int, month time.Month, dayOfMonth int) (time.Time, bool) {
	t := time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)
	if t.Before(gregorianStart) {
		a := (14 - int64(month)) / 12
		y, m := int64(year)+4800-a, int64(month)+12*a-3
		n := int64(dayOfMonth) + (153*m+2)/5 + 365*y + floorDiv(y, 4) - 32083
		t = time.Unix((n-2440588)*86400, 0).UTC()
	}
	y, m, d := civil(t)
	return t, y == year && m == month && d == dayOfMonth
}

const (
	layoutFraction = " 15:04:05.999999999"
	yearBase       = 1_000_000_000
)

func textDate(t time.Time) string {
	y, m, d := civil(t.UTC())
	year := fmt.Sprintf("%04d", y)
	switch {
	case y > 9999:
		year = fmt.Sprintf("~%09d", y)
	case y < 0:
		year = fmt.Sprintf("!%09d", yearBase+y)
	}
	return fmt.Sprintf("%s-%02d-%02d", year, m, d)
}

func textTimestamp(t time.Time) string { return textDate(t) + t.UTC().Format(layoutFraction) }

// showDate is a date as H2 writes it.
func showDate(t time.Time) string {
	y, m, d := civil(t.UTC())
	if y < 0 {
		return fmt.Sprintf("%d-%02d-%02d", y, m, d)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// showTimestamp is a timestamp as H2 writes it.
func showTimestamp(t time.Time) string { return showDate(t) + t.UTC().Format(layoutFraction) }

// textTimeOfDay writes milliseconds since midnight; java.sql.Time shows whole seconds.
func textTimeOfDay(d time.Duration) string {
	return time.Unix(0, 0).UTC().Add(d).Format("15:04:05.999")
}

// parseTimestamp reads a date with an optional time and zone behind it, as H2 does.
func parseTimestamp(s string) (time.Time, error) {
	date, clock := strings.TrimSpace(s), ""
	if i := strings.IndexAny(date, " T"); i > 0 {
		date, clock = date[:i], date[i+1:]
	}
	sign := strings.TrimRight(date, "0123456789-")
	negative := strings.HasPrefix(date, "-")
	fields := strings.Split(strings.TrimLeft(date, "~!-"), "-")
	var n [3]int
	if len(fields) != 3 {
		return time.Time{}, errTemporal
	}
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 30)
		if err != nil {
			return time.Time{}, errTemporal
		}
		n[i] = int(v)
	}
	switch {
	case negative:
		n[0] = -n[0]
	case sign == "!":
		n[0] -= yearBase
	}
	t, ok := fromCivil(n[0], time.Month(n[1]), n[2])
	if !ok || n[1] < 1 || n[1] > 12 {
		return time.Time{}, errTemporal
	}
	if clock == "" {
		return t, nil
	}
	for _, layout := range []string{"15:4:5.999999999", "15:4", "15:4:5.999999999Z07:00"} {
		if c, err := time.Parse(layout, clock); err == nil {
			return t.Add(c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))), nil
		}
	}
	return time.Time{}, errTemporal
}

func startOfDay(t time.Time) time.Time {
	return time.Unix(floorDiv(t.Unix(), 86400)*86400, 0).UTC()
}

func parseTimeOfDay(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{"15:4:5.999999999", "15:4"} {
		if t, err := time.Parse(layout, s); err == nil {
			return sinceMidnight(t), nil
		}
	}
	t, err := parseTimestamp(s)
	if err != nil {
		return 0, err
	}
	return sinceMidnight(t), nil
}

func sinceMidnight(t time.Time) time.Duration { return t.Sub(startOfDay(t)) }

// canonicalTemporal turns text into the form of the given kind. H2 takes no time behind a DATE, no date before a TIME,
// and no time without seconds.
func canonicalTemporal(s string, k kind) (string, error) {
	s = strings.TrimSpace(s)
	clock := strings.Count(s, ":")
	if clock == 1 || (k == kindTime) != !strings.Contains(strings.TrimLeft(s, "-"), "-") || k == kindDate && clock > 0 {
		return "", errTemporal
	}
	if k == kindTime {
		d, err := parseTimeOfDay(s)
		return textTimeOfDay(d.Truncate(time.Millisecond)), err
	}
	t, err := parseTimestamp(s)
	if k == kindDate {
		return textDate(t), err
	}
	return textTimestamp(t), err
}

// part gives a field of a date or time, as YEAR(x) or EXTRACT(YEAR FROM x) do.
func part(unit string, t time.Time) (int64, error) {
	y, m, d := civil(t)
	switch strings.TrimSuffix(unit, "S") {
	case "YEAR", "YY", "YYYY":
		return int64(y), nil
	case "MONTH", "MM", "M":
		return int64(m), nil
	case "DAY", "DD", "D", "DAY_OF_MONTH", "DAYOFMONTH":
		return int64(d), nil
	case "DAY_OF_YEAR", "DAYOFYEAR", "DOY":
		return dayOfYear(t, y), nil
	case "QUARTER":
		return int64(m-1)/3 + 1, nil
	case "WEEK":
		return week(t, y), nil
	case "HOUR", "HH":
		return int64(t.Hour()), nil
	case "MINUTE", "MI", "N":
		return int64(t.Minute()), nil
	case "SECOND", "", "SS":
		return int64(t.Second()), nil
	case "MILLISECOND", "M_":
		return int64(t.Nanosecond() / 1e6), nil
	case "DAY_OF_WEEK", "DAYOFWEEK", "DW":
		return int64(t.Weekday()) + 1, nil
	case "EPOCH":
		return t.Unix(), nil
	}
	return 0, errors.New("unknown date field " + strconv.Quote(unit))
}

func dayOfYear(t time.Time, year int) int64 {
	first, _ := fromCivil(year, 1, 1)
	return int64(startOfDay(t).Sub(first)/day) + 1
}

// week is that of java.util.Calendar in the locale en_US: weeks begin on Sunday, and the one with January 1 is the first.
func week(t time.Time, year int) int64 {
	saturday := t.AddDate(0, 0, int(time.Saturday-t.Weekday()))
	if y, _, _ := civil(saturday); y != year {
		return 1
	}
	first, _ := fromCivil(year, 1, 1)
	return (dayOfYear(t, year)+int64(first.Weekday())-1)/7 + 1
}

// addUnits is DATEADD.
func addUnits(unit string, n int64, t time.Time) (time.Time, error) {
	switch unit {
	case "YEAR", "YY", "YYYY":
		return addMonths(t, n*12), nil
	case "QUARTER":
		return addMonths(t, n*3), nil
	case "MONTH", "MM", "M":
		return addMonths(t, n), nil
	case "WEEK":
		return t.AddDate(0, 0, int(n*7)), nil
	case "DAY", "DD", "D":
		return t.AddDate(0, 0, int(n)), nil
	}
	d, ok := unitDuration(unit)
	if !ok {
		return t, errors.New("unknown date field " + strconv.Quote(unit))
	}
	if limit := int64(1<<63-1) / int64(d); n > limit || n < -limit {
		return t, errTemporal
	}
	return t.Add(time.Duration(n) * d), nil
}

// addMonths keeps the day within the month, as H2 does: January 31 plus one month is the last of February.
func addMonths(t time.Time, n int64) time.Time {
	y, m, d := civil(t)
	months := int64(y)*12 + int64(m) - 1 + n
	year, month := int(floorDiv(months, 12)), time.Month(months-floorDiv(months, 12)*12+1)
	for ; d > 28; d-- {
		if out, ok := fromCivil(year, month, d); ok {
			return out.Add(sinceMidnight(t))
		}
	}
	out, _ := fromCivil(year, month, d)
	return out.Add(sinceMidnight(t))
}

func unitDuration(unit string) (time.Duration, bool) {
	switch unit {
	case "HOUR", "HH":
		return time.Hour, true
	case "MINUTE", "MI", "N":
		return time.Minute, true
	case "SECOND", "SS", "S":
		return time.Second, true
	case "MILLISECOND", "MS":
		return time.Millisecond, true
	case "MICROSECOND", "MCS":
		return time.Microsecond, true
	case "NANOSECOND", "NS":
		return time.Nanosecond, true
	}
	return 0, false
}

// diffUnits is DATEDIFF: the number of unit boundaries between a and b.
func diffUnits(unit string, a, b time.Time) (int64, error) {
	ay, am, _ := civil(a)
	by, bm, _ := civil(b)
	months := int64(by-ay)*12 + int64(bm-am)
	switch unit {
	case "YEAR", "YY", "YYYY":
		return int64(by - ay), nil
	case "QUARTER":
		return (int64(by)*12+int64(bm)-1)/3 - (int64(ay)*12+int64(am)-1)/3, nil
	case "MONTH", "MM", "M":
		return months, nil
	case "DAY", "DD", "D":
		return floorDiv(b.Unix(), 86400) - floorDiv(a.Unix(), 86400), nil
	case "WEEK":
		return floorDiv(floorDiv(b.Unix(), 86400)+4, 7) - floorDiv(floorDiv(a.Unix(), 86400)+4, 7), nil
	}
	d, ok := unitDuration(unit)
	if !ok {
		return 0, errors.New("unknown date field " + strconv.Quote(unit))
	}
	if d < time.Second {
		perSecond := int64(time.Second / d)
		return (b.Unix()-a.Unix())*perSecond + int64(b.Nanosecond()/int(d)-a.Nanosecond()/int(d)), nil
	}
	seconds := int64(d / time.Second)
	return floorDiv(b.Unix(), seconds) - floorDiv(a.Unix(), seconds), nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
