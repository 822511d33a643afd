package sql

import (
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// insertPlan is INSERT or MERGE with its table and columns found.
type insertPlan struct {
	run     *run
	table   *table
	merge   bool
	columns []int        // positions in the table, _KEY and _VAL included
	keys    []int        // positions in columns that make up the key
	hidden  map[int]bool // positions in the table of columns that another one of the same field hides
	updated int64
	dups    []string
}

// insert runs INSERT and MERGE.
func (r *run) insert(s *parse.Insert) (int64, error) {
	p := r.newPlanner()
	t, err := p.target(s.Table)
	if err != nil {
		return 0, err
	}
	plan := &insertPlan{run: r, table: t, merge: s.Merge}
	if err := plan.resolve(s); err != nil {
		return 0, err
	}
	for _, row := range s.Rows {
		if len(row) != len(plan.columns) {
			return 0, queryError(r.sql, 21002, messageColumnCount)
		}
		for _, e := range row {
			if _, ok := e.(*parse.Default); ok {
				return 0, fail(CodeUnsupported, stateUnsupported, messageExplicitDefault)
			}
		}
	}
	if s.Merge {
		defer r.engine.writers.lock(t.cache.ID)()
	}
	if s.Query != nil {
		err = plan.fromQuery(s.Query)
	} else {
		err = plan.fromRows(s.Rows)
	}
	if err != nil {
		return plan.updated, err
	}
	return plan.updated, plan.duplicates(len(s.Rows) == 1)
}

// target finds the table that a statement changes.
func (p *planner) target(name parse.TableName) (*table, error) {
	t, err := p.lookup(name)
	if err != nil {
		return nil, err
	}
	if t.rows != nil {
		return nil, fail(CodeUnsupported, stateUnsupported, "Operation not supported for table '%s'", t.name)
	}
	return t, nil
}

// resolve finds the columns and checks that the row can be made of them.
func (p *insertPlan) resolve(s *parse.Insert) error {
	t := p.table
	if s.Columns == nil {
		for i := range t.columns {
			p.columns = append(p.columns, i)
		}
	}
	seen := make(map[int]bool)
	for _, name := range s.Columns {
		i := t.find(name)
		if i < 0 {
			return errColumnNotFound(p.run.sql, name)
		}
		if seen[i] {
			return queryError(p.run.sql, 42121, "Duplicate column name %q", name)
		}
		seen[i] = true
		p.columns = append(p.columns, i)
	}
	value := t.valueType.kind == kindObject
	for at, i := range p.columns {
		c := t.columnAt(i)
		if c.inKey {
			p.keys = append(p.keys, at)
		}
		value = value || c.wholeValue
		if i < len(t.columns) && t.columns[i].nested() {
			return fail(CodeUnsupported, stateUnsupported, "INSERT into a column of a nested object is not supported [column=%s]", c.name)
		}
	}
	if len(p.keys) == 0 || !value {
		return fail(CodeUnknown, stateGeneral, messageUpdatePlan)
	}
	p.hidden = t.hiddenFields(p.columns)
	return nil
}

// fromRows inserts VALUES. Constants are taken as they are, other expressions are computed.
func (p *insertPlan) fromRows(rows [][]parse.Expr) error {
	values := make([]any, len(p.columns))
	for n, row := range rows {
		if n%64 == 0 {
			if err := p.run.ctx.Err(); err != nil {
				return errCanceled(err)
			}
		}
		var open []int
		for i, e := range row {
			v, ok, err := p.run.constantValue(e)
			if err != nil {
				return err
			}
			if values[i] = v; !ok {
				open = append(open, i)
			}
		}
		if len(open) > 0 {
			if err := p.run.compute(row, open, values); err != nil {
				return err
			}
		}
		if err := p.put(values); err != nil {
			return err
		}
	}
	return nil
}

// compute evaluates the expressions at the given places of a row.
func (r *run) compute(row []parse.Expr, open []int, values []any) error {
	s := &parse.Select{}
	for _, i := range open {
		s.Items = append(s.Items, parse.Item{Expr: row[i]})
	}
	return r.all(&parse.Query{Body: s}, func(out []binary.Raw) error {
		for n, i := range open {
			v, err := binary.DecodeValue(out[n], nil)
			if err != nil {
				return err
			}
			values[i] = v
		}
		return nil
	})
}

// fromQuery inserts the rows of a SELECT. When it reads the table that it fills, all rows are read first.
func (p *insertPlan) fromQuery(q *parse.Query) error {
	res, err := p.run.selectAll(q)
	if err != nil {
		return err
	}
	defer res.Close()
	if len(res.Columns) != len(p.columns) {
		return queryError(p.run.sql, 21002, messageColumnCount)
	}
	self := false
	for _, t := range res.sess.tables {
		self = self || t.rows == nil && t.cache.ID == p.table.cache.ID
	}
	var held [][]any
	err = res.each(func(row []binary.Raw) error {
		values := make([]any, len(row))
		for i, raw := range row {
			v, err := p.run.decodeForRow(raw)
			if err != nil {
				return err
			}
			values[i] = v
		}
		if self {
			held = append(held, values)
			return nil
		}
		return p.put(values)
	})
	if err != nil {
		return err
	}
	res.Close()
	for _, values := range held {
		if err := p.run.ctx.Err(); err != nil {
			return errCanceled(err)
		}
		if err := p.put(values); err != nil {
			return err
		}
	}
	return nil
}

// decodeForRow decodes a value that goes into another row; objects stay as they are encoded.
func (r *run) decodeForRow(raw binary.Raw) (any, error) {
	switch raw.Type() {
	case binary.TypeObject, binary.TypeWrapped:
		return binary.Raw(append([]byte{}, raw...)), nil
	}
	return binary.DecodeValue(raw, r.store)
}

// put makes a row of the values and stores it.
func (p *insertPlan) put(values []any) error {
	key, keyText, err := p.key(values)
	if err != nil {
		return err
	}
	value, err := p.value(values)
	if err != nil {
		return err
	}
	cache := p.table.cache.ID
	if p.merge {
		if err := p.run.store.Put(cache, key, value); err != nil {
			return err
		}
		p.updated++
		return nil
	}
	stored, err := p.run.store.PutIfAbsent(cache, key, value)
	if err != nil {
		return err
	}
	if stored {
		p.updated++
	} else if len(p.dups) < 100 {
		p.dups = append(p.dups, keyText)
	}
	return nil
}

// duplicates is the error of keys that were there already.
func (p *insertPlan) duplicates(single bool) error {
	if len(p.dups) == 0 {
		return nil
	}
	state, code := stateGeneral, CodeUnknown
	if single {
		state, code = stateConstraint, CodeDuplicateKey
	}
	return fail(code, state, "Failed to INSERT some keys because they are already in cache [keys=[%s]]", strings.Join(p.dups, ", "))
}

// key encodes the key and gives its text for messages.
func (p *insertPlan) key(values []any) (binary.Raw, string, error) {
	t := p.table
	columns := make([]int, 0, len(p.keys))
	parts := make([]any, 0, len(p.keys))
	var text []string
	for _, at := range p.keys {
		c := t.columnAt(p.columns[at])
		if raw, ok := values[at].(binary.Raw); ok && c.wholeKey {
			return raw, "object", nil
		}
		v, err := c.checked(values[at])
		if err != nil {
			return nil, "", err
		}
		if v == nil && (c.wholeKey || c.notNull) {
			return nil, "", errNullValue(c.name)
		}
		columns, parts = append(columns, p.columns[at]), append(parts, v)
		s := "null"
		if v != nil {
			s, _ = toText(v)
		}
		if t.keyType.kind == kindObject {
			s = c.name + "=" + s
		}
		text = append(text, s)
	}
	all := strings.Join(text, ", ")
	if t.keyType.kind == kindObject {
		if p.columns[p.keys[0]] == t.keyIndex() {
			return nil, "", fail(CodeConversionFailed, stateConversion, "Value conversion failed [column=%s, from=%s, to=%s]", columnKey, javaClass(parts[0]), t.entity.KeyType)
		}
		// A key object always has all its fields; those that the statement leaves out are null.
		for _, k := range t.keyColumns() {
			if !slices.Contains(columns, k) {
				columns, parts = append(columns, k), append(parts, nil)
			}
		}
		all = t.entity.KeyType + " [" + all + "]"
	}
	key, err := t.encodeKey(p.run.store.RegisterType, columns, parts)
	return key, all, err
}

func errNullValue(name string) error {
	return fail(CodeNullValue, stateNull, "Null value is not allowed for column '%s'", name)
}

// value encodes the value: the given columns in the order of the statement, then the defaults of the others. Columns
// that are neither given nor have a default are absent.
func (p *insertPlan) value(values []any) (binary.Raw, error) {
	t := p.table
	given := make(map[int]bool, len(p.columns))
	o := binary.NewObject(t.entity.ValueType)
	for at, i := range p.columns {
		c := t.columnAt(i)
		given[i] = true
		if c.inKey {
			continue
		}
		if raw, ok := values[at].(binary.Raw); ok && c.wholeValue {
			return raw, nil
		}
		v, err := c.checked(values[at])
		if err != nil {
			return nil, err
		}
		if v == nil && (c.notNull || c.wholeValue) {
			return nil, errNullValue(c.name)
		}
		if c.wholeValue {
			return binary.AppendValue(nil, v)
		}
		if !p.hidden[i] {
			t.set(o, i, v)
		}
	}
	for i := range t.columns {
		c := &t.columns[i]
		if given[i] || c.inKey || c.wholeValue || c.nested() {
			continue
		}
		if c.def != nil {
			v, err := c.checked(c.def)
			if err != nil {
				return nil, err
			}
			t.set(o, i, v)
		} else if c.notNull {
			return nil, errNullValue(c.name)
		}
	}
	return t.encodeObject(p.run.store.RegisterType, o)
}

// selectAll is selectQuery without the client's limit of rows.
func (r *run) selectAll(q *parse.Query) (*Result, error) {
	saved := r.query.MaxRows
	r.query.MaxRows = 0
	defer func() { r.query.MaxRows = saved }()
	return r.selectQuery(q)
}

// all runs a query of the engine's own making and gives every row, encoded, to f.
func (r *run) all(q *parse.Query, f func(row []binary.Raw) error) error {
	res, err := r.selectAll(q)
	if err != nil {
		return err
	}
	defer res.Close()
	return res.each(f)
}
