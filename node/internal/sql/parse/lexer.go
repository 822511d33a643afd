package parse

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEOF     tokenKind = iota
	tokenWord              // unquoted name or keyword, text in upper case
	tokenQuoted            // "quoted name", text as written
	tokenString            // 'string', text unescaped
	tokenBytes             // X'0102', text holds the hexadecimal digits
	tokenInteger           // 42
	tokenDecimal           // 4.2
	tokenDouble            // 4.2e1
	tokenParam             // ? or ?1, text holds the digits
	tokenSymbol            // operator or punctuation
)

type token struct {
	kind     tokenKind
	text     string
	pos, end int
}

// lexer cuts a statement into tokens. Comments and white space are dropped.
type lexer struct {
	sql string
	pos int
}

func (l *lexer) fail(pos, end int) error {
	return &Error{SQL: l.sql, Pos: pos, End: end, Code: 42000}
}

// next gives the next token; at the end of the text a token of kind tokenEOF.
func (l *lexer) next() (token, error) {
	if err := l.skipSpace(); err != nil {
		return token{}, err
	}
	start := l.pos
	if start >= len(l.sql) {
		return token{kind: tokenEOF, pos: start, end: start}, nil
	}
	c := l.sql[start]
	switch {
	case c == '\'':
		return l.quoted('\'', tokenString, start)
	case c == '"' || c == '`':
		return l.quoted(c, tokenQuoted, start)
	case c == '?':
		l.pos++
		for l.pos < len(l.sql) && isDigit(l.sql[l.pos]) {
			l.pos++
		}
		return l.token(tokenParam, start, l.sql[start+1:l.pos]), nil
	case c == '0' && hexadecimal(l.sql[start:]) > 0:
		l.pos += 2 + hexadecimal(l.sql[start:])
		n, err := strconv.ParseUint(l.sql[start+2:l.pos], 16, 63)
		if err != nil {
			return token{}, l.fail(start, l.pos)
		}
		return l.token(tokenInteger, start, strconv.FormatUint(n, 10)), nil
	case (c == 'n' || c == 'N' || c == 'e' || c == 'E') && start+1 < len(l.sql) && l.sql[start+1] == '\'':
		l.pos++ // N'text' and E'text' are 'text'
		return l.quoted('\'', tokenString, start)
	case isDigit(c), c == '.' && start+1 < len(l.sql) && isDigit(l.sql[start+1]):
		return l.number(start)
	case (c == 'x' || c == 'X') && start+1 < len(l.sql) && l.sql[start+1] == '\'':
		l.pos++
		return l.bytes(start)
	}
	r, size := utf8.DecodeRuneInString(l.sql[start:])
	if isNameStart(r) {
		l.pos += size
		for l.pos < len(l.sql) {
			r, size = utf8.DecodeRuneInString(l.sql[l.pos:])
			if !isNameStart(r) && !unicode.IsDigit(r) && r != '$' {
				break
			}
			l.pos += size
		}
		return l.token(tokenWord, start, strings.ToUpper(l.sql[start:l.pos])), nil
	}
	return l.symbol(start)
}

func (l *lexer) token(kind tokenKind, start int, text string) token {
	return token{kind: kind, text: text, pos: start, end: l.pos}
}

func (l *lexer) skipSpace() error {
	for l.pos < len(l.sql) {
		rest := l.sql[l.pos:]
		switch {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest) - 1
			}
			l.pos += n + 1
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest, "*/")
			if n < 0 {
				return l.fail(l.pos, l.pos)
			}
			l.pos += n + 2
		default:
			r, size := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) {
				return nil
			}
			l.pos += size
		}
	}
	return nil
}

// quoted reads a string or a quoted name; the quote is written twice to stand for itself.
func (l *lexer) quoted(quote byte, kind tokenKind, start int) (token, error) {
	var b strings.Builder
	i := l.pos + 1
	for i < len(l.sql) {
		if l.sql[i] != quote {
			b.WriteByte(l.sql[i])
			i++
			continue
		}
		if i+1 < len(l.sql) && l.sql[i+1] == quote {
			b.WriteByte(quote)
			i += 2
			continue
		}
		l.pos = i + 1
		return l.token(kind, start, b.String()), nil
	}
	return token{}, l.fail(start, start)
}

func (l *lexer) bytes(start int) (token, error) {
	t, err := l.quoted('\'', tokenBytes, start)
	if err != nil {
		return t, err
	}
	if len(t.text)%2 != 0 || strings.Trim(t.text, "0123456789abcdefABCDEF") != "" {
		return t, &Error{
			SQL: l.sql, Pos: start, End: t.end, Code: 90004,
			Reason: "Hexadecimal string contains non-hex character or has an odd length: \"" + t.text + "\"",
		}
	}
	return t, nil
}

func (l *lexer) number(start int) (token, error) {
	kind := tokenInteger
	digits := func() {
		for l.pos < len(l.sql) && isDigit(l.sql[l.pos]) {
			l.pos++
		}
	}
	digits()
	if l.pos < len(l.sql) && l.sql[l.pos] == '.' {
		kind = tokenDecimal
		l.pos++
		digits()
	}
	if l.pos < len(l.sql) && (l.sql[l.pos] == 'e' || l.sql[l.pos] == 'E') {
		mark := l.pos
		l.pos++
		if l.pos < len(l.sql) && (l.sql[l.pos] == '+' || l.sql[l.pos] == '-') {
			l.pos++
		}
		from := l.pos
		digits()
		if l.pos == from {
			l.pos = mark
			return token{}, l.fail(start, mark+1)
		}
		kind = tokenDouble
	}
	if l.pos < len(l.sql) {
		if r, _ := utf8.DecodeRuneInString(l.sql[l.pos:]); isNameStart(r) {
			return token{}, l.fail(start, l.pos+1)
		}
	}
	return l.token(kind, start, l.sql[start:l.pos]), nil
}

func (l *lexer) symbol(start int) (token, error) {
	if start+1 < len(l.sql) {
		switch two := l.sql[start : start+2]; two {
		case "<=", ">=", "<>", "!=", "||", "==", "::", "!~":
			l.pos += 2
			if two == "!=" {
				two = "<>"
			}
			return l.token(tokenSymbol, start, two), nil
		}
	}
	switch c := l.sql[start]; c {
	case '+', '-', '*', '/', '%', '=', '<', '>', '(', ')', ',', '.', ';', '[', ']', '{', '}', ':', '~', '&', '|', '^':
		l.pos++
		return l.token(tokenSymbol, start, string(c)), nil
	}
	return token{}, l.fail(start, start+1)
}

// hexadecimal gives the number of digits behind 0x, 0 when the text does not begin with 0x and a digit.
func hexadecimal(s string) int {
	if len(s) < 3 || s[1]|0x20 != 'x' {
		return 0
	}
	n := strings.IndexFunc(s[2:], func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	if n < 0 {
		n = len(s) - 2
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(r rune) bool {
	return r == '_' || r == '@' || r != utf8.RuneError && unicode.IsLetter(r)
}
