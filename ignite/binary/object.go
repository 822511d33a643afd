package binary

import "slices"

// Object is a decoded or a built complex object (type code 103), fields in order.
//
// An object from [NewObject] is encoded with the ids of its names. A decoded one keeps
// the ids, the raw data and the wrapping of its bytes, so that it encodes to the same
// bytes again as long as its fields are the same. It has names only if it was decoded
// with a [Resolver].
type Object struct {
	TypeID   int32  // 0: not registered, TypeName goes into the bytes
	TypeName string // "" when decoded without metadata
	Fields   []Field

	raw     Raw
	header  header
	wrapped bool // came inside of a byte array (27) and goes back so
}

// Field is one field of an Object. When ID is 0, it is computed from the name.
type Field struct {
	ID    int32
	Name  string
	Value any
}

// header keeps what can't be told from the fields of a decoded object.
type header struct {
	flags    uint16
	schemaID int32
	fields   int
	rawData  []byte
}

// NewObject returns an object of the named type to be filled with [Object.Set]. With
// BASIC_FULL name mapping (the default of clusters) the name is the full Java class name.
func NewObject(typeName string) *Object {
	return &Object{TypeID: TypeID(typeName), TypeName: typeName}
}

// Set sets a field and returns the object. A new field goes behind the others: the
// order of fields is part of the bytes, of the schema id and of the hash code. The value
// is any that [Encoder.Append] takes; for null with a type see [NullOf]. Names that
// differ in case only are the same field.
func (o *Object) Set(name string, v any) *Object {
	o.raw = nil
	id := FieldID(name)
	for i := range o.Fields {
		if f := &o.Fields[i]; f.ID == id || f.Name == name {
			f.Value = v
			return o
		}
	}
	o.Fields = append(o.Fields, Field{ID: id, Name: name, Value: v})
	return o
}

// Get returns the value of a field by name, false if the object has none of that name.
func (o *Object) Get(name string) (any, bool) {
	id := FieldID(name)
	i := slices.IndexFunc(o.Fields, func(f Field) bool { return f.ID == id || f.Name == name })
	if i < 0 {
		return nil, false
	}
	return o.Fields[i].Value, true
}

// Raw returns the bare object's bytes as they were decoded, aliasing the input. It is
// nil for an object that was built or changed by Set. It does not follow changes made to
// Fields directly.
func (o *Object) Raw() Raw { return o.raw }
