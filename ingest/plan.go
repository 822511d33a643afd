package ingest

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// objectPlan writes rows of some columns as objects of one type.
type objectPlan struct {
	writer *igbinary.ObjectWriter
	fields []fieldPlan
}

type fieldPlan struct {
	name string
	to   *target
}

// newObjectPlan chooses the types of an object's fields. declared holds the
// Java classes that the cache asks for, by field name; nil asks for none.
func newObjectPlan(typeName, path string, columns []arrow.Field, declared declaration) (*objectPlan, error) {
	p := &objectPlan{fields: make([]fieldPlan, len(columns))}
	meta := &igbinary.Metadata{TypeID: igbinary.TypeID(typeName), TypeName: typeName}
	for i, c := range columns {
		name, class := declared.field(c.Name)
		to, err := targetOf(c.Type, joinPath(path, c.Name), typeName+"."+c.Name, firstOf(class, extensionClass(c)))
		if err != nil {
			return nil, err
		}
		p.fields[i] = fieldPlan{name, to}
		meta.Fields = append(meta.Fields, igbinary.FieldMeta{Name: name, Type: to.meta(), ID: igbinary.FieldID(name)})
	}
	var err error
	if p.writer, err = igbinary.NewObjectWriter(meta); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return p, nil
}

// types calls yield with the metadata of the objects and of those nested in them, inner first.
func (p *objectPlan) types(yield func(*igbinary.Metadata) error) error {
	for _, f := range p.fields {
		if err := f.to.types(yield); err != nil {
			return err
		}
	}
	return yield(p.writer.Metadata())
}

// bind makes the encoder of the objects over the columns of a batch, which come
// in the plan's order.
func (p *objectPlan) bind(columns []arrow.Array, path string) (encoder, error) {
	encoders := make([]encoder, len(columns))
	for i, c := range columns {
		var err error
		if encoders[i], err = bind(c, p.fields[i].to, joinPath(path, p.fields[i].name)); err != nil {
			return nil, err
		}
	}
	return func(dst []byte, row int) ([]byte, error) {
		var err error
		dst = p.writer.Begin(dst)
		for _, encode := range encoders {
			p.writer.Field(dst)
			if dst, err = encode(dst, row); err != nil {
				return dst, err
			}
		}
		return p.writer.End(dst), nil
	}, nil
}

func (p *objectPlan) bindStruct(a *array.Struct, path string) (encoder, error) {
	columns := make([]arrow.Array, a.NumField())
	for i := range columns {
		columns[i] = a.Field(i)
	}
	return p.bind(columns, path)
}

// rowPlan turns record batches into encoded keys and values.
type rowPlan struct {
	keys, values  []int // columns
	key, value    *target
	keyPath, path string
	numbered      bool // the key is the row number
}

// newRowPlan decides the types of keys and values for a schema and a cache;
// declared is what the cache says about itself, or nil.
func newRowPlan(cache string, schema *arrow.Schema, opts *Options, declared *wire.QueryEntity) (*rowPlan, error) {
	keys, values, err := opts.split(schema)
	if err != nil {
		return nil, err
	}
	p := &rowPlan{keys: keys, values: values, numbered: len(keys) == 0}
	if p.value, p.path, err = valueTarget(cache, pick(schema, values), opts, declared); err != nil {
		return nil, err
	}
	p.key, p.keyPath, err = keyTarget(cache, pick(schema, keys), opts, declared)
	return p, err
}

func pick(schema *arrow.Schema, columns []int) []arrow.Field {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = schema.Field(c)
	}
	return fields
}

func valueTarget(cache string, fields []arrow.Field, opts *Options, declared *wire.QueryEntity) (*target, string, error) {
	return sideTarget(valueTypeName(cache, opts, declared), fields, opts.Plain, opts, declared)
}

func keyTarget(cache string, fields []arrow.Field, opts *Options, declared *wire.QueryEntity) (*target, string, error) {
	if len(fields) == 0 {
		return &target{code: igbinary.TypeLong, class: javaTypes[igbinary.TypeLong]}, "", nil
	}
	name := keyType(cache, opts, declared)
	return sideTarget(name, fields, len(fields) == 1 && !isKeyObject(name, declared), opts, declared)
}

// sideTarget is the type of the keys or of the values: that of the one column
// where it is plain, with the column's name, else an object of all columns.
func sideTarget(typeName string, fields []arrow.Field, plain bool, opts *Options, entity *wire.QueryEntity) (*target, string, error) {
	if plain {
		class, err := opts.classOf(fields[0].Name, plainClass(typeName))
		if err != nil {
			return nil, "", err
		}
		to, err := targetOf(fields[0].Type, fields[0].Name, typeName, firstOf(class, extensionClass(fields[0])))
		return to, fields[0].Name, err
	}
	declared, err := declarationOf(entity, opts)
	if err != nil {
		return nil, "", err
	}
	shape, err := newObjectPlan(typeName, "", fields, declared)
	return &target{code: igbinary.TypeObject, class: typeName, shape: shape}, "", err
}

// plainClass is the Java class that a declared type asks of a plain value, if it is one.
func plainClass(typeName string) string {
	if _, known := declaredCodes[typeName]; known {
		return typeName
	}
	return ""
}

func valueTypeName(cache string, opts *Options, declared *wire.QueryEntity) string {
	return firstOf(opts.ValueType, declaredType(declared, false), cache)
}

func firstOf(names ...string) string {
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return ""
}

// types calls yield with the metadata of all objects that the plan writes.
func (p *rowPlan) types(yield func(*igbinary.Metadata) error) error {
	if err := p.key.types(yield); err != nil {
		return err
	}
	return p.value.types(yield)
}

// bind makes the encoders of keys and values for a batch whose first row has
// the given number.
func (p *rowPlan) bind(batch arrow.RecordBatch, first int64) (key, value encoder, err error) {
	if value, err = bindSide(p.value, pickColumns(batch, p.values), p.path); err != nil {
		return nil, nil, err
	}
	if p.numbered {
		key = func(dst []byte, row int) ([]byte, error) {
			return binary.LittleEndian.AppendUint64(append(dst, byte(igbinary.TypeLong)), uint64(first+int64(row))), nil
		}
		return key, value, nil
	}
	key, err = bindSide(p.key, pickColumns(batch, p.keys), p.keyPath)
	return key, value, err
}

func bindSide(to *target, columns []arrow.Array, path string) (encoder, error) {
	if path == "" {
		return to.shape.bind(columns, path)
	}
	return bind(columns[0], to, path)
}

func pickColumns(batch arrow.RecordBatch, at []int) []arrow.Array {
	columns := make([]arrow.Array, len(at))
	for i, c := range at {
		columns[i] = batch.Column(c)
	}
	return columns
}
