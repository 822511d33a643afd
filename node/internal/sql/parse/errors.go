package parse

import (
	"fmt"
	"strings"
)

// Error is a statement that cannot be read. Its text follows the one of H2, which Ignite passes on:
// the statement with "[*]" behind the place that was not understood, then what was expected there.
type Error struct {
	SQL      string // the whole statement
	Pos      int    // byte offset of the offending token in SQL
	End      int    // byte offset behind it, where "[*]" is shown
	Expected string // what would have been right; "" when there is no short answer
	Reason   string // a sentence instead of "Syntax error", for example `Unknown data type: "FOO"`
	Code     int    // H2's error code, 42000 or 42001 for syntax
}

// Error gives H2's text without Ignite's "Failed to parse query. " in front.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Reason != "" {
		b.WriteString(e.Reason)
	} else {
		end := min(max(e.End, 0), len(e.SQL))
		fmt.Fprintf(&b, "Syntax error in SQL statement \"%s[*]%s\"", e.SQL[:end], e.SQL[end:])
	}
	if e.Expected != "" {
		fmt.Fprintf(&b, "; expected \"%s\"", e.Expected)
	}
	fmt.Fprintf(&b, "; SQL statement:\n%s [%d-197]", e.SQL, e.Code)
	return b.String()
}

// Unsupported is a statement or clause that is understood well enough to be named, and refused.
type Unsupported struct {
	Message string // Ignite's own sentence, it names the construct
	General bool   // a refusal for other reasons than that it is not supported
}

// Error gives Ignite's sentence.
func (e *Unsupported) Error() string { return e.Message }

func errNoSecurity() error {
	return &Unsupported{Message: "Operation cannot be performed: Ignite security disabled.", General: true}
}

func unsupported(format string, args ...any) error {
	return &Unsupported{Message: fmt.Sprintf(format, args...)}
}
