package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
	"github.com/kindling-ml/kindling/ingest"
)

// written puts files, name and content in turn, into a folder.
func written(t *testing.T, namesAndContents ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for pair := range slices.Chunk(namesAndContents, 2) {
		path := filepath.Join(dir, pair[0])
		if err := os.WriteFile(path, []byte(pair[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// entries are a cache's entries as text, sorted.
func entries(t *testing.T, c *ignite.Client, cache string) string {
	t.Helper()
	var all []string
	for e, err := range ignite.NewCache[any, any](c, cache).Scan(context.Background(), ignite.ScanQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%T %v:", e.Key, e.Key)
		object, ok := e.Value.(*binary.Object)
		if !ok {
			all = append(all, fmt.Sprintf("%s %T %v", text, e.Value, e.Value))
			continue
		}
		for _, f := range object.Fields {
			text += fmt.Sprintf(" %s=%T %v", f.Name, f.Value, f.Value)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func selected(t *testing.T, c *ignite.Client, statement string) string {
	t.Helper()
	answer, err := c.Query(context.Background(), ignite.SQL{Statement: statement})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for row, err := range answer.All() {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprint(row))
	}
	return strings.Join(rows, "\n")
}

// TestLoadFilesKeepsValues: nothing that stands in a file is lost or changed on its way into a cache.
func TestLoadFilesKeepsValues(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		for name, test := range map[string]struct {
			files []string
			opts  ingest.Options
			want  string
		}{
			"CSV_BIG_KEYS": {
				[]string{"a.csv", "k,v\n9223372036854775809,a\n9223372036854775810,b\n5,c\n"},
				ingest.Options{Key: []string{"k"}},
				"*apd.Decimal 5: v=string c\n*apd.Decimal 9223372036854775809: v=string a\n*apd.Decimal 9223372036854775810: v=string b",
			},
			"JSON_BIG_KEYS": {
				[]string{"a.jsonl", `{"k":9223372036854775809,"v":0.5} {"k":9223372036854775810,"v":9007199254740993}`},
				ingest.Options{Key: []string{"k"}},
				"*apd.Decimal 9223372036854775809: v=*apd.Decimal 0.5\n*apd.Decimal 9223372036854775810: v=*apd.Decimal 9007199254740993",
			},
			"MIXED_KEYS": {
				[]string{"a.csv", "k,v\n5,1\n5.5,2.5\n"},
				ingest.Options{Key: []string{"k"}},
				"*apd.Decimal 5.5: v=float64 2.5\n*apd.Decimal 5: v=float64 1",
			},
			"TEXTS": {
				[]string{"a.csv", "k,v,w\n1_2,00501,+1\n7,10001,2\n"},
				ingest.Options{Key: []string{"k"}},
				"string 1_2: v=string 00501 w=string +1\nstring 7: v=string 10001 w=string 2",
			},
			"TIMES": {
				[]string{"a.csv", "k,v\n1,2020-01-01 00:00:00.123456789\n2,9999-12-31\n3,0001-01-01 00:00\n"},
				ingest.Options{Key: []string{"k"}},
				"int64 1: v=time.Time 2020-01-01 00:00:00.123456789 +0000 UTC\nint64 2: v=time.Time 9999-12-31 00:00:00 +0000 UTC\n" +
					"int64 3: v=time.Time 0001-01-01 00:00:00 +0000 UTC",
			},
			"CR_ALONE": {[]string{"a.csv", "k,v\r1,a\r2,b\r"}, ingest.Options{Key: []string{"k"}}, "int64 1: v=string a\nint64 2: v=string b"},
			"TWO_FILES": {
				[]string{"a.csv", "k,v\n1,5\n", "b.csv", "v;k;w\n5.5;2;x\n", "empty.csv", "k,v\n", "c.json", `[{"k": 3, "v": 7}]`},
				ingest.Options{Key: []string{"k"}},
				"int64 1: v=float64 5 w=<nil> <nil>\nint64 2: v=float64 5.5 w=string x\nint64 3: v=float64 7 w=<nil> <nil>",
			},
			"STATED": {
				[]string{"a.csv", "zip,f,s,b,at\n00501,0.1,7,\"[1, 2]\",10:11:12.5\n"},
				ingest.Options{Types: map[string]string{"zip": "int", "f": "float", "s": "string", "b": "short[]", "at": "time"}, Rename: map[string]string{"f": "f.f"}},
				"", // f is renamed, so that its type is stated for no column
			},
			"STATED_WELL": {
				[]string{"a.csv", "zip,f,s,b,at\n00501,0.1,7,\"[1, 2]\",10:11:12.5\n"},
				ingest.Options{Types: map[string]string{"zip": "int", "f.f": "float", "s": "string", "b": "short[]", "at": "time"}, Rename: map[string]string{"f": "f.f"}},
				"int64 0: zip=int32 501 f.f=float32 0.1 s=string 7 b=[]int16 [1 2] at=binary.TimeOfDay 36672500",
			},
		} {
			_, err := ingest.LoadFiles(context.Background(), c, name, written(t, test.files...), ingest.FileOptions{}, test.opts)
			if test.want == "" {
				if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), `a type is stated for "f", which is no column among [zip f.f s b at]`) {
					t.Errorf("%s: error %v", name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := entries(t, c, name); got != test.want {
				t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
			}
		}
	})
}

// TestLoadFilesByDeclaration: the types that a cache declares say how text is parsed.
func TestLoadFilesByDeclaration(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		if _, err := c.Exec(ctx, ignite.SQL{Statement: `CREATE TABLE DECLARED (ID INT PRIMARY KEY, D DATE, P DECIMAL(30, 2), T TIMESTAMP, U UUID, C TIME, B BOOLEAN,
			ZIP VARCHAR, N1 TINYINT, N2 SMALLINT, N8 BIGINT, R REAL, F DOUBLE, X BINARY(8)) WITH "CACHE_NAME=DECLARED"`}); err != nil {
			t.Fatal(err)
		}
		header := "id,d,p,t,u,c,b,zip,n1,n2,n8,r,f,x\n"
		row := "1,2020-01-02,12345678901234567890.01,9999-12-31 23:59:59.123456789,8a2f5e30-8a9b-4f0c-9f10-0123456789ab,10:11:12,yes,007,-5,300,9223372036854775807,1.5,1e3,AQID\n"
		files := written(t, "a.csv", header+row+"2"+strings.Repeat(",", 13)+"\n", "b.jsonl",
			`{"id": 3, "d": "2020-01-02", "p": 5.10, "t": "2020-01-02T03:04:05Z", "zip": 7, "b": false, "n1": "8", "x": null, "f": 2}`)
		result, err := ingest.LoadFiles(ctx, c, "DECLARED", files, ingest.FileOptions{}, ingest.Options{Key: []string{"id"}})
		if err != nil || result.Rows != 3 || result.Stored != 3 {
			t.Fatalf("result %+v, error %v", result, err)
		}
		want := "[1 1577923200000 12345678901234567890.01 9999-12-31 23:59:59.123456789 +0000 UTC 8a2f5e30-8a9b-4f0c-9f10-0123456789ab 36672000 true 007 -5 300 9223372036854775807 1.5 1000 [1 2 3]]\n" +
			"[2" + strings.Repeat(" <nil>", 13) + "]\n" +
			"[3 1577923200000 5.10 2020-01-02 03:04:05 +0000 UTC <nil> <nil> false 7 8 <nil> <nil> <nil> 2 <nil>]"
		if got := selected(t, c, "SELECT * FROM DECLARED ORDER BY ID"); got != want {
			t.Errorf("rows\n%s\nwant\n%s", got, want)
		}
		size, err := ignite.NewCache[any, any](c, "DECLARED").Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for column, bad := range map[string]string{
			"d": "2020-01-02 03:00:00", "p": "1,5", "t": "yesterday", "u": "8a2f", "c": "10:11:12.1234", "b": "maybe", "n1": "128", "n2": "1.5", "n8": "1_000", "r": "0x1p3", "f": "one", "x": "0x1",
		} {
			fields := strings.Split(strings.TrimSpace(row), ",")
			at := slices.Index(strings.Split(strings.TrimSpace(header), ","), column)
			fields[0], fields[at] = "9", `"`+bad+`"`
			path := written(t, "bad.csv", header+strings.Replace(row, "1", "8", 1)+strings.Join(fields, ",")+"\n")
			_, err := ingest.LoadFiles(ctx, c, "DECLARED", path, ingest.FileOptions{}, ingest.Options{Key: []string{"id"}})
			if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), "bad.csv: line 3: ") || !strings.Contains(err.Error(), fmt.Sprintf("column %s: %q is no ", column, bad)) ||
				!strings.Contains(err.Error(), "the type that the cache declares (nothing is stored)") {
				t.Errorf("%s: error %v", column, err)
			}
		}
		if n, err := ignite.NewCache[any, any](c, "DECLARED").Size(ctx); err != nil || n != size {
			t.Errorf("%d rows are there, want the %d from before the bad files (error %v)", n, size, err)
		}
	})
}

// TestLoadFilesCounts: rows whose keys are known are told from those that are stored.
func TestLoadFilesCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		paths := written(t, "a.csv", "k,v\n1,a\n1,a\n2,b\n", "b.csv", "k,v\n2,b\n3,c\n")
		for i, test := range []struct {
			paths     []string
			overwrite bool
			want      ingest.Result
		}{
			{paths[:1], false, ingest.Result{Rows: 3, Stored: 2, Known: 1}},
			{paths, false, ingest.Result{Rows: 5, Stored: 1, Known: 4}},
			{paths, true, ingest.Result{Rows: 5, Stored: 0, Known: 5}},
		} {
			got, err := ingest.LoadFiles(context.Background(), c, "COUNTS", test.paths, ingest.FileOptions{}, ingest.Options{Key: []string{"k"}, Overwrite: test.overwrite})
			if got.Bytes = 0; err != nil || got != test.want {
				t.Errorf("load %d: %+v, want %+v (error %v)", i, got, test.want, err)
			}
		}
	})
}

// TestLoadFilesWithoutRows: a header alone decides nothing.
func TestLoadFilesWithoutRows(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	ctx := context.Background()
	load := func(content string) ingest.Result {
		t.Helper()
		result, err := ingest.LoadFiles(ctx, c, "HEADER", written(t, "a.csv", content), ingest.FileOptions{}, ingest.Options{Key: []string{"k"}})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if got := load("k,v\n"); got != (ingest.Result{}) {
		t.Errorf("result %+v", got)
	}
	if _, err := c.CacheConfiguration(ctx, "HEADER"); !errors.Is(err, wire.StatusCacheDoesNotExist) {
		t.Errorf("the cache of a header alone: %v", err)
	}
	load("k,v\n1,2\n")
	if got := entries(t, c, "HEADER"); got != "int64 1: v=int64 2" {
		t.Errorf("entries %s", got)
	}
}

// TestLoadFilesNames: names with dots are fields as they are, of which SQL knows
// nothing; names that Ignite takes for one are refused.
func TestLoadFilesNames(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		opts := ingest.Options{Key: []string{"k"}}
		if _, err := ingest.LoadFiles(ctx, c, "DOTS", written(t, "a.csv", "k,Sepal.Length,c\n1,5.1,x\n"), ingest.FileOptions{}, opts); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, c, "DOTS"); got != "int64 1: Sepal.Length=float64 5.1 c=string x" {
			t.Errorf("entries %s", got)
		}
		if got := selected(t, c, `SELECT * FROM "DOTS".DOTS`); got != "[x]" {
			t.Errorf("SQL gives %s, want no column for the field with a dot", got)
		}
		paths := written(t, "a.csv", "k,name,NAME\n1,a,b\n")
		_, err := ingest.LoadFiles(ctx, c, "CASES", paths, ingest.FileOptions{}, opts)
		if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), `columns "name" and "NAME" are one field to Ignite, which ignores case; rename one: --rename NAME=NAME_2`) {
			t.Errorf("error %v", err)
		}
		opts.Rename = map[string]string{"NAME": "NAME_2"}
		if _, err := ingest.LoadFiles(ctx, c, "CASES", paths, ingest.FileOptions{}, opts); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, c, "CASES"); got != "int64 1: name=string a NAME_2=string b" {
			t.Errorf("entries %s", got)
		}
	})
}

// TestLoadFilesStoresNothing: a file with a row that cannot be loaded leaves the cache as it was.
func TestLoadFilesStoresNothing(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	for name, test := range map[string]struct {
		files []string
		opts  ingest.Options
		want  string
	}{
		"a null key":          {[]string{"a.csv", "k,v\n1,a\n,b\n"}, ingest.Options{}, "a.csv: line 3: ingest: columns do not fit: column k: the key is null"},
		"a null key in JSON":  {[]string{"a.jsonl", "{\"k\": 1, \"v\": 1}\n{\"k\": null, \"v\": 2}"}, ingest.Options{}, "a.jsonl: line 2: ingest: columns do not fit: column k: the key is null"},
		"no key in JSON":      {[]string{"a.jsonl", "{\"k\": 1, \"v\": 1}\n\n{\"v\": 2}"}, ingest.Options{}, "a.jsonl: line 3: ingest: columns do not fit: column k: the key is null"},
		"a key column":        {[]string{"a.csv", "k,v\n1,a\n", "b.csv", "id,v\n1,a\n"}, ingest.Options{}, `b.csv: ingest: columns do not fit: no key column "k" among [id v]`},
		"fields":              {[]string{"a.csv", "k,v\n1,a\n", "b.csv", "k,v\n2,b\n3\n"}, ingest.Options{}, "b.csv: ingest: bad file: line 3: 1 fields, expected 2"},
		"a stated type":       {[]string{"a.csv", "k,v\n1,a\n2,b\n"}, ingest.Options{Types: map[string]string{"k": "int", "v": "uuid"}}, `a.csv: line 2: ingest: columns do not fit: column v: "a" is no uuid, the type that is stated`},
		"no column to rename": {[]string{"a.csv", "k,v\n1,a\n"}, ingest.Options{Rename: map[string]string{"w": "x"}}, `no column "w" to rename among [k v]`},
	} {
		test.opts.Key = []string{"k"}
		result, err := ingest.LoadFiles(context.Background(), c, "NOTHING", written(t, test.files...), ingest.FileOptions{}, test.opts)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "(nothing is stored)") || result != (ingest.Result{}) {
			t.Errorf("%s: result %+v, error %v, want %s", name, result, err, test.want)
		}
		if _, err := c.CacheConfiguration(context.Background(), "NOTHING"); !errors.Is(err, wire.StatusCacheDoesNotExist) {
			t.Errorf("%s: the cache is there (%v)", name, err)
		}
	}
}

// TestLoadSaysWhatIsStored: rows before a bad one, which only a stream has, are stored, and counted.
func TestLoadSaysWhatIsStored(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	var rows bytes.Buffer
	for i := range 2000 {
		_ = json.NewEncoder(&rows).Encode(map[string]any{"id": i % 1500, "n": 1})
	}
	schema := arrow.NewSchema([]arrow.Field{field("id", arrow.PrimitiveTypes.Int64), field("n", arrow.PrimitiveTypes.Uint64)}, nil)
	for i, want := range []string{
		"after 1500 rows, which are stored: row 1500: ingest: columns do not fit: column n: 18446744073709551615",
		"after 2000 rows, of which 1500 are stored and 500 have keys that were known: row 2000:",
	} {
		cache := fmt.Sprint("STORED", i)
		all := strings.SplitAfter(rows.String(), "\n")[:1500+500*i]
		reader := records(t, schema, strings.Join(all, "")+`{"id": 7, "n": 18446744073709551615}`)
		_, err := ingest.Load(context.Background(), c, cache, reader, ingest.Options{Key: []string{"id"}})
		if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if n, err := ignite.NewCache[int64, any](c, cache).Size(context.Background()); err != nil || n != 1500 {
			t.Errorf("%d rows are there, want 1500 (error %v)", n, err)
		}
	}
}

func TestOptionsValidate(t *testing.T) {
	for want, opts := range map[string]ingest.Options{
		`unknown type "zipcode", expected one of boolean, `: {Types: map[string]string{"zip": "zipcode"}},
		`columns "a" and "b" are both renamed to "c"`:       {Rename: map[string]string{"a": "c", "b": "c"}},
		"a name is missing":                         {Rename: map[string]string{"a": ""}},
		`the key column "a" is renamed to "b"`:      {Key: []string{"a"}, Rename: map[string]string{"a": "b"}},
		`the key has column "ID" twice`:             {Key: []string{"id", "ID"}},
		"no key column is named that could be kept": {KeepKey: true},
	} {
		if err := opts.Validate(); !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", opts, err, want)
		}
	}
	swapped := ingest.Options{Key: []string{"a"}, KeepKey: true, Rename: map[string]string{"a": "b", "b": "a"}, Types: map[string]string{"a": "Decimal"}}
	if err := swapped.Validate(); err != nil {
		t.Error(err)
	}
}

// TestLoadParquetTypes: names and types may be stated for columns that have types of their own, too.
func TestLoadParquetTypes(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	schema := arrow.NewSchema([]arrow.Field{field("id", arrow.PrimitiveTypes.Int64), field("day", arrow.BinaryTypes.String), field("v", arrow.ListOf(arrow.PrimitiveTypes.Float64))}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	if err := b.UnmarshalJSON([]byte(`{"id": 1, "day": "2020-01-02", "v": [0.5, 2]}`)); err != nil {
		t.Fatal(err)
	}
	opts := ingest.Options{Key: []string{"id"}, Rename: map[string]string{"day": "d"}, Types: map[string]string{"id": "int", "d": "date", "v": "float[]"}}
	if _, err := ingest.LoadFiles(context.Background(), c, "PARQUET", written(t, "a.parquet", parquetFile(t, b)), ingest.FileOptions{}, opts); err != nil {
		t.Fatal(err)
	}
	if got, want := entries(t, c, "PARQUET"), "int32 1: d=binary.SQLDate 1577923200000 v=[]float32 [0.5 2]"; got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
}

// TestLoadParquetWide: Parquet's widest decimals and Arrow's durations, which count in
// their own unit, come as they are. The file is pyarrow's: decimal256(50, 2), duration[ms].
func TestLoadParquetWide(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	if _, err := ingest.LoadFiles(context.Background(), c, "WIDE", []string{"testdata/wide.parquet"}, ingest.FileOptions{}, ingest.Options{Key: []string{"id"}}); err != nil {
		t.Fatal(err)
	}
	want := "int64 1: d=*apd.Decimal 123456789012345678901234567890123456789012345678.90 t=int64 1500\nint64 2: d=<nil> <nil> t=<nil> <nil>"
	if got := entries(t, c, "WIDE"); got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
}

func parquetFile(t *testing.T, b *array.RecordBuilder) string {
	t.Helper()
	batch := b.NewRecordBatch()
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(batch.Schema(), &file, parquet.NewWriterProperties(), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		t.Fatal(err)
	}
	return file.String()
}
