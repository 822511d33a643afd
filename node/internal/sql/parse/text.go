package parse

import (
	"strconv"
	"strings"
)

// Text writes an expression the way H2 names a result column without an alias: names in upper case, operators with
// spaces around them, parentheses around inner operations.
func Text(e Expr) string {
	s := text(e)
	if strings.HasPrefix(s, "(") && closes(s) == len(s)-1 {
		return s[1 : len(s)-1]
	}
	return s
}

// closes gives the position of the parenthesis that closes the first one.
func closes(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			n := strings.IndexByte(s[i+1:], s[i])
			if n < 0 {
				return -1
			}
			i += n + 1
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func text(e Expr) string {
	switch e := e.(type) {
	case *Literal:
		return literalText(e)
	case *Param:
		return "?" + strconv.Itoa(e.Index+1)
	case *Column:
		return columnText(e)
	case *Default:
		return "DEFAULT"
	case *Unary:
		if e.Op == "NOT" {
			return "(NOT " + text(e.X) + ")"
		}
		return "(" + e.Op + " " + text(e.X) + ")"
	case *Binary:
		return "(" + text(e.L) + " " + e.Op + " " + text(e.R) + ")"
	case *IsNull:
		return "(" + text(e.X) + " IS " + notText(e.Not) + "NULL)"
	case *IsDistinct:
		return "(" + text(e.L) + " IS " + notText(e.Not) + "DISTINCT FROM " + text(e.R) + ")"
	case *Like:
		op := "LIKE"
		if e.Regexp {
			op = "REGEXP"
		}
		return "(" + text(e.X) + " " + notText(e.Not) + op + " " + text(e.Pattern) + ")"
	case *Between:
		return "(" + text(e.X) + " " + notText(e.Not) + "BETWEEN " + text(e.Low) + " AND " + text(e.High) + ")"
	case *In:
		if e.Query != nil {
			return "(" + text(e.X) + " " + notText(e.Not) + "IN(SELECT ...))"
		}
		return "(" + text(e.X) + " " + notText(e.Not) + "IN(" + textList(e.List) + "))"
	case *Exists:
		return "EXISTS(SELECT ...)"
	case *Subquery:
		return "(SELECT ...)"
	case *Row:
		return "(" + textList(e.Items) + ")"
	case *Case:
		return caseText(e)
	case *Cast:
		return "CAST(" + text(e.X) + " AS " + typeText(e.Type) + ")"
	case *Call:
		return callText(e)
	}
	return "?"
}

func notText(not bool) string {
	if not {
		return "NOT "
	}
	return ""
}

func textList(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = text(e)
	}
	return strings.Join(parts, ", ")
}

func literalText(l *Literal) string {
	quoted := "'" + strings.ReplaceAll(l.Text, "'", "''") + "'"
	switch l.Kind {
	case LiteralString:
		return quoted
	case LiteralBytes:
		return "X" + quoted
	case LiteralDate:
		return "DATE " + quoted
	case LiteralTime:
		return "TIME " + quoted
	case LiteralTimestamp:
		return "TIMESTAMP " + quoted
	}
	return l.Text
}

func columnText(c *Column) string {
	s := nameText(c.Name)
	if c.Table != "" {
		s = nameText(c.Table) + "." + s
	}
	if c.Schema != "" {
		s = nameText(c.Schema) + "." + s
	}
	return s
}

// nameText quotes a name that would not read as itself.
func nameText(n string) string {
	l := lexer{sql: n}
	if t, err := l.next(); err == nil && t.kind == tokenWord && t.end == len(n) && t.text == n && !reserved[n] {
		return n
	}
	return `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
}

func caseText(c *Case) string {
	var b strings.Builder
	b.WriteString("CASE ")
	if c.Operand != nil {
		b.WriteString(text(c.Operand) + " ")
	}
	for _, w := range c.Whens {
		b.WriteString("WHEN " + text(w.If) + " THEN " + text(w.Then) + " ")
	}
	if c.Else != nil {
		b.WriteString("ELSE " + text(c.Else) + " ")
	}
	return b.String() + "END"
}

func typeText(t TypeName) string {
	s := t.Name
	if t.Precision >= 0 {
		s += "(" + strconv.Itoa(t.Precision)
		if t.Scale >= 0 {
			s += ", " + strconv.Itoa(t.Scale)
		}
		s += ")"
	}
	return s
}

func callText(c *Call) string {
	if c.Star {
		return c.Name + "(*)"
	}
	if c.Name == "CONVERT" && len(c.Args) == 1 {
		return text(c.Args[0])
	}
	if c.Name == "EXTRACT" && len(c.Args) == 2 {
		return "EXTRACT(" + text(c.Args[0]) + " FROM " + text(c.Args[1]) + ")"
	}
	distinct := ""
	if c.Distinct {
		distinct = "DISTINCT "
	}
	tail := ""
	word := " ORDER BY "
	for _, o := range c.OrderBy {
		tail += word + text(o.Expr)
		word = ", "
		if o.Desc {
			tail += " DESC"
		}
	}
	if c.Separator != nil {
		tail += " SEPARATOR " + text(c.Separator)
	}
	return c.Name + "(" + distinct + textList(c.Args) + tail + ")"
}
