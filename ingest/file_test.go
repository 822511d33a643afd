package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// readAll opens a file of the given name and content and returns its schema and
// its rows as JSON lines.
func readAll(t *testing.T, name string, content []byte, opts FileOptions) (schema, rows string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenFile(path, opts)
	if err != nil {
		return "", "", err
	}
	defer r.Release()
	var out bytes.Buffer
	for r.Next() {
		if err := array.RecordToJSON(r.RecordBatch(), &out); err != nil {
			t.Fatal(err)
		}
	}
	if r.Err() == nil && r.Offset() != int64(len(content)) {
		t.Errorf("Offset %d at the end, want the file's %d bytes", r.Offset(), len(content))
	}
	var fields []string
	for _, f := range r.Schema().Fields() {
		fields = append(fields, f.Name+" "+f.Type.String())
	}
	return strings.Join(fields, ", "), strings.TrimSpace(out.String()), r.Err()
}

func gzipped(t *testing.T, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestCSV(t *testing.T) {
	const cats = "id,name,weight,ok,born,seen\n1,Tom,4,true,2020-01-02 03:04:05,2020-01-02T03:04:05+01:00\n2,,3.5,false,2021-01-01 00:00:00,2020-01-02T03:04:05Z\n"
	wantSchema := "id int64, name utf8, weight float64, ok bool, born text of timestamp, seen text of timestamp"
	for name, content := range map[string][]byte{"cats.csv": []byte(cats), "cats.csv.gz": gzipped(t, cats), "cats.tsv": []byte(strings.ReplaceAll(cats, ",", "\t"))} {
		schema, rows, err := readAll(t, name, content, FileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if schema != wantSchema {
			t.Errorf("%s: schema %s, want %s", name, schema, wantSchema)
		}
		if !strings.Contains(rows, `"name":"Tom"`) || !strings.Contains(rows, `"name":null`) || strings.Count(rows, "\n") != 1 {
			t.Errorf("%s: rows %s", name, rows)
		}
	}
}

func TestCSVWithoutHeader(t *testing.T) {
	schema, rows, err := readAll(t, "a.csv", []byte("1,x\n2,y\n"), FileOptions{NoHeader: true})
	if err != nil || schema != "f0 int64, f1 utf8" || rows != `{"f0":1,"f1":"x"}`+"\n"+`{"f0":2,"f1":"y"}` {
		t.Errorf("schema %s, rows %s, error %v", schema, rows, err)
	}
}

func TestJSONLines(t *testing.T) {
	content := `{"id": 1, "at": {"x": 1, "y": 2.5}, "tags": ["a", "b"]}` + "\n" + `{"id": 2, "at": {"x": 3, "y": 4}, "tags": [], "late": true}`
	schema, rows, err := readAll(t, "a.jsonl", []byte(content), FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"id int64", "at struct<x: int64 nullable, y: float64 nullable>", "tags list<item: utf8, nullable>", "late bool"} {
		if !strings.Contains(schema, want) {
			t.Errorf("schema %s, want %s in it", schema, want)
		}
	}
	if !strings.Contains(rows, `"late":null`) || !strings.Contains(rows, `"tags":["a","b"]`) {
		t.Errorf("rows %s", rows)
	}
}

func TestIDX(t *testing.T) {
	var file bytes.Buffer
	file.Write([]byte{0, 0, 0x08, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8})
	schema, rows, err := readAll(t, "images-idx3-ubyte", file.Bytes(), FileOptions{Column: "pixels"})
	if err != nil || schema != "pixels fixed_size_list<item: uint8, nullable>[4]" || rows != `{"pixels":[1,2,3,4]}`+"\n"+`{"pixels":[5,6,7,8]}` {
		t.Errorf("schema %s, rows %s, error %v", schema, rows, err)
	}
	_, rows, err = readAll(t, "labels.idx", []byte{0, 0, 0x0b, 1, 0, 0, 0, 1, 0x01, 0x02}, FileOptions{})
	if err != nil || rows != `{"value":258}` {
		t.Errorf("rows %s, error %v", rows, err)
	}
}

func npy(descr, shape string, data []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
	out := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(out[8:], uint16(len(header)))
	return append(append(out, header...), data...)
}

func npz(t *testing.T, arrays map[string][]byte, order ...string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, name := range order {
		f, err := w.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(arrays[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestNPZ(t *testing.T) {
	arrays := map[string][]byte{"x": npy("|u1", "2, 3", []byte{1, 2, 3, 4, 5, 6}), "y": npy(">i2", "2,", []byte{0, 7, 0, 8})}
	schema, rows, err := readAll(t, "a.npz", npz(t, arrays, "x", "y"), FileOptions{})
	if err != nil || schema != "x fixed_size_list<item: uint8, nullable>[3], y int16" || rows != `{"x":[1,2,3],"y":7}`+"\n"+`{"x":[4,5,6],"y":8}` {
		t.Errorf("schema %s, rows %s, error %v", schema, rows, err)
	}
	flags := map[string][]byte{"ok": npy("|b1", "9,", []byte{1, 0, 1, 1, 0, 0, 0, 1, 1}), "mask": npy("|b1", "9, 2", []byte{1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0})}
	schema, rows, err = readAll(t, "b.npz", npz(t, flags, "ok", "mask"), FileOptions{BatchRows: 5})
	if err != nil || schema != "ok bool, mask fixed_size_list<item: bool, nullable>[2]" || !strings.HasPrefix(rows, `{"mask":[true,false],"ok":true}`+"\n"+`{"mask":[false,true],"ok":false}`) ||
		!strings.HasSuffix(rows, `{"mask":[false,false],"ok":true}`+"\n"+`{"mask":[true,false],"ok":true}`) {
		t.Errorf("schema %s, rows %s, error %v", schema, rows, err)
	}
	arrays["z"] = npy("<f4", "3,", make([]byte, 12))
	if _, _, err = readAll(t, "b.npz", npz(t, arrays, "x", "z"), FileOptions{}); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "z.npy has 3 rows") {
		t.Errorf("error %v, want the array of another length named", err)
	}
}

func TestParquet(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2, 3}, nil)
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &file, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(b.NewRecordBatch()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, rows, err := readAll(t, "a.parquet", file.Bytes(), FileOptions{BatchRows: 2})
	if err != nil || strings.Count(rows, "id") != 3 {
		t.Errorf("rows %s, error %v", rows, err)
	}
}

// TestBadFiles: whatever is wrong with a file is ErrFormat, with the path in its text.
func TestBadFiles(t *testing.T) {
	for name, content := range map[string]string{
		"empty.csv": "", "ragged.csv": "a,b\n1\n", "list.jsonl": "[1]", "torn.jsonl": `{"a": `, "torn end.jsonl": `{"a": 1}` + "\n" + `{"a": `, "trailing.jsonl": `{"a": 1} ]`,
		"mixed.jsonl": `{"a": 1}` + "\n" + `{"a": "x"}`, "short.idx": "\x00\x00\x08", "wrong.idx": "GIF89a--", "torn.idx": "\x00\x00\x08\x01\x00\x00\x00\x05ab",
		"huge.idx": "\x00\x00\x08\x03\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff", "not.parquet": "PAR1", "not.npz": "PK", "not.gz.csv.gz": "plain", "what.bin": "x",
	} {
		if _, _, err := readAll(t, name, []byte(content), FileOptions{}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: error %v, want ErrFormat", name, err)
		}
	}
	if _, err := OpenFile(filepath.Join(t.TempDir(), "none.csv"), FileOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
