package parse

// insert takes INSERT INTO and MERGE INTO.
func (p *parser) insert() (Statement, error) {
	s := &Insert{Merge: p.isWord("MERGE")}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.needWord("INTO"); err != nil {
		return nil, err
	}
	var err error
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	if s.Merge && p.isWord("USING", "AS") {
		return nil, unsupported("MERGE ... USING is not supported, use MERGE INTO table (columns) VALUES or SELECT")
	}
	if p.isSymbol("(") && !p.atQuery() {
		if s.Columns, err = p.nameList(); err != nil {
			return nil, err
		}
	}
	if s.Merge {
		if ok, err := p.word("KEY"); err != nil {
			return nil, err
		} else if ok {
			// Ignite takes the clause and always merges by the primary key.
			if s.Key, err = p.nameList(); err != nil {
				return nil, err
			}
		}
	} else {
		for _, w := range []string{"DIRECT", "SORTED"} { // hints to H2
			if _, err := p.word(w); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case p.isWord("VALUES"):
		s.Rows, err = p.insertValues()
	case p.atQuery():
		s.Query, err = p.query()
	case p.isWord("SET") && !s.Merge:
		err = p.insertSet(s)
	case p.isWord("DEFAULT"):
		return nil, &Unsupported{Message: "Failed to prepare update plan.", General: true}
	default:
		err = p.unexpected("VALUES, SELECT, (, SET")
	}
	return s, err
}

// insertValues is values with a comma allowed behind the last row, as in H2.
func (p *parser) insertValues() ([][]Expr, error) {
	if err := p.advance(); err != nil { // VALUES
		return nil, err
	}
	var rows [][]Expr
	for {
		row, err := p.valuesRow()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		if ok, err := p.symbol(","); err != nil || !ok {
			return rows, err
		}
		if p.tok.kind == tokenEOF || p.isSymbol(";") {
			return rows, nil
		}
	}
}

// insertSet takes INSERT INTO t SET a = 1, b = 2.
func (p *parser) insertSet(s *Insert) error {
	if err := p.advance(); err != nil {
		return err
	}
	set, err := p.assignments("")
	if err != nil {
		return err
	}
	row := make([]Expr, len(set))
	s.Columns = make([]string, len(set))
	for i, a := range set {
		s.Columns[i], row[i] = a.Column, a.Value
	}
	s.Rows = [][]Expr{row}
	return nil
}

func (p *parser) update() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &Update{}
	var err error
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	if s.Alias, err = p.alias(); err != nil {
		return nil, err
	}
	if err := p.needWord("SET"); err != nil {
		return nil, err
	}
	if s.Set, err = p.assignments(s.Alias); err != nil {
		return nil, err
	}
	s.Where, s.Limit, err = p.whereLimit()
	return s, err
}

// assignments takes a = x, b = y, (c, d) = (x, y).
func (p *parser) assignments(string) ([]Assignment, error) {
	var set []Assignment
	for {
		if p.isSymbol("(") {
			more, err := p.rowAssignment()
			if err != nil {
				return nil, err
			}
			set = append(set, more...)
		} else {
			name, err := p.assignedColumn()
			if err != nil {
				return nil, err
			}
			if err := p.needSymbol("="); err != nil {
				return nil, err
			}
			value, err := p.expression()
			if err != nil {
				return nil, err
			}
			set = append(set, Assignment{Column: name, Value: value})
		}
		ok, err := p.symbol(",")
		if err != nil || !ok {
			return set, err
		}
	}
}

// assignedColumn takes [[schema .] table .] column; the statement has one table, so only the column matters.
func (p *parser) assignedColumn() (string, error) {
	name, err := p.name()
	for err == nil {
		var dot bool
		if dot, err = p.symbol("."); err != nil || !dot {
			break
		}
		name, err = p.name()
	}
	return name, err
}

func (p *parser) rowAssignment() ([]Assignment, error) {
	names, err := p.nameList()
	if err != nil {
		return nil, err
	}
	if err := p.needSymbol("="); err != nil {
		return nil, err
	}
	at := p.tok
	value, err := p.expression()
	if err != nil {
		return nil, err
	}
	items := []Expr{value}
	switch v := value.(type) {
	case *Row:
		items = v.Items
	case *Subquery:
		if items = columnsOf(v.Query, len(names)); items == nil {
			items = []Expr{value}
		}
	}
	if len(items) != len(names) {
		return nil, &Error{SQL: p.sql, Pos: at.pos, End: at.end, Reason: "Column count does not match", Code: 21002}
	}
	set := make([]Assignment, len(names))
	for i, n := range names {
		set[i] = Assignment{Column: n, Value: items[i]}
	}
	return set, nil
}

// columnsOf gives one query for each of the n columns that a SELECT gives; nil when it has another number of them.
func columnsOf(q *Query, n int) []Expr {
	body, ok := q.Body.(*Select)
	if !ok || len(body.Items) != n {
		return nil
	}
	columns := make([]Expr, n)
	for i, item := range body.Items {
		if item.Star {
			return nil
		}
		one, outer := *body, *q
		one.Items = []Item{item}
		outer.Body = &one
		columns[i] = &Subquery{Query: &outer}
	}
	return columns
}

func (p *parser) delete() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &Delete{}
	top, err := p.top()
	if err != nil {
		return nil, err
	}
	if _, err := p.word("FROM"); err != nil {
		return nil, err
	}
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	if s.Alias, err = p.alias(); err != nil {
		return nil, err
	}
	if s.Where, s.Limit, err = p.whereLimit(); s.Limit == nil {
		s.Limit = top
	}
	return s, err
}

// top takes TOP n, or nothing (nil).
func (p *parser) top() (Expr, error) {
	if !p.isWord("TOP") {
		return nil, nil
	}
	pos, t := p.mark()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokenInteger || p.tok.kind == tokenParam || p.isSymbol("(") {
		return p.primary()
	}
	p.reset(pos, t)
	return nil, nil
}

func (p *parser) whereLimit() (where, limit Expr, err error) {
	ok, err := p.word("WHERE")
	if err != nil {
		return nil, nil, err
	}
	if ok {
		if where, err = p.expression(); err != nil {
			return nil, nil, err
		}
	}
	if p.isWord("ORDER") { // as in MySQL; Ignite reads it and changes rows in its own order
		if _, err = p.orderBy(); err != nil {
			return nil, nil, err
		}
	}
	if ok, err = p.word("LIMIT"); err != nil || !ok {
		return where, nil, err
	}
	limit, err = p.concat()
	return where, limit, err
}
