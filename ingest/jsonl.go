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
)

// newJSONReader learns the fields and types from the objects at the head of
// the stream and reads the whole with Arrow's reader. A field that first
// appears after the sample is an error of the load, not silently dropped.
func newJSONReader(r io.Reader, opts FileOptions) (array.RecordReader, error) {
	head, whole, all, err := sample(r)
	if err != nil {
		return nil, err
	}
	schema, err := jsonSchema(head, whole)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &jsonReader{JSONReader: array.NewJSONReader(all, schema, array.WithChunk(opts.BatchRows))}, nil
}

// jsonReader marks conversion errors as ErrFormat.
type jsonReader struct{ *array.JSONReader }

func (j *jsonReader) Err() error {
	if err := j.JSONReader.Err(); err != nil {
		return fmt.Errorf("%w: %w (the types come from the head of the file)", ErrFormat, err)
	}
	return nil
}

func jsonSchema(head []byte, whole bool) (*arrow.Schema, error) {
	d := json.NewDecoder(bytes.NewReader(head))
	d.UseNumber()
	var root jsonShape
	rows := 0
	for {
		start := d.InputOffset()
		if err := root.read(d); err != nil {
			if errors.Is(err, io.EOF) || (!whole && rows > 0) {
				break
			}
			return nil, fmt.Errorf("object %d at byte %d: %w", rows+1, start, err)
		}
		rows++
	}
	if rows == 0 {
		return nil, errors.New("the file holds no object")
	}
	t, err := root.dataType("")
	if err != nil {
		return nil, err
	}
	object, ok := t.(*arrow.StructType)
	if !ok {
		return nil, fmt.Errorf("each line must be an object, found %s", t)
	}
	return arrow.NewSchema(object.Fields(), nil), nil
}

// jsonShape is what was seen at one place of the documents.
type jsonShape struct {
	ints, floats, strings, bools bool
	names                        []string // of an object's members, in the order of appearance
	members                      map[string]*jsonShape
	items                        *jsonShape
}

// read consumes one value.
func (s *jsonShape) read(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return s.readObject(d)
		}
		return s.readArray(d)
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

func (s *jsonShape) readObject(d *json.Decoder) error {
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
			member = &jsonShape{}
			s.members[key] = member
			s.names = append(s.names, key)
		}
		if err := member.read(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (s *jsonShape) readArray(d *json.Decoder) error {
	if s.items == nil {
		s.items = &jsonShape{}
	}
	for d.More() {
		if err := s.items.read(d); err != nil {
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
