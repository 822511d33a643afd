package column

import (
	"fmt"
	"slices"
	"strings"
)

// Type is the type of a column.
type Type struct {
	// Kind says how values are stored.
	Kind Kind `json:"kind"`
	// Unit is "" or, for Int64 columns, "ms", "us" or "ns" of a time since 1970-01-01
	// UTC, UnitDate or UnitTime.
	Unit string `json:"unit,omitempty"`
	// Elem is the type of a List's elements, nil for other kinds.
	Elem *Type `json:"elem,omitempty"`
	// Fields are the fields of a Struct, in the order of the children.
	Fields []Field `json:"fields,omitempty"`
}

// Units of a column that is no time since 1970: a day, as milliseconds since 1970-01-01 UTC of
// its midnight, and a time of day, as milliseconds since midnight. Values between two
// midnights, or of more than a day, may stand there; who gives the column to others as
// days and times refuses them.
const (
	UnitDate = "date"
	UnitTime = "time"
)

var units = []string{"ms", "us", "ns", UnitDate, UnitTime}

// Field is a named column of a Schema or of a Struct.
type Field struct {
	// Name is the field's name, unique among its brothers.
	Name string `json:"name"`
	// Type is the type of the values.
	Type Type `json:"type"`
	// Nullable says that the column may carry a validity bitmap.
	Nullable bool `json:"nullable,omitempty"`
}

// Schema is the list of the columns of a Batch.
type Schema struct {
	// Fields are the columns, in order.
	Fields []Field `json:"fields"`
}

// ListOf is the type of a list of elements of the kind k.
func ListOf(k Kind) Type { return Type{Kind: List, Elem: &Type{Kind: k}} }

// Equal says whether both types describe the same columns, names included.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind || t.Unit != o.Unit || (t.Elem == nil) != (o.Elem == nil) {
		return false
	}
	if t.Elem != nil && !t.Elem.Equal(*o.Elem) {
		return false
	}
	return equalFields(t.Fields, o.Fields)
}

// String is a short form, such as "struct<label: int32, pixels: list<uint8>>".
func (t Type) String() string {
	var sb strings.Builder
	t.print(&sb)
	return sb.String()
}

func (t Type) print(sb *strings.Builder) {
	sb.WriteString(t.Kind.String())
	switch {
	case t.Kind == List && t.Elem != nil:
		sb.WriteByte('<')
		t.Elem.print(sb)
		sb.WriteByte('>')
	case t.Kind == Struct:
		sb.WriteByte('<')
		printFields(sb, t.Fields)
		sb.WriteByte('>')
	case t.Unit != "":
		sb.WriteString("[" + t.Unit + "]")
	}
}

// Validate says what is wrong with the type, nil when nothing is.
func (t Type) Validate() error {
	switch {
	case t.Kind == Invalid || t.Kind > Struct:
		return fmt.Errorf("column: %s is not a type of column", t.Kind)
	case (t.Kind == List) != (t.Elem != nil):
		return fmt.Errorf("column: type %s: exactly a list has an element type", t.Kind)
	case t.Kind != Struct && len(t.Fields) > 0:
		return fmt.Errorf("column: type %s: only a struct has fields", t.Kind)
	case t.Unit != "" && (t.Kind != Int64 || !slices.Contains(units, t.Unit)):
		return fmt.Errorf("column: type %s: unit %q is none of %v of an int64", t.Kind, t.Unit, units)
	}
	if t.Elem != nil {
		return t.Elem.Validate()
	}
	return validateFields(t.Fields)
}

// Equal says whether the fields have the same name, type and nullability.
func (f Field) Equal(o Field) bool {
	return f.Name == o.Name && f.Nullable == o.Nullable && f.Type.Equal(o.Type)
}

// Equal says whether both schemas have equal fields in the same order.
func (s *Schema) Equal(o *Schema) bool { return equalFields(s.Fields, o.Fields) }

// String is a short form, such as "key: int64, val: string".
func (s *Schema) String() string {
	var sb strings.Builder
	printFields(&sb, s.Fields)
	return sb.String()
}

// Validate says what is wrong with the schema, nil when nothing is.
func (s *Schema) Validate() error { return validateFields(s.Fields) }

func equalFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func printFields(sb *strings.Builder, fields []Field) {
	for i, f := range fields {
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString(f.Name)
		sb.WriteString(": ")
		f.Type.print(sb)
		if f.Nullable {
			sb.WriteByte('?')
		}
	}
}

func validateFields(fields []Field) error {
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if seen[f.Name] {
			return fmt.Errorf("column: two fields are named %q", f.Name)
		}
		seen[f.Name] = true
		if err := f.Type.Validate(); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	return nil
}
