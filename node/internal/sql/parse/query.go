package parse

// atQuery reports whether a query starts here.
func (p *parser) atQuery() bool {
	if p.isWord("SELECT", "WITH", "VALUES") {
		return true
	}
	if !p.isSymbol("(") {
		return false
	}
	pos, t := p.mark()
	defer p.reset(pos, t)
	for n := 0; p.isSymbol("("); n++ {
		if n > MaxDepth || p.advance() != nil {
			return false
		}
	}
	return p.isWord("SELECT", "WITH", "VALUES")
}

// parenQuery takes ( query ).
func (p *parser) parenQuery() (*Query, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return q, p.needSymbol(")")
}

func (p *parser) query() (*Query, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	q := &Query{}
	if ok, err := p.word("WITH"); err != nil {
		return nil, err
	} else if ok {
		if err := p.with(q); err != nil {
			return nil, err
		}
	}
	var err error
	if q.Body, err = p.setOps(q); err != nil {
		return nil, err
	}
	if p.isWord("ORDER") {
		if q.OrderBy, err = p.orderBy(); err != nil {
			return nil, err
		}
	}
	return q, p.limits(q)
}

func (p *parser) with(q *Query) error {
	var err error
	if q.Recursive, err = p.word("RECURSIVE"); err != nil {
		return err
	}
	for {
		var c CTE
		if c.Name, err = p.name(); err != nil {
			return err
		}
		if p.isSymbol("(") {
			if c.Columns, err = p.nameList(); err != nil {
				return err
			}
		}
		if err := p.needWord("AS"); err != nil {
			return err
		}
		if c.Query, err = p.parenQuery(); err != nil {
			return err
		}
		q.With = append(q.With, c)
		ok, err := p.symbol(",")
		if err != nil || !ok {
			return err
		}
	}
}

// limits takes LIMIT, OFFSET and FETCH in any order that Ignite takes.
func (p *parser) limits(q *Query) error {
	for {
		var err error
		switch {
		case p.isWord("LIMIT"):
			if err = p.advance(); err == nil {
				q.Limit, err = p.concat()
			}
			if err == nil && p.isSymbol(",") {
				if err = p.advance(); err == nil {
					q.Offset = q.Limit
					q.Limit, err = p.concat()
				}
			}
		case p.isWord("OFFSET"):
			if err = p.advance(); err == nil {
				q.Offset, err = p.concat()
			}
			if err == nil && p.isWord("ROW", "ROWS") {
				err = p.advance()
			}
		case p.isWord("FETCH"):
			err = p.fetch(q)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) fetch(q *Query) error {
	if err := p.advance(); err != nil {
		return err
	}
	if !p.isWord("FIRST", "NEXT") {
		return p.unexpected("FIRST, NEXT")
	}
	if err := p.advance(); err != nil {
		return err
	}
	q.Limit = &Literal{Kind: LiteralInteger, Text: "1"}
	if !p.isWord("ROW", "ROWS") {
		var err error
		if q.Limit, err = p.concat(); err != nil {
			return err
		}
	}
	if !p.isWord("ROW", "ROWS") {
		return p.unexpected("ROW, ROWS")
	}
	if err := p.advance(); err != nil {
		return err
	}
	return p.needWord("ONLY")
}

func (p *parser) orderBy() ([]Order, error) {
	if err := p.needWord("ORDER"); err != nil {
		return nil, err
	}
	if err := p.needWord("BY"); err != nil {
		return nil, err
	}
	var list []Order
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		o := Order{Expr: e}
		if o.Desc, err = p.word("DESC"); err != nil {
			return nil, err
		}
		if !o.Desc {
			if _, err := p.word("ASC"); err != nil {
				return nil, err
			}
		}
		if ok, err := p.word("NULLS"); err != nil {
			return nil, err
		} else if ok {
			if !p.isWord("FIRST", "LAST") {
				return nil, p.unexpected("FIRST, LAST")
			}
			o.Nulls = p.tok.text
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
		list = append(list, o)
		ok, err := p.symbol(",")
		if err != nil || !ok {
			return list, err
		}
	}
}

// setOps takes body (UNION [ALL] | EXCEPT | MINUS | INTERSECT body)*, from left to right.
func (p *parser) setOps(q *Query) (Body, error) {
	left, err := p.queryTerm(q)
	if err != nil {
		return nil, err
	}
	for n := 0; p.isWord("UNION", "EXCEPT", "MINUS", "INTERSECT"); n++ {
		if n > maxChain {
			return nil, p.tooLong()
		}
		op := p.tok.text
		if err := p.advance(); err != nil {
			return nil, err
		}
		if op == "MINUS" {
			op = "EXCEPT"
		}
		if all, err := p.word("ALL"); err != nil {
			return nil, err
		} else if all && op == "UNION" {
			op = "UNION ALL"
		} else if _, err := p.word("DISTINCT"); err != nil {
			return nil, err
		}
		right, err := p.queryTerm(nil)
		if err != nil {
			return nil, err
		}
		left = &SetOp{Op: op, Left: left, Right: right}
	}
	return left, nil
}

// queryTerm takes SELECT .., VALUES .. or ( query ). q takes the TOP of a SELECT as its limit.
func (p *parser) queryTerm(q *Query) (Body, error) {
	switch {
	case p.isWord("SELECT"):
		return p.selectBody(q)
	case p.isWord("VALUES"):
		rows, err := p.values()
		return &Values{Rows: rows}, err
	case p.isSymbol("("):
		inner, err := p.parenQuery()
		if err != nil {
			return nil, err
		}
		if len(inner.With) == 0 && len(inner.OrderBy) == 0 && inner.Limit == nil && inner.Offset == nil {
			return inner.Body, nil
		}
		star := []Item{{Star: true}}
		return &Select{Items: star, From: []TableRef{&Derived{Query: inner}}}, nil
	}
	return nil, p.unexpected("SELECT, VALUES, (")
}

// values takes VALUES (a, b), (c, d).
func (p *parser) values() ([][]Expr, error) {
	if err := p.needWord("VALUES"); err != nil {
		return nil, err
	}
	var rows [][]Expr
	for {
		row, err := p.valuesRow()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		ok, err := p.symbol(",")
		if err != nil || !ok {
			return rows, err
		}
	}
}

// valuesRow takes (a, b) or a single value.
func (p *parser) valuesRow() ([]Expr, error) {
	ok, err := p.symbol("(")
	if err != nil {
		return nil, err
	}
	if ok {
		return p.expressionsToParen()
	}
	e, err := p.expression()
	return []Expr{e}, err
}
