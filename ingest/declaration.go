package ingest

import (
	"fmt"
	"strings"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// declaration is what a cache says about its fields: name and Java class by
// lower-cased name, because SQL tables have upper-case fields.
type declaration map[string]declaredField

type declaredField struct{ name, class string }

// declarationOf is what the cache declares, and the types that the options state for
// columns; entity is nil where the cache declares nothing.
func declarationOf(entity *wire.QueryEntity, opts *Options) (declaration, error) {
	d := declaration{}
	if entity != nil {
		for _, f := range entity.Fields {
			d[strings.ToLower(f.Name)] = declaredField{f.Name, f.TypeName}
		}
	}
	for column := range opts.Types {
		name, declared := d.field(column)
		class, err := opts.classOf(column, declared)
		if err != nil {
			return nil, err
		}
		d[strings.ToLower(column)] = declaredField{name, class}
	}
	return d, nil
}

// field is the name that a column gets in the cache, and its declared class.
func (d declaration) field(column string) (name, class string) {
	if f, ok := d[strings.ToLower(column)]; ok {
		return f.name, f.class
	}
	return column, ""
}

// classOf is the class of a column: what the options state, else what the cache declares.
func (o *Options) classOf(column, declared string) (string, error) {
	stated, ok := o.Types[column]
	if !ok {
		return declared, nil
	}
	class, err := classOfType(stated)
	if err != nil {
		return "", err
	}
	if declared != "" && declared != class && declared != "java.lang.Object" {
		return "", fmt.Errorf("%w: column %s: the type %s is stated, and the cache declares %s", ErrSchema, column, stated, declared)
	}
	return class, nil
}

func declaredType(entity *wire.QueryEntity, key bool) string {
	switch {
	case entity == nil:
		return ""
	case key:
		return entity.KeyType
	default:
		return entity.ValueType
	}
}

// entityOf declares the plan's entries, so that an empty cache has a schema and
// SQL can query the rows. It is nil where a type cannot be declared. SQL has no column
// for a char, nor for a field with a dot in its name.
func (p *rowPlan) entityOf(cache string) *wire.QueryEntity {
	entity := &wire.QueryEntity{KeyType: p.key.class, ValueType: p.value.class, TableName: cache}
	for _, side := range []*target{p.key, p.value} {
		if side.shape == nil {
			continue
		}
		for _, f := range side.shape.fields {
			if f.to.class == "" {
				return nil
			}
			if strings.Contains(f.name, ".") || f.to.code == igbinary.TypeChar {
				continue // to SQL it would be a field of a field, and always null; and SQL knows no char
			}
			entity.Fields = append(entity.Fields, wire.QueryField{
				Name: f.name, TypeName: f.to.class, IsKey: side == p.key, Precision: -1, Scale: -1,
			})
		}
	}
	if p.key.code == igbinary.TypeChar || p.value.shape == nil || p.value.code != igbinary.TypeObject {
		return nil
	}
	return entity
}
