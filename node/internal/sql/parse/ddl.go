package parse

import "strings"

func (p *parser) create() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.isWord("LOCAL", "GLOBAL", "TEMPORARY", "TEMP") {
		return nil, p.temporary()
	}
	for _, w := range []string{"CACHED", "MEMORY", "SPATIAL"} {
		if _, err := p.word(w); err != nil {
			return nil, err
		}
	}
	switch {
	case p.isWord("TABLE"):
		return p.createTable()
	case p.isWord("INDEX"):
		return p.createIndex()
	case p.isWord("USER"):
		return nil, errNoSecurity()
	case p.tok.kind == tokenWord:
		return nil, p.unsupportedStatement()
	}
	return nil, p.unexpected("TABLE, INDEX")
}

// temporary refuses CREATE [LOCAL | GLOBAL] TEMPORARY TABLE, in Ignite's words.
func (p *parser) temporary() error {
	if p.isWord("LOCAL") {
		return unsupported("TEMPORARY keyword is not supported")
	}
	return unsupported("GLOBAL TEMPORARY keyword is not supported")
}

func (p *parser) drop() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch {
	case p.isWord("TABLE"):
		return p.dropTable()
	case p.isWord("INDEX"):
		s := &DropIndex{}
		if err := p.advance(); err != nil {
			return nil, err
		}
		var err error
		if s.IfExists, err = p.words("IF", "EXISTS"); err != nil {
			return nil, err
		}
		n, err := p.tableName()
		s.Schema, s.Name = n.Schema, n.Name
		return s, err
	case p.isWord("USER"):
		return nil, errNoSecurity()
	case p.tok.kind == tokenWord:
		return nil, p.unsupportedStatement()
	}
	return nil, p.unexpected("TABLE, INDEX")
}

// dropTable takes DROP TABLE [IF EXISTS] name [, name ...] [IF EXISTS] [CASCADE | RESTRICT].
func (p *parser) dropTable() (Statement, error) {
	s := &DropTable{}
	if err := p.advance(); err != nil {
		return nil, err
	}
	before, err := p.words("IF", "EXISTS")
	if err != nil {
		return nil, err
	}
	for {
		t, err := p.tableName()
		if err != nil {
			return nil, err
		}
		s.Tables = append(s.Tables, t)
		if ok, err := p.symbol(","); err != nil {
			return nil, err
		} else if !ok {
			break
		}
	}
	behind, err := p.words("IF", "EXISTS")
	s.IfExists = before || behind
	if err == nil && p.isWord("CASCADE", "RESTRICT") {
		err = p.advance()
	}
	return s, err
}

func (p *parser) createIndex() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &CreateIndex{InlineSize: -1}
	var err error
	if s.IfNotExists, err = p.words("IF", "NOT", "EXISTS"); err != nil {
		return nil, err
	}
	if !p.isWord("ON") {
		n, err := p.tableName()
		if err != nil {
			return nil, err
		}
		s.Schema, s.Name = n.Schema, n.Name
	}
	if err := p.needWord("ON"); err != nil {
		return nil, err
	}
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	for {
		var c IndexColumn
		if c.Name, err = p.name(); err != nil {
			return nil, err
		}
		if c.Desc, err = p.word("DESC"); err != nil {
			return nil, err
		}
		if _, err = p.word("ASC"); err != nil {
			return nil, err
		}
		s.Columns = append(s.Columns, c)
		more, err := p.listGoesOn()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return s, p.indexTail(s)
}

func (p *parser) indexTail(s *CreateIndex) error {
	for p.isWord("INLINE_SIZE", "PARALLEL") {
		inline := p.isWord("INLINE_SIZE")
		if err := p.advance(); err != nil {
			return err
		}
		n, err := p.integer()
		if err != nil {
			return err
		}
		if inline {
			s.InlineSize = n
		}
	}
	return nil
}

func (p *parser) alter() (Statement, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.isWord("USER") {
		return nil, errNoSecurity()
	}
	if !p.isWord("TABLE") {
		return nil, p.unsupportedStatement()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &AlterTable{}
	var err error
	if s.IfExists, err = p.words("IF", "EXISTS"); err != nil {
		return nil, err
	}
	if s.Table, err = p.tableName(); err != nil {
		return nil, err
	}
	switch {
	case p.isWord("ADD"):
		return s, p.alterAdd(s)
	case p.isWord("DROP"):
		return s, p.alterDrop(s)
	case p.isWord("ALTER"):
		return nil, unsupported("ALTER COLUMN is not supported")
	case p.tok.kind == tokenWord:
		return nil, p.unsupportedStatement()
	}
	return nil, p.unexpected("ADD, DROP")
}

func (p *parser) alterAdd(s *AlterTable) error {
	if err := p.advance(); err != nil {
		return err
	}
	if p.isWord("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK") {
		return p.unsupportedStatement()
	}
	if _, err := p.word("COLUMN"); err != nil {
		return err
	}
	var err error
	if s.IfNotExistsCol, err = p.words("IF", "NOT", "EXISTS"); err != nil {
		return err
	}
	paren, err := p.symbol("(")
	if err != nil {
		return err
	}
	for {
		c, pk, err := p.columnDef()
		if err != nil {
			return err
		}
		if pk {
			return unsupported("ALTER TABLE ADD COLUMN with PRIMARY KEY is not supported")
		}
		if c.Default != nil {
			return unsupported("ALTER TABLE ADD COLUMN with DEFAULT value is not supported [col=%s]", c.Name)
		}
		s.Add = append(s.Add, c)
		if !paren {
			return nil
		}
		if more, err := p.listGoesOn(); err != nil || !more {
			return err
		}
	}
}

func (p *parser) alterDrop(s *AlterTable) error {
	if err := p.advance(); err != nil {
		return err
	}
	if p.isWord("CONSTRAINT", "PRIMARY") {
		return p.unsupportedStatement()
	}
	if _, err := p.word("COLUMN"); err != nil {
		return err
	}
	var err error
	if s.IfExistsCol, err = p.words("IF", "EXISTS"); err != nil {
		return err
	}
	if p.isSymbol("(") {
		s.Drop, err = p.nameList()
		return err
	}
	for {
		n, err := p.name()
		if err != nil {
			return err
		}
		s.Drop = append(s.Drop, n)
		if ok, err := p.symbol(","); err != nil || !ok {
			return err
		}
	}
}

// withOptions takes WITH "a=1,b=2" or WITH a=1... in one or more quoted strings.
func (p *parser) withOptions() ([]Option, error) {
	ok, err := p.word("WITH")
	if err != nil || !ok {
		return nil, err
	}
	var options []Option
	for {
		if p.tok.kind != tokenQuoted {
			return nil, p.unexpected("\"name=value,...\" in double quotes")
		}
		for _, part := range strings.Split(strings.TrimRight(p.tok.text, ","), ",") {
			name, value, has := strings.Cut(part, "=")
			options = append(options, Option{Name: strings.ToUpper(strings.TrimSpace(name)), Value: strings.TrimSpace(value), HasValue: has, Text: part})
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if ok, err := p.symbol(","); err != nil || !ok {
			return options, err
		}
	}
}
