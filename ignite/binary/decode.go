package binary

import (
	"fmt"
)

// Resolver finds the metadata of a type, which holds the names of its fields. It
// returns nil without an error for a type that the cluster does not know. It must be
// safe for concurrent use; the metadata it returns is read only.
type Resolver interface {
	Metadata(typeID int32) (*Metadata, error)
}

// SchemaResolver is a Resolver that can look again when the metadata it has lacks the
// schema of an object, which happens when another client added fields meanwhile.
type SchemaResolver interface {
	Resolver
	MetadataForSchema(typeID, schemaID int32) (*Metadata, error)
}

// DecodeValue decodes one encoded value as [Reader.Value] does, with type and field
// names from res in objects at any depth. A nil res gives no names. Bytes after the
// value are an error. Errors are *[FormatError]; one of the resolver is wrapped.
func DecodeValue(raw Raw, res Resolver) (any, error) {
	d := decoder{r: Reader{b: raw}, res: res}
	v := d.value()
	if err := d.r.Finish(); err != nil {
		return nil, err
	}
	return v, nil
}

// decoder decodes one top-level value. Positions are offsets in r.b, whose end moves
// inwards while the fields of an object are read.
type decoder struct {
	r      Reader
	res    Resolver
	lo     int // start of the value; handles can't point before it
	depth  int
	seen   map[int]any // values that a handle may stand for, by position
	budget int         // bytes that handles to unseen values may still cost
	spent  bool
}

func (d *decoder) value() any {
	start := d.r.pos
	t := Type(d.r.Uint8())
	if d.r.err != nil {
		return nil
	}
	if v, ok := d.r.scalar(t); ok {
		return v
	}
	if v, ok := d.r.array(t); ok {
		return v
	}
	if d.depth >= maxDepth {
		d.r.failAt(start, t.String(), fmt.Sprintf("nested more than %d deep", maxDepth))
		return nil
	}
	d.depth++
	v := d.nested(t, start)
	d.depth--
	return v
}

func (d *decoder) nested(t Type, start int) any {
	switch t {
	case TypeObject:
		return d.object(start)
	case TypeWrapped:
		return d.wrapped(start)
	case TypeHandle:
		return d.handle(start)
	case TypeObjectArray:
		v := &ObjectArray{}
		d.remember(start, v)
		v.TypeID, v.TypeName = d.r.typeID()
		v.Items = d.values(d.r.Count(nullBytes))
		return v
	case TypeEnumArray:
		v := &EnumArray{}
		v.TypeID, v.TypeName = d.r.typeID()
		v.Items = d.enums(d.r.Count(nullBytes))
		return v
	case TypeCollection:
		v := &Collection{}
		d.remember(start, v)
		n := d.r.Count(nullBytes)
		v.Kind = d.r.Int8()
		v.Items = d.values(n)
		return v
	case TypeMap:
		v := &Map{}
		d.remember(start, v)
		n := d.r.Count(2 * nullBytes)
		v.Kind = d.r.Int8()
		v.Entries = d.entries(n)
		return v
	case TypeProxy:
		v := &Proxy{}
		d.remember(start, v)
		for n := d.r.Count(4); n > 0 && d.r.err == nil; n-- {
			id, name := d.r.typeID()
			v.Interfaces = append(v.Interfaces, Class{id, name})
		}
		v.Handler = d.value()
		return v
	}
	d.r.failAt(start, "value", "unknown type code "+fmt.Sprint(uint8(t)))
	return nil
}

func (d *decoder) remember(pos int, v any) {
	if d.seen == nil {
		d.seen = make(map[int]any)
	}
	d.seen[pos] = v
}

// firstItems bounds what is allocated on the word of a count alone.
const firstItems = 64

func (d *decoder) values(n int) []any {
	items := make([]any, 0, min(n, firstItems))
	for ; n > 0 && d.r.err == nil; n-- {
		items = append(items, d.value())
	}
	return items
}

func (d *decoder) entries(n int) []MapEntry {
	entries := make([]MapEntry, 0, min(n, firstItems))
	for ; n > 0 && d.r.err == nil; n-- {
		key := d.value()
		entries = append(entries, MapEntry{key, d.value()})
	}
	return entries
}

func (d *decoder) enums(n int) []any {
	items := make([]any, 0, min(n, firstItems))
	for ; n > 0 && d.r.err == nil; n-- {
		at := d.r.pos
		switch v := d.value().(type) {
		case Enum, BinaryEnum, nil:
			items = append(items, v)
		default:
			d.r.failAt(at, "Enum[]", fmt.Sprintf("element is a %T", v))
		}
	}
	return items
}

// handle gives the value that was decoded at the position pointed to, so that shared
// and cyclic references stay what they are. A target that was not passed yet (it may lie
// in raw data) is decoded now, within a budget that keeps the whole work linear.
func (d *decoder) handle(start int) any {
	to := start - int(d.r.Int32())
	if d.r.err != nil {
		return nil
	}
	if to < d.lo || to >= start {
		d.r.failAt(start, "handle", fmt.Sprintf("points to byte %d", to))
		return nil
	}
	if v, ok := d.seen[to]; ok {
		return v
	}
	end, bad := skipValue(d.r.b, to, skipDepth)
	if bad != nil || Type(d.r.b[to]) == TypeHandle {
		d.r.failAt(start, "handle", fmt.Sprintf("points to byte %d, where no value is", to))
		return nil
	}
	if !d.spent {
		d.budget, d.spent = len(d.r.b)-d.lo, true
	}
	if d.budget -= end - to; d.budget < 0 {
		d.r.failAt(start, "handle", "too many handles to values that were not read before")
		return nil
	}
	back := d.r.pos
	d.r.pos = to
	v := d.value()
	d.r.pos = back
	d.remember(to, v)
	return v
}

// wrapped decodes the object inside of a byte array; handles stay inside of the array.
func (d *decoder) wrapped(start int) any {
	n := d.r.Count(1)
	at := d.r.pos
	d.r.next(n, "BinaryObject")
	off := int(d.r.Int32())
	if d.r.err != nil {
		return nil
	}
	if off < 0 || off >= n || Type(d.r.b[at+off]) != TypeObject {
		d.r.failAt(start, "BinaryObject", "offset does not point to an object")
		return nil
	}
	inner := decoder{r: Reader{b: d.r.b[:at+n], pos: at + off}, res: d.res, lo: at, depth: d.depth}
	v := inner.value()
	d.r.err = inner.r.err
	if o, ok := v.(*Object); ok {
		o.wrapped = true
	}
	return v
}

// object decodes the fields of an object. They have to lie one after the other, as
// Ignite writes them, so that no byte is decoded twice.
func (d *decoder) object(start int) any {
	var view ObjectView
	if at, reason := view.parse(d.r.b, start); reason != "" {
		d.r.failAt(at, "Object", reason)
		return nil
	}
	o := &Object{TypeID: view.TypeID(), TypeName: view.TypeName(), raw: view.Bytes()}
	o.header = header{flags: view.flags, schemaID: view.SchemaID(), fields: view.n, rawData: view.RawData()}
	d.remember(start, o)
	names := d.names(&view, o)
	if d.r.err != nil {
		return nil
	}
	o.Fields = make([]Field, view.n)
	whole := d.r.b
	d.r.b, d.r.pos = whole[:view.dataEnd], view.data
	for i := 0; i < view.n && d.r.err == nil; i++ {
		f := &o.Fields[i]
		names.set(f, &view, i)
		pos := view.fieldPos(i)
		if pos < d.r.pos {
			d.r.failAt(view.footer, "Object", fmt.Sprintf("offset of field %d is outside of the data or not in order", i))
			break
		}
		d.r.pos = pos
		if f.Value = d.value(); d.r.err != nil && f.Name != "" {
			d.r.err.Field = f.Name + ": " + d.r.err.Field
		}
	}
	d.r.b, d.r.pos = whole, view.end
	return o
}

// fieldNames is what the metadata tells about the fields of one object.
type fieldNames struct {
	meta   *Metadata
	schema *Schema
}

func (d *decoder) names(view *ObjectView, o *Object) fieldNames {
	if d.res == nil || o.TypeID == 0 {
		return fieldNames{}
	}
	meta, err := d.res.Metadata(o.TypeID)
	schema := meta.SchemaByID(view.SchemaID())
	if again, ok := d.res.(SchemaResolver); ok && err == nil && schema == nil && view.n > 0 {
		meta, err = again.MetadataForSchema(o.TypeID, view.SchemaID())
		schema = meta.SchemaByID(view.SchemaID())
	}
	if err != nil {
		d.r.failAt(view.start, fmt.Sprintf("metadata of type %d", o.TypeID), err.Error())
		d.r.err.cause = err
		return fieldNames{}
	}
	if meta != nil {
		o.TypeName = meta.TypeName
	}
	return fieldNames{meta, schema}
}

func (n fieldNames) set(f *Field, view *ObjectView, i int) {
	if id, ok := view.FieldID(i); ok {
		f.ID = id
	} else if n.schema != nil && i < len(n.schema.FieldIDs) {
		f.ID = n.schema.FieldIDs[i]
	}
	if m := n.meta.FieldByID(f.ID); m != nil {
		f.Name = m.Name
	}
}
