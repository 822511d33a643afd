package sql

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Inside of SQLite, dates and times are text of a form whose order is the order in time: "2006-01-02",
// "15:04:05" and "2006-01-02 15:04:05[.fraction without trailing zeros]". All of them are UTC.
const (
	layoutDate      = "2006-01-02"
	layoutTime      = "15:04:05"
	layoutTimestamp = "2006-01-02 15:04:05.999999999"
)

var errTemporal = errors.New("not a date or time")

func textDate(t time.Time) string      { return t.UTC().Format(layoutDate) }
func textTimestamp(t time.Time) string { return t.UTC().Format(layoutTimestamp) }

// textTimeOfDay writes milliseconds since midnight; java.sql.Time shows whole seconds.
func textTimeOfDay(d time.Duration) string {
	return time.Unix(0, 0).UTC().Add(d).Format("15:04:05.999")
}

// parseTimestamp reads a date with an optional time behind it, as H2 does.
func parseTimestamp(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{
		"2006-1-2 15:4:5.999999999", "2006-1-2T15:4:5.999999999", "2006-1-2", "2006-1-2 15:4",
		"2006-1-2 15:4:5.999999999Z07:00", "2006-1-2T15:4:5.999999999Z07:00",
	} {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errTemporal
}

func parseDate(s string) (time.Time, error) {
	t, err := parseTimestamp(s)
	if err != nil {
		return t, err
	}
	return startOfDay(t), nil
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
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

// canonicalTemporal turns text into the form of the given kind.
func canonicalTemporal(s string, k kind) (string, error) {
	switch k {
	case kindTime:
		d, err := parseTimeOfDay(s)
		return textTimeOfDay(d.Truncate(time.Millisecond)), err
	case kindDate:
		t, err := parseDate(s)
		return textDate(t), err
	default:
		if d, err := parseTimeOfDay(s); err == nil && !strings.Contains(s, "-") {
			return textTimestamp(time.Unix(0, 0).UTC().Add(d)), nil
		}
		t, err := parseTimestamp(s)
		return textTimestamp(t), err
	}
}

// javaTimestamp is Timestamp.toString(): at least one digit behind the point.
func javaTimestamp(t time.Time) string {
	s := textTimestamp(t)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// part gives a field of a date or time, as YEAR(x) or EXTRACT(YEAR FROM x) do.
func part(unit string, t time.Time) (int64, error) {
	switch strings.TrimSuffix(unit, "S") {
	case "YEAR", "YY", "YYYY":
		return int64(t.Year()), nil
	case "MONTH", "MM", "M":
		return int64(t.Month()), nil
	case "DAY", "DD", "D", "DAY_OF_MONTH", "DAYOFMONTH":
		return int64(t.Day()), nil
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
	case "DAY_OF_YEAR", "DAYOFYEAR", "DOY":
		return int64(t.YearDay()), nil
	case "QUARTER":
		return int64(t.Month()-1)/3 + 1, nil
	case "WEEK":
		_, w := t.ISOWeek()
		return int64(w), nil
	case "EPOCH":
		return t.Unix(), nil
	}
	return 0, errors.New("unknown date field " + strconv.Quote(unit))
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
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(0, int(n), 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
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
	months := int64(b.Year()-a.Year())*12 + int64(b.Month()-a.Month())
	switch unit {
	case "YEAR", "YY", "YYYY":
		return int64(b.Year() - a.Year()), nil
	case "QUARTER":
		return (int64(b.Year())*12+int64(b.Month())-1)/3 - (int64(a.Year())*12+int64(a.Month())-1)/3, nil
	case "MONTH", "MM", "M":
		return months, nil
	case "DAY", "DD", "D":
		return floorDiv(b.Unix(), 86400) - floorDiv(a.Unix(), 86400), nil
	case "WEEK":
		return floorDiv(floorDiv(b.Unix(), 86400)+3, 7) - floorDiv(floorDiv(a.Unix(), 86400)+3, 7), nil
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
