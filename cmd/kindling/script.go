package main

import (
	"strings"
	"unicode"
)

// statement is one SQL statement of a script.
type statement struct {
	text string // as written, without the semicolon
	line int    // where it begins, from 1
}

// script is a text cut into statements.
type script struct {
	statements []statement
	rest       statement // what follows the last semicolon; its text is "" when that is only space and comments
	unclosed   string    // the quote or comment that the text ends inside of: ', ", /* or nothing
}

// splitScript cuts a text at its semicolons, except those in quotes and comments.
// Statements of nothing but space and comments are dropped; the comments in
// others stay, because hints are comments.
func splitScript(text string) script {
	var out script
	start, line := 0, 1 // of the text that no statement has yet
	blank := true
	begins := 1 // the line of the first word of this statement
	for i := 0; i < len(text); {
		n, kind, closed := nextToken(text[i:])
		if !closed {
			out.unclosed = kind
		}
		switch {
		case kind == ";":
			if !blank {
				out.statements = append(out.statements, statement{strings.TrimSpace(text[start:i]), begins})
			}
			start, blank = i+1, true
		case kind == "space", kind == "--", kind == "/*" && closed:
		case blank:
			blank, begins = false, line
		}
		line += strings.Count(text[i:i+n], "\n")
		i += n
	}
	if !blank {
		out.rest = statement{strings.TrimSpace(text[start:]), begins}
	}
	return out
}

// all are the statements and the rest as one more.
func (s script) all() []statement {
	if s.rest.text == "" {
		return s.statements
	}
	return append(s.statements, s.rest)
}

// nextToken measures the token at the start of s: a quoted text, a comment (named
// by how it begins), a semicolon, space, or a part of a word.
func nextToken(s string) (n int, kind string, closed bool) {
	switch {
	case s[0] == ';':
		return 1, ";", true
	case s[0] == '\'', s[0] == '"':
		kind = s[:1]
		n, closed = endOf(s, 1, kind)
	case strings.HasPrefix(s, "--"):
		kind = "--"
		n, _ = endOf(s, 2, "\n")
		closed = true
	case strings.HasPrefix(s, "/*"):
		kind = "/*"
		n, closed = endOf(s, 2, "*/")
	case unicode.IsSpace(rune(s[0])) && s[0] < 0x80:
		return 1, "space", true
	default:
		return 1, "word", true
	}
	return n, kind, closed
}

func endOf(s string, from int, end string) (n int, closed bool) {
	at := strings.Index(s[from:], end)
	if at < 0 {
		return len(s), false
	}
	return from + at + len(end), true
}

// firstWord is the first word of a statement in upper case, comments left out.
func firstWord(text string) string {
	for text != "" {
		n, kind, _ := nextToken(text)
		if kind == "word" {
			end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
			if end < 0 {
				end = len(text)
			}
			return strings.ToUpper(text[:end])
		}
		text = text[n:]
	}
	return ""
}
