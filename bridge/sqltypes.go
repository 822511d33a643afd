package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// sqlType is what the values of a column have shown of its type so far.
type sqlType struct {
	seen column.Type
	as   timeUnits // that hold all times seen
}

// see takes another value into account. Whole numbers widen, with fractions they
// become doubles; any other mixture is an error.
func (t *sqlType) see(v any) error {
	if v == nil {
		return nil
	}
	is := typeOfValue(v)
	if is.Kind == column.Invalid {
		return fmt.Errorf("a %T is no value of a column", v)
	}
	if is.Unit == unitInstant {
		return t.seeTime(instantOf(v))
	}
	switch {
	case t.seen.Kind == column.Invalid || t.seen.Equal(is):
		t.seen = is
		return nil
	case rank(t.seen) > 0 && rank(is) > 0:
		t.seen = widest(t.seen, is)
		return nil
	}
	return fmt.Errorf("a %s after values of type %s", is, t.seen)
}

// column is the type of the column; one that has only nulls is a text.
func (t *sqlType) column() column.Type {
	if t.seen.Kind == column.Invalid {
		return column.Type{Kind: column.String}
	}
	return t.seen
}

// rank orders the kinds of plain numbers, 0 for anything else.
func rank(t column.Type) int {
	if t.Unit != "" {
		return 0
	}
	switch t.Kind {
	case column.Int8:
		return 1
	case column.Int16:
		return 2
	case column.Int32:
		return 3
	case column.Int64:
		return 4
	case column.Float32:
		return 5
	case column.Float64:
		return 6
	default:
		return 0
	}
}

func widest(a, b column.Type) column.Type {
	if rank(a) > rank(b) {
		a, b = b, a
	}
	if b.Kind == column.Float32 && rank(a) >= 3 { // a float has not the digits of an int
		return column.Type{Kind: column.Float64}
	}
	return b
}

func typeOfValue(v any) column.Type {
	kind := func(k column.Kind) column.Type { return column.Type{Kind: k} }
	switch v.(type) {
	case bool:
		return kind(column.Bool)
	case int8:
		return kind(column.Int8)
	case int16:
		return kind(column.Int16)
	case int32:
		return kind(column.Int32)
	case int64:
		return kind(column.Int64)
	case float32:
		return kind(column.Float32)
	case float64:
		return kind(column.Float64)
	case string, uuid.UUID, *apd.Decimal, binary.Char:
		return kind(column.String)
	case []byte:
		return kind(column.Bytes)
	case binary.TimeOfDay:
		return column.Type{Kind: column.Int64, Unit: column.UnitTime}
	case binary.Date, binary.SQLDate, time.Time:
		return column.Type{Kind: column.Int64, Unit: unitInstant}
	}
	return column.Type{}
}

// appendSQL appends a value to a column of its type or of a wider one.
func appendSQL(a *column.Appender, v any) error {
	if v == nil {
		a.AppendNull()
		return nil
	}
	is, want := typeOfValue(v), a.Type()
	if is.Unit == unitInstant {
		return appendTime(a, instantOf(v))
	}
	if !is.Equal(want) && (rank(is) == 0 || rank(want) == 0 || !widest(is, want).Equal(want)) {
		return fmt.Errorf("a value of type %s in a column of type %s", is, want)
	}
	switch v := v.(type) {
	case bool:
		a.AppendBool(v)
	case string:
		a.AppendString(v)
	case uuid.UUID:
		a.AppendString(v.String())
	case *apd.Decimal:
		a.AppendString(v.Text('f'))
	case binary.Char:
		a.AppendString(string(rune(v)))
	case []byte:
		a.AppendBytes(v)
	case binary.TimeOfDay:
		a.AppendInt64(int64(v))
	case float32:
		appendNumber(a, 0, float64(v))
	case float64:
		appendNumber(a, 0, v)
	case int8:
		appendNumber(a, int64(v), float64(v))
	case int16:
		appendNumber(a, int64(v), float64(v))
	case int32:
		appendNumber(a, int64(v), float64(v))
	case int64:
		appendNumber(a, v, float64(v))
	}
	return nil
}

// appendNumber appends a number that the column's kind holds.
func appendNumber(a *column.Appender, whole int64, real float64) {
	switch a.Type().Kind {
	case column.Int8:
		a.AppendInt8(int8(whole))
	case column.Int16:
		a.AppendInt16(int16(whole))
	case column.Int32:
		a.AppendInt32(int32(whole))
	case column.Int64:
		a.AppendInt64(whole)
	case column.Float32:
		a.AppendFloat32(float32(real))
	default:
		a.AppendFloat64(real)
	}
}

// decodeNumber reads JSON and keeps numbers exact.
func decodeNumber(raw json.RawMessage) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}
