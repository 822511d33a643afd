package ingest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// rules are what was said about the columns of files.
type rules struct {
	file   *FileOptions
	rename renames
	keys   []string
	types  map[string]string          // as they are stated
	class  func(column string) string // the Java class that a column must have, or ""; nil asks for none
	wants  map[string]*textType       // what want has answered
}

func (r *rules) isKey(column string) bool { return slices.Contains(r.keys, column) }

// want is the type that a column's text must have, or nil.
func (r *rules) want(column string) *textType {
	if r.class == nil {
		return nil
	}
	want, known := r.wants[column]
	if !known {
		want = classTypes[r.class(column)]
		if r.wants == nil {
			r.wants = map[string]*textType{}
		}
		r.wants[column] = want
	}
	return want
}

// origin says who wants the type of a column.
func (r *rules) origin(column string) string {
	if r.types[column] != "" {
		return ", the type that is stated"
	}
	return ", the type that the cache declares"
}

// isNull tells whether a field is null: nothing between the separators, or one of
// the texts that stand for null. A field in quotes is not.
func (r *rules) isNull(f csvField) bool {
	return !f.quoted && (f.text == "" || r.isNullText(f.text))
}

func (r *rules) isNullText(s string) bool {
	return len(r.file.Nulls) > 0 && slices.Contains(r.file.Nulls, strings.TrimSpace(s))
}

// survey is what the text files of a load hold. Their columns' types are decided by
// all of them.
type survey struct {
	rules    *rules
	root     shape
	optional []string // columns that are left out when they have no value
	rows     int64
	objects  int64
	sampled  bool // not all was seen
	progress func()
	scratch  []byte
}

// progressRows is the number of rows between two reports of a survey.
const progressRows = 4096

func (s *survey) row() {
	if s.rows++; s.rows%progressRows == 0 && s.progress != nil {
		s.progress()
	}
}

// check parses text as a type that was asked for.
func (s *survey) check(want *textType, text string) (err error) {
	if !want.keepsBlank() && strings.TrimSpace(text) == "" {
		return nil // a null
	}
	s.scratch, err = want.append(s.scratch[:0], text)
	return err
}

// schema decides the types.
func (s *survey) schema() (*arrow.Schema, error) {
	for _, name := range s.optional {
		if m := s.root.members[name]; m != nil && m.kinds == 0 && !m.wanted && m.members == nil && m.items == nil {
			delete(s.root.members, name)
			s.root.names = slices.DeleteFunc(s.root.names, func(n string) bool { return n == name })
		}
	}
	fields, err := s.root.fields(s.rules.isKey, s.rules.want)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return arrow.NewSchema(fields, nil), nil
}

// changes tells whether a value behind a sample would have made the column another type.
func (s *survey) changes(column arrow.Field, k kinds) bool {
	if s.rules.want(column.Name) != nil {
		return false
	}
	m := s.root.members[column.Name]
	return m != nil && k != 0 && m.members == nil && m.items == nil && !arrow.TypeEqual((m.kinds|k).dataType(s.rules.isKey(column.Name)), column.Type)
}

// unforeseen is the error of a value that the column's type cannot hold.
func unforeseen(column arrow.Field, text string) error {
	return fmt.Errorf("%.60q is no %s, the type by the first %d MiB; state another: --types %s=string",
		text, typeName(column.Type), sampleBytes>>20, column.Name)
}

func typeName(t arrow.DataType) string {
	switch t := t.(type) {
	case *textType:
		return t.name
	case *arrow.Int64Type:
		return "long"
	case *arrow.Float64Type:
		return "double"
	case *arrow.BooleanType:
		return "boolean"
	case *arrow.StringType:
		return "string"
	case *arrow.StructType:
		return "object"
	default:
		return "array"
	}
}

// cell makes the function that adds a CSV field to a column.
func (s *survey) cell(b array.Builder, column arrow.Field) func(csvField) error {
	keepsBlank := column.Type.ID() == arrow.STRING
	if t, ok := column.Type.(*textType); ok {
		keepsBlank = t.keepsBlank()
	}
	return func(f csvField) error {
		if s.rules.isNull(f) || !keepsBlank && strings.TrimSpace(f.text) == "" {
			b.AppendNull()
			return nil
		}
		if s.sampled && s.changes(column, kindOf(f.text)) {
			return unforeseen(column, f.text)
		}
		if !appendScalar(b, f.text) {
			return unforeseen(column, f.text)
		}
		return nil
	}
}

// appendScalar adds the text of a value to a column of its type.
func appendScalar(b array.Builder, text string) bool {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(text)
	case *array.ExtensionBuilder:
		b.StorageBuilder().(*array.StringBuilder).Append(text)
	case *array.Int64Builder:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return false
		}
		b.Append(n)
	case *array.Float64Builder:
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return false
		}
		b.Append(f)
	case *array.BooleanBuilder:
		v, known := boolWords[strings.ToLower(strings.TrimSpace(text))]
		if !known {
			return false
		}
		b.Append(v)
	default:
		return false
	}
	return true
}

// errSampleEnd is the end of a sample, where the file goes on.
var errSampleEnd = errors.New("the end of the sample")

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// textReader is a record reader over rows of text that knows their lines.
type textReader struct {
	array.RecordReader
	lines []int64 // of the current batch
}

// newTextReader makes batches of rows: one adds the row of that number in the batch
// to the builder and gives its line, or io.EOF.
func newTextReader(schema *arrow.Schema, builder *array.RecordBuilder, batchRows int, one func(row int) (line int64, err error)) *textReader {
	t := &textReader{}
	t.RecordReader = newFuncReader(schema, func() (arrow.RecordBatch, error) {
		t.lines = t.lines[:0]
		for row := range batchRows {
			line, err := one(row)
			if errors.Is(err, io.EOF) && row > 0 {
				break
			}
			if errors.Is(err, io.EOF) {
				builder.Release()
				return nil, io.EOF
			}
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrFormat, err)
			}
			t.lines = append(t.lines, line)
		}
		return builder.NewRecordBatch(), nil
	})
	return t
}
