package ingest

import (
	"strings"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// declaration is what a cache says about its fields: name and Java class by
// lower-cased name, because SQL tables have upper-case fields.
type declaration map[string]declaredField

type declaredField struct{ name, class string }

func declarationOf(entity *wire.QueryEntity) declaration {
	if entity == nil {
		return nil
	}
	d := make(declaration, len(entity.Fields))
	for _, f := range entity.Fields {
		d[strings.ToLower(f.Name)] = declaredField{f.Name, f.TypeName}
	}
	return d
}

// field is the name that a column gets in the cache, and its declared class.
func (d declaration) field(column string) (name, class string) {
	if f, ok := d[strings.ToLower(column)]; ok {
		return f.name, f.class
	}
	return column, ""
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
// SQL can query the rows. It is nil where a type cannot be declared.
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
			entity.Fields = append(entity.Fields, wire.QueryField{
				Name: f.name, TypeName: f.to.class, IsKey: side == p.key, Precision: -1, Scale: -1,
			})
		}
	}
	if p.value.shape == nil || p.value.code != igbinary.TypeObject {
		return nil
	}
	return entity
}
