package sql

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Java's strings are UTF-16: a character beyond the basic plane is two units, and their order is that of the units.

// utf16Text is text by its units.
type utf16Text []uint16

func units(s string) utf16Text { return utf16.Encode([]rune(s)) }

// cut gives the units from one place to another, both moved into the text. Half a character becomes '?', as where
// Java writes UTF-8.
func (u utf16Text) cut(from, to int) string {
	to = min(max(to, 0), len(u))
	from = min(max(from, 0), to)
	return u[from:to].String()
}

// String is the text; half a character is '?'.
func (u utf16Text) String() string {
	var b strings.Builder
	for i := 0; i < len(u); i++ {
		r := rune(u[i])
		if utf16.IsSurrogate(r) {
			pair := utf8.RuneError
			if i+1 < len(u) {
				pair = utf16.DecodeRune(r, rune(u[i+1]))
			}
			if pair == utf8.RuneError {
				r = '?'
			} else {
				r = pair
				i++
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

// first is the first character of a text that is not empty.
func (u utf16Text) first() string {
	if c := u.cut(0, 1); c != "?" || u[0] == '?' {
		return c
	}
	return u.cut(0, 2)
}

// countUnits is String.length().
func countUnits(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// compareText orders text as String.compareTo does: UTF-8 has the order of the characters, which differs from that of
// the units where one side is a surrogate and the other is above all of them.
func compareText(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n {
		return len(a) - len(b)
	}
	for i > 0 && !utf8.RuneStart(a[i]) {
		i--
	}
	x, _ := utf8.DecodeRuneInString(a[i:])
	y, _ := utf8.DecodeRuneInString(b[i:])
	if (x > 0xffff) != (y > 0xffff) {
		x, y = firstUnit(x), firstUnit(y)
	}
	return int(x) - int(y)
}

func firstUnit(r rune) rune {
	if high, _ := utf16.EncodeRune(r); r > 0xffff {
		return high
	}
	return r
}
