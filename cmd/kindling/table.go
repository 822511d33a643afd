package main

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// blockRows is the number of rows that decide the widths of the columns before
// they are printed, so that a long result needs little memory. Later rows can
// widen a column further.
const blockRows = 1000

// table is aligned text for people: numbers to the right, the rest to the left,
// widths counted as a terminal shows them. A bold head where the output is a
// terminal and NO_COLOR is not set.
type table struct {
	w      *bufio.Writer
	bold   bool
	head   []string
	widths []int
	right  []bool
	rows   [][]string
	number []bool // of the block: the column has numbers
	other  []bool // and something else
	begun  bool
}

func newTable(w io.Writer, head ...string) *table {
	t := &table{
		w: bufio.NewWriter(w), bold: styled(w), widths: make([]int, len(head)), right: make([]bool, len(head)),
		number: make([]bool, len(head)), other: make([]bool, len(head)),
	}
	for i, name := range head {
		name = strings.Map(printable, name)
		t.head = append(t.head, name)
		t.widths[i] = uniseg.StringWidth(name)
	}
	return t
}

// styled says whether text for w may carry escape sequences.
func styled(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// add puts a row in; an error of writing is kept for end.
func (t *table) add(values ...any) {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = cellText(v)
		t.widths[i] = max(t.widths[i], uniseg.StringWidth(row[i]))
		switch v.(type) {
		case int8, int16, int32, int64, int, float32, float64:
			t.number[i] = true
		case nil, absent:
		default:
			t.other[i] = true
		}
	}
	if t.rows = append(t.rows, row); len(t.rows) == blockRows {
		t.printBlock()
	}
}

// end prints what is left, and the head of an empty table.
func (t *table) end() error {
	t.printBlock()
	return t.w.Flush()
}

func (t *table) printBlock() {
	if !t.begun {
		t.begun = true
		for i := range t.right {
			t.right[i] = t.number[i] && !t.other[i]
		}
		if t.bold {
			t.w.WriteString("\x1b[1m") //nolint:errcheck // Flush tells
		}
		t.line(t.head)
		if t.bold {
			t.w.WriteString("\x1b[0m") //nolint:errcheck // Flush tells
		}
	}
	for _, row := range t.rows {
		t.line(row)
	}
	t.rows = t.rows[:0]
}

func (t *table) line(cells []string) {
	var b strings.Builder
	for i, text := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		pad := strings.Repeat(" ", t.widths[i]-uniseg.StringWidth(text))
		if t.right[i] {
			b.WriteString(pad + text)
		} else {
			b.WriteString(text + pad)
		}
	}
	t.w.WriteString(strings.TrimRight(b.String(), " ") + "\n") //nolint:errcheck // Flush tells
}
