package ingest

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// recordsOf reads all records; fields are joined by "|", quoted ones stand in <>.
func recordsOf(r io.Reader, sep string) (string, error) {
	c := newCSVRecords(r, sep)
	var out []string
	for {
		fields, err := c.next()
		if errors.Is(err, io.EOF) {
			return strings.Join(out, "\n"), nil
		}
		if err != nil {
			return strings.Join(out, "\n"), err
		}
		texts := make([]string, len(fields))
		for i, f := range fields {
			if texts[i] = f.text; f.quoted {
				texts[i] = "<" + f.text + ">"
			}
		}
		out = append(out, strconv.FormatInt(c.start, 10)+": "+strings.Join(texts, "|"))
	}
}

func TestCSVRecords(t *testing.T) {
	for _, test := range []struct{ name, sep, in, want string }{
		{"line ends", ",", "a,b\r\nc,d\re,f\ng,h", "1: a|b\n2: c|d\n3: e|f\n4: g|h"},
		{"CR alone", ",", "a,b\r1,2\r3,4\r", "1: a|b\n2: 1|2\n3: 3|4"},
		{"empty lines", ",", "\n\na,b\n\r\n\r\n1,2\n\n", "3: a|b\n6: 1|2"},
		{"quotes", ",", `"a","b ""x""",c"d,""` + "\n", `1: <a>|<b "x">|c"d|<>`},
		{"line ends in quotes stay", ",", "\"a\r\nb\",\"c\nd\",\"e\rf\"\n1,2,3", "1: <a\r\nb>|<c\nd>|<e\rf>\n5: 1|2|3"},
		{"spaces", ",", ` a , "b, c" ,"d" , e ` + "\n", "1:  a |<b, c>|<d>| e "},
		{"spaces separate", " ", `a "b c" d` + "\n", "1: a|<b c>|d"},
		{"a separator of two bytes", "§", "a§b©c§\"d§\"\n", "1: a|b©c|<d§>"},
		{"the last line without an end", ",", "a,\n,b,", "1: a|\n2: |b|"},
	} {
		// However the bytes arrive, the records are the same.
		for how, r := range map[string]io.Reader{
			"whole": strings.NewReader(test.in), "byte by byte": iotest.OneByteReader(strings.NewReader(test.in)),
			"end with data": iotest.DataErrReader(strings.NewReader(test.in)),
		} {
			if got, err := recordsOf(r, test.sep); err != nil || got != test.want {
				t.Errorf("%s, %s:\n%s\nwant\n%s (error %v)", test.name, how, got, test.want, err)
			}
		}
	}
	for in, want := range map[string]string{
		"a\n\"b\nc": "line 2: the quote that opens field 1 is not closed", "a,\"b\"c\n": "line 1: field 2 goes on behind its closing quote",
	} {
		if _, err := recordsOf(strings.NewReader(in), ","); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", in, err, want)
		}
	}
	// Fields that lie across the buffer's end.
	long := strings.Repeat("x", csvBufferBytes-3) + ",\"" + strings.Repeat("y\"\"", csvBufferBytes) + "\"\r\n"
	got, err := recordsOf(strings.NewReader(long+long), ",")
	if lines := strings.Split(got, "\n"); err != nil || len(lines) != 2 || lines[1] != "2: "+strings.Repeat("x", csvBufferBytes-3)+"|<"+strings.Repeat("y\"", csvBufferBytes)+">" {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
}

// TestCSVFiles: files as people have them give the schema and rows that they mean.
func TestCSVFiles(t *testing.T) {
	for name, test := range map[string]struct {
		in           string
		opts         FileOptions
		schema, rows string
	}{
		"semicolons":                   {"a;b\n1;x,y\n2;z\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":"x,y"}` + "\n" + `{"a":2,"b":"z"}`},
		"tabs":                         {"a\tb\n1\tx\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":"x"}`},
		"bars":                         {"a|b\n1|x\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":"x"}`},
		"one column":                   {"a\n1;2\n", FileOptions{}, "a utf8", `{"a":"1;2"}`},
		"Excel":                        {"sep=;\r\na;b\r\n1;2,5\r\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":"2,5"}`},
		"a separator that is given":    {"a,b;c\n1,2;3\n", FileOptions{Comma: ','}, "a int64, b;c utf8", `{"a":1,"b;c":"2;3"}`},
		"CR alone":                     {"a,b\r1,2\r3,4\r", FileOptions{}, "a int64, b int64", `{"a":1,"b":2}` + "\n" + `{"a":3,"b":4}`},
		"a byte order mark":            {"\ufeffid,b\n1,2\n", FileOptions{}, "id int64, b int64", `{"b":2,"id":1}`},
		"windows-1252":                 {"id,n\n1,caf\xe9\n", FileOptions{Encoding: "windows-1252"}, "id int64, n utf8", `{"id":1,"n":"café"}`},
		"an unnamed first column":      {",x\n0,a\n", FileOptions{}, "column1 int64, x utf8", `{"column1":0,"x":"a"}`},
		"separators at the end":        {"a,b,\n1,2,\n3,4\n", FileOptions{}, "a int64, b int64", `{"a":1,"b":2}` + "\n" + `{"a":3,"b":4}`},
		"only rows end so":             {"a,b\n1,2,\n", FileOptions{}, "a int64, b int64", `{"a":1,"b":2}`},
		"a last column without a name": {"a,b,\n1,2,3\n", FileOptions{}, "a int64, b int64, column3 int64", `{"a":1,"b":2,"column3":3}`},
		"names have no spaces around":  {"a, b ,\" c\"\n1, 2, z\n", FileOptions{}, "a int64, b int64,  c utf8", `{" c":" z","a":1,"b":2}`},
		"nulls":                        {"a,b,c\n1,NA,NA\n,-,x\n3,1.5,\"NA\"\n", FileOptions{Nulls: []string{"NA", "-"}}, "a int64, b float64, c utf8", `{"a":1,"b":null,"c":null}` + "\n" + `{"a":null,"b":null,"c":"x"}` + "\n" + `{"a":3,"b":1.5,"c":"NA"}`},
		"empty text is no null":        {"a,b\n1,\n2,\"\"\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":null}` + "\n" + `{"a":2,"b":""}`},
		"quoted numbers":               {"\"a\",\"b\"\n\"1\",\"\"\n\"2\",\"x\"\n", FileOptions{}, "a int64, b utf8", `{"a":1,"b":""}` + "\n" + `{"a":2,"b":"x"}`},
		"names for a file without":     {"1,x\n2,y\n", FileOptions{NoHeader: true, Columns: []string{"id", "name"}}, "id int64, name utf8", `{"id":1,"name":"x"}` + "\n" + `{"id":2,"name":"y"}`},
		"a line of spaces":             {"a,b\n1,2\n   \n3,4\n", FileOptions{}, "a int64, b int64", `{"a":1,"b":2}` + "\n" + `{"a":3,"b":4}`},
		"dots":                         {"Sepal.Length,n\n5.1,1\n", FileOptions{}, "Sepal.Length float64, n int64", `{"Sepal.Length":5.1,"n":1}`},
		"a header alone":               {"a,b\n", FileOptions{}, "a utf8, b utf8", ""},
	} {
		schema, rows, err := readAll(t, "a.csv", []byte(test.in), test.opts)
		if err != nil || schema != test.schema || rows != test.rows {
			t.Errorf("%s: schema %s\n%s\nwant %s\n%s (error %v)", name, schema, rows, test.schema, test.rows, err)
		}
	}
}

func TestUTF16(t *testing.T) {
	units := utf16.Encode([]rune("id,name\n1,café 😀\n"))
	for name, order := range map[string]binary.AppendByteOrder{"LE": binary.LittleEndian, "BE": binary.BigEndian} {
		content := order.AppendUint16(nil, 0xfeff)
		for _, u := range units {
			content = order.AppendUint16(content, u)
		}
		schema, rows, err := readAll(t, "a.csv", content, FileOptions{})
		if err != nil || schema != "id int64, name utf8" || rows != `{"id":1,"name":"café 😀"}` {
			t.Errorf("%s: schema %s, rows %s, error %v", name, schema, rows, err)
		}
		if _, _, err := readAll(t, "b.csv", content[2:], FileOptions{}); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "looks like UTF-16; state the encoding") {
			t.Errorf("%s without a mark: error %v", name, err)
		}
		if _, rows, err := readAll(t, "c.csv", content[2:], FileOptions{Encoding: "utf-16" + strings.ToLower(name)}); err != nil || !strings.Contains(rows, "café 😀") {
			t.Errorf("%s as it was stated: rows %s, error %v", name, rows, err)
		}
	}
}

// TestCSVRefuses: what would be guessed or changed is an error that says where and what to do.
func TestCSVRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		opts FileOptions
		want string
	}{
		"too few":           {"a,b\n1,2\n1\n", FileOptions{}, "line 3: 1 fields, expected 2"},
		"a comment":         {"a,b\n# made by hand, yesterday, late\n1,2\n", FileOptions{}, "line 2: 3 fields, expected 2; a line that begins with # is data, too"},
		"two separators":    {"a,b;c\n1,2;3\n", FileOptions{}, `whether "," or ";" separates the fields; state it with --comma`},
		"names twice":       {"a,b,a\n1,2,3\n", FileOptions{}, `columns 1 and 3 are both named "a"`},
		"not UTF-8":         {"a,b\n1,x\n2,caf\xe9\n", FileOptions{}, "line 3: the bytes that follow are not UTF-8; state the file's encoding"},
		"not windows-1252":  {"a,b\n1,x\n2,\x81\n", FileOptions{Encoding: "windows-1252"}, "line 3: bytes that are not windows-1252"},
		"unknown encoding":  {"a\n1\n", FileOptions{Encoding: "klingon"}, `unknown encoding "klingon"`},
		"names too many":    {"1,2\n", FileOptions{NoHeader: true, Columns: []string{"a", "b", "c"}}, "line 1: 2 fields, and 3 columns are named"},
		"names too few":     {"1,2\n", FileOptions{NoHeader: true, Columns: []string{"a"}}, "line 1: 2 fields, and 1 columns are named"},
		"a quote left open": {"a,b\n1,\"x\n2,y\n", FileOptions{}, "line 2: the quote that opens field 2 is not closed"},
	} {
		_, _, err := readAll(t, "a.csv", []byte(test.in), test.opts)
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "a.csv") {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

func TestFileOptionsValidate(t *testing.T) {
	for want, opts := range map[string]FileOptions{
		`unknown format "xls"`:                             {Format: "xls"},
		"are for csv, the format is parquet":               {Format: FormatParquet, Comma: ';'},
		"is for idx, the format is csv":                    {Format: FormatCSV, Column: "x"},
		`'"' cannot separate fields`:                       {Comma: '"'},
		"names of columns are for a file without a header": {Columns: []string{"a"}},
		`two columns are named "A"`:                        {NoHeader: true, Columns: []string{"a", "A"}},
		`unknown encoding "x"`:                             {Encoding: "x"},
	} {
		if err := opts.Validate(); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", opts, err, want)
		}
	}
	if err := (&FileOptions{Format: FormatCSV, Comma: ';', NoHeader: true, Columns: []string{"a"}, Encoding: "latin1"}).Validate(); err != nil {
		t.Error(err)
	}
}

// piped gives content as a stream that can be read only once.
func piped(t *testing.T, content string) (path string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.WriteString(w, content) // the reader may stop early
		_ = w.Close()
	}()
	t.Cleanup(func() {
		_ = r.Close()
		<-done
	})
	return "/dev/fd/" + strconv.Itoa(int(r.Fd()))
}

// TestAfterTheSample: what the head of a stream did not tell is an error where it would
// be lost or changed; of a file on disk all is seen.
func TestAfterTheSample(t *testing.T) {
	filler := strings.Repeat("1,2,true,"+strings.Repeat("x", 1000)+"\n", sampleBytes/1000)
	for last, want := range map[string]string{
		"2.5,2,true,x":                 `column a: "2.5" is no long, the type by the first 8 MiB; state another: --types a=string`,
		"9223372036854775808,2,true,x": `column a: "9223372036854775808" is no long`,
		"1,2,yes,x":                    `column c: "yes" is no boolean`,
		"007,2,true,x":                 `column a: "007" is no long`,
	} {
		content := "a,b,c,d\n" + filler + last + "\n"
		r, err := OpenFile(piped(t, content), FileOptions{Format: FormatCSV})
		if err != nil {
			t.Fatal(err)
		}
		rows := int64(0)
		for r.Next() {
			rows += r.RecordBatch().NumRows()
		}
		err = r.Err()
		r.Release()
		line := "line " + strconv.Itoa(strings.Count(content, "\n")) + ": "
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), line+want) {
			t.Errorf("%s: after %d rows error %v, want %s", last, rows, err, line+want)
		}
		if schema, _, err := readAll(t, "a.csv", []byte(content), FileOptions{}); err != nil || strings.HasPrefix(schema, "a int64, b int64, c bool") {
			t.Errorf("%s: on disk: schema %s, error %v", last, schema, err)
		}
	}
}
