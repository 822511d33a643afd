package dataset

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// node is a field of the schema bound to its column.
type node struct {
	path   string
	field  *Field
	typ    binary.Type
	app    *column.Appender
	elem   binary.Type // of an array of numbers, else 0
	length int         // of all its arrays; 0: any
	fields []*node     // of an object

	keep  bool        // nulls stay nulls
	subst *substitute // what takes the place of null; nil makes it an error
	// zeroItems makes a null element of a String[] an empty string.
	zeroItems bool
	// whole says that an object's null can be replaced: every field below has a substitute.
	whole bool

	last  *plan // of the object before
	shape shape // of the object before
	plans map[planKey]*plan
}

type planKey struct{ typeID, schemaID int32 }

// plan says where the fields of one schema of one type go.
type plan struct {
	planKey
	compact bool
	moves   []move // one for each field of the node, in their order
}

// planner makes nodes and plans. It is for one goroutine.
type planner struct {
	nulls    string
	resolver binary.Resolver
	lists    []*node // the lists that are not inside of a list
}

func (p *planner) newNode(f *Field, path string, app *column.Appender) (*node, error) {
	with, err := distribute(*f)
	if err != nil {
		return nil, fmt.Errorf("dataset: field %s: %w", path, err)
	}
	n := &node{path: path, field: &with, typ: f.Type, app: app, elem: elemOf(f.Type), length: f.Length(), keep: p.nulls == NullsKeep, zeroItems: p.nulls == NullsDefault}
	if f.Type == binary.TypeObject {
		n.plans = make(map[planKey]*plan)
		n.whole = true
		for i := range with.Fields {
			child, err := p.newNode(&with.Fields[i], path+"."+with.Fields[i].Name, app.Field(i))
			if err != nil {
				return nil, err
			}
			n.fields = append(n.fields, child)
			n.whole = n.whole && (child.subst != nil || child.whole)
		}
		n.whole = n.whole && (len(n.fields) > 0 || p.nulls == NullsDefault)
		return n, nil
	}
	if app.Type().Kind == column.List {
		p.lists = append(p.lists, n)
	}
	switch {
	case with.Default != nil:
		if n.subst, err = parseSubstitute(app.Type(), f.Shape, with.Default); err != nil {
			return nil, fmt.Errorf("dataset: field %s: %w", path, err)
		}
	case p.nulls == NullsDefault:
		n.subst = zero(app.Type(), f.Length())
	}
	return n, nil
}

// compile makes the plan for the schema of the object that l describes.
func (p *planner) compile(n *node, b []byte, l *layout) (*plan, error) {
	pl := &plan{planKey: planKey{l.typeID, l.schemaID}, compact: l.idWidth == 0, moves: make([]move, len(n.fields))}
	var meta *binary.Metadata
	var err error
	if r, again := p.resolver.(binary.SchemaResolver); again {
		meta, err = r.MetadataForSchema(l.typeID, l.schemaID)
	} else if p.resolver != nil {
		meta, err = p.resolver.Metadata(l.typeID)
	}
	if err != nil {
		return nil, fmt.Errorf("binary type %d: %w", l.typeID, err)
	}
	ids := make([]int32, l.fields)
	if pl.compact {
		if err := schemaIDs(ids, meta, l); err != nil {
			return nil, err
		}
	} else {
		for i := range ids {
			ids[i] = l.fieldID(b, i)
		}
	}
	for i, child := range n.fields {
		id := fieldID(meta, child.field.Name)
		mv := moveOf(child)
		mv.index, mv.id = noFieldIndex, id
		for j, have := range ids {
			if have == id {
				mv.index = int32(j)
			}
		}
		pl.moves[i] = mv
		if mv.index == noFieldIndex && n.field.TypeID != 0 && n.field.TypeID != l.typeID && (meta == nil || meta.FieldByID(id) == nil) {
			return nil, &fieldError{child.path, fmt.Sprintf("the row's value is a %s, which has no such field; the schema expects %s",
				typeLabel(meta, l.typeID), typeLabel(&binary.Metadata{TypeName: n.field.TypeName}, n.field.TypeID))}
		}
	}
	return pl, nil
}

// schemaIDs fills in the ids of a compact footer from the metadata.
func schemaIDs(ids []int32, meta *binary.Metadata, l *layout) error {
	if len(ids) == 0 {
		return nil
	}
	if meta == nil {
		return fmt.Errorf("the cluster has no metadata of binary type %d", l.typeID)
	}
	s := meta.SchemaByID(l.schemaID)
	if s == nil {
		return fmt.Errorf("binary type %s has no schema %d in the cluster's metadata", typeLabel(meta, l.typeID), l.schemaID)
	}
	if len(s.FieldIDs) != len(ids) {
		return fmt.Errorf("an object of type %s has %d fields, its schema %d has %d", typeLabel(meta, l.typeID), len(ids), l.schemaID, len(s.FieldIDs))
	}
	copy(ids, s.FieldIDs)
	return nil
}

// fieldID finds a field by its name as metadata has it, then in any case: SQL
// columns are upper case there.
func fieldID(meta *binary.Metadata, name string) int32 {
	if meta != nil {
		var other *binary.FieldMeta
		for i := range meta.Fields {
			if meta.Fields[i].Name == name {
				return meta.Fields[i].ID
			}
			if strings.EqualFold(meta.Fields[i].Name, name) {
				other = &meta.Fields[i]
			}
		}
		if other != nil {
			return other.ID
		}
	}
	return binary.FieldID(name)
}

func typeLabel(meta *binary.Metadata, id int32) string {
	if meta != nil && meta.TypeName != "" {
		return meta.TypeName
	}
	return fmt.Sprintf("binary type %d", id)
}

// fieldError says what is wrong with a field of a row.
type fieldError struct{ path, reason string }

func (e *fieldError) Error() string { return "field " + e.path + ": " + e.reason }
