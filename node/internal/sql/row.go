package sql

import (
	"github.com/kindling-ml/kindling/ignite/binary"
)

// rowReader finds the fields of a table's rows. It remembers where each schema has its fields. Not safe for
// concurrent use.
type rowReader struct {
	store Store
	table *table
	types map[int32]*binary.Metadata
	where map[fieldAt]int

	key, value         binary.Raw
	keyView, valueView binary.ObjectView
	keyOK, valueOK     bool // the view is parsed
	keyID, valueID     int32
}

// fieldAt is a field of a schema.
type fieldAt struct{ typeID, schemaID, fieldID int32 }

func newRowReader(store Store, t *table) *rowReader {
	return &rowReader{
		store: store, table: t,
		types: make(map[int32]*binary.Metadata), where: make(map[fieldAt]int),
		keyID: binary.TypeID(t.entity.KeyType), valueID: binary.TypeID(t.entity.ValueType),
	}
}

// load makes an entry the current row. It reports false when the entry does not belong to the table, because its
// value has another type.
func (r *rowReader) load(key, value binary.Raw) (bool, error) {
	r.key, r.value, r.keyOK, r.valueOK = key, value, false, false
	if r.table.valueType.kind != kindObject {
		return typeByCode(value).kind == r.table.valueType.kind, nil
	}
	switch value.Type() {
	case binary.TypeObject, binary.TypeWrapped:
	default:
		return r.table.entity.ValueType == "java.lang.Object", nil
	}
	view, err := binary.ParseObject(value)
	if err != nil {
		return false, err
	}
	r.valueView, r.valueOK = view, true
	return typeIDOf(&view) == r.valueID || r.table.entity.ValueType == "java.lang.Object", nil
}

func typeIDOf(v *binary.ObjectView) int32 {
	if id := v.TypeID(); id != 0 {
		return id
	}
	return binary.TypeID(v.TypeName())
}

// column gives the encoded value of a column, nil when the row does not have it.
func (r *rowReader) column(i int) (binary.Raw, error) {
	switch i {
	case r.table.keyIndex():
		return r.key, nil
	case r.table.valueIndex():
		return r.value, nil
	}
	c := &r.table.columns[i]
	switch {
	case c.wholeKey:
		return r.key, nil
	case c.wholeValue:
		return r.value, nil
	case c.inKey:
		if !r.keyOK {
			if t := r.key.Type(); t != binary.TypeObject && t != binary.TypeWrapped {
				return r.key, nil // as in Ignite, any field of a plain key is the key
			}
			view, err := binary.ParseObject(r.key)
			if err != nil {
				return nil, err
			}
			r.keyView, r.keyOK = view, true
		}
		return r.named(&r.keyView, c)
	case !r.valueOK:
		return nil, nil
	}
	return r.named(&r.valueView, c)
}

// named gives the field of a column: one whose own name has the dots of a path goes before the path.
func (r *rowReader) named(view *binary.ObjectView, c *column) (binary.Raw, error) {
	if len(c.path) > 1 {
		at, err := r.position(view, binary.FieldID(c.field))
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			return view.Field(at)
		}
	}
	return r.field(view, c.path)
}

// field follows a path of field ids from an object.
func (r *rowReader) field(view *binary.ObjectView, path []int32) (binary.Raw, error) {
	at, err := r.position(view, path[0])
	if err != nil || at < 0 {
		return nil, err
	}
	raw, err := view.Field(at)
	if err != nil || len(path) == 1 {
		return raw, err
	}
	if t := raw.Type(); t != binary.TypeObject && t != binary.TypeWrapped {
		return nil, nil
	}
	inner, err := view.Object(at)
	if err != nil {
		return nil, err
	}
	return r.field(&inner, path[1:])
}

// position gives the place of a field in the schema of an object, -1 when the object does not have it.
func (r *rowReader) position(view *binary.ObjectView, fieldID int32) (int, error) {
	if !view.CompactFooter() {
		for i := range view.NumFields() {
			if id, ok := view.FieldID(i); ok && id == fieldID {
				return i, nil
			}
		}
		return -1, nil
	}
	k := fieldAt{typeIDOf(view), view.SchemaID(), fieldID}
	if at, ok := r.where[k]; ok {
		return at, nil
	}
	schema, err := r.schema(k.typeID, k.schemaID)
	if err != nil {
		return -1, err
	}
	at := -1
	if schema != nil {
		for i, id := range schema.FieldIDs {
			if id == fieldID {
				at = i
			}
		}
		r.where[k] = at
	}
	return at, nil
}

// schema looks a schema up, asking the store again when the metadata it has is older than the object.
func (r *rowReader) schema(typeID, schemaID int32) (*binary.Schema, error) {
	if s := r.types[typeID].SchemaByID(schemaID); s != nil {
		return s, nil
	}
	meta, err := r.store.Metadata(typeID)
	if err != nil {
		return nil, err
	}
	r.types[typeID] = meta
	return meta.SchemaByID(schemaID), nil
}
