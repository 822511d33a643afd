package main

/*
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
)

const dayMillis = 24 * 60 * 60 * 1000

// exactTimes looks whether Arrow's days and times of day hold what the columns have; path
// is the column's.
func exactTimes(columns []*column.Column, fields []column.Field, path string) error {
	for i, c := range columns {
		at := path + fields[i].Name
		switch {
		case c.Type.Kind == column.Struct:
			if err := exactTimes(c.Children, c.Type.Fields, at+"."); err != nil {
				return err
			}
		case c.Type.Unit == column.UnitDate || c.Type.Unit == column.UnitTime:
			if err := exactColumn(c, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func exactColumn(c *column.Column, path string) error {
	for i, ms := range millisOf(c) {
		_, exact := arrowTime(c.Type.Unit, ms)
		if exact || c.IsNull(i) {
			continue
		}
		at := time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
		what := "is no midnight in UTC, which a date is: the server has another time zone, or the date is a java.util.Date"
		if c.Type.Unit == column.UnitTime {
			what = "is no time of day, which is one on 1 January 1970"
		}
		return &dataset.SchemaError{Path: path, Reason: fmt.Sprintf(
			"%s %s; read it as a time, with types={%q: \"timestamp[ms]\"} of a scan, or CAST it in the statement", at, what, path)}
	}
	return nil
}

// arrowTime is a date32 or a time32[ms] of milliseconds. A time of day before 1970 is that of
// a server to the east of UTC.
func arrowTime(unit string, ms int64) (v int32, exact bool) {
	if unit == column.UnitDate {
		return int32(ms / dayMillis), ms%dayMillis == 0 && int64(int32(ms/dayMillis)) == ms/dayMillis
	}
	return int32((ms%dayMillis + dayMillis) % dayMillis), ms > -dayMillis && ms < dayMillis
}

// arrowTimes is the buffer of a column of days or times of day, in memory for C to free.
func arrowTimes(c *column.Column) unsafe.Pointer {
	out := make([]int32, c.Len+2) // what Arrow may read beyond the end
	for i, ms := range millisOf(c) {
		out[i], _ = arrowTime(c.Type.Unit, ms)
	}
	return C.CBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(out))), 4*len(out)))
}

func millisOf(c *column.Column) []int64 {
	if c.Len == 0 {
		return nil
	}
	return unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(c.Data))), c.Len)
}
