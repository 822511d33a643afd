package main

import (
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignitetest"
	"github.com/kindling-ml/kindling/internal/version"
)

const catsCSV = `id,name,weight,born,ok
1,Tom,4.25,2020-01-02,true
2,K` + "\u00e4tzchen" + `,3.9,,false
3,` + "\u732b\u3061\u3083\u3093" + `,,2021-05-05,
4,"A name of two
lines, long enough to be shortened in a table",1,2021-05-05,true
`

const catsTable = `key  val.name                                  val.weight  val.born    val.ok
  1  Tom                                             4.25  2020-01-02  true
  2  K` + "\u00e4tzchen" + `                                         3.9  null        false
  3  ` + "\u732b\u3061\u3083\u3093" + `                                        null  2021-05-05  null
  4  A name of two lines, long enough to b...           1  2021-05-05  true
`

const catsLines = `{"key":1,"val":{"name":"Tom","weight":4.25,"born":"2020-01-02","ok":true}}
{"key":2,"val":{"name":"K` + "\u00e4tzchen" + `","weight":3.9,"born":null,"ok":false}}
{"key":3,"val":{"name":"` + "\u732b\u3061\u3083\u3093" + `","weight":null,"born":"2021-05-05","ok":null}}
{"key":4,"val":{"name":"A name of two\nlines, long enough to be shortened in a table","weight":1,"born":"2021-05-05","ok":true}}
`

func TestCacheCommands(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	s.prints("CACHE  ROWS\n", "caches")
	s.prints("[]\n", "caches", "--json")

	load := runIn(t, "", s.env, "load", "CATS", file(t, "cats.csv", catsCSV), "--key", "id")
	if load.code != exitOK || load.stdout != "" || !strings.HasPrefix(load.stderr, "4 rows into CATS in ") {
		t.Fatalf("load: %+v", load)
	}
	s.prints("CACHE  ROWS\nCATS      4\n", "caches")
	s.prints("[\n  {\n    \"name\": \"CATS\",\n    \"rows\": 4\n  }\n]\n", "caches", "--json")
	s.prints(catsTable, "peek", "CATS")
	s.prints(catsLines, "peek", "CATS", "--json")
	s.prints(strings.Join(strings.SplitAfter(catsLines, "\n")[:2], ""), "peek", "CATS", "-n", "2", "--json")
	s.prints("key  val.name  val.weight  val.born    val.ok\n  3  \u732b\u3061\u3083\u3093  null        2021-05-05  null\n", "peek", "CATS", "--partition", "3")
	s.prints("key  val\n", "peek", "CATS", "--partition", "9")
	s.prints("CATS\n:4\n", "__complete", "peek", "C")
	s.prints(":4\n", "__complete", "schema", "X")
	s.prints(":0\n", "__complete", "load", "CATS", "")
}

func TestSchema(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	rows := `{"id":"a","n":{"x":1,"deep":{"y":"z"}},"f":[1.5,2],"b":true}
{"id":"b","n":{"x":2,"deep":{"y":"<&>"}},"f":[0.5,0.25,1,2,3,4,5,6,7,8,9,10,11,12,13],"b":false}
`
	s.ok("load", "R", file(t, "r.jsonl", rows), "-k", "id")
	s.prints(`key  val.n.x  val.n.deep.y  val.f                                     val.b
a          1  z             [1.5, 2]                                  true
b          2  <&>           15 items: 0.5, 0.25, 1, 2, 3, 4, 5, 6...  false
`, "peek", "R")
	s.prints(`{"key":"a","val":{"n":{"x":1,"deep":{"y":"z"}},"f":[1.5,2],"b":true}}
{"key":"b","val":{"n":{"x":2,"deep":{"y":"<&>"}},"f":[0.5,0.25,1,2,3,4,5,6,7,8,9,10,11,12,13],"b":false}}
`, "peek", "R", "--json")
	table := s.ok("schema", "R")
	for _, want := range []string{
		"FIELD", "IGNITE", "COLUMN", "NULL", "\nkey ", "\nval ", "\nval.n.x ", "\nval.n.deep.y ", "object R.n.deep", "list<float64>", "int64", "boolean",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the schema does not show %q:\n%s", want, table)
		}
	}
	schema := readSchema(s, "R")
	if f := schema.Value.Fields; schema.Key.String() != "string" || len(f) != 3 || f[1].String() != "double[]" || f[1].Seen != (dataset.Lengths{Arrays: 2, Min: 2, Max: 15}) {
		t.Errorf("the schema is %s, %+v", schema, schema)
	}
}

func readSchema(s shell, args ...string) *dataset.Schema {
	s.t.Helper()
	schema := new(dataset.Schema)
	if err := json.Unmarshal([]byte(s.ok(append([]string{"schema", "--json"}, args...)...)), schema); err != nil {
		s.t.Fatal(err)
	}
	return schema
}

// TestSchemaShowsLengths: those seen, and with --infer-shapes those that agree as a part of the type.
func TestSchemaShowsLengths(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	s.ok("load", "L", file(t, "l.jsonl", `{"id":1,"x":[1,2,3],"y":[1,2],"n":1}
{"id":2,"x":[4,5,6],"y":[],"n":2}
{"id":3,"y":[1],"n":3}
`), "-k", "id")
	s.prints(`FIELD  IGNITE      COLUMN       NULL  SEEN
key    long        int64
val    object L
val.x  long[3]     list<int64>  yes   2 arrays
val.y  long[0..2]  list<int64>  yes   3 arrays
val.n  long        int64        yes
`, "schema", "L")
	if got, want := readSchema(s, "L").String(), "{key: long, val: {x: long[]?, y: long[]?, n: long?}}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := readSchema(s, "L", "--infer-shapes").String(), "{key: long, val: {x: long[3]?, y: long[]?, n: long?}}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestNamesWithDots: the columns of a file whose names have dots are fields of their own, for
// the commands and for a reader in Go.
func TestNamesWithDots(t *testing.T) {
	node := ignitetest.Embedded(t)
	s := at(t, node.Addr)
	s.ok("load", "IRIS", file(t, "iris.csv", "id,Sepal.Length,name\n1,5.1,setosa\n2,4.9,virginica\n"), "-k", "id")
	s.prints("key  val.Sepal.Length  val.name\n  1               5.1  setosa\n  2               4.9  virginica\n", "peek", "IRIS")
	schema := readSchema(s, "IRIS")
	if f := schema.Value.Fields; len(f) != 2 || f[0].Name != "Sepal.Length" || f[0].String() != "double" {
		t.Fatalf("the schema is %s", schema)
	}
	client, err := ignite.Open(t.Context(), node.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // the test is over
	r, err := dataset.Open(t.Context(), client, dataset.Spec{Cache: "IRIS", Part: -1, Schema: *schema, Fields: []string{"key", "val.Sepal.Length"}, BatchRows: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // the test is over
	batch, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	for i := range batch.Rows {
		want := map[string]any{"Sepal.Length": map[int64]float64{1: 5.1, 2: 4.9}[batch.Columns[0].Value(i).(int64)]}
		if got := batch.Columns[1].Value(i); !reflect.DeepEqual(got, want) {
			t.Errorf("row %d is %v, want %v", i, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	csv := file(t, "a.csv", "a;b\n1;x\n")
	var result struct {
		Cache                      string
		Rows, Stored, Known, Bytes int64
		Seconds                    float64
	}
	if err := json.Unmarshal([]byte(s.ok("load", "A", csv, csv, "--json")), &result); err != nil {
		t.Fatal(err)
	}
	if result.Cache != "A" || result.Rows != 2 || result.Stored != 2 || result.Known != 0 || result.Bytes == 0 || result.Seconds <= 0 {
		t.Errorf("the result is %+v", result)
	}
	s.prints("key  val.a  val.b\n  0      1  x\n  1      1  x\n", "peek", "A")
	got := runIn(t, "7\n8\n", s.env, "load", "P", "-", "--format", "csv", "--no-header", "--plain")
	if got.code != exitOK {
		t.Fatal(got.stderr)
	}
	s.prints("key  val\n  0    7\n  1    8\n", "peek", "P")

	ragged := file(t, "ragged.csv", "a,b\n1,2,3\n")
	s.fails(exitFailure, []string{ragged, "line 2", "nothing is stored"}, "load", "X", ragged)
	s.fails(exitFailure, []string{`"zz"`, "[a;b]"}, "load", "X", csv, "--key", "zz", "--comma", ",")
	s.fails(exitNotFound, []string{"nowhere.csv", "no such file"}, "load", "X", "nowhere.csv")
	s.fails(exitUsage, []string{"folder"}, "load", "X", t.TempDir()+"/.")
	s.fails(exitUsage, []string{"--format"}, "load", "X", "-")
	s.fails(exitUsage, []string{"--comma"}, "load", "X", csv, "--comma", "ab")
	s.fails(exitUsage, []string{"unknown type", "zipcode", "uuid"}, "load", "X", csv, "--types", "a=zipcode")
	s.fails(exitUsage, []string{"without a header"}, "load", "X", csv, "--columns", "a,b")
	s.fails(exitUsage, []string{"unknown encoding"}, "load", "X", csv, "--encoding", "klingon")
	if got := runIn(t, "a,b\n1,2\n3\n", s.env, "load", "X", "-", "--format", "csv"); got.code != exitFailure || !strings.Contains(got.stderr, "standard input: ingest: bad file: line 3: 1 fields, expected 2 (nothing is stored)") {
		t.Errorf("standard input with a bad line: %+v", got)
	}
}

// TestLoadFlags: what a file does not tell is said by flags.
func TestLoadFlags(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	path := file(t, "latin.txt", "caf\xe9;00501;NA;2020-01-02\nTom;7;-;\n")
	s.ok("load", "F", path, "--format", "csv", "--no-header", "--columns", "id,zip,n,born", "--rename", "id=who", "--encoding", "windows-1252", "--nulls", "NA,-",
		"--types", "zip=string,n=int", "--types", "born=date", "--key", "who")
	s.prints("key   val.zip  val.n  val.born\nTom   7        null   null\ncafé  00501    null   2020-01-02\n", "peek", "F")
}

// TestLoadCounts: rows that were left out because their keys were known are said.
func TestLoadCounts(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	path := file(t, "dk.csv", "k,v\n1,a\n1,a\n2,b\n")
	for _, test := range []struct{ args, want string }{
		{"", "3 rows read, 2 stored, 1 left out because their keys were there (--overwrite replaces), into DK in "},
		{"--overwrite", "3 rows read, 0 with new keys and 3 over keys that were there, into DK in "},
	} {
		got := runIn(t, "", s.env, append([]string{"load", "DK", path, "--key", "k"}, strings.Fields(test.args)...)...)
		if got.code != exitOK || !strings.HasPrefix(got.stderr, test.want) {
			t.Errorf("load %s: %+v, want %s", test.args, got, test.want)
		}
	}
	var result struct{ Rows, Stored, Known int64 }
	if err := json.Unmarshal([]byte(s.ok("load", "DK2", path, "--key", "k", "--json")), &result); err != nil || result.Rows != 3 || result.Stored != 2 || result.Known != 1 {
		t.Errorf("%+v, error %v", result, err)
	}
}

func TestUsage(t *testing.T) {
	s := shell{t, nil}
	s.fails(exitUsage, []string{`unknown command "frob"`, "kindling --help"}, "frob")
	s.fails(exitUsage, []string{"did you mean peek?"}, "peak")
	s.fails(exitUsage, []string{"accepts 1 arg", "kindling peek --help"}, "peek")
	s.fails(exitUsage, []string{"--frob"}, "peek", "X", "--frob")
	s.fails(exitUsage, []string{"-n"}, "peek", "X", "-n", "0")
	s.fails(exitUsage, []string{"--partition"}, "peek", "X", "--partition", "-2")
	s.fails(exitUsage, []string{"--file"}, "sql", "SELECT 1", "--file", "x.sql")
	s.fails(exitUsage, []string{"--port"}, "node", "--port", "70000")
	s.fails(exitUsage, []string{"--python"}, "quickstart", "--python", "no-such-python")
	s.fails(exitUsage, []string{"--epochs"}, "quickstart", "--epochs", "0")
	s.fails(exitUsage, []string{"nonsense", "tls"}, "caches", "-a", "ignite://localhost/?nonsense=1")
	s.fails(exitNotFound, []string{"x.sql"}, "sql", "--file", "x.sql")
	for _, args := range [][]string{{}, {"--help"}, {"peek", "--help"}, {"help", "load"}, {"completion", "bash"}, {"completion", "zsh"}} {
		if got := runIn(t, "", nil, args...); got.code != exitOK || got.stdout == "" || got.stderr != "" {
			t.Errorf("kindling %v: %d %q", args, got.code, got.stderr)
		}
	}
}

func TestVersion(t *testing.T) {
	s := shell{t, nil}
	s.prints("kindling "+version.Version+"\n", "--version")
	s.prints("kindling "+version.Version+" ("+runtime.Version()+", "+runtime.GOOS+"/"+runtime.GOARCH+")\n", "version")
	var v map[string]string
	if err := json.Unmarshal([]byte(s.ok("version", "--json")), &v); err != nil || v["version"] != version.Version || v["os"] != runtime.GOOS {
		t.Errorf("version --json: %v %v", v, err)
	}
}
