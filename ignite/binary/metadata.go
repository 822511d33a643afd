package binary

import (
	"fmt"
	"slices"
)

// Metadata is what a cluster knows about a type (BinaryMetadata): the names and types of
// all fields ever written, and the schemas, which are the field lists of single objects.
// A Metadata that was handed out is read only, so it may be shared by goroutines.
type Metadata struct {
	TypeID           int32
	TypeName         string
	AffinityKeyField string // "" when the whole key decides the partition
	Fields           []FieldMeta
	IsEnum           bool
	EnumValues       []EnumValue
	Schemas          []Schema
}

// FieldMeta names one field of a type. Type is an int32 on the wire.
type FieldMeta struct {
	Name string
	Type Type
	ID   int32
}

// EnumValue names one ordinal of an enum type.
type EnumValue struct {
	Name    string
	Ordinal int32
}

// Schema is the list of fields, in order, of the objects that carry its id.
type Schema struct {
	ID       int32
	FieldIDs []int32
}

// SchemaByID returns the schema, nil if there is none (or if m is nil).
func (m *Metadata) SchemaByID(id int32) *Schema {
	if m == nil {
		return nil
	}
	for i := range m.Schemas {
		if m.Schemas[i].ID == id {
			return &m.Schemas[i]
		}
	}
	return nil
}

// FieldByID returns the first field of the id, nil if there is none (or if m is nil).
func (m *Metadata) FieldByID(id int32) *FieldMeta {
	if m == nil {
		return nil
	}
	for i := range m.Fields {
		if m.Fields[i].ID == id {
			return &m.Fields[i]
		}
	}
	return nil
}

// FieldByName returns the field, nil if there is none (or if m is nil). Names that differ
// in case are different fields, though they share their id.
func (m *Metadata) FieldByName(name string) *FieldMeta {
	if m == nil {
		return nil
	}
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			return &m.Fields[i]
		}
	}
	return nil
}

// EnumName returns the name of an ordinal, "" if the metadata has none.
func (m *Metadata) EnumName(ordinal int32) string {
	if m == nil {
		return ""
	}
	for _, v := range m.EnumValues {
		if v.Ordinal == ordinal {
			return v.Name
		}
	}
	return ""
}

// Merge returns the metadata with everything that other adds, and whether that is
// anything. Neither m nor other is changed. As in Ignite (BinaryUtils.mergeMetadata) it
// is an error when they contradict each other: another type name, another type of the
// field of a name, another affinity key, another ordinal of the same enum constant. A
// nil m gives a copy of other.
func (m *Metadata) Merge(other *Metadata) (*Metadata, bool, error) {
	if m == nil {
		out := other.clone()
		return out, true, nil
	}
	if err := m.conflict(other); err != nil {
		return nil, false, err
	}
	out, changed := m.clone(), false
	if out.AffinityKeyField == "" && other.AffinityKeyField != "" {
		out.AffinityKeyField, changed = other.AffinityKeyField, true
	}
	for _, f := range other.Fields {
		if out.FieldByName(f.Name) == nil {
			out.Fields, changed = append(out.Fields, f), true
		}
	}
	for _, s := range other.Schemas {
		if out.SchemaByID(s.ID) == nil {
			out.Schemas, changed = append(out.Schemas, Schema{s.ID, slices.Clone(s.FieldIDs)}), true
		}
	}
	for _, v := range other.EnumValues {
		if !slices.Contains(out.EnumValues, v) {
			out.EnumValues, changed = append(out.EnumValues, v), true
		}
	}
	return out, changed, nil
}

// Conform returns m with the field types that the cluster already knows, where one side
// says Object and the other is more precise. A Java field declared as List has the type
// Object and one declared as ArrayList the type Collection; a Go slice is either, and a
// nil in an [Object] has no type at all. Other contradictions stay, for [Metadata.Merge]
// to find. It returns m itself when there is nothing to change.
func (m *Metadata) Conform(known *Metadata) *Metadata {
	out := m
	for i, f := range m.Fields {
		was := known.FieldByName(f.Name)
		if was == nil {
			was = known.FieldByID(f.ID)
		}
		if was == nil || was.Type == f.Type || was.Type != TypeObject && f.Type != TypeObject {
			continue
		}
		if out == m {
			out = m.clone()
		}
		out.Fields[i].Type = was.Type
	}
	return out
}

func (m *Metadata) clone() *Metadata {
	out := *m
	out.Fields = slices.Clone(m.Fields)
	out.EnumValues = slices.Clone(m.EnumValues)
	out.Schemas = slices.Clone(m.Schemas)
	for i, s := range out.Schemas {
		out.Schemas[i].FieldIDs = slices.Clone(s.FieldIDs)
	}
	return &out
}

// conflict returns the first contradiction between the two.
func (m *Metadata) conflict(other *Metadata) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("binary: type %q (id %d): %s", m.TypeName, m.TypeID, fmt.Sprintf(format, args...))
	}
	switch {
	case m.TypeID != other.TypeID:
		return fail("can't be merged with type %q (id %d)", other.TypeName, other.TypeID)
	case m.TypeName != other.TypeName:
		return fail("the same id stands for type %q", other.TypeName)
	case m.IsEnum != other.IsEnum:
		return fail("is an enum for one side and not for the other")
	case m.AffinityKeyField != "" && other.AffinityKeyField != "" && m.AffinityKeyField != other.AffinityKeyField:
		return fail("affinity key field is %q, not %q", m.AffinityKeyField, other.AffinityKeyField)
	}
	for _, f := range other.Fields {
		if was := m.FieldByName(f.Name); was != nil && was.Type != f.Type {
			return fail("field %q has type %s, not %s", f.Name, was.Type, f.Type)
		}
	}
	for _, v := range other.EnumValues {
		for _, was := range m.EnumValues {
			if (was.Name == v.Name) != (was.Ordinal == v.Ordinal) {
				return fail("enum constant %s=%d contradicts %s=%d", v.Name, v.Ordinal, was.Name, was.Ordinal)
			}
		}
	}
	return nil
}
