package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// csvTable is a file of separated values behind its header.
type csvTable struct {
	records *csvRecords
	columns []string   // as they are in the cache
	first   []csvField // of a file without a header, the record that was looked at
	unnamed bool       // the last column has no name in the header
}

// openCSV reads the header. Its names lose the spaces around them; a column without
// a name gets one by its number, from 1.
func openCSV(r io.Reader, rules *rules) (*csvTable, error) {
	opts := rules.file
	sep, r, err := separatorOf(r, opts.Comma)
	if err != nil {
		return nil, err
	}
	t := &csvTable{records: newCSVRecords(r, sep)}
	first, err := t.records.next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if opts.NoHeader {
		return t, t.numbered(first, rules)
	}
	for i, f := range first {
		name := f.text
		if !f.quoted {
			name = strings.TrimSpace(name)
		}
		if name == "" {
			name = "column" + strconv.Itoa(i+1)
			t.unnamed = i > 0 && i == len(first)-1
		}
		name = rules.rename.named(name)
		if at := slices.Index(t.columns, name); at >= 0 {
			return nil, fmt.Errorf("columns %d and %d are both named %q; change the first line", at+1, i+1, name)
		}
		t.columns = append(t.columns, name)
	}
	return t, nil
}

// numbered names the columns of a file without a header.
func (t *csvTable) numbered(first []csvField, rules *rules) error {
	t.first = slices.Clone(first)
	names := rules.file.Columns
	for i := range first {
		name := "f" + strconv.Itoa(i)
		if len(names) > 0 {
			name = names[min(i, len(names)-1)]
		}
		t.columns = append(t.columns, rules.rename.named(name))
	}
	if len(names) == 0 || len(names) == len(first) {
		return nil
	}
	t.columns = t.columns[:min(len(names), len(first))]
	if _, err := t.row(first); err != nil || len(names) > len(first) {
		return fmt.Errorf("line %d: %d fields, and %d columns are named", t.records.start, len(first), len(names))
	}
	return nil
}

// next gives a row, with a field for each column, or io.EOF.
func (t *csvTable) next() ([]csvField, error) {
	if first := t.first; first != nil {
		t.first = nil
		return t.row(first)
	}
	for {
		fields, err := t.records.next()
		if err != nil {
			return nil, t.located(err)
		}
		if len(fields) == 1 && len(t.columns) > 1 && !fields[0].quoted && strings.TrimSpace(fields[0].text) == "" {
			continue // a line of spaces
		}
		return t.row(fields)
	}
}

// located adds the line to errors of the bytes themselves.
func (t *csvTable) located(err error) error {
	if errors.Is(err, io.EOF) || strings.HasPrefix(err.Error(), "line ") {
		return err
	}
	return fmt.Errorf("line %d: %w", t.records.line, err)
}

// row wants as many fields as there are columns, and a separator at the end of the line at most.
func (t *csvTable) row(fields []csvField) ([]csvField, error) {
	n := len(t.columns)
	switch {
	case len(fields) == n:
		return fields, nil
	case len(fields) == n+1 && fields[n].isEmpty():
		return fields[:n], nil
	case len(fields) == n-1 && t.unnamed:
		return append(fields, csvField{}), nil
	}
	hint := ""
	if strings.HasPrefix(fields[0].text, "#") {
		hint = "; a line that begins with # is data, too"
	}
	return nil, fmt.Errorf("line %d: %d fields, expected %d%s", t.records.start, len(fields), n, hint)
}

// survey looks at all rows of a file. Of a sample the last record may be cut.
func (t *csvTable) survey(s *survey) error {
	for _, key := range s.rules.keys {
		if !slices.Contains(t.columns, key) {
			return fmt.Errorf("%w: no key column %q among %v", ErrSchema, key, t.columns)
		}
	}
	columns := make([]*shape, len(t.columns))
	wants := make([]*textType, len(t.columns))
	keys := make([]bool, len(t.columns))
	for i, name := range t.columns {
		columns[i], wants[i], keys[i] = s.root.member(name), s.rules.want(name), s.rules.isKey(name)
	}
	if t.unnamed {
		s.optional = append(s.optional, t.columns[len(t.columns)-1])
	}
	for {
		fields, err := t.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errSampleEnd) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		for i, f := range fields {
			switch {
			case s.rules.isNull(f):
				if keys[i] {
					return fmt.Errorf("line %d: %w: column %s: the key is null", t.records.start, ErrSchema, t.columns[i])
				}
			case wants[i] != nil:
				if err := s.check(wants[i], f.text); err != nil {
					return fmt.Errorf("line %d: %w: column %s: %w%s", t.records.start, ErrSchema, t.columns[i], err, s.rules.origin(t.columns[i]))
				}
				columns[i].wanted = true
			case columns[i].kinds&kindText == 0:
				columns[i].kinds |= kindOf(f.text)
			}
		}
		s.row()
	}
}

// reader makes record batches of the rows. A value that the survey did not see, in
// what comes behind a sample, is an error where it does not fit.
func (t *csvTable) reader(s *survey, schema *arrow.Schema, batchRows int) *textReader {
	at := make([]int, len(t.columns)) // of a column in the schema, or -1
	for i, name := range t.columns {
		at[i] = slices.IndexFunc(schema.Fields(), func(f arrow.Field) bool { return f.Name == name })
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	cells := make([]func(csvField) error, len(t.columns))
	for i, c := range at {
		if c >= 0 {
			cells[i] = s.cell(builder.Field(c), schema.Field(c))
		}
	}
	return newTextReader(schema, builder, batchRows, func(row int) (int64, error) {
		fields, err := t.next()
		if err != nil {
			return t.records.start, err
		}
		for i, f := range fields {
			if cells[i] != nil {
				err = cells[i](f)
			} else if !f.isEmpty() {
				err = errors.New("the column has no name, and no value in what decided the types")
			}
			if err != nil {
				return t.records.start, fmt.Errorf("line %d: column %s: %w", t.records.start, t.columns[i], err)
			}
		}
		for c := range schema.NumFields() {
			if b := builder.Field(c); b.Len() == row {
				b.AppendNull() // a column of another file
			}
		}
		return t.records.start, nil
	})
}

// separators are those that a file may have without saying so.
var separators = []string{",", ";", "\t", "|"}

// separatorBytes is how much of a file is looked at to find the separator.
const separatorBytes = 64 << 10

// separatorOf finds the separator: the one that was given, that of a first line as
// Excel writes it ("sep=;"), or the only one that cuts the first lines into equally
// many fields. r is given back whole, or behind that line.
func separatorOf(r io.Reader, comma rune) (string, io.Reader, error) {
	head := make([]byte, separatorBytes)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	all := io.MultiReader(bytes.NewReader(head), r)
	if err == nil {
		err = errSampleEnd
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		all = io.MultiReader(bytes.NewReader(head), errReader{err}) // it is told where it happened
	}
	if line, rest, ok := bytes.Cut(head, []byte("\n")); ok && len(bytes.TrimRight(line, "\r")) == 5 && bytes.HasPrefix(line, []byte("sep=")) {
		if comma == 0 {
			comma = rune(line[4])
		}
		all = io.MultiReader(bytes.NewReader(rest), r)
	}
	if comma != 0 {
		return string(comma), all, nil
	}
	var found []string
	for _, sep := range separators {
		if separates(head, sep, errors.Is(err, errSampleEnd)) {
			found = append(found, sep)
		}
	}
	switch len(found) {
	case 0:
		return separators[0], all, nil
	case 1:
		return found[0], all, nil
	}
	return "", nil, fmt.Errorf("the first lines do not tell whether %q or %q separates the fields; state it with --comma", found[0], found[1])
}

// separates tells whether all records have as many fields, two or more, as the first.
func separates(head []byte, sep string, cut bool) bool {
	r := io.Reader(bytes.NewReader(head))
	if cut {
		r = io.MultiReader(r, errReader{errSampleEnd})
	}
	table := csvTable{records: newCSVRecords(r, sep)}
	for {
		fields, err := table.records.next()
		if err != nil {
			return len(table.columns) > 1 && (errors.Is(err, io.EOF) || errors.Is(err, errSampleEnd))
		}
		if table.columns == nil {
			table.columns = make([]string, len(fields))
			table.unnamed = len(fields) > 2 && fields[len(fields)-1].isEmpty()
		}
		if len(fields) == 1 && strings.TrimSpace(fields[0].text) == "" {
			continue
		}
		if _, err := table.row(fields); err != nil {
			return false
		}
	}
}
