package parse

// call takes name ( arguments ), with the special forms of a few functions.
func (p *parser) call(name string) (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil { // the name
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	c := &Call{Name: name}
	if err := p.arguments(c); err != nil {
		return nil, err
	}
	return c, p.callTail(c)
}

func (p *parser) arguments(c *Call) error {
	if ok, err := p.symbol(")"); ok || err != nil {
		return err
	}
	if ok, err := p.symbol("*"); err != nil {
		return err
	} else if ok {
		c.Star = true
		return p.needSymbol(")")
	}
	var err error
	if c.Distinct, err = p.word("DISTINCT"); err != nil {
		return err
	}
	if c.Name == "TRIM" {
		if done, err := p.trim(c); done || err != nil {
			return err
		}
	}
	for {
		arg, err := p.expressionOrIn(c.Name)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, arg)
		switch {
		case c.Name == "EXTRACT" && len(c.Args) == 1, c.Name == "SUBSTRING" && len(c.Args) == 1:
			if _, err := p.word("FROM"); err != nil {
				return err
			} else if c.Name == "EXTRACT" || !p.isSymbol(",") && !p.isSymbol(")") {
				continue
			}
		case c.Name == "SUBSTRING" && len(c.Args) == 2:
			if ok, err := p.word("FOR"); err != nil {
				return err
			} else if ok {
				continue
			}
		case c.Name == "POSITION" && len(c.Args) == 1:
			if ok, err := p.word("IN"); err != nil {
				return err
			} else if ok {
				continue
			}
		case c.Name == "CONVERT" && len(c.Args) == 1:
			return p.convert(c)
		}
		if done, err := p.aggregateTail(c); done || err != nil {
			return err
		}
		more, err := p.listGoesOn()
		if err != nil || !more {
			return err
		}
	}
}

// expressionOrIn keeps the IN of POSITION(a IN b) from being read as the IN operator.
func (p *parser) expressionOrIn(name string) (Expr, error) {
	if name == "POSITION" {
		return p.concat()
	}
	return p.expression()
}

// convert takes the type of CONVERT(x, type), which is kept as a Cast in the only argument.
func (p *parser) convert(c *Call) error {
	if err := p.needSymbol(","); err != nil {
		return err
	}
	t, err := p.typeName()
	if err != nil {
		return err
	}
	c.Args[0] = &Cast{X: c.Args[0], Type: t}
	return p.needSymbol(")")
}

// trim takes [LEADING | TRAILING | BOTH] [chars] FROM text; the form without FROM is left to the caller.
func (p *parser) trim(c *Call) (bool, error) {
	side := ""
	for _, w := range []string{"LEADING", "TRAILING", "BOTH"} {
		ok, err := p.word(w)
		if err != nil {
			return false, err
		}
		if ok {
			side = w
		}
	}
	if side == "" {
		return false, nil
	}
	c.Name = map[string]string{"LEADING": "LTRIM", "TRAILING": "RTRIM", "BOTH": "TRIM"}[side]
	var chars Expr
	if !p.isWord("FROM") {
		var err error
		if chars, err = p.expression(); err != nil {
			return false, err
		}
	}
	if err := p.needWord("FROM"); err != nil {
		return false, err
	}
	text, err := p.expression()
	if err != nil {
		return false, err
	}
	c.Args = []Expr{text}
	if chars != nil {
		c.Args = append(c.Args, chars)
	}
	return true, p.needSymbol(")")
}

// aggregateTail takes [ORDER BY ..] [SEPARATOR ..] of GROUP_CONCAT.
func (p *parser) aggregateTail(c *Call) (bool, error) {
	if !p.isWord("ORDER", "SEPARATOR") {
		return false, nil
	}
	var err error
	if p.isWord("ORDER") {
		if c.OrderBy, err = p.orderBy(); err != nil {
			return false, err
		}
	}
	if ok, err := p.word("SEPARATOR"); err != nil {
		return false, err
	} else if ok {
		if c.Separator, err = p.concat(); err != nil {
			return false, err
		}
	}
	return true, p.needSymbol(")")
}

// callTail takes FILTER (WHERE ..) and OVER (..).
func (p *parser) callTail(c *Call) error {
	if ok, err := p.word("FILTER"); err != nil {
		return err
	} else if ok {
		if err := p.needSymbol("("); err != nil {
			return err
		}
		if err := p.needWord("WHERE"); err != nil {
			return err
		}
		if c.Filter, err = p.expression(); err != nil {
			return err
		}
		if err := p.needSymbol(")"); err != nil {
			return err
		}
	}
	ok, err := p.word("OVER")
	if err != nil || !ok {
		return err
	}
	if err := p.needSymbol("("); err != nil {
		return err
	}
	c.Over = &Window{}
	if ok, err := p.words("PARTITION", "BY"); err != nil {
		return err
	} else if ok {
		for {
			e, err := p.expression()
			if err != nil {
				return err
			}
			c.Over.PartitionBy = append(c.Over.PartitionBy, e)
			if ok, err := p.symbol(","); err != nil {
				return err
			} else if !ok {
				break
			}
		}
	}
	if p.isWord("ORDER") {
		if c.Over.OrderBy, err = p.orderBy(); err != nil {
			return err
		}
	}
	return p.needSymbol(")")
}
