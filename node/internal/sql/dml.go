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
	rows    []newRow
	updated int64
	dups    []string
}

// newRow is a row that is made and not stored yet.
type newRow struct {
	key, value binary.Raw
	text       string // of the key, for messages
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
	if err == nil {
		err = plan.store()
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
	for _, name := range s.Key {
		if t.find(name) < 0 {
			return errColumnNotFound(p.run.sql, name)
		}
	}
	if err := p.wholes(); err != nil {
		return err
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
	if len(p.keys) == 0 && t.keyType.kind != kindObject || !value {
		return fail(CodeUnknown, stateGeneral, messageUpdatePlan)
	}
	p.hidden = t.hiddenFields(p.columns)
	return nil
}

// wholes checks the columns that stand for a whole key or value: each is named once, and an object is not written as one.
func (p *insertPlan) wholes() error {
	t := p.table
	key, value := "", ""
	for _, i := range p.columns {
		c := t.columnAt(i)
		switch {
		case c.wholeKey && key != "":
			return fail(CodeParsing, stateSyntax, "Columns %s and %s both refer to entire cache key object.", key, c.name)
		case c.wholeValue && value != "":
			return fail(CodeParsing, stateSyntax, "Columns %s and %s both refer to entire cache value object.", value, c.name)
		case c.wholeKey:
			key = c.name
		case c.wholeValue:
			value = c.name
		}
		if c.wholeKey && t.keyType.kind == kindObject && t.entity.KeyType != "" {
			return fail(CodeUnsupported, stateUnsupported, messageCompositeKey)
		}
		if c.wholeValue && t.valueType.kind == kindObject {
			return fail(CodeUnsupported, stateUnsupported, messageCompositeUpdate)
		}
	}
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
		if err := p.add(values); err != nil {
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

// fromQuery inserts the rows of a SELECT.
func (p *insertPlan) fromQuery(q *parse.Query) error {
	res, err := p.run.selectAll(q)
	if err != nil {
		return err
	}
	defer res.Close()
	if len(res.Columns) != len(p.columns) {
		return queryError(p.run.sql, 21002, messageColumnCount)
	}
	return res.each(func(row []binary.Raw) error {
		values := make([]any, len(row))
		for i, raw := range row {
			v, err := p.run.decodeForRow(raw)
			if err != nil {
				return err
			}
			values[i] = v
		}
		return p.add(values)
	})
}

// decodeForRow decodes a value that goes into another row; objects stay as they are encoded.
func (r *run) decodeForRow(raw binary.Raw) (any, error) {
	switch raw.Type() {
	case binary.TypeObject, binary.TypeWrapped:
		return binary.Raw(append([]byte{}, raw...)), nil
	}
	return binary.DecodeValue(raw, r.store)
}

// add makes a row of the values. All rows of a statement are made before one is stored, so that a value that does not
// fit leaves the table as it was.
func (p *insertPlan) add(values []any) error {
	key, keyText, err := p.key(values)
	if err != nil {
		return err
	}
	value, err := p.value(values)
	if err != nil {
		return err
	}
	p.rows = append(p.rows, newRow{key: key, value: value, text: keyText})
	return nil
}

// store writes the rows. It is not cancelled half way.
func (p *insertPlan) store() error {
	if err := p.run.ctx.Err(); err != nil {
		return errCanceled(err)
	}
	cache := p.table.cache.ID
	for _, row := range p.rows {
		if p.merge {
			if err := p.run.store.Put(cache, row.key, row.value); err != nil {
				return err
			}
			p.updated++
			continue
		}
		stored, err := p.run.store.PutIfAbsent(cache, row.key, row.value)
		switch {
		case err != nil:
			return err
		case stored:
			p.updated++
		case len(p.dups) < 100:
			p.dups = append(p.dups, row.text)
		}
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
		if len(p.keys) > 0 && p.columns[p.keys[0]] == t.keyIndex() {
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
		if v == nil && c.wholeValue {
			return nil, fail(CodeNullValue, stateNull, messageNullValue)
		}
		if v == nil && c.notNull {
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
