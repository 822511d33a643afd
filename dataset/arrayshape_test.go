package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestShapesOfASpec(t *testing.T) {
	const schema = `{"key": "long", "val": {"x": "float[]", "image": "byte[784]", "n": "int", "o": {"y": "string[]"}}}`
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, schema), Shapes: map[string][]int{"val.x": {8}, "val.image": {28, 28, 1}, "val.o.y": {2, 3}}}
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	if spec, err = ParseSpec(text); err != nil {
		t.Fatal(err)
	}
	found, err := spec.Elements()
	if want := "{key: long, val: {x: float[8], image: byte[28,28,1], n: int, o: {y: string[2,3]}}}"; err != nil || found.String() != want {
		t.Fatalf("%v, %v, want %s", found, err, want)
	}
	if want := mustSchema(t, schema); !spec.Schema.Equal(&want) {
		t.Fatalf("Elements changed the schema to %s", spec.Schema.String())
	}
	for _, c := range []struct {
		path   string
		shape  []int
		fields []string
		want   string
	}{
		{"val.q", []int{1}, nil, "does not have"},
		{"val.n", []int{1}, nil, "only a field of arrays"},
		{"val.o", []int{1}, nil, "only a field of arrays"},
		{"val.x", []int{}, nil, "no dimension"},
		{"val.x", []int{2, 0}, nil, "[2,0]: a dimension is a number from 1 on, not 0"},
		{"val.x", []int{-8}, nil, "not -8"},
		{"val.x", []int{1 << 16, 1 << 16}, nil, "more elements"},
		{"val.x", []int{1, 1, 1, 1, 1, 1, 1, 8}, nil, "8 dimensions"},
		{"val.image", []int{28, 27}, nil, "[28,27], which has 756 elements, and the schema's arrays have 784"},
		{"val.x", []int{8}, []string{"key", "val.n"}, "fields leaves it out"},
		{"val.x", []int{8}, []string{"val.xy"}, "fields leaves it out"},
	} {
		spec := Spec{Cache: "C", Schema: mustSchema(t, schema), Shapes: map[string][]int{c.path: c.shape}, Fields: c.fields}
		_, err := spec.Elements()
		var se *SchemaError
		if !errors.As(err, &se) || se.Cache != "C" || se.Path != c.path || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v of %v: %v, want %s", c.path, c.shape, c.fields, err, c.want)
		}
	}
}

// TestArraysOfAStatedShape: an error of a row says where its shape is from and how to go on.
func TestArraysOfAStatedShape(t *testing.T) {
	b, err := readOne(t, "int[]", []int32{1, 2, 3, 4, 5, 6}, Spec{Shapes: map[string][]int{"val": {2, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := column.UniformListLen(b.Columns[1]); n != 6 || !ok {
		t.Errorf("an array of %d", n)
	}
	b.Release()
	for _, c := range []struct {
		schema string
		shapes map[string][]int
		want   string
	}{
		{"int[2,2]", nil, `the schema says int[2,2], which has 4 elements; state the length that the rows have, or "int[]"`},
		{"int[]", map[string][]int{"val": {2, 2}}, "shapes says int[2,2], which has 4 elements; state the shape that the rows have, or leave the field out of shapes"},
	} {
		_, err := readOne(t, c.schema, []int32{1, 2, 3}, Spec{Shapes: c.shapes})
		want := `dataset: cache "C", partition 0, row 0, key 1: field val: the row holds an array of 3 elements, ` + c.want
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestRowsWithObjectsAsKeysAreNamed, as the rows of a table with several key columns are.
func TestRowsWithObjectsAsKeysAreNamed(t *testing.T) {
	ts := types{}
	key := ts.encode(t, binary.NewObject("K").Set("A", int32(7)).Set("B", "x"))
	src := &fakeSource{meta: ts, parts: [][]fakeRow{{{wrap(key), enc(t, []int32{1, 2, 3})}}}}
	schema := mustSchema(t, `{"key": {"A": "int", "B": "string"}, "val": "int[4]"}`)
	r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: schema}, nil, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = r.Next(t.Context())
	if want := "row 0, key {A: 7, B: x}: field val: the row holds an array of 3 elements"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestPlacedArraysOfAnotherLength: those that never stand in a page are held to the schema,
// too. They may be as long as the arrays of another field.
func TestPlacedArraysOfAnotherLength(t *testing.T) {
	d := decoderFor(t, `{"val": {"a": "byte[8]", "b": "byte[4096]"}}`, "", nil)
	d.place = &placement{code: binary.TypeByteArray, width: 4096}
	d.at = new(place)
	err := d.placedArray(d.val.fields[0])
	if want := "field val.a: the row holds an array of 4096 elements, the schema says byte[8]"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestDefaultsOfArraysOfAShape(t *testing.T) {
	for def, want := range map[string]string{
		"7":                      "[7 7 7 7 7 7]",
		"[1, 2, 3, 4, 5, 6]":     "[1 2 3 4 5 6]",
		"[[1, 2, 3], [4, 5, 6]]": "[1 2 3 4 5 6]",
		"[[1, 2], [3, 4]]":       "the default has 2 elements, its arrays have 3",
		"[[1, 2, 3]]":            "the default has 3 elements, its arrays have 6",
		"[[1, 2, 3], 4, 5, 6]":   "lists and plain values",
		`"x"`:                    "not a value of type int32",
	} {
		b, err := readOne(t, "int[2,3]", nil, Spec{Defaults: map[string]json.RawMessage{"val": json.RawMessage(def)}})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(b.Columns[1].Value(0))
			b.Release()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", def, got, want)
		}
	}
	b, err := readOne(t, "string[2,2]", nil, Spec{Defaults: map[string]json.RawMessage{"val": json.RawMessage(`"x"`)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(b.Columns[1].Value(0)); got != "[x x x x]" {
		t.Error(got)
	}
	b.Release()
}

// TestInferredShapes: a length is inferred where all arrays seen have it.
func TestInferredShapes(t *testing.T) {
	row := func(same, other []float32, none []int64, words []string) any {
		return binary.NewObject("T").Set("same", same).Set("other", other).Set("none", none).Set("o", binary.NewObject("O").Set("words", words))
	}
	rows := []any{
		row(make([]float32, 8), make([]float32, 3), []int64{}, []string{"a", "b"}),
		row(make([]float32, 8), make([]float32, 17), []int64{}, []string{"c", "d"}),
		binary.NewObject("T").Set("same", binary.NullOf(binary.TypeFloatArray)),
	}
	open, err := drafted(t, types{}, DiscoverOptions{}, rows...)
	if want := "{key: long, val: {same: float[]?, other: float[]?, none: long[]?, o: {words: string[]}?}}"; err != nil || open.String() != want {
		t.Fatalf("%v, %v, want %s", open, err, want)
	}
	if got := fmt.Sprint(open.Value.Fields[0].Seen, open.Value.Fields[1].Seen, open.Key.Seen); got != "{2 8 8} {2 3 17} {0 0 0}" {
		t.Errorf("the lengths seen are %s", got)
	}
	text, err := json.Marshal(open)
	if err != nil || !strings.Contains(string(text), `"type":"float[]","seen":{"arrays":2,"min":3,"max":17}`) {
		t.Errorf("%s, %v", text, err)
	}
	inferred, err := drafted(t, types{}, DiscoverOptions{InferShapes: true}, rows...)
	if want := "{key: long, val: {same: float[8]?, other: float[]?, none: long[]?, o: {words: string[2]}?}}"; err != nil || inferred.String() != want {
		t.Fatalf("%v, %v, want %s", inferred, err, want)
	}
	plain, err := drafted(t, types{}, DiscoverOptions{InferShapes: true}, make([]int32, 4), make([]int32, 4))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(plain); err != nil {
		t.Fatal(err)
	}
	src := &fakeSource{parts: [][]fakeRow{{{enc(t, "k"), enc(t, make([]int32, 5))}}}}
	r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, strings.Replace(string(text), "long", "string", 1))}, nil, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = r.Next(t.Context())
	if want := "key k: field val: the row holds an array of 5 elements, the 2 that were looked at have 4, which was inferred; state the field's shape, or do not infer shapes"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestInferredShapesNeedRows(t *testing.T) {
	if _, err := Discover(t.Context(), nil, DiscoverOptions{Cache: "C", InferShapes: true, SampleRows: -1}); err == nil || !strings.Contains(err.Error(), "SampleRows") {
		t.Error(err)
	}
}

// TestPathsOfNamesWithDots: a name with dots of its own goes before names within names.
func TestPathsOfNamesWithDots(t *testing.T) {
	s := mustSchema(t, `{"key": "long", "val": {"a": {"b": {"c": "int[]"}, "b.c": "int[]", "d": "int[]"}, "a.b": {"c": "int[]", "e": "int[]"}, "Sepal.Length": "double"}}`)
	for path, want := range map[string]string{
		"val.a.b.c":        "{val: {a.b: {c: int[]}}}",
		"val.a.b.e":        "{val: {a.b: {e: int[]}}}",
		"val.a.d":          "{val: {a: {d: int[]}}}",
		"val.a.b":          "{val: {a.b: {c: int[], e: int[]}}}",
		"val.Sepal.Length": "{val: {Sepal.Length: double}}",
	} {
		p, err := s.Project([]string{path})
		if err != nil || p.String() != want {
			t.Errorf("%s: %v, %v, want %s", path, p, err, want)
		}
	}
	for _, path := range []string{"val.Sepal", "val.Length", "val.a.c", "val.", "al.a", ""} {
		if p, err := s.Project([]string{path}); err == nil {
			t.Errorf("%q gives %s", path, p)
		}
	}
	spec := Spec{
		Cache: "C", Schema: s, Shapes: map[string][]int{"val.a.b.c": {2}, "val.a.d": {3}},
		Defaults: map[string]json.RawMessage{"val.Sepal.Length": json.RawMessage("1.5"), "val.a.b.c": json.RawMessage("0")},
	}
	found, err := spec.Elements()
	if want := "{key: long, val: {a: {b: {c: int[]}, b.c: int[], d: int[3]}, a.b: {c: int[2], e: int[]}, Sepal.Length: double}}"; err != nil || found.String() != want {
		t.Fatalf("%v, %v, want %s", found, err, want)
	}
	if f := found.Value.Fields; string(f[2].Default) != "1.5" || string(f[1].Fields[0].Default) != "0" || f[0].Fields[0].Fields[0].Default != nil {
		t.Errorf("the defaults are elsewhere: %+v", f)
	}
}

// TestNamesWithDotsInQueryEntities: a name with dots is a field's own where metadata has it, or
// where nothing speaks against it.
func TestNamesWithDotsInQueryEntities(t *testing.T) {
	double := func(name string) wire.QueryField { return wire.QueryField{Name: name, TypeName: "java.lang.Double"} }
	flat, nested := types{}, types{}
	flat.encode(t, binary.NewObject("T").Set("Sepal.Length", 1.5))
	nested.encode(t, binary.NewObject("T").Set("Sepal", binary.NewObject("S").Set("Length", 1.5)))
	for _, c := range []struct {
		meta   types
		fields []wire.QueryField
		want   string
	}{
		{types{}, []wire.QueryField{double("Sepal.Length")}, "{Sepal.Length: double?}"},
		{flat, []wire.QueryField{double("Sepal.Length")}, "{Sepal.Length: double?}"},
		{flat, []wire.QueryField{{Name: "SEPAL.LENGTH", TypeName: "java.lang.Double", NotNull: true}}, "{Sepal.Length: double}"},
		{nested, []wire.QueryField{double("Sepal.Length")}, "{}"},
		{types{}, []wire.QueryField{double("sepal.length"), {Name: "Sepal", TypeName: "java.lang.Double"}}, "{Sepal: double?}"},
	} {
		f := newDrafter("C", c.meta)
		if err := f.entity(&wire.QueryEntity{KeyType: "java.lang.Long", ValueType: "T", Fields: c.fields}); err != nil {
			t.Fatal(err)
		}
		s, err := f.schema(DiscoverOptions{SkipUnsupported: true})
		if err != nil || s.Value.String() != c.want {
			t.Errorf("%v: %v, %v, want %s", c.fields, s, err, c.want)
		}
	}
}
