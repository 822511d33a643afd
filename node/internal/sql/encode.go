package sql

import (
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// encodeKey encodes a key: a plain value, or an object of the given key columns in the order of the table, so that
// equal keys have equal bytes whatever the order of columns in the statement. register may be nil.
func (t *table) encodeKey(register func(*binary.Metadata) error, columns []int, values []any) (binary.Raw, error) {
	if t.keyType.kind != kindObject {
		return binary.AppendValue(nil, values[0])
	}
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return columns[a] - columns[b] })
	o := binary.NewObject(t.entity.KeyType)
	for _, i := range order {
		t.set(o, columns[i], values[i])
	}
	return t.encodeObject(t.registerKey(register), o)
}

// registerKey adds the affinity field to the metadata of the key type, as Ignite does.
func (t *table) registerKey(register func(*binary.Metadata) error) func(*binary.Metadata) error {
	affinity := ""
	if t.cache.Config != nil {
		for _, k := range t.cache.Config.KeyConfigurations {
			if k.TypeName == t.entity.KeyType {
				affinity = k.AffinityKeyField
			}
		}
	}
	if register == nil || affinity == "" {
		return register
	}
	return func(m *binary.Metadata) error {
		if m.TypeName != t.entity.KeyType {
			return register(m)
		}
		withKey := *m
		withKey.AffinityKeyField = affinity
		return register(&withKey)
	}
}

func (t *table) encodeObject(register func(*binary.Metadata) error, o *binary.Object) (binary.Raw, error) {
	e := binary.Encoder{OnType: register}
	return e.Append(nil, o)
}

// set puts a column's value into an object, a null with the column's type.
func (t *table) set(o *binary.Object, i int, v any) {
	c := &t.columns[i]
	if v == nil {
		v = binary.NullOf(c.typ.info().code)
	}
	o.Set(t.fieldName(i), v)
}

// fieldName is the name of a column's field: that of the first column whose name differs in case only.
func (t *table) fieldName(i int) string {
	for j := range i {
		if t.columns[j].inKey == t.columns[i].inKey && strings.EqualFold(t.columns[j].field, t.columns[i].field) {
			return t.columns[j].field
		}
	}
	return t.columns[i].field
}

// nested reports whether the column lies deeper in the object than at its top.
func (c *column) nested() bool { return strings.Contains(c.field, ".") }

// hiddenFields gives those of the columns whose field an earlier column of the table has, too: names that differ in
// case only are one field in Ignite, and the first of them is what a row reads.
func (t *table) hiddenFields(columns []int) map[int]bool {
	hidden := make(map[int]bool)
	for _, i := range columns {
		for _, j := range columns {
			hidden[i] = hidden[i] || j < i && i < len(t.columns) && t.fieldName(i) == t.fieldName(j)
		}
	}
	return hidden
}
