package dataset

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestLengthsInSchemas(t *testing.T) {
	s := mustSchema(t, `{"key": "long", "val": {"pixels": "byte[784]", "words": " String[2] ", "image": "byte[ 28, 28 ,1]", "any": "float[]"}}`)
	if f := s.Value.Fields[0]; f.Type != binary.TypeByteArray || f.Length() != 784 {
		t.Errorf("byte[784] is %v of %d", f.Type, f.Length())
	}
	if got, want := s.String(), "{key: long, val: {pixels: byte[784], words: string[2], image: byte[28,28,1], any: float[]}}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again := mustSchema(t, string(b))
	if !again.Equal(&s) {
		t.Errorf("%s is read as %s", b, again.String())
	}
	again.Value.Fields[2].Seen = Lengths{Arrays: 3, Min: 784, Max: 784}
	if !again.Equal(&s) {
		t.Error("what was seen makes schemas different")
	}
	for field, shape := range map[int][]int{0: nil, 2: {784}} {
		other := mustSchema(t, string(b))
		if other.Value.Fields[field].Shape = shape; other.Equal(&s) {
			t.Errorf("schemas with other shapes are equal: %s", other.String())
		}
	}
	for _, text := range []string{
		"byte[0]", "byte[-1]", "byte[x]", "byte[3", "byte[3]]", "byte[2147483648]", "object[2]", "long[1][2]",
		"byte[2,0]", "byte[2,-3]", "byte[2,]", "byte[,]", "byte[2;3]", "byte[3..17]", "byte[65536,65536]", "byte[1,1,1,1,1,1,1,1]",
	} {
		var s Schema
		if err := json.Unmarshal([]byte(`{"val": "`+text+`"}`), &s); err == nil {
			t.Errorf("%s is read as %s", text, s.String())
		}
	}
}

// readOne reads a batch of one row.
func readOne(t *testing.T, schema string, value any, spec Spec) (*column.Batch, error) {
	src := &fakeSource{parts: [][]fakeRow{{{enc(t, int64(1)), enc(t, value)}}}}
	spec.Cache, spec.Part, spec.Schema = "C", -1, mustSchema(t, `{"key": "long", "val": "`+schema+`"}`)
	r, err := openReader(t.Context(), src, spec, nil, column.NewPool(0), Hooks{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Next(t.Context())
}

// TestArraysOfAStatedLength: each array of a stated length has it, whatever it is made of.
func TestArraysOfAStatedLength(t *testing.T) {
	for _, c := range []struct {
		typ   string
		value any
		nulls string
	}{
		{"byte", []byte{1, 2, 3}, NullsError},
		{"boolean", []bool{true, false, true}, NullsError},
		{"string", []string{"a", "b", "c"}, NullsError},
		{"long", []int16{1, 2, 3}, NullsError},
		{"double", nil, NullsDefault},
		{"string", nil, NullsDefault},
		{"boolean", nil, NullsDefault},
	} {
		b, err := readOne(t, c.typ+"[3]", c.value, Spec{Nulls: c.nulls})
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := column.UniformListLen(b.Columns[1]); n != 3 || !ok {
			t.Errorf("%v as %s[3]: an array of %d", c.value, c.typ, n)
		}
		b.Release()
		if c.value == nil {
			continue
		}
		_, err = readOne(t, c.typ+"[4]", c.value, Spec{})
		if want := "field val: the row holds an array of 3 elements, the schema says " + c.typ + "[4]"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", c.value, err, want)
		}
	}
	_, err := readOne(t, "byte[3]", []byte{1, 2, 3}, Spec{Defaults: map[string]json.RawMessage{"val": json.RawMessage("[1]")}})
	if err == nil || !strings.Contains(err.Error(), "the default has 1 elements, its arrays have 3") {
		t.Errorf("a default of another length: %v", err)
	}
}

// TestStatedLengthsSayHowLargeRowsAre: nothing else is known of the rows then.
func TestStatedLengthsSayHowLargeRowsAre(t *testing.T) {
	for schema, want := range map[string]int{
		`{"key": "long", "val": {"a": "double[300]", "o": {"s": "string[5]", "n": "int"}}}`: 2405, `{"val": "byte[]"}`: 0, `{"val": "byte[7]", "rowBytes": 30}`: 30,
	} {
		if s := mustSchema(t, schema); s.leastBytes() != want {
			t.Errorf("%s: %d bytes, want %d", schema, s.leastBytes(), want)
		}
	}
}
