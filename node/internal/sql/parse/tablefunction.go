package parse

// tableFunction takes the arguments of a function in FROM, behind its name, and an alias.
func (p *parser) tableFunction(name string) (TableRef, error) {
	switch name {
	case "SYSTEM_RANGE", "GENERATE_SERIES":
		d, err := p.systemRange()
		if err != nil {
			return nil, err
		}
		alias, err := p.alias()
		if alias != "" {
			d.Alias = alias
		}
		return d, err
	case "TABLE", "TABLE_DISTINCT":
		return p.tableOfArrays(name == "TABLE_DISTINCT")
	}
	return nil, &Error{SQL: p.sql, Pos: p.tok.pos, End: p.tok.end, Reason: "Function \"" + name + "\" not found", Code: 90022}
}

// tableOfArrays takes (name type = values, ...) and an alias.
func (p *parser) tableOfArrays(distinct bool) (TableRef, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	f := &TableFunction{Distinct: distinct}
	for {
		var c ArrayColumn
		var err error
		if c.Name, err = p.name(); err != nil {
			return nil, err
		}
		if c.Type, err = p.typeName(); err != nil {
			return nil, err
		}
		if err := p.needSymbol("="); err != nil {
			return nil, err
		}
		if c.Values, err = p.arrayValues(); err != nil {
			return nil, err
		}
		f.Columns = append(f.Columns, c)
		more, err := p.listGoesOn()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	var err error
	if f.Alias, err = p.alias(); f.Alias == "" {
		f.Alias = "TABLE"
	}
	return f, err
}

// arrayValues takes (a, b, ...), which may be empty, or one expression.
func (p *parser) arrayValues() (Expr, error) {
	pos, t := p.mark()
	if ok, err := p.symbol("("); err != nil {
		return nil, err
	} else if ok {
		if ok, err := p.symbol(")"); ok || err != nil {
			return &Row{}, err
		}
		p.reset(pos, t)
	}
	return p.concat()
}

// Dual is the table with one row, whose only column is X with the value 1.
func Dual(alias string) *Derived {
	if alias == "" {
		alias = "DUAL"
	}
	one := &Cast{X: &Literal{Kind: LiteralInteger, Text: "1"}, Type: TypeName{Name: "BIGINT", Precision: -1, Scale: -1}}
	return &Derived{Alias: alias, Query: &Query{Body: &Select{Items: []Item{{Expr: one, Alias: "X"}}}}}
}

// rangeName names the recursive query of a range; no statement can write a lower case name without quotes.
const rangeName = "system range"

// systemRange takes (first, last [, step]).
func (p *parser) systemRange() (*Derived, error) {
	at := p.tok
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	args, err := p.expressionsToParen()
	if err != nil {
		return nil, err
	}
	if len(args) < 2 || len(args) > 3 {
		return nil, &Error{SQL: p.sql, Pos: at.pos, End: at.end, Expected: "first, last [, step]", Code: 42001}
	}
	long := TypeName{Name: "BIGINT", Precision: -1, Scale: -1}
	zero := &Literal{Kind: LiteralInteger, Text: "0"}
	for i, a := range args {
		args[i] = &Cast{X: &Call{Name: "COALESCE", Args: []Expr{a, zero}}, Type: long}
	}
	var step Expr = &Cast{X: &Literal{Kind: LiteralInteger, Text: "1"}, Type: long}
	if len(args) == 3 {
		step = args[2]
		if l, ok := step.(*Cast).X.(*Call).Args[0].(*Literal); ok && l.Text == "0" {
			return nil, &Error{SQL: p.sql, Pos: at.pos, End: at.end, Reason: "Step size must not be zero", Code: 90142}
		}
	}
	x := &Column{Name: "X"}
	// within says that a value is not behind the last one, whatever the direction.
	within := func(v, last Expr) Expr {
		up := &Binary{Op: "AND", L: &Binary{Op: ">", L: step, R: zero}, R: &Binary{Op: "<=", L: v, R: last}}
		down := &Binary{Op: "AND", L: &Binary{Op: "<", L: step, R: zero}, R: &Binary{Op: ">=", L: v, R: last}}
		return &Binary{Op: "OR", L: up, R: down}
	}
	first := &Select{Items: []Item{{Expr: args[0]}}, Where: within(args[0], args[1])}
	next := &Select{
		Items: []Item{{Expr: &Binary{Op: "+", L: x, R: step}}},
		From:  []TableRef{&Table{Name: TableName{Name: rangeName}}},
		Where: within(x, &Binary{Op: "-", L: args[1], R: step}),
	}
	return &Derived{Alias: "SYSTEM_RANGE", Query: &Query{
		With: []CTE{{
			Name: rangeName, Columns: []string{"X"},
			Query: &Query{Body: &SetOp{Op: "UNION ALL", Left: first, Right: next}},
		}},
		Recursive: true,
		Body:      &Select{Items: []Item{{Expr: x}}, From: []TableRef{&Table{Name: TableName{Name: rangeName}}}},
	}}, nil
}

// TableFunction is TABLE(name type = values, ...): a table whose columns are arrays.
type TableFunction struct {
	Columns  []ArrayColumn
	Distinct bool
	Alias    string
}

// ArrayColumn is a column of a TableFunction; Values is a Row, a single value, or a parameter that holds an array.
type ArrayColumn struct {
	Name   string
	Type   TypeName
	Values Expr
}
