package main

import (
	"fmt"
	"math"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// unitInstant marks a value that is a time, until it is known in which unit its column
// holds all of them.
const unitInstant = "instant"

// instant is a time of a result.
type instant struct {
	t   time.Time
	day bool // SQL's DATE, a midnight in UTC
}

func instantOf(v any) instant {
	switch v := v.(type) {
	case binary.SQLDate:
		return instant{time.UnixMilli(int64(v)).UTC(), int64(v)%dayMillis == 0}
	case binary.Date:
		return instant{t: time.UnixMilli(int64(v)).UTC()}
	default:
		return instant{t: v.(time.Time).UTC()}
	}
}

// timeUnits is a set of units, the first of which is the best.
type timeUnits uint8

var timeUnitNames = [...]string{column.UnitDate, "ns", "us", "ms"}

// in gives the time as a number in a unit, where that is exact.
func (i instant) in(unit string) (v int64, exact bool) {
	ms, nanos := i.t.UnixMilli(), int64(i.t.Nanosecond())%1e6
	perMilli := int64(1)
	switch unit {
	case column.UnitDate:
		return ms, i.day
	case "us":
		perMilli = 1e3
	case "ns":
		perMilli = 1e6
	}
	step := 1e6 / perMilli
	limit := math.MaxInt64/perMilli - 1
	return ms*perMilli + nanos/step, ms <= limit && ms >= -limit && nanos%step == 0
}

// units are those that hold the time.
func (i instant) units() (all timeUnits) {
	for n, unit := range timeUnitNames {
		if _, exact := i.in(unit); exact {
			all |= 1 << n
		}
	}
	return all
}

func (u timeUnits) best() string {
	for n, unit := range timeUnitNames {
		if u&(1<<n) != 0 {
			return unit
		}
	}
	return ""
}

// seeTime takes another time into account: the column's unit is one that holds all of them.
func (t *sqlType) seeTime(i instant) error {
	if t.seen.Kind == column.Invalid {
		t.as = i.units()
	} else if t.as == 0 {
		return fmt.Errorf("a time after values of type %s", t.seen)
	} else {
		t.as &= i.units()
	}
	if t.as == 0 {
		return fmt.Errorf("no unit of a 64-bit number holds %s and the times before it; CAST the column to VARCHAR in the statement", i)
	}
	t.seen = column.Type{Kind: column.Int64, Unit: t.as.best()}
	return nil
}

// appendTime appends a time to a column whose unit holds it.
func appendTime(a *column.Appender, i instant) error {
	want := a.Type()
	v, exact := i.in(want.Unit)
	if want.Unit == "" || want.Unit == column.UnitTime || !exact {
		return fmt.Errorf("the time %s in a column of type %s", i, want)
	}
	a.AppendInt64(v)
	return nil
}

// String is the time as people write it.
func (i instant) String() string { return i.t.Format("2006-01-02T15:04:05.999999999Z") }
