package ingest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// jsonRows reads objects: one after the other, or the items of one array.
type jsonRows struct {
	d      *json.Decoder
	lines  *lineReader
	array  bool
	ended  bool
	begins int64 // where the current object begins
}

func openJSON(r io.Reader) (*jsonRows, error) {
	lines := &lineReader{r: r, line: 1}
	b := bufio.NewReader(lines)
	j := &jsonRows{lines: lines}
	skipped := int64(0)
	for {
		c, err := b.ReadByte()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, j.located(err)
		}
		if err == nil && (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
			skipped++
			continue
		}
		if err == nil {
			j.array = c == '['
			_ = b.UnreadByte()
		}
		break
	}
	lines.cut = skipped
	j.d = json.NewDecoder(b)
	j.d.UseNumber()
	if j.array {
		_, _ = j.d.Token()
	}
	return j, nil
}

// next begins the next object, whose members follow up to its closing brace, or gives io.EOF.
func (j *jsonRows) next() error {
	if j.ended {
		return io.EOF
	}
	token, err := j.d.Token()
	j.begins = j.d.InputOffset()
	switch {
	case err != nil && j.array && errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case token == json.Delim('{'):
		return nil
	case j.array && token == json.Delim(']'):
		j.ended = true
		if token, err = j.d.Token(); err == nil {
			return fmt.Errorf("%v behind the end of the array", token)
		}
		return err
	}
	return fmt.Errorf("each row must be an object, found %v", token)
}

// line is where the current object begins.
func (j *jsonRows) line() int64 { return j.lines.at(j.begins) }

// located adds the line to an error.
func (j *jsonRows) located(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, errSampleEnd) {
		return err
	}
	at := j.lines.offset
	if j.d != nil {
		at = j.d.InputOffset()
	}
	return fmt.Errorf("line %d: %w", j.lines.at(at), err)
}

// lineReader knows the lines of the bytes that passed lately.
type lineReader struct {
	r      io.Reader
	offset int64   // bytes passed
	cut    int64   // bytes at the beginning that the offsets asked for do not count
	line   int64   // of the first byte behind what is forgotten
	ends   []int64 // offsets behind the line ends that are not forgotten
}

func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.offset+int64(i)+1)
		}
	}
	l.offset += int64(n)
	return n, err
}

// at is the line of an offset, which must not be less than in the call before.
func (l *lineReader) at(offset int64) int64 {
	n := sort.Search(len(l.ends), func(i int) bool { return l.ends[i] > offset+l.cut })
	l.line += int64(n)
	l.ends = append(l.ends[:0], l.ends[n:]...)
	return l.line
}

// survey looks at all objects.
func (j *jsonRows) survey(s *survey) error {
	for {
		err := j.next()
		if err == nil {
			err = s.object(j.d, &s.root, true)
			if err == nil {
				err = s.keys()
			}
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errSampleEnd):
			return nil
		case errors.Is(err, ErrSchema):
			return j.located(err)
		case err != nil:
			return fmt.Errorf("%w: %w", ErrFormat, j.located(err))
		}
		s.row()
	}
}

// keys wants the key columns of the object that was looked at last.
func (s *survey) keys() error {
	for _, name := range s.rules.keys {
		if m := s.root.members[name]; m == nil || m.object != s.root.object || m.null {
			return fmt.Errorf("%w: column %s: the key is null", ErrSchema, name)
		}
	}
	return nil
}

// object looks at the members of an object up to its closing brace.
func (s *survey) object(d *json.Decoder, into *shape, isRow bool) error {
	if into.members == nil {
		into.members = map[string]*shape{}
	}
	if err := into.severalKinds(); err != nil {
		return err
	}
	s.objects++
	number := s.objects
	if isRow {
		into.object = number
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		var want *textType
		if isRow {
			name = s.rules.rename.named(name)
			want = s.rules.want(name)
		}
		m := into.member(name)
		if m.object == number {
			return fmt.Errorf("%q stands twice in the object", name)
		}
		m.object = number
		if err := s.value(d, m, want); errors.Is(err, ErrSchema) {
			return fmt.Errorf("column %s: %w", name, err)
		} else if err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// value looks at one value.
func (s *survey) value(d *json.Decoder, into *shape, want *textType) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return s.object(d, into, false)
		}
		if into.items == nil {
			into.items = &shape{path: into.path + "[]"}
		}
		if err := into.severalKinds(); err != nil {
			return err
		}
		for d.More() {
			if err := s.value(d, into.items, nil); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	case nil:
		into.null = true
		return nil
	case string:
		if into.null = s.rules.isNullText(v); into.null {
			return nil
		}
	}
	into.null = false
	text, kind := jsonScalar(token)
	if want != nil {
		into.wanted = true
		if err := s.check(want, text); err != nil {
			return fmt.Errorf("%w: %w%s", ErrSchema, err, s.rules.origin(into.path))
		}
		return into.severalKinds()
	}
	if kind == 0 {
		return fmt.Errorf("the number %.60s is beyond all types", text)
	}
	into.typed = true
	into.kinds |= kind
	return into.severalKinds()
}

// jsonScalar is the text of a string, a number or a boolean, and what it is.
func jsonScalar(token json.Token) (string, kinds) {
	switch v := token.(type) {
	case json.Number:
		return v.String(), numberKind(v.String())
	case bool:
		return strconv.FormatBool(v), kindBool
	default:
		text, _ := v.(string)
		return text, kindText
	}
}

// reader makes record batches of the objects.
func (j *jsonRows) reader(s *survey, schema *arrow.Schema, batchRows int) *textReader {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	columns, wants := make(map[string]int, schema.NumFields()), make([]*textType, schema.NumFields())
	for i, f := range schema.Fields() {
		columns[f.Name], wants[i] = i, s.rules.want(f.Name)
	}
	build := jsonBuilder{d: j.d, s: s}
	return newTextReader(schema, b, batchRows, func(row int) (int64, error) {
		if err := j.next(); err != nil {
			return 0, j.located(err)
		}
		line := j.line()
		err := build.members(row, func(name string) (array.Builder, arrow.Field, *textType) {
			name = s.rules.rename.named(name)
			if c, ok := columns[name]; ok {
				return b.Field(c), schema.Field(c), wants[c]
			}
			return nil, arrow.Field{Name: name}, nil
		})
		for _, field := range b.Fields() {
			if field.Len() == row {
				field.AppendNull()
			}
		}
		if err != nil && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return line, j.located(err)
	})
}

// jsonBuilder adds values to columns.
type jsonBuilder struct {
	d *json.Decoder
	s *survey
}

// members adds those of an object up to its closing brace, as the row of that number.
func (j *jsonBuilder) members(row int, find func(name string) (array.Builder, arrow.Field, *textType)) error {
	for j.d.More() {
		token, err := j.d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		b, f, want := find(name)
		if b == nil {
			return fmt.Errorf("field %q is not in the first %d MiB of the file, which decide the fields", f.Name, sampleBytes>>20)
		}
		if b.Len() > row {
			return fmt.Errorf("%q stands twice in the object", f.Name)
		}
		if err := j.value(b, f, want); err != nil {
			return err
		}
	}
	_, err := j.d.Token()
	return err
}

func (j *jsonBuilder) value(b array.Builder, f arrow.Field, want *textType) error {
	token, err := j.d.Token()
	if err != nil {
		return err
	}
	if text, ok := token.(string); token == nil || ok && j.s.rules.isNullText(text) {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.StructBuilder:
		if token == json.Delim('{') {
			return j.object(b, f)
		}
	case *array.ListBuilder:
		if token == json.Delim('[') {
			return j.list(b, f)
		}
	default:
		if _, nested := token.(json.Delim); !nested {
			return j.scalar(b, f, want, token)
		}
	}
	return fmt.Errorf("column %s: found %v, expected %s, the type by the first %d MiB", f.Name, token, typeName(f.Type), sampleBytes>>20)
}

func (j *jsonBuilder) object(b *array.StructBuilder, f arrow.Field) error {
	row := b.Len()
	b.Append(true)
	t := f.Type.(*arrow.StructType)
	err := j.members(row, func(name string) (array.Builder, arrow.Field, *textType) {
		path := arrow.Field{Name: joinPath(f.Name, name)}
		if i, ok := t.FieldIdx(name); ok {
			path.Type = t.Field(i).Type
			return b.FieldBuilder(i), path, nil
		}
		return nil, path, nil
	})
	for i := range b.NumField() {
		if field := b.FieldBuilder(i); field.Len() == row {
			field.AppendNull()
		}
	}
	return err
}

func (j *jsonBuilder) list(b *array.ListBuilder, f arrow.Field) error {
	b.Append(true)
	item := f.Type.(*arrow.ListType).ElemField()
	item.Name = f.Name + "[]"
	for j.d.More() {
		if err := j.value(b.ValueBuilder(), item, nil); err != nil {
			return err
		}
	}
	_, err := j.d.Token()
	return err
}

// scalar adds a string, a number or a boolean. In a column whose type was asked for
// the text counts, in others the kind, too.
func (j *jsonBuilder) scalar(b array.Builder, f arrow.Field, want *textType, token json.Token) error {
	text, kind := jsonScalar(token)
	if want != nil && !want.keepsBlank() && text == "" {
		b.AppendNull()
		return nil
	}
	fits := want != nil
	switch f.Type.ID() {
	case arrow.STRING:
		fits = fits || kind == kindText
	case arrow.BOOL:
		fits = fits || kind == kindBool
	default:
		fits = fits || kind.within(numberKinds)
	}
	if !fits || j.s.sampled && j.s.changes(f, kind) || !appendScalar(b, text) {
		return unforeseen(f, text)
	}
	return nil
}
