package parse

import "slices"

func (p *parser) selectBody(q *Query) (Body, error) {
	if err := p.advance(); err != nil { // SELECT
		return nil, err
	}
	s := &Select{}
	if err := p.selectHead(q, s); err != nil {
		return nil, err
	}
	for {
		item, err := p.item()
		if err != nil {
			return nil, err
		}
		s.Items = append(s.Items, item)
		if ok, err := p.symbol(","); err != nil {
			return nil, err
		} else if !ok {
			break
		}
	}
	if ok, err := p.word("FROM"); err != nil {
		return nil, err
	} else if ok {
		if err := p.from(s); err != nil {
			return nil, err
		}
	} else if slices.ContainsFunc(s.Items, func(i Item) bool { return i.Star }) {
		s.From = []TableRef{Dual("")}
	}
	return s, p.selectTail(s)
}

// selectHead takes TOP n, DISTINCT and ALL.
func (p *parser) selectHead(q *Query, s *Select) error {
	limit, err := p.top()
	if err != nil {
		return err
	}
	if limit != nil {
		if q == nil {
			return unsupported("TOP is not supported inside of a set operation, use a sub-query with LIMIT")
		}
		q.Limit = limit
	}
	if s.Distinct, err = p.word("DISTINCT"); err != nil || s.Distinct {
		return err
	}
	_, err = p.word("ALL")
	return err
}

func (p *parser) selectTail(s *Select) error {
	if ok, err := p.word("WHERE"); err != nil {
		return err
	} else if ok {
		if s.Where, err = p.expression(); err != nil {
			return err
		}
	}
	if ok, err := p.words("GROUP", "BY"); err != nil {
		return err
	} else if ok {
		for {
			e, err := p.expression()
			if err != nil {
				return err
			}
			s.GroupBy = append(s.GroupBy, e)
			if ok, err := p.symbol(","); err != nil {
				return err
			} else if !ok {
				break
			}
		}
	}
	ok, err := p.word("HAVING")
	if err != nil || !ok {
		return err
	}
	s.Having, err = p.expression()
	return err
}

// item takes *, t.*, schema.t.* or expression [[AS] alias].
func (p *parser) item() (Item, error) {
	if ok, err := p.symbol("*"); ok || err != nil {
		return Item{Star: true}, err
	}
	if p.atName() {
		if item, ok, err := p.qualifiedStar(); ok || err != nil {
			return item, err
		}
	}
	e, err := p.expression()
	if err != nil {
		return Item{}, err
	}
	alias, err := p.alias()
	return Item{Expr: e, Alias: alias}, err
}

func (p *parser) qualifiedStar() (Item, bool, error) {
	pos, t := p.mark()
	var parts []string
	for p.atName() && len(parts) < 2 {
		parts = append(parts, p.tok.text)
		if err := p.advance(); err != nil {
			return Item{}, false, err
		}
		ok, err := p.symbol(".")
		if err != nil {
			return Item{}, false, err
		}
		if !ok {
			break
		}
		if p.isSymbol("*") {
			item := Item{Star: true, StarTable: parts[len(parts)-1]}
			if len(parts) == 2 {
				item.StarSchema = parts[0]
			}
			return item, true, p.advance()
		}
	}
	p.reset(pos, t)
	return Item{}, false, nil
}

// alias takes [AS] name, or nothing.
func (p *parser) alias() (string, error) {
	if ok, err := p.word("AS"); err != nil {
		return "", err
	} else if ok {
		return p.name()
	}
	if p.atName() && !p.isWord("SEPARATOR", "ESCAPE") {
		return p.name()
	}
	return "", nil
}

func (p *parser) from(s *Select) error {
	for {
		ref, err := p.joined()
		if err != nil {
			return err
		}
		s.From = append(s.From, ref)
		ok, err := p.symbol(",")
		if err != nil || !ok {
			return err
		}
	}
}

// joined takes a table and every JOIN behind it.
func (p *parser) joined() (TableRef, error) {
	left, err := p.tableRef()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		if n > MaxDepth {
			return nil, p.tooLong()
		}
		j, err := p.joinKind()
		if err != nil || j == nil {
			return left, err
		}
		j.Left = left
		if j.Right, err = p.tableRef(); err != nil {
			return nil, err
		}
		if ok, err := p.word("ON"); err != nil {
			return nil, err
		} else if ok {
			if j.On, err = p.expression(); err != nil {
				return nil, err
			}
		} else if ok, err := p.word("USING"); err != nil {
			return nil, err
		} else if ok {
			if j.Using, err = p.nameList(); err != nil {
				return nil, err
			}
		}
		left = j
	}
}

// joinKind takes [NATURAL] [INNER | LEFT [OUTER] | RIGHT [OUTER] | FULL [OUTER] | CROSS] JOIN, or nothing (nil).
func (p *parser) joinKind() (*Join, error) {
	j := &Join{Kind: "INNER"}
	var err error
	if j.Natural, err = p.word("NATURAL"); err != nil {
		return nil, err
	}
	found := j.Natural
	for _, kind := range []string{"INNER", "LEFT", "RIGHT", "FULL", "CROSS"} {
		ok, err := p.word(kind)
		if err != nil {
			return nil, err
		}
		if ok {
			j.Kind, found = kind, true
			break
		}
	}
	if j.Kind == "LEFT" || j.Kind == "RIGHT" || j.Kind == "FULL" {
		if _, err := p.word("OUTER"); err != nil {
			return nil, err
		}
	}
	if !found && !p.isWord("JOIN") {
		return nil, nil
	}
	return j, p.needWord("JOIN")
}

// tableRef takes a table, a query in parentheses or a join in parentheses.
func (p *parser) tableRef() (TableRef, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if p.isSymbol("(") {
		if !p.atQuery() {
			if err := p.advance(); err != nil {
				return nil, err
			}
			ref, err := p.joined()
			if err != nil {
				return nil, err
			}
			return ref, p.needSymbol(")")
		}
		q, err := p.parenQuery()
		if err != nil {
			return nil, err
		}
		d := &Derived{Query: q}
		if d.Alias, err = p.alias(); err != nil {
			return nil, err
		}
		if d.Alias != "" && p.isSymbol("(") {
			d.Columns, err = p.nameList()
		}
		return d, err
	}
	name, err := p.tableName()
	if err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		return p.tableFunction(name.Name)
	}
	alias, err := p.alias()
	if err != nil {
		return nil, err
	}
	return &Table{Name: name, Alias: alias}, p.useIndex()
}

// useIndex takes and drops USE INDEX (..): scans of the embedded node need no hint.
func (p *parser) useIndex() error {
	ok, err := p.words("USE", "INDEX")
	if err != nil || !ok {
		return err
	}
	_, err = p.nameList()
	return err
}
