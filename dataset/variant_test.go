package dataset

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestVariantsInSchemas(t *testing.T) {
	s := mustSchema(t, `{"key": "Timestamp[MS]", "val": {"x": "sbyte[]", "y": "sbyte[3]", "when": "timestamp[us]", "ns": "timestamp[ns]"}}`)
	if got, want := s.String(), "{key: timestamp[ms], val: {x: sbyte[], y: sbyte[3], when: timestamp[us], ns: timestamp}}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if again := mustSchema(t, string(b)); !again.Equal(&s) {
		t.Errorf("%s is read as %s", b, again.String())
	}
	columns, err := s.Columns(false)
	if want := "key: int64[ms], val: struct<x: list<int8>, y: list<int8>, when: int64[us], ns: int64[ns]>"; err != nil || columns.String() != want {
		t.Errorf("%s, want %s, error %v", columns, want, err)
	}
	for _, text := range []string{"timestamp[s]", "sint[]", "timestamp[]", "sbyte[0]", "date[ms]"} {
		var s Schema
		if err := json.Unmarshal([]byte(`{"val": "`+text+`"}`), &s); err == nil {
			t.Errorf("%s is read as %s", text, s.String())
		}
	}
}

func TestWithTypes(t *testing.T) {
	s := mustSchema(t, `{"key": "long", "val": {"x": "byte[]", "in": {"when": "timestamp"}}}`)
	got, err := s.WithTypes(map[string]string{"val.x": "sbyte[2]", "val.in.when": "timestamp[ms]"})
	if want := "{key: long, val: {x: sbyte[2], in: {when: timestamp[ms]}}}"; err != nil || got.String() != want {
		t.Errorf("%s, want %s, error %v", got.String(), want, err)
	}
	if s.String() != "{key: long, val: {x: byte[], in: {when: timestamp}}}" {
		t.Errorf("the schema itself became %s", s.String())
	}
	for path, name := range map[string]string{"val.y": "int", "val.x": "nonsense", "val.in": "int"} {
		if _, err := s.WithTypes(map[string]string{path: name}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s as %s: %v", path, name, err)
		}
	}
}

// TestVariantsOfValues: what a column's unit does not hold is an error, never another time.
func TestVariantsOfValues(t *testing.T) {
	far := time.Date(9999, 12, 31, 23, 59, 59, 123_456_000, time.UTC)
	for _, c := range []struct {
		schema string
		value  any
		want   any // nil: an error
	}{
		{"timestamp", time.Unix(1, 5), int64(1_000_000_005)},
		{"timestamp", far, nil},
		{"timestamp[us]", far, far.UnixMicro()},
		{"timestamp[us]", time.Unix(1, 5), nil},
		{"timestamp[ms]", far, nil},
		{"timestamp[ms]", far.Truncate(time.Second), far.Unix() * 1000},
		{"timestamp[ms]", binary.Date(5), int64(5)},
		{"timestamp[ms]", binary.SQLDate(-dayMillis), int64(-dayMillis)},
		{"timestamp", binary.TimeOfDay(7), int64(7_000_000)},
		{"timestamp[us]", time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC).UnixMicro()},
		{"date", binary.Date(5), int64(5)},
		{"sbyte[]", []byte{1, 255}, "[1 -1]"},
		{"byte[]", []byte{1, 255}, "[1 255]"},
	} {
		v, err := decodeVal(t, `"`+c.schema+`"`, NullsError, nil, enc(t, c.value))
		switch {
		case c.want == nil && (err == nil || !strings.Contains(err.Error(), "timestamp[ms]")):
			t.Errorf("%s of %v: %v, error %v, want one that names the other types", c.schema, c.value, v, err)
		case c.want != nil && (err != nil || fmt.Sprint(v) != fmt.Sprint(c.want)):
			t.Errorf("%s of %v: %v, want %v, error %v", c.schema, c.value, v, c.want, err)
		}
	}
	batch, err := readOne(t, "sbyte[2]", []byte{128, 127}, Spec{})
	if err != nil {
		t.Fatal(err)
	}
	if got := batch.Columns[1]; !got.Type.Equal(column.ListOf(column.Int8)) || fmt.Sprint(got.Value(0)) != "[-128 127]" {
		t.Errorf("%s %v", got.Type, got.Value(0))
	}
	batch.Release()
}
