package parse

func (p *parser) createTable() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &CreateTable{}
	var err error
	if s.IfNotExists, err = p.words("IF", "NOT", "EXISTS"); err != nil {
		return nil, err
	}
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	if p.isWord("AS") {
		return nil, unsupported("CREATE TABLE ... AS ... syntax is not supported")
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	for {
		if err := p.tableElement(s); err != nil {
			return nil, err
		}
		more, err := p.listGoesOnOrEnds()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if err := p.engine(); err != nil {
		return nil, err
	}
	if s.Options, err = p.withOptions(); err != nil {
		return nil, err
	}
	if p.isWord("AS") {
		return nil, unsupported("CREATE TABLE ... AS ... syntax is not supported")
	}
	return s, nil
}

// engine takes and drops ENGINE [=] name, which means nothing to Ignite either.
func (p *parser) engine() error {
	ok, err := p.word("ENGINE")
	if err != nil || !ok {
		return err
	}
	if _, err := p.symbol("="); err != nil {
		return err
	}
	_, err = p.name()
	return err
}

// comment takes and drops COMMENT 'text', or nothing.
func (p *parser) comment() error {
	ok, err := p.word("COMMENT")
	if err != nil || !ok {
		return err
	}
	if p.tok.kind != tokenString {
		return p.unexpected("string")
	}
	return p.advance()
}

// tableElement takes one column or one constraint.
func (p *parser) tableElement(s *CreateTable) error {
	if ok, err := p.word("CONSTRAINT"); err != nil {
		return err
	} else if ok {
		if _, err := p.name(); err != nil {
			return err
		}
		if !p.isWord("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") {
			return p.unexpected("PRIMARY, UNIQUE, FOREIGN, CHECK")
		}
	}
	switch {
	case p.isWord("PRIMARY"):
		if err := p.primaryKey(); err != nil {
			return err
		}
		names, err := p.nameList()
		if err != nil {
			return err
		}
		return s.setPrimaryKey(names)
	case p.isWord("UNIQUE", "FOREIGN", "CHECK"):
		return errTooManyConstraints()
	}
	c, pk, err := p.columnDef()
	if err != nil {
		return err
	}
	s.Columns = append(s.Columns, c)
	if pk {
		return s.setPrimaryKey([]string{c.Name})
	}
	return nil
}

func errTooManyConstraints() error {
	return unsupported("Too many constraints - only PRIMARY KEY is supported for CREATE TABLE")
}

func (s *CreateTable) setPrimaryKey(names []string) error {
	if s.PrimaryKey != nil {
		return errTooManyConstraints()
	}
	s.PrimaryKey = names
	return nil
}

func (p *parser) primaryKey() error {
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.needWord("KEY"); err != nil {
		return err
	}
	_, err := p.word("HASH")
	return err
}

// columnDef takes name type [NOT NULL | NULL] [DEFAULT x] [PRIMARY KEY] [COMMENT 'text'] in any order.
func (p *parser) columnDef() (c ColumnDef, pk bool, err error) {
	if c.Name, err = p.name(); err != nil {
		return c, false, err
	}
	if p.isWord("IDENTITY", "SERIAL", "BIGSERIAL") {
		return c, false, unsupported("AUTO_INCREMENT columns are not supported [colName=%s]", c.Name)
	}
	if c.Type, err = p.typeName(); err != nil {
		return c, false, err
	}
	for {
		switch {
		case p.isWord("NOT"):
			if err = p.advance(); err == nil {
				err = p.needWord("NULL")
			}
			c.NotNull = true
		case p.isWord("NULL"):
			err = p.advance()
		case p.isWord("DEFAULT"):
			if err = p.advance(); err == nil {
				c.Default, err = p.concat()
			}
		case p.isWord("PRIMARY"):
			pk = true
			err = p.primaryKey()
		case p.isWord("UNIQUE", "REFERENCES"):
			err = errTooManyConstraints()
		case p.isWord("CHECK"):
			err = unsupported("Column CHECK constraints are not supported [colName=%s]", c.Name)
		case p.isWord("AUTO_INCREMENT", "IDENTITY"):
			err = unsupported("AUTO_INCREMENT columns are not supported [colName=%s]", c.Name)
		case p.isWord("COMMENT"):
			err = p.comment()
		case p.isWord("CONSTRAINT"):
			if err = p.advance(); err == nil {
				_, err = p.name()
			}
		case p.isWord("AS"):
			err = unsupported("Computed columns are not supported [colName=%s]", c.Name)
		default:
			return c, pk, nil
		}
		if err != nil {
			return c, pk, err
		}
	}
}

// typeName takes a type with precision and scale. Unknown names are refused later, where types are known.
func (p *parser) typeName() (TypeName, error) {
	t := TypeName{Precision: -1, Scale: -1}
	if p.tok.kind != tokenWord || reserved[p.tok.text] {
		return t, p.unexpected("data type")
	}
	t.Name = p.tok.text
	if err := p.advance(); err != nil {
		return t, err
	}
	// Two-word names.
	for _, second := range []struct{ first, second, name string }{
		{"DOUBLE", "PRECISION", "DOUBLE"}, {"CHARACTER", "VARYING", "VARCHAR"}, {"CHAR", "VARYING", "VARCHAR"}, {"BINARY", "VARYING", "VARBINARY"},
	} {
		if t.Name == second.first {
			if ok, err := p.word(second.second); err != nil {
				return t, err
			} else if ok {
				t.Name = second.name
			}
		}
	}
	if _, err := p.word("UNSIGNED"); err != nil { // as in MySQL, without a meaning
		return t, err
	}
	if ok, err := p.symbol("("); err != nil || !ok {
		return t, err
	}
	var err error
	if t.Precision, err = p.integer(); err != nil {
		return t, err
	}
	if ok, err := p.symbol(","); err != nil {
		return t, err
	} else if ok {
		if t.Scale, err = p.integer(); err != nil {
			return t, err
		}
	}
	if _, err := p.word("CHAR"); err != nil {
		return t, err
	}
	if _, err := p.word("BYTE"); err != nil {
		return t, err
	}
	return t, p.needSymbol(")")
}
