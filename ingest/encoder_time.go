package ingest

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
)

// bindTime binds dates, times and durations.
func bindTime(a arrow.Array, to *target, path string) (encoder, error) {
	switch a := a.(type) {
	case *array.Date32:
		return instants(to, path, func(row int) time.Time { return a.Value(row).ToTime() }), nil
	case *array.Date64:
		return instants(to, path, func(row int) time.Time { return time.UnixMilli(int64(a.Value(row))).UTC() }), nil
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		return instants(to, path, func(row int) time.Time { return a.Value(row).ToTime(unit) }), nil
	case *array.Time32:
		unit := a.DataType().(*arrow.Time32Type).Unit
		return timesOfDay(path, unit, func(row int) int64 { return int64(a.Value(row)) }), nil
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		return timesOfDay(path, unit, func(row int) int64 { return int64(a.Value(row)) }), nil
	case *array.Duration:
		return integers(to, path, a.Values()), nil // in the column's own unit
	}
	return nil, fmt.Errorf("%w: column %s: Arrow type %s has no Ignite type", ErrSchema, path, a.DataType())
}

// instants writes times. Ignite's Timestamp holds all of them, a java.util.Date has
// milliseconds, and a java.sql.Date is a midnight in UTC; what they do not hold is an error.
func instants(to *target, path string, value func(row int) time.Time) encoder {
	return func(dst []byte, row int) ([]byte, error) {
		t := value(row)
		ms := t.UnixMilli()
		exact := t.Equal(time.UnixMilli(ms))
		switch {
		case to.code == igbinary.TypeDate && exact:
			return igbinary.AppendValue(dst, igbinary.Date(ms))
		case to.code == igbinary.TypeDate:
			return dst, fmt.Errorf("%w: column %s: %s has more digits than the milliseconds of a java.util.Date", ErrSchema, path, t.Format(time.RFC3339Nano))
		case to.code == igbinary.TypeOptimized && exact && ms%dayMillis == 0:
			return igbinary.AppendValue(dst, igbinary.SQLDate(ms))
		case to.code == igbinary.TypeOptimized:
			return dst, fmt.Errorf("%w: column %s: %s is no date: it has a time of day", ErrSchema, path, t.Format(time.RFC3339Nano))
		}
		return igbinary.AppendValue(dst, t)
	}
}

const dayMillis = 24 * 60 * 60 * 1000

// timesOfDay writes times of day. Ignite's Time has milliseconds; finer ones are an error.
func timesOfDay(path string, unit arrow.TimeUnit, value func(row int) int64) encoder {
	return func(dst []byte, row int) ([]byte, error) {
		t := time.Duration(value(row)) * unit.Multiplier()
		if t%time.Millisecond != 0 {
			at := time.Unix(0, int64(t)).UTC().Format("15:04:05.999999999")
			return dst, fmt.Errorf("%w: column %s: %s has more digits than the milliseconds of Ignite's Time; "+
				"round the column, or cast it to int64 to keep it as a long", ErrSchema, path, at)
		}
		return binary.LittleEndian.AppendUint64(append(dst, byte(igbinary.TypeTime)), uint64(t.Milliseconds())), nil
	}
}
