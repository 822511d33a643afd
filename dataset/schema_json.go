package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// fieldJSON is the full form of a Field.
type fieldJSON struct {
	Name     string          `json:"name,omitempty"`
	Type     string          `json:"type"`
	Seen     Lengths         `json:"seen,omitzero"`
	TypeID   int32           `json:"typeId,omitempty"`
	TypeName string          `json:"typeName,omitempty"`
	Nullable bool            `json:"nullable,omitempty"`
	Default  json.RawMessage `json:"default,omitempty"`
	Fields   []Field         `json:"fields,omitempty"`
}

var fieldKeys = map[string]bool{
	"name": true, "type": true, "seen": true, "typeId": true, "typeName": true, "nullable": true, "default": true, "fields": true,
}

type schemaJSON struct {
	Key      *Field   `json:"key,omitempty"`
	Value    *Field   `json:"val,omitempty"`
	RowBytes int      `json:"rowBytes,omitempty"`
	Omitted  []string `json:"omitted,omitempty"`
}

// MarshalJSON writes the full form.
func (s Schema) MarshalJSON() ([]byte, error) {
	out := schemaJSON{RowBytes: s.RowBytes, Omitted: s.Omitted}
	if !s.Key.Absent() {
		out.Key = &s.Key
	}
	if !s.Value.Absent() {
		out.Value = &s.Value
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the full form and the short one; unknown members are errors.
func (s *Schema) UnmarshalJSON(b []byte) error {
	var in schemaJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("dataset: schema: %w", err)
	}
	*s = Schema{RowBytes: in.RowBytes, Omitted: in.Omitted}
	if in.Key != nil {
		s.Key = *in.Key
		s.Key.Name = KeyName
	}
	if in.Value != nil {
		s.Value = *in.Value
		s.Value.Name = ValueName
	}
	return nil
}

// MarshalJSON writes the full form.
func (f Field) MarshalJSON() ([]byte, error) {
	return json.Marshal(fieldJSON{f.Name, f.typeName(), f.Seen, f.TypeID, f.TypeName, f.Nullable, f.Default, f.Fields})
}

// UnmarshalJSON reads a name of a type, the short form of an object
// ({"label": "int", ...}, in this order) or the full form, which is an object
// with a "type" and no members but those of the full form.
func (f *Field) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '"' {
		var name string
		if err := json.Unmarshal(b, &name); err != nil {
			return err
		}
		var err error
		*f, err = fieldOf(name)
		return err
	}
	members, err := orderedMembers(b)
	if err != nil {
		return err
	}
	full := false
	for _, m := range members {
		if !fieldKeys[m.name] {
			full = false
			break
		}
		full = full || m.name == "type" && m.value[0] == '"'
	}
	if full {
		return f.fromFull(b)
	}
	*f = Field{Type: binary.TypeObject, Fields: make([]Field, len(members))}
	for i, m := range members {
		if err := f.Fields[i].UnmarshalJSON(m.value); err != nil {
			return fmt.Errorf("field %s: %w", m.name, err)
		}
		f.Fields[i].Name = m.name
	}
	return nil
}

func (f *Field) fromFull(b []byte) error {
	var in fieldJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	stated, err := fieldOf(in.Type)
	if err != nil {
		return err
	}
	t := stated.Type
	if t != binary.TypeObject && len(in.Fields) > 0 {
		return fmt.Errorf("a value of type %s has no fields", in.Type)
	}
	for i := range in.Fields {
		if in.Fields[i].Name == "" {
			return fmt.Errorf("field %d of an object has no name", i)
		}
	}
	*f = stated
	f.Name, f.TypeID, f.TypeName, f.Nullable, f.Default, f.Fields = in.Name, in.TypeID, in.TypeName, in.Nullable, in.Default, in.Fields
	f.Seen = in.Seen
	return nil
}

type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers gives the members of a JSON object in their order.
func orderedMembers(b []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if tok != json.Delim('{') {
		return nil, fmt.Errorf("a field is a type's name or an object, found %s", b)
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}
