package sql

import (
	"fmt"

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
			if v == nil && (col.notNull || col.wholeValue) {
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
	var updated int64
	for _, c := range changes {
		if err := r.ctx.Err(); err != nil {
			return updated, errCanceled(err)
		}
		value, err := r.changedValue(t, columns, c)
		if err != nil {
			return updated, err
		}
		if err := r.store.Put(t.cache.ID, c.key, value); err != nil {
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

// changedValue encodes the new value of a row: the old fields stay, in their order, new ones come behind them.
func (r *run) changedValue(t *table, columns []int, c change) (binary.Raw, error) {
	if t.valueType.kind != kindObject {
		return binary.AppendValue(nil, c.set[len(c.set)-1])
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
	for i, at := range columns {
		t.set(o, at, c.set[i])
	}
	return t.encodeObject(r.store.RegisterType, o)
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
	var removed int64
	for _, k := range keys {
		if err := r.ctx.Err(); err != nil {
			return removed, errCanceled(err)
		}
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
