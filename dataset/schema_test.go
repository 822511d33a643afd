package dataset

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestSchemaShortFormKeepsTheOrder(t *testing.T) {
	s := mustSchema(t, `{"key": "Long", "val": {"z": "int", "a": {"type": "object", "fields": [{"name": "q", "type": "string", "nullable": true}]}, "m": {"y": "bool", "x": "byte[]"}}}`)
	if got, want := s.String(), "{key: long, val: {z: int, a: {q: string?}, m: {y: boolean, x: byte[]}}}"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	cols, err := s.Columns(false)
	if err != nil || cols.String() != "key: int64, val: struct<z: int32, a: struct<q: string>, m: struct<y: bool, x: list<uint8>>>" {
		t.Fatalf("%s, %v", cols, err)
	}
}

func TestSchemaRoundTripsThroughJSON(t *testing.T) {
	s := mustSchema(t, `{"key": "uuid", "val": {"label": {"type": "int", "default": 5}, "o": {"x": "float[]"}, "e": {"type": "enum", "typeId": 7, "typeName": "Color"}}, "rowBytes": 100, "omitted": ["val.m (Map)"]}`)
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back := mustSchema(t, string(b))
	if !back.Equal(&s) || back.RowBytes != 100 || !slices.Equal(back.Omitted, s.Omitted) {
		t.Fatalf("%s\n%+v", b, back)
	}
	back.Value.Fields[1].Fields[0].Type = binary.TypeDoubleArray
	if back.Equal(&s) {
		t.Fatal("another type is equal")
	}
	plain := mustSchema(t, `{"val": "string"}`)
	if b, _ := json.Marshal(plain); !strings.Contains(string(b), `"val":{"name":"val","type":"string"}`) || strings.Contains(string(b), "key") {
		t.Fatalf("%s", b)
	}
}

func TestSchemaRefusesNonsense(t *testing.T) {
	for _, text := range []string{
		`{"key": "lnog"}`, `{"kee": "long"}`, `{"val": 5}`, `{"val": {"a": {"b": "x"}}}`, `{"val": {"type": "int", "fields": [{"name": "a", "type": "int"}]}}`,
		`{"val": {"type": "object", "fields": [{"type": "int"}]}}`, `[]`,
	} {
		var s Schema
		if err := json.Unmarshal([]byte(text), &s); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
	empty := mustSchema(t, `{}`)
	twice := mustSchema(t, `{"val": {"a": "int", "a": "long"}}`)
	for _, s := range []Schema{empty, twice} {
		if _, err := s.Columns(false); err == nil {
			t.Errorf("%s gives columns", &s)
		}
	}
}

func TestProjection(t *testing.T) {
	s := mustSchema(t, `{"key": "long", "val": {"a": "int", "o": {"x": "int", "y": "string"}, "z": "date"}}`)
	p, err := s.Project([]string{"val.o.y", "val.a"})
	if err != nil || p.String() != "{val: {a: int, o: {y: string}}}" {
		t.Fatalf("%s, %v", p, err)
	}
	if p, err = s.Project([]string{"key", "val.o"}); err != nil || p.String() != "{key: long, val: {o: {x: int, y: string}}}" {
		t.Fatalf("%s, %v", p, err)
	}
	var se *SchemaError
	if _, err = s.Project([]string{"val.q"}); !errors.As(err, &se) || se.Path != "val.q" {
		t.Fatal(err)
	}
	if s.String() != "{key: long, val: {a: int, o: {x: int, y: string}, z: date}}" {
		t.Fatal("Project changed the schema")
	}
}

func TestSpec(t *testing.T) {
	s, err := ParseSpec([]byte(`{"cache": "C", "schema": {"val": {"a": "int"}}, "defaults": {"val.a": 7}}`))
	if err != nil || s.Part != AllPartitions || s.Endpoints()[0] != "localhost:10800" {
		t.Fatalf("%+v, %v", s, err)
	}
	r, err := s.resolve()
	if err != nil || string(r.Schema.Value.Fields[0].Default) != "7" || s.Schema.Value.Fields[0].Default != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	same := s
	if same.Hash() != s.Hash() {
		t.Fatal("equal specs, different hashes")
	}
	if same.Prepare(); same.Hash() != s.Hash() {
		t.Fatal("a prepared spec has another hash")
	}
	if same.Part = 5; same.Hash() == s.Hash() {
		t.Fatal("another part of a prepared spec has the same hash")
	}
	same.Part = s.Part
	same.BatchRows = 1
	if same.Prepare(); same.Hash() == s.Hash() {
		t.Fatal("different specs, one hash")
	}
	s.Defaults = map[string]json.RawMessage{"val.b": json.RawMessage("1")}
	if _, err := s.resolve(); err == nil || !strings.Contains(err.Error(), "val.b") {
		t.Fatal(err)
	}
	for _, bad := range []string{`{}`, `{"cache": "C", "part": -2}`, `{"cache": "C", "dropRemainder": true}`, `{"cache": "C", "nulls": "x"}`, `{"cache": "C", "lanes": -1}`, `{"cache": "C", "port": 70000}`, `{"cache": "C", "passwd": "x"}`} {
		if _, err := ParseSpec([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// drafted finds a schema from rows alone.
func drafted(t testing.TB, ts types, o DiscoverOptions, vals ...any) (*Schema, error) {
	t.Helper()
	f := newDrafter("C", ts)
	for _, v := range vals {
		if err := f.row(enc(t, int64(1)), ts.encode(t, v)); err != nil {
			return nil, err
		}
	}
	return f.schema(o)
}

func TestSchemaFromRows(t *testing.T) {
	name := "n"
	for want, vals := range map[string][]any{
		"string": {"a"},
		"long":   {int32(1), int64(2), int16(3)},
		"double": {float32(1), 2.0},
		"date":   {binary.SQLDate(dayMillis), binary.SQLDate(-dayMillis)},
		// A day that is no midnight in UTC, and a java.util.Date, are times.
		"timestamp[ms]": {binary.SQLDate(1), binary.Date(2)},
		"timestamp":     {binary.Date(2), time.Unix(1, 0), binary.SQLDate(dayMillis)},
		"enum":          {binary.BinaryEnum{TypeID: 1, Ordinal: 2}},
		"string[]":      {[]*string{&name}},
		"{a: int, b: string, d: {x: float[]?}}": {
			binary.NewObject("T").Set("a", int32(1)).Set("b", "x").Set("d", binary.NewObject("D").Set("x", binary.NullOf(binary.TypeFloatArray))),
		},
		"{a: int?, b: string?}": {binary.NewObject("T").Set("a", int32(1)), binary.NewObject("T").Set("b", "x")},
		"{a: int?, c: int?}":    {binary.NewObject("T").Set("a", int32(1)), binary.NewObject("U").Set("c", int32(1))},
		"{d: date}":             {binary.NewObject("T").Set("d", binary.SQLDate(5*dayMillis))},
	} {
		s, err := drafted(t, types{}, DiscoverOptions{}, vals...)
		if err != nil || s.Value.String() != want {
			t.Errorf("%v: %v, %v, want %s", vals, s, err, want)
		}
	}
}

func TestSchemaErrorsNameTheField(t *testing.T) {
	obj := binary.NewObject("T").Set("ok", int32(1)).Set("m", &binary.Map{Kind: 1}).Set("in", binary.NewObject("I").Set("l", &binary.Collection{Kind: 1}))
	ts := types{}
	_, err := drafted(t, ts, DiscoverOptions{}, obj)
	var se *SchemaError
	if !errors.As(err, &se) || se.Path != "val.m" || se.Type != "Map" || se.Cache != "C" {
		t.Fatalf("%v", err)
	}
	s, err := drafted(t, ts, DiscoverOptions{SkipUnsupported: true}, obj)
	if err != nil || s.String() != "{key: long, val: {ok: int, in: {}}}" || !reflect.DeepEqual(s.Omitted, []string{"val.m (Map)", "val.in.l (Collection)"}) {
		t.Fatalf("%v, %v, %v", s, s.Omitted, err)
	}
	if s, err = drafted(t, ts, DiscoverOptions{Fields: []string{"val.ok"}}, obj); err != nil || s.String() != "{val: {ok: int}}" {
		t.Fatalf("%v, %v", s, err)
	}
	if _, err = drafted(t, types{}, DiscoverOptions{}, "a", int32(1)); err == nil || !strings.Contains(err.Error(), "type string and of type int") {
		t.Fatalf("%v", err)
	}
	if _, err = drafted(t, types{}, DiscoverOptions{}); err == nil || !strings.Contains(err.Error(), `"label": "int"`) {
		t.Fatalf("an empty cache of unknown type: %v", err)
	}
	if _, err = drafted(t, types{}, DiscoverOptions{}, binary.NewObject("T").Set("o", binary.NullOf(binary.TypeObject))); !errors.As(err, &se) || se.Path != "val.o" {
		t.Fatalf("a field of unknown type: %v", err)
	}
}

func TestSchemaFromQueryEntity(t *testing.T) {
	f := newDrafter("C", types{})
	err := f.entity(&wire.QueryEntity{
		KeyType: "java.lang.Long", ValueType: "SQL_PUBLIC_T_1", KeyField: "ID",
		Fields: []wire.QueryField{{Name: "ID", TypeName: "java.lang.Long", IsKey: true}, {Name: "NAME", TypeName: "java.lang.String"}, {Name: "D", TypeName: "java.sql.Date", NotNull: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.schema(DiscoverOptions{})
	if err != nil || s.String() != "{key: long, val: {NAME: string?, D: date}}" {
		t.Fatalf("%v, %v", s, err)
	}
	// The rows of such a table narrow nothing and add what they have.
	ts := types{}
	f = newDrafter("C", ts)
	if err := f.entity(&wire.QueryEntity{KeyType: "K", ValueType: "java.lang.String", Fields: []wire.QueryField{{Name: "A", TypeName: "java.lang.Integer", IsKey: true}, {Name: "V", TypeName: "java.lang.String"}}, ValueField: "V"}); err != nil {
		t.Fatal(err)
	}
	if err := f.row(ts.encode(t, binary.NewObject("K").Set("A", int32(1)).Set("B", "x")), enc(t, "v")); err != nil {
		t.Fatal(err)
	}
	if s, err = f.schema(DiscoverOptions{}); err != nil || s.String() != "{key: {A: int, B: string}, val: string}" {
		t.Fatalf("%v, %v", s, err)
	}
}

func FuzzSchemaFromRow(f *testing.F) {
	ts := types{}
	f.Add(enc(f, "k"), wrap(ts.encode(f, binary.NewObject("T").Set("m", kitten(1)).Set("d", binary.SQLDate(1)).Set("n", nil))))
	f.Add(ts.encode(f, kitten(2)), enc(f, []int32{1}))
	f.Fuzz(func(_ *testing.T, key, val []byte) {
		d := newDrafter("C", ts)
		for range 2 {
			if d.row(key, val) != nil {
				return
			}
		}
		_, _ = d.schema(DiscoverOptions{SkipUnsupported: true})
	})
}

func TestHandlesDoNotMultiply(t *testing.T) {
	ts := types{}
	inner := ts.encode(t, binary.NewObject("L0").Set("x", int32(1)))
	for level := 1; level < 12; level++ { // each level holds the one below ten times, in a few bytes
		o := binary.NewObject("L"+string(rune('a'+level))).Set("f0", binary.Raw(inner))
		at := len(inner)
		for i := 1; i < 10; i++ {
			o.Set("f"+string(rune('0'+i)), binary.Raw{byte(binary.TypeHandle), byte(at), byte(at >> 8), byte(at >> 16), 0})
			at += 5
		}
		inner = ts.encode(t, o)
	}
	d := newDrafter("C", ts)
	if err := d.row(enc(t, int64(1)), inner); err == nil || !strings.Contains(err.Error(), "more than 65536 fields") {
		t.Fatalf("%d bytes: %v", len(inner), err)
	}
}

func TestSelfReferenceEndsSomewhere(t *testing.T) {
	o := binary.NewObject("Node").Set("next", nil)
	for range maxSchemaDepth + 2 {
		o = binary.NewObject("Node").Set("next", o)
	}
	if _, err := drafted(t, types{}, DiscoverOptions{}, o); err == nil || !strings.Contains(err.Error(), "nested more than") {
		t.Fatalf("%v", err)
	}
}
