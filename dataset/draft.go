package dataset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// maxSchemaDepth bounds objects within objects: types may hold themselves.
const maxSchemaDepth = 16

// maxRowFields bounds the fields looked at in a row: handles let a few bytes
// stand for very many.
const maxRowFields = 1 << 16

// draft is a field of a schema that is being found out.
type draft struct {
	name     string
	typ      binary.Type // 0 while unknown
	unit     string      // of a Timestamp
	open     bool        // a row may still say what it is: metadata calls many things Object
	typeID   int32
	typeName string
	nullable bool
	lengths  Lengths // of the arrays seen
	kids     []*draft
	seen     int // objects that had the field
	objects  int // that were seen in the place of this field
}

func (d *draft) child(name string) *draft {
	for _, k := range d.kids {
		if strings.EqualFold(k.name, name) {
			return k
		}
	}
	k := &draft{name: name, open: true}
	d.kids = append(d.kids, k)
	return k
}

// nests says whether a query entity means a field of a field by a name with dots. It is
// the name of one field where the object has one of this name, and where nothing but the
// entity is known of the object and no field of the entity has a part of the name.
func (d *draft) nests(e *wire.QueryEntity, name string) bool {
	if !strings.Contains(name, ".") || slices.ContainsFunc(d.kids, func(k *draft) bool { return strings.EqualFold(k.name, name) }) {
		return false
	}
	return !d.open || slices.ContainsFunc(e.Fields, func(q wire.QueryField) bool {
		n := len(q.Name)
		return n < len(name) && name[n] == '.' && strings.EqualFold(q.Name, name[:n])
	})
}

// field gives what was found out.
func (d *draft) field() Field {
	f := Field{Name: d.name, Type: d.typ, Unit: d.unit, TypeID: d.typeID, TypeName: d.typeName, Nullable: d.nullable, Seen: d.lengths}
	for _, k := range d.kids {
		kf := k.field()
		kf.Nullable = kf.Nullable || k.seen < d.objects // some objects do not have it
		f.Fields = append(f.Fields, kf)
	}
	return f
}

// drafter puts together what configuration, metadata and rows say.
type drafter struct {
	cache    string
	resolver binary.Resolver
	key, val *draft
	rows     int
	bytes    int
	fields   int // looked at in the present row
}

func newDrafter(cache string, res binary.Resolver) *drafter {
	return &drafter{cache: cache, resolver: res, key: &draft{name: KeyName, open: true}, val: &draft{name: ValueName, open: true}}
}

func (f *drafter) fail(path, typ, format string, args ...any) error {
	return &SchemaError{Cache: f.cache, Path: path, Type: typ, Reason: fmt.Sprintf(format, args...)}
}

// entity takes over what a query entity says.
func (f *drafter) entity(e *wire.QueryEntity) error {
	if err := f.class(f.key, KeyName, e.KeyType, 0); err != nil {
		return err
	}
	if err := f.class(f.val, ValueName, e.ValueType, 0); err != nil {
		return err
	}
	for i := range e.Fields {
		q := &e.Fields[i]
		if strings.EqualFold(q.Name, e.KeyField) || strings.EqualFold(q.Name, e.ValueField) {
			continue // the whole key or value
		}
		to, path := f.val, ValueName
		if q.IsKey {
			to, path = f.key, KeyName
		}
		if to.typ != binary.TypeObject || to.nests(e, q.Name) {
			continue
		}
		k := to.child(q.Name)
		k.nullable = !q.NotNull && !q.IsKey
		if k.open {
			if err := f.class(k, path+"."+q.Name, q.TypeName, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// class takes over the Java class of a field that nothing better is known of.
func (f *drafter) class(d *draft, path, class string, depth int) error {
	if class == "" || class == "java.lang.Object" {
		return nil
	}
	if t, ok := javaTypes[class]; ok {
		d.typ, d.open = t, false
		if class == "java.util.Date" {
			d.typ, d.unit = binary.TypeTimestamp, UnitMillis
		}
		return nil
	}
	meta, err := f.resolver.Metadata(binary.TypeID(class))
	if err != nil {
		return err
	}
	if meta != nil {
		return f.metadata(d, path, meta, depth)
	}
	if depth == 0 { // the columns of the table are its fields
		d.typ, d.open, d.typeID, d.typeName = binary.TypeObject, true, binary.TypeID(class), class
	}
	return nil
}

// metadata takes over the fields of an object.
func (f *drafter) metadata(d *draft, path string, meta *binary.Metadata, depth int) error {
	if depth > maxSchemaDepth {
		return f.fail(path, "", "objects are nested more than %d deep; state a schema, or leave the field out", maxSchemaDepth)
	}
	if meta.IsEnum {
		d.typ, d.open, d.typeID, d.typeName = binary.TypeEnum, false, meta.TypeID, meta.TypeName
		return nil
	}
	if d.typ == binary.TypeObject && d.typeID != 0 && d.typeID != meta.TypeID {
		d.typeID, d.typeName = 0, "" // several types in one place: the fields of all
	} else if d.typ != binary.TypeObject {
		d.typeID, d.typeName = meta.TypeID, meta.TypeName
	}
	d.typ, d.open = binary.TypeObject, false
	for i := range meta.Fields {
		k := d.child(meta.Fields[i].Name)
		k.name = meta.Fields[i].Name
		switch t := canonical(meta.Fields[i].Type); {
		case t == binary.TypeObject || t == binary.TypeOptimized || t == binary.TypeNull:
		case t == binary.TypeDate && (k.typ == 0 || k.open):
			k.typ, k.unit, k.open = binary.TypeTimestamp, UnitMillis, false
		case k.typ == 0 || k.open:
			k.typ, k.open = t, false
		}
	}
	return nil
}

// row takes over what a row shows.
func (f *drafter) row(key, val binary.Raw) error {
	f.fields = 0
	f.rows++
	f.bytes += len(key) + len(val)
	if err := f.observe(f.key, KeyName, key, nil, 0); err != nil {
		return err
	}
	return f.observe(f.val, ValueName, val, nil, 0)
}

// observe takes over the type of a value. in is the object as which its holder
// sees it, nil for a value that stands alone.
func (f *drafter) observe(d *draft, path string, raw binary.Raw, in *binary.ObjectView, depth int) error {
	if f.fields++; f.fields > maxRowFields {
		return f.fail(path, "", "a row has more than %d fields; state a schema", maxRowFields)
	}
	t, unit := typeOf(raw)
	if n, ok := countAt(raw, 1); ok && (elemOf(t) != 0 || t == binary.TypeStringArray) {
		d.lengths.add(n)
	}
	switch {
	case t == binary.TypeNull:
		d.nullable = true
		return nil
	case t == binary.TypeObject && (d.typ == binary.TypeObject || d.typ == 0):
		return f.object(d, path, raw, in, depth)
	case t == binary.TypeTimestamp && d.typ == t:
		if unit == "" {
			d.unit = ""
		}
		return nil
	case d.typ == t || d.typ != 0 && widens(t, d.typ):
		return nil
	case d.typ == 0 || d.open && len(d.kids) == 0:
		d.typ, d.unit, d.open = t, unit, false
		return nil
	case widens(d.typ, t):
		d.typ, d.unit = t, unit
		return nil
	default:
		return f.fail(path, "", "rows hold values of type %s and of type %s; state a schema, or leave the field out", typeName(d.typ), typeName(t))
	}
}

// typeOf is the type of a value, and the unit of a time. A java.util.Date is a time in
// milliseconds. A java.sql.Date is a day where it is a midnight in UTC; in servers of
// another time zone it is none, and comes as the time that it is.
func typeOf(raw binary.Raw) (t binary.Type, unit string) {
	switch t = canonical(raw.Type()); t {
	case binary.TypeOptimized:
		if ms, ok := sqlDate(raw[1:]); ok && ms%dayMillis == 0 {
			return binary.TypeDate, ""
		} else if ok {
			return binary.TypeTimestamp, UnitMillis
		}
	case binary.TypeDate:
		return binary.TypeTimestamp, UnitMillis
	}
	return t, ""
}

const dayMillis = 24 * 60 * 60 * 1000

func (f *drafter) object(d *draft, path string, raw binary.Raw, in *binary.ObjectView, depth int) error {
	o := in
	if o == nil {
		view, err := binary.ParseObject(raw)
		if err != nil {
			return err
		}
		o = &view
	}
	id := o.TypeID()
	if id == 0 {
		id = binary.TypeID(o.TypeName())
	}
	meta, err := f.schemaMetadata(id, o.SchemaID())
	if err != nil {
		return err
	}
	if meta == nil {
		return f.fail(path, typeName(binary.TypeObject), "the cluster has no metadata of its binary type %d; state a schema, or leave the field out", id)
	}
	if err := f.metadata(d, path, meta, depth); err != nil {
		return err
	}
	d.objects++
	s := meta.SchemaByID(o.SchemaID())
	for i := range o.NumFields() {
		fid, ok := o.FieldID(i)
		if !ok && s != nil && i < len(s.FieldIDs) {
			fid = s.FieldIDs[i]
		}
		fm := meta.FieldByID(fid)
		if fm == nil {
			continue
		}
		k := d.child(fm.Name)
		k.seen++
		raw, err := o.Field(i)
		if err != nil {
			return err
		}
		var inner *binary.ObjectView
		if raw.Type() == binary.TypeObject || raw.Type() == binary.TypeWrapped {
			view, err := o.Object(i)
			if err != nil {
				return err
			}
			inner = &view
		}
		if err := f.observe(k, path+"."+k.name, raw, inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *drafter) schemaMetadata(typeID, schemaID int32) (*binary.Metadata, error) {
	if r, ok := f.resolver.(binary.SchemaResolver); ok {
		return r.MetadataForSchema(typeID, schemaID)
	}
	return f.resolver.Metadata(typeID)
}
