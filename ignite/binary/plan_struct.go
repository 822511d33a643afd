package binary

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// structPlan is how a Go struct is an object of Ignite.
type structPlan struct {
	typeName string
	typeID   int32
	fields   []planField
	schemaID int32 // with all fields
	affinity string
	metas    sync.Map // schema id -> *Metadata
}

type planField struct {
	name      string
	id        int32
	index     []int
	omitEmpty bool
	array     bool
	affinity  bool
	encode    encodeFunc
	meta      Type
	t         reflect.Type
}

type structKey struct {
	t     reflect.Type
	names NameMapper
}

var structPlans sync.Map // structKey -> *structPlan

func (s *encodeState) plan(t reflect.Type) (*structPlan, error) {
	key := structKey{t, s.e.Names}
	if p, ok := structPlans.Load(key); ok {
		return p.(*structPlan), nil
	}
	p, err := buildPlan(t, s.e.Names)
	if err != nil {
		return nil, err
	}
	got, _ := structPlans.LoadOrStore(key, p)
	return got.(*structPlan), nil
}

// namer lets a Go type choose its type name.
type namer interface{ IgniteTypeName() string }

func buildPlan(t reflect.Type, names NameMapper) (*structPlan, error) {
	name := t.Name()
	if n, ok := reflect.New(t).Interface().(namer); ok {
		name = n.IgniteTypeName()
	}
	if name == "" {
		return nil, fmt.Errorf("binary: %v has no name: give it a method IgniteTypeName() string", t)
	}
	name = names.Name(name)
	p := &structPlan{typeName: name, typeID: TypeID(name)}
	fields, err := structFields(t)
	if err != nil {
		return nil, err
	}
	ids := make([]int32, len(fields))
	seen := map[int32]string{}
	for i := range fields {
		f := &fields[i]
		if was, dup := seen[f.id]; dup {
			return nil, fmt.Errorf("binary: fields %s and %s of %v are the same field for Ignite (id %d)", was, f.name, t, f.id)
		}
		seen[f.id], ids[i] = f.name, f.id
		if f.encode, f.meta, err = encoderOf(f.t, f.array); err != nil {
			return nil, fmt.Errorf("field %s of %v: %w", f.name, t, err)
		}
		if f.affinity {
			p.affinity = f.name
		}
	}
	p.fields, p.schemaID = fields, SchemaID(ids)
	return p, nil
}

var fieldLists sync.Map // reflect.Type -> []planField

// structFields returns the exported fields with their tags, those of embedded structs
// in place; encode and meta are not set.
func structFields(t reflect.Type) ([]planField, error) {
	if f, ok := fieldLists.Load(t); ok {
		return append([]planField(nil), f.([]planField)...), nil
	}
	fields, err := collectFields(t, nil)
	if err != nil {
		return nil, err
	}
	fieldLists.Store(t, fields)
	return append([]planField(nil), fields...), nil
}

func collectFields(t reflect.Type, prefix []int) ([]planField, error) {
	var out []planField
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("ignite")
		if tag == "-" {
			continue
		}
		index := append(append([]int(nil), prefix...), i)
		if sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct && metaTypes[sf.Type] == 0 {
			inner, err := collectFields(sf.Type, index)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		if !sf.IsExported() {
			continue
		}
		f := planField{name: sf.Name, index: index, t: sf.Type}
		if err := f.parseTag(tag); err != nil {
			return nil, fmt.Errorf("binary: field %s of %v: %w", sf.Name, t, err)
		}
		f.id = FieldID(f.name)
		out = append(out, f)
	}
	return out, nil
}

func (f *planField) parseTag(tag string) error {
	name, options, _ := strings.Cut(tag, ",")
	if name != "" {
		f.name = name
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "omitempty":
			f.omitEmpty = true
		case "array":
			f.array = true
		case "affinity":
			f.affinity = true
		default:
			return fmt.Errorf("unknown option %q in tag `ignite:%q` (omitempty, array, affinity)", option, tag)
		}
	}
	return nil
}

// structEncoder writes a struct value.
func structEncoder(s *encodeState, v reflect.Value) error {
	if !s.structs {
		return fmt.Errorf("binary: AppendValue does not take the struct %v, an Encoder does", v.Type())
	}
	p, err := s.plan(v.Type())
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	fields, err := s.orderedFields(p, v)
	if err != nil {
		return err
	}
	frame := s.openObject(p.typeID, p.typeName)
	for i := range fields {
		f := &fields[i]
		fv := v.FieldByIndex(f.index)
		if f.omitEmpty && fv.IsZero() {
			continue
		}
		s.field(frame, f.id)
		if err := f.encode(s, fv); err != nil {
			return within(err, "field %s of %s", f.name, p.typeName)
		}
	}
	ids := s.fieldIDs(frame)
	schemaID := p.schemaID
	if len(ids) != len(p.fields) || s.ordered() {
		schemaID = SchemaID(ids)
	}
	var meta *Metadata
	if s.e.OnType != nil {
		meta = p.metadata(ids, schemaID)
	}
	s.closeObject(frame, s.e.flags(), schemaID, nil)
	if meta != nil {
		return s.e.OnType(meta)
	}
	return nil
}

// orderedFields are the plan's fields in the order in which they are to be written.
func (s *encodeState) orderedFields(p *structPlan, v reflect.Value) ([]planField, error) {
	if !s.ordered() {
		return p.fields, nil
	}
	fields := slices.DeleteFunc(slices.Clone(p.fields), func(f planField) bool {
		return f.omitEmpty && v.FieldByIndex(f.index).IsZero()
	})
	return inOrder(s, p.typeID, fields, func(f *planField) int32 { return f.id })
}

// metadata describes the type with the schema of one object; made once per schema.
func (p *structPlan) metadata(ids []int32, schemaID int32) *Metadata {
	if m, ok := p.metas.Load(schemaID); ok {
		return m.(*Metadata)
	}
	m := &Metadata{TypeID: p.typeID, TypeName: p.typeName, AffinityKeyField: p.affinity}
	for i := range p.fields {
		f := &p.fields[i]
		m.Fields = append(m.Fields, FieldMeta{Name: f.name, Type: f.meta, ID: f.id})
	}
	m.Schemas = []Schema{{ID: schemaID, FieldIDs: append([]int32(nil), ids...)}}
	p.metas.Store(schemaID, m)
	return m
}
