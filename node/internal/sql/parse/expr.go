package parse

import "strconv"

// expression takes an OR expression, the weakest binding.
func (p *parser) expression() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.leftAssociative(p.and, "OR")
}

func (p *parser) and() (Expr, error) { return p.leftAssociative(p.not, "AND") }

// leftAssociative takes operand (word operand)*.
func (p *parser) leftAssociative(operand func() (Expr, error), word string) (Expr, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		ok, err := p.word(word)
		if err != nil || !ok {
			return left, err
		}
		if n > maxChain {
			return nil, p.tooLong()
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = &Binary{Op: word, L: left, R: right}
	}
}

// maxChain bounds chains such as a AND b AND c: the tree of a chain is as deep as the chain is long.
const maxChain = 900

func (p *parser) tooLong() error {
	return &Error{
		SQL: p.sql, Pos: p.tok.pos, End: p.tok.end, Code: 42000,
		Reason: "The expression is too long [operators=" + strconv.Itoa(maxChain) + "]",
	}
}

func (p *parser) not() (Expr, error) {
	ok, err := p.word("NOT")
	if err != nil {
		return nil, err
	}
	if !ok {
		return p.condition()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.not()
	if err != nil {
		return nil, err
	}
	return &Unary{Op: "NOT", X: x}, nil
}

// condition takes an operand and any comparison behind it.
func (p *parser) condition() (Expr, error) {
	if ok, err := p.word("EXISTS"); err != nil {
		return nil, err
	} else if ok {
		q, err := p.parenQuery()
		if err != nil {
			return nil, err
		}
		return &Exists{Query: q}, nil
	}
	x, err := p.concat()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		if n > maxChain {
			return nil, p.tooLong()
		}
		next, err := p.comparison(x)
		if err != nil {
			return nil, err
		}
		if next == nil {
			return x, nil
		}
		x = next
	}
}

// comparison takes one comparison with x on its left, or nothing (nil).
func (p *parser) comparison(x Expr) (Expr, error) {
	if p.tok.kind == tokenSymbol {
		switch op := p.tok.text; op {
		case "=", "==", "<>", "<", "<=", ">", ">=":
			if err := p.advance(); err != nil {
				return nil, err
			}
			if in, err := p.quantified(x, op); in != nil || err != nil {
				return in, err
			}
			r, err := p.concat()
			if err != nil {
				return nil, err
			}
			if op == "==" {
				op = "="
			}
			return &Binary{Op: op, L: x, R: r}, nil
		case "~", "!~":
			return p.matches(x)
		}
		return nil, nil
	}
	if ok, err := p.word("IS"); err != nil {
		return nil, err
	} else if ok {
		return p.is(x)
	}
	pos, t := p.mark()
	not, err := p.word("NOT")
	if err != nil {
		return nil, err
	}
	switch {
	case p.isWord("LIKE", "ILIKE", "REGEXP"):
		return p.like(x, not)
	case p.isWord("BETWEEN"):
		return p.between(x, not)
	case p.isWord("IN"):
		return p.in(x, not)
	}
	p.reset(pos, t)
	return nil, nil
}

// quantified takes ANY, SOME or ALL (query) behind a comparison; nil when something else stands there. = ANY and
// = SOME are IN; Ignite has no other.
func (p *parser) quantified(x Expr, op string) (Expr, error) {
	if !p.isWord("ANY", "SOME", "ALL") {
		return nil, nil
	}
	pos, t := p.mark()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.isSymbol("(") {
		p.reset(pos, t)
		return nil, nil
	}
	if !p.atQuery() {
		if err := p.advance(); err != nil {
			return nil, err
		}
		return nil, p.unexpected("(, WITH, SELECT, FROM")
	}
	if t.text == "ALL" || op != "=" {
		return nil, &Unsupported{Message: "Unsupported query: " + Text(x) + " " + op + " " + t.text + "(...)", General: true}
	}
	q, err := p.parenQuery()
	if err != nil {
		return nil, err
	}
	return &In{X: x, Query: q}, nil
}

// matches takes ~, ~*, !~ or !~* and a regular expression.
func (p *parser) matches(x Expr) (Expr, error) {
	l := &Like{X: x, Not: p.isSymbol("!~"), Regexp: true}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err error
	if l.IgnoreCase, err = p.symbol("*"); err != nil {
		return nil, err
	}
	l.Pattern, err = p.concat()
	return l, err
}

func (p *parser) is(x Expr) (Expr, error) {
	not, err := p.word("NOT")
	if err != nil {
		return nil, err
	}
	switch {
	case p.isWord("NULL"):
		return &IsNull{X: x, Not: not}, p.advance()
	case p.isWord("TRUE", "FALSE"):
		lit := &Literal{Kind: LiteralBool, Text: p.tok.text}
		return &IsDistinct{L: x, R: lit, Not: !not}, p.advance()
	case p.isWord("DISTINCT"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.needWord("FROM"); err != nil {
			return nil, err
		}
		r, err := p.concat()
		if err != nil {
			return nil, err
		}
		return &IsDistinct{L: x, R: r, Not: not}, nil
	}
	return nil, p.unexpected("NULL, TRUE, FALSE, DISTINCT")
}

func (p *parser) like(x Expr, not bool) (Expr, error) {
	l := &Like{X: x, Not: not, Regexp: p.isWord("REGEXP"), IgnoreCase: p.isWord("ILIKE")}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err error
	if l.Pattern, err = p.concat(); err != nil {
		return nil, err
	}
	if ok, err := p.word("ESCAPE"); err != nil {
		return nil, err
	} else if ok {
		if l.Escape, err = p.concat(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (p *parser) between(x Expr, not bool) (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	low, err := p.concat()
	if err != nil {
		return nil, err
	}
	if err := p.needWord("AND"); err != nil {
		return nil, err
	}
	high, err := p.concat()
	if err != nil {
		return nil, err
	}
	return &Between{X: x, Low: low, High: high, Not: not}, nil
}

func (p *parser) in(x Expr, not bool) (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	in := &In{X: x, Not: not}
	if p.atQuery() {
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		in.Query = q
		return in, p.needSymbol(")")
	}
	if ok, err := p.symbol(")"); ok || err != nil {
		return in, err
	}
	var err error
	in.List, err = p.expressionsToParen()
	return in, err
}

// expressionsToParen takes expressions up to and with the closing parenthesis.
func (p *parser) expressionsToParen() ([]Expr, error) {
	var list []Expr
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		more, err := p.listGoesOn()
		if err != nil || !more {
			return list, err
		}
	}
}

func (p *parser) concat() (Expr, error) { return p.binary(p.sum, "||") }

func (p *parser) sum() (Expr, error) { return p.binary(p.product, "+", "-") }

func (p *parser) product() (Expr, error) { return p.binary(p.unary, "*", "/", "%") }

// binary takes operand (op operand)* for the given symbols.
func (p *parser) binary(operand func() (Expr, error), ops ...string) (Expr, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op := ""
		for _, o := range ops {
			if p.isSymbol(o) {
				op = o
			}
		}
		if op == "" {
			return left, nil
		}
		if n > maxChain {
			return nil, p.tooLong()
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = &Binary{Op: op, L: left, R: right}
	}
}

func (p *parser) unary() (Expr, error) {
	if !p.isSymbol("-") && !p.isSymbol("+") {
		return p.postfix()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	op := p.tok.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	if op == "+" {
		return x, nil
	}
	if l, ok := x.(*Literal); ok && l.Kind >= LiteralInteger && l.Kind <= LiteralDouble {
		if l.Text[0] == '-' {
			return &Literal{Kind: l.Kind, Text: l.Text[1:]}, nil
		}
		return &Literal{Kind: l.Kind, Text: "-" + l.Text}, nil
	}
	return &Unary{Op: "-", X: x}, nil
}

// postfix takes a primary expression and any ::type behind it.
func (p *parser) postfix() (Expr, error) {
	x, err := p.primary()
	if err != nil {
		return nil, err
	}
	for n := 0; p.isSymbol("::"); n++ {
		if n > maxChain {
			return nil, p.tooLong()
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		t, err := p.typeName()
		if err != nil {
			return nil, err
		}
		x = &Cast{X: x, Type: t}
	}
	return x, nil
}
