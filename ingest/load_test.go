package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignitetest"
	"github.com/kindling-ml/kindling/ingest"
)

func TestMain(m *testing.M) { os.Exit(ignitetest.Main(m)) }

// onBoth runs a test against the embedded node and a real Ignite.
func onBoth(t *testing.T, test func(t *testing.T, c *ignite.Client)) {
	for name, start := range map[string]func(testing.TB, ...ignitetest.Option) *ignitetest.Server{
		"embedded": ignitetest.Embedded, "ignite-" + ignitetest.IgniteVersion: ignitetest.Real,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t).Client(t)) })
	}
}

// records makes a reader of one batch out of JSON rows.
func records(t *testing.T, schema *arrow.Schema, rows string) array.RecordReader {
	t.Helper()
	r := array.NewJSONReader(strings.NewReader(rows), schema, array.WithChunk(-1), array.WithAllocator(memory.DefaultAllocator))
	t.Cleanup(r.Release)
	return r
}

func field(name string, t arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true}
}

// everyType has a column of each type that Arrow's JSON reader reads.
var everyType = arrow.NewSchema([]arrow.Field{
	field("id", arrow.PrimitiveTypes.Int64),
	field("i8", arrow.PrimitiveTypes.Int8), field("u8", arrow.PrimitiveTypes.Uint8), field("i16", arrow.PrimitiveTypes.Int16),
	field("u16", arrow.PrimitiveTypes.Uint16), field("i32", arrow.PrimitiveTypes.Int32), field("u32", arrow.PrimitiveTypes.Uint32),
	field("u64", arrow.PrimitiveTypes.Uint64), field("f32", arrow.PrimitiveTypes.Float32), field("f64", arrow.PrimitiveTypes.Float64),
	field("ok", arrow.FixedWidthTypes.Boolean), field("text", arrow.BinaryTypes.String),
	field("bytes", arrow.ListOf(arrow.PrimitiveTypes.Uint8)), field("longs", arrow.ListOf(arrow.PrimitiveTypes.Uint32)),
	field("floats", arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Float32)), field("texts", arrow.ListOf(arrow.BinaryTypes.String)),
	field("at", arrow.StructOf(field("x", arrow.PrimitiveTypes.Int32), field("y", arrow.PrimitiveTypes.Int32))),
	field("path", arrow.ListOf(arrow.StructOf(field("x", arrow.PrimitiveTypes.Int32)))),
	field("price", &arrow.Decimal128Type{Precision: 10, Scale: 2}), field("when", &arrow.TimestampType{Unit: arrow.Microsecond}),
	field("day", arrow.FixedWidthTypes.Date32),
}, nil)

const everyRow = `{"id": 7, "i8": -5, "u8": 200, "i16": -300, "u16": 60000, "i32": -70000, "u32": 4000000000, "u64": 5, "f32": 1.5, "f64": 2.25,
 "ok": true, "text": "caf\u00e9", "bytes": [1, 255], "longs": [1, 4000000000], "floats": [0.5, -1], "texts": ["a", null, "b"],
 "at": {"x": 1, "y": 2}, "path": [{"x": 1}, {"x": 2}], "price": "12.50", "when": "2020-01-02 03:04:05.123456", "day": "2020-01-02"}
{"id": 8}`

func TestLoadEveryType(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		result, err := ingest.Load(ctx, c, "EVERY_TYPE", records(t, everyType, everyRow), ingest.Options{Key: []string{"id"}})
		if err != nil || result.Rows != 2 {
			t.Fatalf("result %+v, error %v", result, err)
		}
		cache := ignite.NewCache[int64, any](c, "EVERY_TYPE")
		value, found, err := cache.Get(ctx, 7)
		if err != nil || !found {
			t.Fatalf("found %v, error %v", found, err)
		}
		object := value.(*binary.Object)
		var got []string
		for _, f := range object.Fields {
			got = append(got, fmt.Sprintf("%s=%T", f.Name, f.Value))
		}
		want := "i8=int8 u8=int16 i16=int16 u16=int32 i32=int32 u32=int64 u64=int64 f32=float32 f64=float64 ok=bool text=string " +
			"bytes=[]uint8 longs=[]int64 floats=[]float32 texts=[]*string at=*binary.Object path=*binary.Collection " +
			"price=*apd.Decimal when=time.Time day=binary.SQLDate"
		if text := strings.Join(got, " "); text != want {
			t.Errorf("fields\n%s, want\n%s", text, want)
		}
		if v, _ := object.Get("u32"); v != int64(4000000000) {
			t.Errorf("u32 %v", v)
		}
		if v, _ := object.Get("longs"); fmt.Sprint(v) != "[1 4000000000]" {
			t.Errorf("longs %v", v)
		}
		if v, _ := object.Get("price"); fmt.Sprint(v) != "12.50" {
			t.Errorf("price %v", v)
		}
		if value, _, err = cache.Get(ctx, 8); err != nil || value.(*binary.Object).Fields[3].Value != nil {
			t.Errorf("the row of nulls: %v, error %v", value, err)
		}
	})
}

// TestLoadIntoTable: a SQL table keeps its names and types, and rows that do not fit are named.
func TestLoadIntoTable(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		if _, err := c.Exec(ctx, ignite.SQL{Statement: "CREATE TABLE LOADED (ID INT PRIMARY KEY, AGE TINYINT, NAME VARCHAR)"}); err != nil {
			t.Fatal(err)
		}
		schema := arrow.NewSchema([]arrow.Field{field("id", arrow.PrimitiveTypes.Int64), field("age", arrow.PrimitiveTypes.Int64), field("name", arrow.BinaryTypes.String)}, nil)
		rows := records(t, schema, `{"id": 1, "age": 4, "name": "Tom"} {"id": 2, "age": 5, "name": "Kit"}`)
		if _, err := ingest.Load(ctx, c, "SQL_PUBLIC_LOADED", rows, ingest.Options{Key: []string{"id"}}); err != nil {
			t.Fatal(err)
		}
		answer, err := c.Query(ctx, ignite.SQL{Statement: "SELECT ID, AGE, NAME FROM LOADED ORDER BY ID"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row, err := range answer.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(row))
		}
		if fmt.Sprint(got) != "[[1 4 Tom] [2 5 Kit]]" {
			t.Errorf("rows %v", got)
		}
		rows = records(t, schema, `{"id": 3, "age": 400, "name": "Old"}`)
		_, err = ingest.Load(ctx, c, "SQL_PUBLIC_LOADED", rows, ingest.Options{Key: []string{"id"}})
		if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), "age: 400 does not fit") && !strings.Contains(err.Error(), "AGE: 400 does not fit") {
			t.Errorf("error %v, want the column and the value named", err)
		}
	})
}

// TestLoadKeys: row numbers, composite keys, keys kept, overwriting.
func TestLoadKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		path := filepath.Join(t.TempDir(), "points.csv")
		if err := os.WriteFile(path, []byte("x,y\n1,10\n2,20\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		load := func(cache string, opts ingest.Options) {
			t.Helper()
			r, err := ingest.OpenFile(path, ingest.FileOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			if _, err := ingest.Load(ctx, c, cache, r, opts); err != nil {
				t.Fatal(err)
			}
		}
		load("NUMBERED", ingest.Options{FirstRow: 5})
		if _, found, err := ignite.NewCache[int64, any](c, "NUMBERED").Get(ctx, 6); err != nil || !found {
			t.Errorf("row number 6 as key: found %v, error %v", found, err)
		}
		load("PLAIN", ingest.Options{Key: []string{"x"}, Plain: true})
		if v, _, err := ignite.NewCache[int64, int64](c, "PLAIN").Get(ctx, 2); err != nil || v != 20 {
			t.Errorf("plain value %v, error %v", v, err)
		}
		load("COMPOSITE", ingest.Options{Key: []string{"x", "y"}, KeepKey: true})
		if n, err := ignite.NewCache[any, any](c, "COMPOSITE").Size(ctx); err != nil || n != 2 {
			t.Errorf("composite keys: %d rows, error %v", n, err)
		}
		plain := ignite.NewCache[int64, int64](c, "PLAIN")
		if err := plain.Put(ctx, 1, 99); err != nil {
			t.Fatal(err)
		}
		load("PLAIN", ingest.Options{Key: []string{"x"}, Plain: true})
		if v, _, err := plain.Get(ctx, 1); err != nil || v != 99 {
			t.Errorf("without Overwrite the value is %v, want 99 as it was (error %v)", v, err)
		}
		load("PLAIN", ingest.Options{Key: []string{"x"}, Plain: true, Overwrite: true})
		if v, _, err := plain.Get(ctx, 1); err != nil || v != 10 {
			t.Errorf("with Overwrite the value is %v, want 10 (error %v)", v, err)
		}
	})
}

func TestLoadRefuses(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	schema := arrow.NewSchema([]arrow.Field{field("id", arrow.PrimitiveTypes.Int64), field("n", arrow.PrimitiveTypes.Uint64)}, nil)
	for name, test := range map[string]struct {
		rows string
		opts ingest.Options
		want string
	}{
		"no such key":  {`{"id": 1}`, ingest.Options{Key: []string{"nr"}}, `no key column "nr"`},
		"null key":     {`{"id": 1} {"n": 2}`, ingest.Options{Key: []string{"id"}}, "row 1: ingest: columns do not fit: the key is null"},
		"beyond long":  {`{"id": 1, "n": 18446744073709551615}`, ingest.Options{Key: []string{"id"}}, "n: 18446744073709551615 does not fit"},
		"nothing left": {`{"id": 1, "n": 1}`, ingest.Options{Key: []string{"id", "n"}}, "no column is left"},
		"plain of two": {`{"id": 1, "n": 1}`, ingest.Options{Plain: true}, "a plain value is one column"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ingest.Load(context.Background(), c, "REFUSES", records(t, schema, test.rows), test.opts)
			if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
