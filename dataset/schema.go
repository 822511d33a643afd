package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// KeyName and ValueName are the names of the two parts of an element.
const (
	KeyName   = "key"
	ValueName = "val"
)

// Field is a node of a Schema: a plain value, an array or an object with fields
// of its own. The zero Field is one that was left out.
type Field struct {
	// Name is the field's name as binary metadata has it; "key" and "val" at the top.
	Name string
	// Type is Ignite's type of the values, 0 when the field is left out. Rows may
	// hold a narrower type (int where long stands); the wider one is delivered.
	Type binary.Type
	// Shape is the dimensions of each array of the field, nil when an array may have any
	// length. A batch has the elements one after the other, in the order of C; an array
	// with another number of them is an error.
	Shape []int
	// Seen says how long the arrays were that Discover saw; it is no part of what the
	// schema asks for. Where a Shape stands with it, the Shape was inferred from it.
	Seen Lengths
	// Unit is that of a Timestamp's column: "" for nanoseconds since 1970, UnitMicros or
	// UnitMillis. A time that is not exact in it is an error.
	Unit string
	// Signed makes the elements of a byte[] -128 to 127, not 0 to 255.
	Signed bool
	// TypeID and TypeName name the binary type of an object or enum; 0 and "" when
	// they are not known, which is no hindrance to reading.
	TypeID   int32
	TypeName string
	// Nullable says that null may stand here: by the table's definition, or as
	// seen in a row. Whether a null is an error, is replaced or is kept is the
	// Spec's choice (Nulls, Defaults), for every field alike.
	Nullable bool
	// Default is the JSON value that takes the place of null and of a missing
	// field; nil when none is stated.
	Default json.RawMessage
	// Fields are the fields of an object, in the order of the element.
	Fields []Field

	stated bool // Shape is from Spec.Shapes
}

// Schema describes the elements of a dataset. It is a value: it prints, compares
// and goes through JSON, in the full form that MarshalJSON writes or the short
// one that people write:
//
//	{"key": "long", "val": {"label": "int", "pixels": "byte[28,28,1]", "tags": "string[]"}}
type Schema struct {
	// Key is the entry's key, Value its value. Either may be left out.
	Key, Value Field
	// RowBytes is the mean size of a row on the wire, key and value, in the rows
	// that Discover saw; 0 when it saw none.
	RowBytes int
	// Omitted names the fields that Discover left out because no column can hold
	// them, each as "path (type)".
	Omitted []string
}

// leastBytes is the mean size of a row that was seen, or what the arrays of stated lengths
// take at least.
func (s *Schema) leastBytes() int { return max(s.RowBytes, s.Key.leastBytes()+s.Value.leastBytes()) }

func (f *Field) leastBytes() int {
	n := f.Length() * max(fixedWidth(elemOf(f.Type)), 1)
	for i := range f.Fields {
		n += f.Fields[i].leastBytes()
	}
	return n
}

// SchemaError says which field can't become a column, or why a schema can't be
// found.
type SchemaError struct {
	// Cache is the cache's name.
	Cache string
	// Path is the field, such as "val.tags"; "" when the whole schema is meant.
	Path string
	// Type is Ignite's name of the field's type, "" when it is not the point.
	Type string
	// Reason says what is wrong and what to do.
	Reason string
}

// Error implements error.
func (e *SchemaError) Error() string {
	var sb strings.Builder
	sb.WriteString("dataset: ")
	if e.Cache != "" {
		fmt.Fprintf(&sb, "cache %q: ", e.Cache)
	}
	if e.Path != "" {
		fmt.Fprintf(&sb, "field %s", e.Path)
		if e.Type != "" {
			fmt.Fprintf(&sb, " (%s)", e.Type)
		}
		sb.WriteString(": ")
	}
	return sb.String() + e.Reason
}

// Absent says whether the field is left out.
func (f *Field) Absent() bool { return f.Type == 0 }

// Column is the type of the field's column.
func (f *Field) Column(nullable bool) (column.Type, error) {
	if f.Type != binary.TypeObject {
		t, ok := f.leaf()
		if !ok {
			return t, fmt.Errorf("no column holds a value of type %s", f.Type)
		}
		return t, nil
	}
	t := column.Type{Kind: column.Struct}
	for i := range f.Fields {
		c, err := f.Fields[i].Column(nullable)
		if err != nil {
			return t, fmt.Errorf("field %s: %w", f.Fields[i].Name, err)
		}
		t.Fields = append(t.Fields, column.Field{Name: f.Fields[i].Name, Type: c, Nullable: nullable})
	}
	return t, nil
}

// Columns is the schema of the batches: the column "key", the column "val", an
// object as a struct. nullable marks every column of the value as one that may
// carry a validity bitmap.
func (s *Schema) Columns(nullable bool) (*column.Schema, error) {
	out := &column.Schema{}
	for _, f := range []*Field{&s.Key, &s.Value} {
		if f.Absent() {
			continue
		}
		name := ValueName
		if f == &s.Key {
			name = KeyName
		}
		t, err := f.Column(nullable)
		if err != nil {
			return nil, fmt.Errorf("dataset: schema: field %s: %w", name, err)
		}
		out.Fields = append(out.Fields, column.Field{Name: name, Type: t, Nullable: nullable})
	}
	if len(out.Fields) == 0 {
		return nil, &SchemaError{Reason: "the schema has neither key nor val"}
	}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("dataset: schema: %w", err)
	}
	return out, nil
}

// Equal says whether both schemas describe the same elements: names, types,
// nullability and defaults, not the statistics of the rows that were seen.
func (s *Schema) Equal(o *Schema) bool { return s.Key.Equal(&o.Key) && s.Value.Equal(&o.Value) }

// Equal says whether both fields are the same, fields of fields included.
func (f *Field) Equal(o *Field) bool {
	if f.Name != o.Name || f.Type != o.Type || !slices.Equal(f.Shape, o.Shape) || f.Unit != o.Unit || f.Signed != o.Signed ||
		f.TypeID != o.TypeID || f.TypeName != o.TypeName || f.Nullable != o.Nullable ||
		!bytes.Equal(f.Default, o.Default) {
		return false
	}
	return slices.EqualFunc(f.Fields, o.Fields, func(a, b Field) bool { return a.Equal(&b) })
}

// String is a short form for people, such as "{key: long, val: {label: int, pixels: byte[]}}".
func (s *Schema) String() string {
	top := Field{Type: binary.TypeObject}
	for _, f := range []Field{s.Key, s.Value} {
		if !f.Absent() {
			top.Fields = append(top.Fields, f)
		}
	}
	return top.String()
}

// String is a short form for people, such as "{label: int, name: string?}"; a
// question mark means that null may stand there.
func (f *Field) String() string {
	if f.Type != binary.TypeObject {
		return f.typeName()
	}
	var sb strings.Builder
	sb.WriteByte('{')
	for i := range f.Fields {
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString(f.Fields[i].Name + ": " + f.Fields[i].String())
		if f.Fields[i].Nullable {
			sb.WriteByte('?')
		}
	}
	return sb.String() + "}"
}

// withDefaults gives a copy with the stated defaults put into the fields.
func (s *Schema) withDefaults(defaults map[string]json.RawMessage) (*Schema, error) {
	if len(defaults) == 0 {
		return s, nil
	}
	out := s.clone()
	for p, d := range defaults {
		place := out.locate(p)
		if place == nil {
			return nil, &SchemaError{Path: p, Reason: "a default is stated for a field that the schema does not have; the schema is " + s.String()}
		}
		out.at(place).Default = d
	}
	return out, nil
}
