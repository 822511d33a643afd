package sql

import (
	"fmt"
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// change is one row that UPDATE has found: its key, its value and what is to become of its columns.
type change struct {
	key, value binary.Raw
	set        []any
}

// update runs UPDATE: the rows are found and the new values computed first, then each row is written.
func (r *run) update(s *parse.Update) (int64, error) {
	p := r.newPlanner()
	t, err := p.target(s.Table)
	if err != nil {
		return 0, err
	}
	columns, err := r.assigned(t, s.Set)
	if err != nil {
		return 0, err
	}
	defer r.engine.writers.lock(t.cache.ID)()
	items := hiddenItems(columnKey, columnValue)
	for _, a := range s.Set {
		items = append(items, parse.Item{Expr: a.Value})
	}
	var changes []change
	err = r.all(targetQuery(s.Table, s.Alias, items, s.Where, s.Limit), func(row []binary.Raw) error {
		c := change{key: row[0], value: row[1]}
		for i, raw := range row[2:] {
			v, err := r.decodeForRow(raw)
			if err != nil {
				return err
			}
			if v, ok := v.(binary.Raw); ok {
				c.set = append(c.set, v)
				continue
			}
			col := t.columnAt(columns[i])
			if v, err = col.checked(v); err != nil {
				return err
			}
			if v == nil && col.notNull {
				return errNullValue(col.name)
			}
			c.set = append(c.set, v)
		}
		changes = append(changes, c)
		return nil
	})
	if err != nil {
		return 0, err
	}
	values := make([]binary.Raw, len(changes))
	for i, c := range changes {
		if values[i], err = r.changedValue(t, columns, c); err != nil {
			return 0, err
		}
	}
	return r.replace(t, changes, values)
}

// replace writes the new values of rows; nil removes a row. It is not cancelled half way.
func (r *run) replace(t *table, changes []change, values []binary.Raw) (updated int64, err error) {
	if err := r.ctx.Err(); err != nil {
		return 0, errCanceled(err)
	}
	for i, c := range changes {
		if values[i] == nil {
			_, err = r.store.Remove(t.cache.ID, c.key)
		} else {
			err = r.store.Put(t.cache.ID, c.key, values[i])
		}
		if err != nil {
			return updated, err
		}
		updated++
	}
	return updated, nil
}

// assigned finds the columns that UPDATE sets and checks that it may.
func (r *run) assigned(t *table, set []parse.Assignment) ([]int, error) {
	var columns []int
	for _, a := range set {
		i := t.find(a.Column)
		if i < 0 {
			return nil, errColumnNotFound(r.sql, a.Column)
		}
		if slices.Contains(columns, i) {
			return nil, queryError(r.sql, 42121, "Duplicate column name %q", a.Column)
		}
		c := t.columnAt(i)
		switch _, isDefault := a.Value.(*parse.Default); {
		case c.inKey:
			return nil, fail(CodeKeyUpdate, stateSyntax, messageKeyUpdate)
		case i == t.valueIndex() && t.valueType.kind == kindObject:
			return nil, fail(CodeUnsupported, stateUnsupported, messageCompositeUpdate)
		case i < len(t.columns) && t.columns[i].nested():
			return nil, fail(CodeUnsupported, stateUnsupported, "UPDATE of a column of a nested object is not supported [column=%s]", c.name)
		case isDefault:
			return nil, fail(CodeUnsupported, stateUnsupported, "DEFAULT values are unsupported for UPDATE.")
		}
		columns = append(columns, i)
	}
	return columns, nil
}

// changedValue encodes the new value of a row: the old fields stay, in their order, new ones come behind them. It is nil
// for a row that is to go, because its whole value became null.
func (r *run) changedValue(t *table, columns []int, c change) (binary.Raw, error) {
	if t.valueType.kind != kindObject {
		v := c.set[len(c.set)-1]
		if v == nil {
			return nil, nil
		}
		return binary.AppendValue(nil, v)
	}
	v, err := binary.DecodeValue(c.value, r.store)
	if err != nil {
		return nil, fmt.Errorf("cache %q: %w", t.cache.Name, err)
	}
	o, ok := v.(*binary.Object)
	if !ok {
		return nil, fmt.Errorf("cache %q: the value is a %s, not an object", t.cache.Name, c.value.Type())
	}
	if o.TypeName == "" {
		o.TypeName = t.entity.ValueType
	}
	if err := r.typeNulls(o); err != nil {
		return nil, err
	}
	for i, at := range columns {
		t.set(o, at, c.set[i])
	}
	return t.encodeObject(r.store.RegisterType, o)
}

// typeNulls gives the nulls of a decoded object the types that their fields have in the metadata: a plain null would
// stand for an object.
func (r *run) typeNulls(o *binary.Object) error {
	meta, err := r.store.Metadata(o.TypeID)
	if err != nil || meta == nil {
		return err
	}
	types := make(map[int32]binary.Type, len(meta.Fields))
	for _, f := range meta.Fields {
		types[f.ID] = f.Type
	}
	for i := range o.Fields {
		f := &o.Fields[i]
		if typ, ok := types[f.ID]; ok && f.Value == nil {
			f.Value = binary.NullOf(typ)
		}
	}
	return nil
}

// delete runs DELETE: the keys are found first, then removed.
func (r *run) delete(s *parse.Delete) (int64, error) {
	p := r.newPlanner()
	t, err := p.target(s.Table)
	if err != nil {
		return 0, err
	}
	defer r.engine.writers.lock(t.cache.ID)()
	var keys []binary.Raw
	err = r.all(targetQuery(s.Table, s.Alias, hiddenItems(columnKey), s.Where, s.Limit), func(row []binary.Raw) error {
		keys = append(keys, row[0])
		return nil
	})
	if err != nil {
		return 0, err
	}
	if err := r.ctx.Err(); err != nil {
		return 0, errCanceled(err)
	}
	var removed int64
	for _, k := range keys {
		ok, err := r.store.Remove(t.cache.ID, k)
		if err != nil {
			return removed, err
		}
		if ok {
			removed++
		}
	}
	return removed, nil
}

func hiddenItems(names ...string) []parse.Item {
	var items []parse.Item
	for _, n := range names {
		items = append(items, parse.Item{Expr: &parse.Column{Name: n}})
	}
	return items
}

// targetQuery is the SELECT that finds the rows of an UPDATE or DELETE.
func targetQuery(name parse.TableName, alias string, items []parse.Item, where, limit parse.Expr) *parse.Query {
	from := []parse.TableRef{&parse.Table{Name: name, Alias: alias}}
	return &parse.Query{Body: &parse.Select{Items: items, From: from, Where: where}, Limit: limit}
}
