package dataset

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// Two of Ignite's types can come in more than one way. A Timestamp has milliseconds in 64
// bits and nanoseconds beside them, more than any one number holds: "timestamp" is
// nanoseconds, "timestamp[us]" and "timestamp[ms]" reach further and are coarser. A byte of
// Ignite is signed, but arrays of them are mostly pictures: "byte[]" has elements 0 to 255,
// "sbyte[]" -128 to 127.

// Units of a Timestamp's column (Field.Unit), "" is nanoseconds.
const (
	UnitMicros = "us"
	UnitMillis = "ms"
)

const signedPrefix = "s"

// variantOf takes the unit or the sign off the name of a type.
func variantOf(name string) (base, unit string, signed bool) {
	low := strings.ToLower(strings.TrimSpace(name))
	switch {
	case low == "timestamp[ns]":
		return "timestamp", "", false
	case low == "timestamp["+UnitMicros+"]":
		return "timestamp", UnitMicros, false
	case low == "timestamp["+UnitMillis+"]":
		return "timestamp", UnitMillis, false
	case strings.HasPrefix(low, signedPrefix+"byte["):
		return low[len(signedPrefix):], "", true
	default:
		return name, "", false
	}
}

// leaf is the type of the field's column where it is no object.
func (f *Field) leaf() (column.Type, bool) {
	t, ok := leafType(f.Type)
	if f.Signed && f.Type == binary.TypeByteArray {
		t = column.ListOf(column.Int8)
	}
	if f.Unit != "" && f.Type == binary.TypeTimestamp {
		t.Unit = f.Unit
	}
	return t, ok
}

// WithTypes gives a copy in which the fields at some paths, such as "val.when", have
// another type than was found, such as "timestamp[us]" or "sbyte[]".
func (s *Schema) WithTypes(types map[string]string) (Schema, error) {
	if len(types) == 0 {
		return *s, nil
	}
	out := s.clone()
	for _, path := range slices.Sorted(maps.Keys(types)) {
		place := out.locate(path)
		if place == nil {
			return *s, &SchemaError{Path: path, Reason: "a type is stated for a field that the schema does not have; the schema is " + s.String()}
		}
		if bad := out.at(place).retype(types[path]); bad != "" {
			return *s, &SchemaError{Path: path, Reason: bad}
		}
	}
	return *out, nil
}

// retype takes a stated type, or says what is wrong with it.
func (f *Field) retype(name string) string {
	stated, err := fieldOf(name)
	if err != nil {
		return err.Error()
	}
	if (stated.Type == binary.TypeObject) != (f.Type == binary.TypeObject) {
		return fmt.Sprintf("the schema says %s, which can't come as %s", f.typeName(), name)
	}
	f.Type, f.Unit, f.Signed = stated.Type, stated.Unit, stated.Signed
	if stated.Shape != nil {
		f.Shape, f.Seen = stated.Shape, Lengths{}
	}
	return ""
}

// fieldOf is a field of the type with this name.
func fieldOf(name string) (Field, error) {
	base, unit, signed := variantOf(name)
	t, shape, err := parseType(base)
	return Field{Type: t, Shape: shape, Unit: unit, Signed: signed}, err
}

// instant appends milliseconds since 1970 and the nanoseconds within one in the column's
// unit. A time that has none there is an error.
func (n *node) instant(ms, nanos int64) error {
	switch n.field.Unit {
	case UnitMillis:
		if nanos != 0 {
			return n.inexact(ms, nanos)
		}
		n.app.AppendInt64(ms)
		return nil
	case UnitMicros:
		return n.scaled(ms, nanos, 1000)
	default:
		return n.scaled(ms, nanos, 1_000_000)
	}
}

// scaled appends a time in units of which a millisecond has perMilli.
func (n *node) scaled(ms, nanos, perMilli int64) error {
	step := 1_000_000 / perMilli
	limit := math.MaxInt64/perMilli - 1
	if ms > limit || ms < -limit || nanos%step != 0 {
		return n.inexact(ms, nanos)
	}
	n.app.AppendInt64(ms*perMilli + nanos/step)
	return nil
}

func (n *node) inexact(ms, nanos int64) error {
	return &fieldError{n.path, fmt.Sprintf("the time %d ms and %d ns since 1970 has no exact %s, which is in 64 bits: "+
		"%q holds the years 1678 to 2262, %q those to 294000 without nanoseconds, %q all without microseconds",
		ms, nanos, n.field.typeName(), "timestamp", "timestamp[us]", "timestamp[ms]")}
}
