package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func pointer[T any](v T) *T { return &v }

func TestValues(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 30, 15, 123456789, time.UTC)
	id := uuid.MustParse("01234567-89ab-cdef-0123-456789abcdef")
	object := binary.NewObject("Cat").Set("name", "Tom").Set("age", int32(3))
	self := &binary.Collection{}
	self.Items = []any{self}
	for _, c := range []struct {
		value      any
		text, json string
	}{
		{nil, "null", `null`},
		{absent{}, "", `{}`},
		{true, "true", `true`},
		{int8(-3), "-3", `-3`},
		{int64(math.MaxInt64), "9223372036854775807", `9223372036854775807`},
		{float32(1.5), "1.5", `1.5`},
		{math.NaN(), "NaN", `"NaN"`},
		{math.Inf(-1), "-Inf", `"-Inf"`},
		{binary.Char(0xe4), "\u00e4", "\"\u00e4\""},
		{"a\tb\n\x1b[31mc", "a b  [31mc", `"a\tb\n\u001b[31mc"`},
		{"x\u202ey", "x?y", "\"x\u202ey\""},
		{"<&>", "<&>", `"<&>"`},
		{strings.Repeat("\u00e4", 50), strings.Repeat("\u00e4", 37) + "...", `"` + strings.Repeat("\u00e4", 50) + `"`},
		{id, id.String(), `"` + id.String() + `"`},
		{apd.New(-12345, -2), "-123.45", `"-123.45"`},
		{at, "2024-02-29T12:30:15.123456789Z", `"2024-02-29T12:30:15.123456789Z"`},
		{binary.DateOf(at), "2024-02-29T12:30:15.123Z", `"2024-02-29T12:30:15.123Z"`},
		{binary.SQLDate(86400000), "1970-01-02", `"1970-01-02"`},
		{binary.SQLDate(82800000), "1970-01-01T23:00:00Z", `"1970-01-01T23:00:00Z"`},
		{binary.TimeOfDay(3661001), "01:01:01.001", `"01:01:01.001"`},
		{binary.Enum{TypeID: 5, Ordinal: 2}, "2", `2`},
		{binary.Opaque{Bytes: []byte{1}}, `{"serialized":"AQ=="}`, `{"serialized":"AQ=="}`},
		{[]byte{}, "0 bytes", `""`},
		{[]byte{1, 255}, "2 bytes: 01 ff", `"Af8="`},
		{make([]byte, 784), "784 bytes: 00 00 00 00 00 00 00 00 ...", `"` + strings.Repeat("A", 1046) + `=="`},
		{[]int32{1, 2, 3}, "[1, 2, 3]", `[1,2,3]`},
		{[]float32{1, float32(math.NaN())}, "[1, NaN]", `[1,"NaN"]`},
		{make([]int64, 100), "100 items: 0, 0, 0, 0, 0, 0, 0, 0, ...", "[" + strings.Repeat("0,", 99) + "0]"},
		{[]binary.Char{'a', 'b'}, "[a, b]", `["a","b"]`},
		{[]*string{pointer("x"), nil}, "[x, null]", `["x",null]`},
		{[]*time.Time{&at}, "[2024-02-29T12:30:15.123456789Z]", `["2024-02-29T12:30:15.123456789Z"]`},
		{[]*uuid.UUID{&id, nil}, "2 items: 01234567-89ab-cdef-0123-4567...", `["` + id.String() + `",null]`},
		{[]*apd.Decimal{apd.New(1, 0)}, "[1]", `["1"]`},
		{&binary.Collection{Items: []any{int32(1), "a", nil}}, "[1, a, null]", `[1,"a",null]`},
		{&binary.ObjectArray{Items: []any{object}}, `[{"name":"Tom","age":3}]`, `[{"name":"Tom","age":3}]`},
		{&binary.Map{Entries: []binary.MapEntry{{Key: int32(1), Value: "a"}}}, `{"1":"a"}`, `{"1":"a"}`},
		{object, `{"name":"Tom","age":3}`, `{"name":"Tom","age":3}`},
		{self, "1 items: " + strings.Repeat("[", 28) + "...", strings.Repeat("[", 64) + `"..."` + strings.Repeat("]", 64)},
	} {
		if got := cellText(c.value); got != c.text {
			t.Errorf("cell of %T: %q, want %q", c.value, got, c.text)
		}
		out, err := marshal(jsonValue(c.value))
		// The JSON package escapes this one for JavaScript's sake.
		if err != nil || strings.ReplaceAll(string(out), `\u202e`, "\u202e") != c.json {
			t.Errorf("JSON of %T: %s %v, want %s", c.value, out, err, c.json)
		}
	}
}

func TestCells(t *testing.T) {
	inner := binary.NewObject("In").Set("a", int32(1))
	value := binary.NewObject("Out").Set("in", inner).Set("b", nil)
	got := cells("val", value)
	if len(got) != 2 || got[0] != (cell{"val.in.a", int32(1)}) || got[1] != (cell{"val.b", nil}) {
		t.Errorf("cells: %v", got)
	}
	deep := value
	for range 20 {
		deep = binary.NewObject("Out").Set("in", deep)
	}
	if got := cells("val", deep); len(got) != 1 || strings.Count(got[0].name, ".") != maxCellDepth {
		t.Errorf("cells of a deep object: %v", got)
	}
}

func TestTableStreams(t *testing.T) {
	var out strings.Builder
	table := newTable(&out, "A", "B\x1b")
	for range blockRows {
		table.add(int32(1), "x")
	}
	if lines := strings.Count(out.String(), "\n"); lines == 0 {
		t.Error("a full block was not printed")
	}
	table.add(int32(12345), "wide")
	if err := table.end(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "A  B" || lines[1] != "1  x" || lines[blockRows+1] != "12345  wide" || len(lines) != blockRows+3 {
		t.Errorf("%d lines: %q %q %q", len(lines), lines[0], lines[1], lines[blockRows+1])
	}
}

func TestDistinct(t *testing.T) {
	got := strings.Join(distinct([]string{"A", "A", "B", "A_2", "A"}), " ")
	if want := "A A_2 B A_2_2 A_3"; got != want {
		t.Errorf("distinct: %s, want %s", got, want)
	}
}
