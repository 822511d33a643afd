package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// newJSONReader learns the fields and types from the objects at the head of
// the stream and builds the rows with Arrow's record builder. A field that first
// appears after the sample is an error, not silently dropped.
func newJSONReader(r io.Reader, opts FileOptions) (array.RecordReader, error) {
	head, whole, all, err := sample(r)
	if err != nil {
		return nil, err
	}
	shape, schema, err := jsonSchema(head, whole)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	j := &jsonRows{decoder: json.NewDecoder(all), builder: array.NewRecordBuilder(memory.DefaultAllocator, schema), batch: opts.BatchRows}
	if !whole {
		j.shape = shape
	}
	return newFuncReader(schema, j.next), nil
}

// jsonRows makes record batches of objects.
type jsonRows struct {
	decoder *json.Decoder
	builder *array.RecordBuilder
	shape   *jsonShape // what was sampled; nil when that was the whole file
	batch   int
	row     int64
}

func (j *jsonRows) next() (arrow.RecordBatch, error) {
	for n := range j.batch {
		err := j.one()
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if errors.Is(err, io.EOF) {
			j.builder.Release()
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("%w: object %d: %w", ErrFormat, j.row+1, err)
		}
		j.row++
	}
	return j.builder.NewRecordBatch(), nil
}

// one adds the next object; io.EOF means that there is none.
func (j *jsonRows) one() error {
	var raw json.RawMessage
	if err := j.decoder.Decode(&raw); err != nil {
		return err // an object cut short is io.ErrUnexpectedEOF
	}
	if j.shape != nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		late := func(name string) error {
			return fmt.Errorf("field %q is not in the first %d MiB of the file, which decide the fields", name, sampleBytes>>20)
		}
		if err := j.shape.read(d, late); err != nil {
			return err
		}
	}
	if err := j.builder.UnmarshalJSON(raw); err != nil {
		return fmt.Errorf("%w (the types come from the head of the file)", err)
	}
	return nil
}

func jsonSchema(head []byte, whole bool) (*jsonShape, *arrow.Schema, error) {
	d := json.NewDecoder(bytes.NewReader(head))
	d.UseNumber()
	var root jsonShape
	found := func(string) error { return nil }
	rows := 0
	for d.More() {
		start := d.InputOffset()
		if err := root.read(d, found); err != nil {
			if !whole && rows > 0 {
				break // the sample ends inside an object
			}
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, nil, fmt.Errorf("object %d at byte %d: %w", rows+1, start, err)
		}
		rows++
	}
	if rows == 0 {
		return nil, nil, errors.New("the file holds no object")
	}
	t, err := root.dataType("")
	if err != nil {
		return nil, nil, err
	}
	object, ok := t.(*arrow.StructType)
	if !ok {
		return nil, nil, fmt.Errorf("each line must be an object, found %s", t)
	}
	return &root, arrow.NewSchema(object.Fields(), nil), nil
}

// jsonShape is what was seen at one place of the documents.
type jsonShape struct {
	ints, floats, strings, bools bool
	names                        []string // of an object's members, in the order of appearance
	members                      map[string]*jsonShape
	items                        *jsonShape
}

// read consumes one value; found is asked about each member seen for the first time.
func (s *jsonShape) read(d *json.Decoder, found func(name string) error) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return s.readObject(d, found)
		}
		return s.readArray(d, found)
	case json.Number:
		if _, err := v.Int64(); err == nil {
			s.ints = true
		} else {
			s.floats = true
		}
	case string:
		s.strings = true
	case bool:
		s.bools = true
	}
	return nil
}

func (s *jsonShape) readObject(d *json.Decoder, found func(name string) error) error {
	if s.members == nil {
		s.members = map[string]*jsonShape{}
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := name.(string)
		member := s.members[key]
		if member == nil {
			if err := found(key); err != nil {
				return err
			}
			member = &jsonShape{}
			s.members[key] = member
			s.names = append(s.names, key)
		}
		if err := member.read(d, found); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (s *jsonShape) readArray(d *json.Decoder, found func(name string) error) error {
	if s.items == nil {
		s.items = &jsonShape{}
	}
	for d.More() {
		if err := s.items.read(d, found); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// dataType is the Arrow type that holds everything seen; path names the place.
func (s *jsonShape) dataType(path string) (arrow.DataType, error) {
	number := s.ints || s.floats
	kinds := []bool{number, s.strings, s.bools, s.members != nil, s.items != nil}
	if n := len(slices.DeleteFunc(kinds, func(k bool) bool { return !k })); n > 1 {
		return nil, fmt.Errorf("field %q holds values of several kinds", path)
	}
	switch {
	case s.floats:
		return arrow.PrimitiveTypes.Float64, nil
	case s.ints:
		return arrow.PrimitiveTypes.Int64, nil
	case s.bools:
		return arrow.FixedWidthTypes.Boolean, nil
	case s.items != nil:
		item, err := s.items.dataType(path + "[]")
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(item), nil
	case s.members != nil:
		fields := make([]arrow.Field, len(s.names))
		for i, name := range s.names {
			t, err := s.members[name].dataType(joinPath(path, name))
			if err != nil {
				return nil, err
			}
			fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
		}
		return arrow.StructOf(fields...), nil
	default:
		return arrow.BinaryTypes.String, nil
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
