package parse

import "strconv"

const expectedOperand = "literal, identifier, function, ?, (, NOT, EXISTS, CASE, CAST"

// primary takes a literal, a parameter, a column, a call or something in parentheses.
func (p *parser) primary() (Expr, error) {
	t := p.tok
	switch t.kind {
	case tokenInteger:
		return &Literal{Kind: LiteralInteger, Text: t.text}, p.advance()
	case tokenDecimal:
		return &Literal{Kind: LiteralDecimal, Text: t.text}, p.advance()
	case tokenDouble:
		return &Literal{Kind: LiteralDouble, Text: t.text}, p.advance()
	case tokenString:
		return &Literal{Kind: LiteralString, Text: t.text}, p.advance()
	case tokenBytes:
		return &Literal{Kind: LiteralBytes, Text: t.text}, p.advance()
	case tokenParam:
		return p.param()
	case tokenSymbol:
		switch t.text {
		case "(":
			return p.paren()
		case "{":
			return p.escape()
		}
	case tokenQuoted:
		return p.nameExpr()
	case tokenWord:
		return p.wordExpr()
	}
	return nil, p.unexpected(expectedOperand)
}

// escape takes JDBC's {d 'date'}, {t 'time'}, {ts 'timestamp'} and {fn call}.
func (p *parser) escape() (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	kind, temporal := map[string]LiteralKind{"D": LiteralDate, "T": LiteralTime, "TS": LiteralTimestamp}[p.tok.text]
	if p.tok.kind != tokenWord || !temporal && p.tok.text != "FN" {
		return nil, p.unexpected("D, T, TS, FN")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if temporal {
		if p.tok.kind != tokenString {
			return nil, p.unexpected("string")
		}
		l := &Literal{Kind: kind, Text: p.tok.text}
		if err := p.advance(); err != nil {
			return nil, err
		}
		return l, p.needSymbol("}")
	}
	x, err := p.expression()
	if err != nil {
		return nil, err
	}
	return x, p.needSymbol("}")
}

func (p *parser) param() (Expr, error) {
	index := p.positional
	if p.tok.text != "" {
		n, err := strconv.Atoi(p.tok.text)
		if err != nil || n < 1 || n > 1<<16 {
			return nil, p.unexpected("?")
		}
		index = n - 1
	} else {
		p.positional++
	}
	p.params = max(p.params, index+1)
	return &Param{Index: index}, p.advance()
}

func (p *parser) paren() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.atQuery() {
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		return &Subquery{Query: q}, p.needSymbol(")")
	}
	items, err := p.expressionsToParen()
	if err != nil {
		return nil, err
	}
	if len(items) == 1 {
		return items[0], nil
	}
	return &Row{Items: items}, nil
}

// wordExpr takes an expression that starts with a word without quotes.
func (p *parser) wordExpr() (Expr, error) {
	switch p.tok.text {
	case "NULL":
		return &Literal{Kind: LiteralNull, Text: "NULL"}, p.advance()
	case "TRUE", "FALSE":
		return &Literal{Kind: LiteralBool, Text: p.tok.text}, p.advance()
	case "DEFAULT":
		return &Default{}, p.advance()
	case "CASE":
		return p.caseExpr()
	case "CAST":
		return p.cast()
	case "DATE", "TIME", "TIMESTAMP":
		return p.temporal()
	case "NOT", "EXISTS":
		return p.not()
	case "LEFT", "RIGHT", "VALUES":
		// Functions whose names are reserved elsewhere.
		pos, t := p.mark()
		if err := p.advance(); err != nil {
			return nil, err
		}
		open := p.isSymbol("(")
		p.reset(pos, t)
		if open && t.text != "VALUES" {
			return p.call(t.text)
		}
		return nil, p.unexpected(expectedOperand)
	}
	if reserved[p.tok.text] {
		return nil, p.unexpected(expectedOperand)
	}
	return p.nameExpr()
}

// temporal takes DATE '..', TIME '..' or TIMESTAMP '..'; without a string behind it the word is a name.
func (p *parser) temporal() (Expr, error) {
	kind := map[string]LiteralKind{"DATE": LiteralDate, "TIME": LiteralTime, "TIMESTAMP": LiteralTimestamp}[p.tok.text]
	pos, t := p.mark()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokenString {
		return &Literal{Kind: kind, Text: p.tok.text}, p.advance()
	}
	p.reset(pos, t)
	return p.nameExpr()
}

// nameExpr takes a column ([[schema.]table.]column), a call, or a function without parentheses.
func (p *parser) nameExpr() (Expr, error) {
	first := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.isSymbol("(") && first.kind == tokenWord {
		p.lex.pos, p.tok = first.end, first
		return p.call(first.text)
	}
	parts := []string{first.text}
	for len(parts) < 3 && p.isSymbol(".") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		n, err := p.name()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
	}
	if len(parts) == 1 && first.kind == tokenWord {
		switch first.text {
		case "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "SYSDATE", "SYSTIMESTAMP", "TODAY", "CURRENT_USER":
			return &Call{Name: first.text}, nil
		case "CURRENT":
			if p.isWord("TIMESTAMP", "DATE", "TIME") {
				return &Call{Name: "CURRENT_" + p.tok.text}, p.advance()
			}
		}
	}
	c := &Column{Name: parts[len(parts)-1]}
	if len(parts) > 1 {
		c.Table = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		c.Schema = parts[0]
	}
	return c, nil
}

func (p *parser) cast() (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	x, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.needWord("AS"); err != nil {
		return nil, err
	}
	t, err := p.typeName()
	if err != nil {
		return nil, err
	}
	return &Cast{X: x, Type: t}, p.needSymbol(")")
}

func (p *parser) caseExpr() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	c := &Case{}
	var err error
	if !p.isWord("WHEN") {
		if c.Operand, err = p.expression(); err != nil {
			return nil, err
		}
	}
	for {
		ok, err := p.word("WHEN")
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		var w When
		if w.If, err = p.expression(); err != nil {
			return nil, err
		}
		if err := p.needWord("THEN"); err != nil {
			return nil, err
		}
		if w.Then, err = p.expression(); err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		return nil, p.unexpected("WHEN")
	}
	if ok, err := p.word("ELSE"); err != nil {
		return nil, err
	} else if ok {
		if c.Else, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if !p.isWord("END") {
		return nil, p.unexpected("WHEN, ELSE, END")
	}
	return c, p.advance()
}
