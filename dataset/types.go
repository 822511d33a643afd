package dataset

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// typeNames are the names of the types in JSON, the first of each is the one
// that is written.
var typeNames = []struct {
	name string
	typ  binary.Type
}{
	{"byte", binary.TypeByte},
	{"short", binary.TypeShort},
	{"int", binary.TypeInt},
	{"long", binary.TypeLong},
	{"float", binary.TypeFloat},
	{"double", binary.TypeDouble},
	{"char", binary.TypeChar},
	{"boolean", binary.TypeBool},
	{"bool", binary.TypeBool},
	{"string", binary.TypeString},
	{"uuid", binary.TypeUUID},
	{"date", binary.TypeDate},
	{"time", binary.TypeTime},
	{"timestamp", binary.TypeTimestamp},
	{"decimal", binary.TypeDecimal},
	{"enum", binary.TypeEnum},
	{"object", binary.TypeObject},
	{"byte[]", binary.TypeByteArray},
	{"short[]", binary.TypeShortArray},
	{"int[]", binary.TypeIntArray},
	{"long[]", binary.TypeLongArray},
	{"float[]", binary.TypeFloatArray},
	{"double[]", binary.TypeDoubleArray},
	{"char[]", binary.TypeCharArray},
	{"boolean[]", binary.TypeBoolArray},
	{"bool[]", binary.TypeBoolArray},
	{"string[]", binary.TypeStringArray},
}

// typeName is the name of a supported type in JSON, Ignite's name of any other.
func typeName(t binary.Type) string {
	for _, n := range typeNames {
		if n.typ == t {
			return n.name
		}
	}
	return t.String()
}

// typeName is the field's type as JSON has it: "byte[784]" or "byte[28,28,1]" for arrays of
// one shape.
func (f *Field) typeName() string {
	name := typeName(f.Type)
	if f.Signed {
		name = signedPrefix + name
	}
	if f.Unit != "" {
		name += "[" + f.Unit + "]"
	}
	if f.Shape != nil {
		return strings.TrimSuffix(name, "[]") + "[" + dimensions(f.Shape) + "]"
	}
	return name
}

// parseType finds a type by its name in JSON, in any case, and the shape of its arrays
// where it is said.
func parseType(name string) (t binary.Type, shape []int, err error) {
	low := strings.ToLower(strings.TrimSpace(name))
	if base, rest, ok := strings.Cut(low, "["); ok && rest != "]" {
		if shape, err = parseShape(rest); err != nil {
			return 0, nil, fmt.Errorf("%q is not an array of a dataset: %w, as in \"byte[784]\" or \"byte[28,28,1]\"", name, err)
		}
		low = base + "[]"
	}
	for _, n := range typeNames {
		if n.name == low {
			return n.typ, shape, nil
		}
	}
	known := make([]string, 0, len(typeNames))
	for _, n := range typeNames {
		known = append(known, n.name)
	}
	return 0, nil, fmt.Errorf("%q is not a type of a dataset; known are %s, sbyte[], timestamp[us], timestamp[ms]", name, strings.Join(known, ", "))
}

// parseShape reads what stands behind the "[" of an array's type.
func parseShape(text string) ([]int, error) {
	inner, closed := strings.CutSuffix(text, "]")
	var shape []int
	for _, d := range strings.Split(inner, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(d))
		if err != nil || !closed {
			return nil, errors.New("in its brackets stand numbers, with commas between them")
		}
		shape = append(shape, n)
	}
	if bad := checkShape(shape); bad != "" {
		return nil, errors.New(bad)
	}
	return shape, nil
}

// canonical folds the codes that differ only on the wire.
func canonical(t binary.Type) binary.Type {
	switch t {
	case binary.TypeWrapped:
		return binary.TypeObject
	case binary.TypeBinaryEnum:
		return binary.TypeEnum
	default:
		return t
	}
}

// leafType is the column type of a type that is not an object; ok is false when a
// dataset has no column for it.
func leafType(t binary.Type) (_ column.Type, ok bool) {
	kind := func(k column.Kind) (column.Type, bool) { return column.Type{Kind: k}, true }
	list := func(k column.Kind) (column.Type, bool) { return column.ListOf(k), true }
	switch t {
	case binary.TypeByte:
		return kind(column.Int8)
	case binary.TypeShort:
		return kind(column.Int16)
	case binary.TypeInt, binary.TypeEnum:
		return kind(column.Int32)
	case binary.TypeLong:
		return kind(column.Int64)
	case binary.TypeFloat:
		return kind(column.Float32)
	case binary.TypeDouble:
		return kind(column.Float64)
	case binary.TypeChar:
		return kind(column.Uint16)
	case binary.TypeBool:
		return kind(column.Bool)
	case binary.TypeString, binary.TypeUUID, binary.TypeDecimal:
		return kind(column.String)
	case binary.TypeDate:
		return column.Type{Kind: column.Int64, Unit: column.UnitDate}, true
	case binary.TypeTime:
		return column.Type{Kind: column.Int64, Unit: column.UnitTime}, true
	case binary.TypeTimestamp:
		return column.Type{Kind: column.Int64, Unit: "ns"}, true
	case binary.TypeByteArray:
		return list(column.Uint8)
	case binary.TypeShortArray:
		return list(column.Int16)
	case binary.TypeIntArray:
		return list(column.Int32)
	case binary.TypeLongArray:
		return list(column.Int64)
	case binary.TypeFloatArray:
		return list(column.Float32)
	case binary.TypeDoubleArray:
		return list(column.Float64)
	case binary.TypeCharArray:
		return list(column.Uint16)
	case binary.TypeBoolArray:
		return list(column.Bool)
	case binary.TypeStringArray:
		return list(column.String)
	default:
		return column.Type{}, false
	}
}

// supported says whether a dataset has a column for the type.
func supported(t binary.Type) bool {
	_, ok := leafType(t)
	return ok || t == binary.TypeObject
}

// elemOf is the type of the elements of an array of numbers, characters or
// booleans, 0 for other types.
func elemOf(t binary.Type) binary.Type {
	if t >= binary.TypeByteArray && t <= binary.TypeBoolArray {
		return t - binary.TypeByteArray + binary.TypeByte
	}
	return 0
}

// widens says whether every value of the type from has its exact like in the
// column of the type to.
func widens(from, to binary.Type) bool {
	if f, t := elemOf(from), elemOf(to); f != 0 && t != 0 {
		return f != binary.TypeByte && widens(f, t) // byte[] holds bytes 0..255, not small numbers
	}
	switch to {
	case binary.TypeShort:
		return from == binary.TypeByte
	case binary.TypeInt:
		return from == binary.TypeByte || from == binary.TypeShort || from == binary.TypeChar
	case binary.TypeLong:
		return from == binary.TypeByte || from == binary.TypeShort || from == binary.TypeInt || from == binary.TypeChar
	case binary.TypeFloat:
		return from == binary.TypeByte || from == binary.TypeShort || from == binary.TypeChar
	case binary.TypeDouble:
		return from == binary.TypeFloat || from == binary.TypeByte || from == binary.TypeShort || from == binary.TypeInt || from == binary.TypeChar
	case binary.TypeTimestamp:
		return from == binary.TypeDate || from == binary.TypeTime
	default:
		return false
	}
}
