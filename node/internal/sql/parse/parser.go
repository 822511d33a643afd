package parse

import (
	"strconv"
	"strings"
)

// MaxDepth bounds how deep expressions, queries and joins may nest.
const MaxDepth = 150

// MaxLength bounds the text of a request in bytes; 16 MiB holds any INSERT worth sending.
const MaxLength = 16 << 20

// Parsed is one statement with the number of parameters it takes.
type Parsed struct {
	Statement Statement
	Params    int
}

// One reads the only statement of a request. A semicolon may end it; what follows one, a comment too, is a second
// statement to Ignite, which its clients' protocol refuses. The error is an *Error or an *Unsupported.
func One(sql string) (Parsed, error) {
	if len(sql) > MaxLength {
		return Parsed{}, unsupported("The statement is too long [length=%d, max=%d]", len(sql), MaxLength)
	}
	p := &parser{lex: lexer{sql: sql}, sql: sql}
	if err := p.advance(); err != nil {
		return Parsed{}, err
	}
	if p.isSymbol(";") && p.more() {
		return Parsed{}, errSeveralStatements()
	}
	stmt, err := p.statement()
	if err != nil {
		return Parsed{}, err
	}
	switch {
	case p.isSymbol(";") && p.more():
		return Parsed{}, errSeveralStatements()
	case p.tok.kind != tokenEOF && !p.isSymbol(";"):
		return Parsed{}, p.unexpected("")
	}
	return Parsed{Statement: stmt, Params: p.params}, nil
}

func errSeveralStatements() error {
	return unsupported("Multiple statements queries are not supported.")
}

// more reports whether anything but white space follows the token.
func (p *parser) more() bool { return strings.TrimSpace(p.sql[p.tok.end:]) != "" }

// parser is a recursive descent parser with one token of look-ahead and, rarely, a saved position.
type parser struct {
	lex        lexer
	sql        string
	tok        token
	depth      int
	params     int
	positional int
}

func (p *parser) advance() error {
	t, err := p.lex.next()
	if err != nil {
		return err
	}
	p.tok = t
	return nil
}

// mark and reset allow to look ahead further than one token.
func (p *parser) mark() (int, token) { return p.lex.pos, p.tok }

func (p *parser) reset(pos int, t token) { p.lex.pos, p.tok = pos, t }

func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return &Error{
			SQL: p.sql, Pos: p.tok.pos, End: p.tok.end, Code: 42000,
			Reason: "The statement is nested too deeply [max=" + strconv.Itoa(MaxDepth) + "]",
		}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) unexpected(expected string) error {
	code := 42000
	if expected != "" {
		code = 42001
	}
	return &Error{SQL: p.sql, Pos: p.tok.pos, End: p.tok.end, Expected: expected, Code: code}
}

func (p *parser) isWord(words ...string) bool {
	if p.tok.kind != tokenWord {
		return false
	}
	for _, w := range words {
		if p.tok.text == w {
			return true
		}
	}
	return false
}

func (p *parser) isSymbol(s string) bool { return p.tok.kind == tokenSymbol && p.tok.text == s }

// word takes the given keyword when it is next.
func (p *parser) word(w string) (bool, error) {
	if !p.isWord(w) {
		return false, nil
	}
	return true, p.advance()
}

// words takes a sequence of keywords, all or none.
func (p *parser) words(seq ...string) (bool, error) {
	pos, t := p.mark()
	for _, w := range seq {
		ok, err := p.word(w)
		if err != nil {
			return false, err
		}
		if !ok {
			p.reset(pos, t)
			return false, nil
		}
	}
	return true, nil
}

func (p *parser) symbol(s string) (bool, error) {
	if !p.isSymbol(s) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) needWord(w string) error {
	if !p.isWord(w) {
		return p.unexpected(w)
	}
	return p.advance()
}

func (p *parser) needSymbol(s string) error {
	if !p.isSymbol(s) {
		return p.unexpected(s)
	}
	return p.advance()
}

// reserved words end a name; everything else may be a name without quotes.
var reserved = map[string]bool{
	"SELECT": true, "FROM": true, "WHERE": true, "GROUP": true, "HAVING": true, "ORDER": true, "LIMIT": true, "OFFSET": true,
	"FETCH": true, "UNION": true, "EXCEPT": true, "MINUS": true, "INTERSECT": true, "JOIN": true, "INNER": true, "LEFT": true,
	"RIGHT": true, "FULL": true, "CROSS": true, "NATURAL": true, "ON": true, "USING": true, "AS": true, "AND": true, "OR": true,
	"NOT": true, "NULL": true, "IS": true, "IN": true, "LIKE": true, "REGEXP": true, "BETWEEN": true, "EXISTS": true, "CASE": true,
	"WHEN": true, "THEN": true, "ELSE": true, "END": true, "DISTINCT": true, "ALL": true, "TRUE": true, "FALSE": true, "SET": true,
	"VALUES": true, "WITH": true, "FOR": true, "PRIMARY": true, "UNIQUE": true, "CHECK": true, "CONSTRAINT": true, "FOREIGN": true,
	"USE": true, "OUTER": true, "CAST": true, "DEFAULT": true, "INTO": true, "QUALIFY": true, "WINDOW": true,
}

func (p *parser) atName() bool {
	return p.tok.kind == tokenQuoted || p.tok.kind == tokenWord && !reserved[p.tok.text]
}

// name takes an identifier.
func (p *parser) name() (string, error) {
	if !p.atName() {
		return "", p.unexpected("identifier")
	}
	n := p.tok.text
	return n, p.advance()
}

// tableName takes [schema .] name.
func (p *parser) tableName() (TableName, error) {
	first, err := p.name()
	if err != nil {
		return TableName{}, err
	}
	if dot, err := p.symbol("."); err != nil || !dot {
		return TableName{Name: first}, err
	}
	second, err := p.name()
	return TableName{Schema: first, Name: second}, err
}

// nameList takes ( name , ... ).
func (p *parser) nameList() ([]string, error) {
	if err := p.needSymbol("("); err != nil {
		return nil, err
	}
	var names []string
	for {
		n, err := p.name()
		if err != nil {
			return nil, err
		}
		names = append(names, n)
		more, err := p.listGoesOn()
		if err != nil || !more {
			return names, err
		}
	}
}

// listGoesOn takes "," (true) or ")" (false).
func (p *parser) listGoesOn() (bool, error) {
	if ok, err := p.symbol(","); ok || err != nil {
		return ok, err
	}
	if ok, err := p.symbol(")"); ok || err != nil {
		return false, err
	}
	return false, p.unexpected(",, )")
}

// listGoesOnOrEnds is listGoesOn for lists that may have a comma behind their last element.
func (p *parser) listGoesOnOrEnds() (bool, error) {
	more, err := p.listGoesOn()
	if err != nil || !more || !p.isSymbol(")") {
		return more, err
	}
	return false, p.advance()
}

// integer takes an unsigned whole number.
func (p *parser) integer() (int, error) {
	if p.tok.kind != tokenInteger {
		return 0, p.unexpected("integer")
	}
	n, err := strconv.ParseInt(p.tok.text, 10, 32)
	if err != nil {
		return 0, p.unexpected("integer")
	}
	return int(n), p.advance()
}

// statement takes one statement, by its first word.
func (p *parser) statement() (Statement, error) {
	if p.isSymbol("(") {
		return p.query()
	}
	if p.tok.kind != tokenWord {
		return nil, p.unexpected("SELECT, INSERT, MERGE, UPDATE, DELETE, CREATE, DROP, ALTER")
	}
	switch p.tok.text {
	case "SELECT", "VALUES", "WITH":
		return p.query()
	case "INSERT", "MERGE":
		return p.insert()
	case "UPDATE":
		return p.update()
	case "DELETE":
		return p.delete()
	case "CREATE":
		return p.create()
	case "DROP":
		return p.drop()
	case "ALTER":
		return p.alter()
	case "BEGIN", "START", "COMMIT", "ROLLBACK", "GRANT", "REVOKE", "CALL", "SAVEPOINT", "SHOW":
		return nil, unsupported("Failed to parse SQL statement \"%s[*]%s\": %s command is not supported",
			p.sql[:p.tok.pos], p.sql[p.tok.pos:], p.tok.text)
	case "EXPLAIN", "TRUNCATE", "COPY", "KILL", "ANALYZE", "REFRESH", "SCRIPT", "RUNSCRIPT", "SHUTDOWN", "COMMENT", "REPLACE":
		return nil, p.unsupportedStatement()
	case "SET":
		return nil, unsupported("SET command is not supported by the embedded node: %s", p.rest())
	}
	return nil, p.unexpected("SELECT, INSERT, MERGE, UPDATE, DELETE, CREATE, DROP, ALTER, WITH, VALUES, (")
}

func (p *parser) rest() string { return strings.TrimSpace(p.sql[p.tok.pos:]) }

func (p *parser) unsupportedStatement() error {
	return unsupported("Unsupported statement: %s", strings.TrimSpace(p.sql))
}
