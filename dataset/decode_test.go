package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// types keeps the metadata that an Encoder announces, as a cluster does.
type types map[int32]*binary.Metadata

func (ts types) Metadata(id int32) (*binary.Metadata, error) { return ts[id], nil }

func (ts types) encoder() *binary.Encoder {
	return &binary.Encoder{OnType: func(m *binary.Metadata) error {
		if old := ts[m.TypeID]; old != nil {
			merged, _, err := old.Merge(m)
			ts[m.TypeID] = merged
			return err
		}
		ts[m.TypeID] = m
		return nil
	}}
}

func (ts types) encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := ts.encoder().Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wrap puts an object into a byte array, as the server sends values.
func wrap(object []byte) []byte {
	w := binary.Writer{}
	w.PutUint8(uint8(binary.TypeWrapped))
	w.PutInt32(int32(len(object)))
	w.PutBytes(object)
	w.PutInt32(0)
	return w.Buf
}

func decoderFor(t testing.TB, schema, nulls string, res binary.Resolver) *decoder {
	t.Helper()
	s := mustSchema(t, schema)
	d, err := newDecoder(&s, nulls, res, column.NewPool(0))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// decodeVal decodes one value by a schema of the value.
func decodeVal(t testing.TB, schema, nulls string, res binary.Resolver, val []byte) (any, error) {
	t.Helper()
	d := decoderFor(t, `{"val": `+schema+`}`, nulls, res)
	row := append(enc(t, int64(1)), val...)
	n, err := d.row(row, 0)
	if err != nil {
		return nil, err
	}
	if n != len(row) {
		t.Fatalf("%d of %d bytes read", n, len(row))
	}
	b := d.builder.NewBatch()
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	return b.Columns[0].Value(0), nil
}

func list[T any](v ...T) []any {
	out := make([]any, len(v))
	for i := range v {
		out[i] = v[i]
	}
	return out
}

func TestEveryTypeToItsColumn(t *testing.T) {
	id := uuid.MustParse("01020304-0506-0708-090a-0b0c0d0e0f10")
	ts := time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)
	dec, _, err := apd.NewFromString("-12345.678")
	if err != nil {
		t.Fatal(err)
	}
	s := "b"
	for _, c := range []struct {
		schema string
		in     any
		want   any
	}{
		{`"byte"`, int8(-5), int8(-5)},
		{`"short"`, int16(-7), int16(-7)},
		{`"int"`, int32(math.MinInt32), int32(math.MinInt32)},
		{`"long"`, int64(math.MaxInt64), int64(math.MaxInt64)},
		{`"float"`, float32(1.5), float32(1.5)},
		{`"double"`, -2.25, -2.25},
		{`"char"`, binary.Char(0x42f), uint16(0x42f)},
		{`"boolean"`, true, true},
		{`"bool"`, false, false},
		{`"string"`, "\u043f\u0440\u0438", "\u043f\u0440\u0438"},
		{`"uuid"`, id, id.String()},
		{`"date"`, binary.Date(1700000000123), int64(1700000000123)},
		{`"date"`, binary.SQLDate(1700000000000), int64(1700000000000)},
		{`"time"`, binary.TimeOfDay(3600000), int64(3600000)},
		{`"timestamp"`, ts, ts.UnixNano()},
		{`"timestamp"`, binary.Date(-5), int64(-5e6)},
		{`"decimal"`, dec, "-12345.678"},
		{`"enum"`, binary.Enum{TypeID: 7, Ordinal: 2}, int32(2)},
		{`"enum"`, binary.BinaryEnum{TypeID: 7, Ordinal: 1}, int32(1)},
		{`"byte[]"`, []byte{0, 255}, list[uint8](0, 255)},
		{`"short[]"`, []int16{-1, 2}, list[int16](-1, 2)},
		{`"int[]"`, []int32{-1, 2}, list[int32](-1, 2)},
		{`"long[]"`, []int64{1 << 40}, list[int64](1 << 40)},
		{`"float[]"`, []float32{.5}, list[float32](.5)},
		{`"double[]"`, []float64{}, []any{}},
		{`"char[]"`, []binary.Char{'x', 0xffff}, list[uint16]('x', 0xffff)},
		{`"boolean[]"`, []bool{true, false}, list(true, false)},
		{`"string[]"`, []*string{&s}, list("b")},
		// a wider schema
		{`"short"`, int8(-5), int16(-5)},
		{`"int"`, int16(-5), int32(-5)},
		{`"int"`, binary.Char(0xffff), int32(0xffff)},
		{`"long"`, int32(-5), int64(-5)},
		{`"long"`, int8(-5), int64(-5)},
		{`"float"`, int16(-300), float32(-300)},
		{`"double"`, float32(.5), .5},
		{`"double"`, int32(math.MaxInt32), float64(math.MaxInt32)},
		{`"long[]"`, []int32{-1}, list[int64](-1)},
		{`"double[]"`, []float32{.25, 8}, list(.25, 8)},
	} {
		got, err := decodeVal(t, c.schema, "", nil, enc(t, c.in))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s of %T %v: %#v, %v; want %#v", c.schema, c.in, c.in, got, err, c.want)
		}
	}
}

func TestNarrowingIsAnError(t *testing.T) {
	for _, c := range []struct {
		schema string
		in     any
		say    string
	}{
		{`"int"`, int64(1), "holds a value of type long, the schema says int"},
		{`"byte"`, int16(1), "type short"},
		{`"float"`, 1.0, "type double"},
		{`"float"`, int32(1), "type int"},
		{`"double"`, int64(1), "type long"},
		{`"string"`, int64(1), "type long, the schema says string"},
		{`"long"`, "1", "type string, the schema says long"},
		{`"int[]"`, []int64{1}, "long[]"},
		{`"short[]"`, []byte{1}, "byte[]"},
		{`"boolean"`, int8(1), "type byte"},
		{`{"a": "int"}`, int32(1), "type int, the schema says object"},
		{`"date"`, int64(1), "type long, the schema says date"},
		{`"string"`, &binary.Map{Kind: 1}, "type Map, the schema says string"},
	} {
		_, err := decodeVal(t, c.schema, "", nil, enc(t, c.in))
		if err == nil || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), "field val") {
			t.Errorf("%s of %T: %v, want %q", c.schema, c.in, err, c.say)
		}
	}
	if _, err := decodeVal(t, `"timestamp"`, "", nil, enc(t, binary.Date(math.MaxInt64/1000))); err == nil || !strings.Contains(err.Error(), "has no exact timestamp, which is in 64 bits") {
		t.Errorf("a time out of range: %v", err)
	}
}

func kitten(label int32) *binary.Object {
	return binary.NewObject("Kitten").
		Set("metadata", binary.NewObject("Meta").Set("file_name", fmt.Sprintf("k%d.png", label)).Set("label", label).Set("w", 1.5)).
		Set("pixels", []byte{1, 2, byte(label)})
}

const kittenSchema = `{"metadata": {"label": "long", "file_name": "string"}, "pixels": "byte[]"}`

func TestNestedObjects(t *testing.T) {
	ts := types{}
	raw := ts.encode(t, kitten(7))
	want := map[string]any{"metadata": map[string]any{"label": int64(7), "file_name": "k7.png"}, "pixels": list[uint8](1, 2, 7)}
	for name, b := range map[string][]byte{"bare": raw, "wrapped": wrap(raw)} {
		got, err := decodeVal(t, kittenSchema, "", ts, b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	full := ts.encoder()
	full.FullFooter = true
	b, err := full.Append(nil, kitten(7))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decodeVal(t, kittenSchema, "", ts, b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("full footer: %v, %v", got, err)
	}
	if got, err := decodeVal(t, kittenSchema, "", types{}, b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("full footer without metadata: %v, %v", got, err)
	}
}

func TestLargeObjectsHaveWideOffsets(t *testing.T) {
	ts := types{}
	for _, size := range []int{10, 300, 70000} {
		pad := make([]byte, size)
		b := ts.encode(t, binary.NewObject("Wide").Set("pad", pad).Set("x", int32(size)).Set("s", "end"))
		got, err := decodeVal(t, `{"x": "int", "s": "string"}`, "", ts, wrap(b))
		if err != nil || !reflect.DeepEqual(got, map[string]any{"x": int32(size), "s": "end"}) {
			t.Errorf("%d bytes: %v, %v", size, got, err)
		}
	}
}

func TestSchemasOfOneTypeDiffer(t *testing.T) {
	ts := types{}
	d := decoderFor(t, `{"key": "long", "val": {"NAME": "string", "AGE": {"type": "int", "default": -1}}}`, "", ts)
	for i, o := range []*binary.Object{
		binary.NewObject("T").Set("NAME", "a").Set("AGE", int32(1)),
		binary.NewObject("T").Set("NAME", "b"),
		binary.NewObject("T").Set("AGE", int32(3)).Set("NAME", "c"),
		binary.NewObject("T").Set("EXTRA", 1.0).Set("NAME", "d").Set("AGE", binary.NullOf(binary.TypeInt)),
		binary.NewObject("T").Set("NAME", "e").Set("AGE", int16(5)),
	} {
		enc := binary.Encoder{OnType: func(m *binary.Metadata) error { // an evolving type: the cluster would refuse int16, plans do not care
			m2 := *m
			if old := ts[m.TypeID]; old != nil {
				m2.Schemas = append(m2.Schemas, old.Schemas...)
			}
			ts[m.TypeID] = &m2
			return nil
		}}
		b, err := enc.Append(binary.Raw{}, int64(i))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = enc.Append(b, o); err != nil {
			t.Fatal(err)
		}
		if _, err := d.row(b, 0); err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
	}
	batch := d.builder.NewBatch()
	for i, want := range []struct {
		name string
		age  int32
	}{{"a", 1}, {"b", -1}, {"c", 3}, {"d", -1}, {"e", 5}} {
		if got := batch.Columns[1].Value(i); !reflect.DeepEqual(got, map[string]any{"NAME": want.name, "AGE": want.age}) {
			t.Errorf("row %d: %v", i, got)
		}
	}
}

func TestNulls(t *testing.T) {
	ts := types{}
	b := ts.encode(t, binary.NewObject("N").Set("s", binary.NullOf(binary.TypeString)).Set("n", binary.NullOf(binary.TypeInt)).
		Set("o", binary.NullOf(binary.TypeObject)).Set("l", binary.NullOf(binary.TypeFloatArray)).Set("t", []*string{nil}))
	const plain = `{"s": "string", "n": "int", "o": {"x": "int", "y": "string[]"}, "l": "float[]", "t": "string[]", "gone": "double"}`
	zero := map[string]any{"s": "", "n": int32(0), "o": map[string]any{"x": int32(0), "y": []any{}}, "l": []any{}, "t": list(""), "gone": 0.0}
	keep := map[string]any{"s": nil, "n": nil, "o": nil, "l": nil, "t": []any{nil}, "gone": nil}
	for mode, want := range map[string]any{NullsDefault: zero, NullsKeep: keep} {
		if got, err := decodeVal(t, plain, mode, ts, b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", mode, got, err)
		}
	}
	for schema, say := range map[string]string{
		`{"s": "string"}`:     "field val.s is null in the row; state a default",
		`{"n": "int"}`:        "field val.n is null",
		`{"o": {"x": "int"}}`: "field val.o is null",
		`{"gone": "int"}`:     "field val.gone is missing in the row; state a default",
		`{"t": "string[]"}`:   "field val.t[0] is null",
	} {
		_, err := decodeVal(t, schema, NullsError, ts, b)
		var ne *nullError
		if !errors.As(err, &ne) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %q", schema, err, say)
		}
	}
	got, err := decodeVal(t, `{"s": {"type": "string", "default": "none"}, "o": {"type": "object", "default": {"x": 7}, "fields": [{"name": "x", "type": "int"}]},
		"l": {"type": "float[]", "default": [0.5, 1]}}`, "", ts, b)
	if want := map[string]any{"s": "none", "o": map[string]any{"x": int32(7)}, "l": list[float32](.5, 1)}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("stated defaults: %v, %v", got, err)
	}
}

func TestDefaultsThatDoNotFit(t *testing.T) {
	for _, schema := range []string{
		`{"type": "int", "default": "x"}`, `{"type": "byte", "default": 200}`, `{"type": "int[]", "default": 1}`, `{"type": "string", "default": 1}`,
		`{"type": "char", "default": -1}`, `{"type": "boolean", "default": 0}`, `{"type": "object", "default": {"y": 1}, "fields": [{"name": "x", "type": "int"}]}`,
	} {
		s := mustSchema(t, `{"val": `+schema+`}`)
		if _, err := newDecoder(&s, "", nil, column.NewPool(0)); err == nil {
			t.Errorf("%s was accepted", schema)
		}
	}
}

func TestAnotherTypeIsNamed(t *testing.T) {
	ts := types{}
	b := ts.encode(t, binary.NewObject("Dog").Set("bark", "wau"))
	schema := fmt.Sprintf(`{"type": "object", "typeName": "Cat", "typeId": %d, "fields": [{"name": "meow", "type": "string"}]}`, binary.TypeID("Cat"))
	_, err := decodeVal(t, schema, NullsDefault, ts, b)
	if err == nil || !strings.Contains(err.Error(), "field val.meow: the row's value is a Dog, which has no such field; the schema expects Cat") {
		t.Fatal(err)
	}
}

func TestHandlesPointBack(t *testing.T) {
	ts := types{}
	inner := ts.encode(t, binary.NewObject("In").Set("x", int32(9)))
	b := ts.encode(t, binary.NewObject("Out").Set("a", binary.Raw(inner)).Set("b", binary.Raw{byte(binary.TypeHandle), byte(len(inner)), 0, 0, 0}))
	const schema = `{"a": {"x": "int"}, "b": {"x": "int"}}`
	want := map[string]any{"a": map[string]any{"x": int32(9)}, "b": map[string]any{"x": int32(9)}}
	if got, err := decodeVal(t, schema, "", ts, wrap(b)); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestDecimalText(t *testing.T) {
	for _, c := range []struct {
		mag   []byte
		scale int32
		want  string
	}{
		{[]byte{0}, 0, "0"},
		{nil, 0, "0"},
		{[]byte{0x81}, 5, "-0.00001"},
		{[]byte{1}, -3, "1000"},
		{[]byte{123}, 2, "1.23"},
		{[]byte{123}, 3, "0.123"},
		{[]byte{0}, -5, "0"},
		{[]byte{7}, math.MinInt32, "7E2147483648"},
		{[]byte{7}, math.MaxInt32, "7E-2147483647"},
		{[]byte{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0, "9223372036854775807"},
		{[]byte{0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1, "-1844674407370955161.5"},
	} {
		if got := string(appendDecimal(nil, c.scale, c.mag)); got != c.want {
			t.Errorf("%x scale %d: %s, want %s", c.mag, c.scale, got, c.want)
		}
	}
}

func TestEveryTruncationFails(t *testing.T) {
	ts := types{}
	all := binary.NewObject("All").Set("m", kitten(1)).Set("s", "text").Set("l", []int64{1, 2}).Set("d", binary.Date(1)).Set("t", []string{"a", "b"}).Set("u", uuid.New())
	row := append(enc(t, int64(1)), wrap(ts.encode(t, all))...)
	d := decoderFor(t, `{"key": "long", "val": {"m": `+kittenSchema+`, "s": "string", "l": "long[]", "d": "date", "t": "string[]", "u": "uuid"}}`, "", ts)
	if n, err := d.row(row, 0); err != nil || n != len(row) {
		t.Fatalf("%d, %v", n, err)
	}
	for n := range row {
		if _, err := d.row(row[:n:n], 0); err == nil {
			t.Errorf("%d of %d bytes were accepted", n, len(row))
		}
		d.builder.Truncate(1)
	}
}

func FuzzDecodeRow(f *testing.F) {
	ts := types{}
	const schema = `{"key": "string", "val": {"m": ` + kittenSchema + `, "s": "string", "l": "long[]", "d": "date", "t": "string[]", "u": "uuid", "c": "decimal", "e": "enum", "ts": "timestamp", "b": "boolean[]"}}`
	all := binary.NewObject("All").Set("m", kitten(1)).Set("s", "text").Set("l", []int32{1, 2}).Set("d", binary.SQLDate(1)).Set("t", []string{"a", "b"}).
		Set("u", uuid.New()).Set("c", apd.New(12345, -2)).Set("e", binary.Enum{TypeID: 1, Ordinal: 2}).Set("ts", time.Unix(1, 2)).Set("b", []bool{true})
	object := ts.encode(f, all)
	f.Add(append(enc(f, "k"), wrap(object)...))
	f.Add(append(enc(f, "k"), object...))
	f.Add([]byte{9, 0, 0, 0, 0, 101})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mode := range []string{NullsError, NullsDefault, NullsKeep} {
			d := decoderFor(t, schema, mode, ts)
			n, err := d.row(b, 0)
			if err != nil {
				d.builder.Truncate(0)
			} else if n > len(b) || d.builder.Rows() != 1 {
				t.Fatalf("%d bytes of %d, %d rows", n, len(b), d.builder.Rows())
			}
			// A value may be referred to once for each field of the schema, and takes up to 8 bytes for one.
			if got := d.builder.Bytes(); got > 16*8*len(b)+4096 {
				t.Fatalf("%d bytes of columns from %d", got, len(b))
			}
			batch := d.builder.NewBatch()
			if err := batch.Validate(); err != nil {
				t.Fatal(err)
			}
			batch.Release()
		}
	})
}

// benchRow decodes one row again and again, a batch of 256 at a time.
func benchRow(b *testing.B, d *decoder, row []byte) {
	b.SetBytes(int64(len(row)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := d.row(row, 0); err != nil {
			b.Fatal(err)
		}
		if n++; n == 256 {
			d.builder.NewBatch().Release()
			n = 0
		}
	}
}

func digit(t testing.TB) (*decoder, []byte) {
	ts := types{}
	row := append(enc(t, int64(1)), wrap(ts.encode(t, binary.NewObject("Digit").Set("label", int32(1)).Set("pixels", make([]byte, 784))))...)
	return decoderFor(t, `{"key": "long", "val": {"label": "int", "pixels": "byte[]"}}`, "", ts), row
}

func tenFields(t testing.TB) (*decoder, []byte) {
	ts := types{}
	o := binary.NewObject("Ten")
	fields := map[string]string{}
	for i := range 5 {
		o.Set(fmt.Sprintf("d%d", i), float64(i)).Set(fmt.Sprintf("i%d", i), int32(i))
		fields[fmt.Sprintf("d%d", i)], fields[fmt.Sprintf("i%d", i)] = "double", "int"
	}
	s, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return decoderFor(t, `{"key": "long", "val": `+string(s)+`}`, "", ts), append(enc(t, int64(1)), wrap(ts.encode(t, o))...)
}

func TestRowPathDoesNotAllocate(t *testing.T) {
	for name, make := range map[string]func(testing.TB) (*decoder, []byte){"digit": digit, "ten fields": tenFields} {
		d, row := make(t)
		allocs := testing.AllocsPerRun(10, func() {
			for range 1024 {
				if _, err := d.row(row, 0); err != nil {
					t.Fatal(err)
				}
			}
			d.builder.NewBatch().Release()
		})
		if allocs > 64 { // the headers of one batch
			t.Errorf("%s: %v allocations for 1024 rows", name, allocs)
		}
	}
}

func BenchmarkDecodeDigit785(b *testing.B)  { d, row := digit(b); benchRow(b, d, row) }
func BenchmarkDecodeTenFields(b *testing.B) { d, row := tenFields(b); benchRow(b, d, row) }

func BenchmarkDecodeBytes4KiB(b *testing.B) {
	benchRow(b, decoderFor(b, plainSchema, "", nil), append(enc(b, int64(1)), enc(b, make([]byte, 4096))...))
}
