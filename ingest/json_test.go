package ingest

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestJSONFiles(t *testing.T) {
	for name, test := range map[string]struct {
		in           string
		opts         FileOptions
		schema, rows string
	}{
		"an array":               {"[{\"a\": 1},\n {\"a\": 2}]\n", FileOptions{}, "a int64", `{"a":1}` + "\n" + `{"a":2}`},
		"an empty array":         {" [ ]", FileOptions{}, "", ""},
		"no object":              {"\n", FileOptions{}, "", ""},
		"one object":             {"{\n \"a\": {\n  \"b\": 1}\n}\n", FileOptions{}, "a struct<b: int64 nullable>", `{"a":{"b":1}}`},
		"beyond 64 bits":         {`{"a": 9223372036854775809} {"a": 1}`, FileOptions{}, "a text of decimal", `{"a":"9223372036854775809"}` + "\n" + `{"a":"1"}`},
		"integers and fractions": {`{"a": 9007199254740993} {"a": 0.5}`, FileOptions{}, "a text of decimal", `{"a":"9007199254740993"}` + "\n" + `{"a":"0.5"}`},
		"small ones":             {`{"a": 5} {"a": 5.5} {"a": 1e2}`, FileOptions{}, "a float64", `{"a":5}` + "\n" + `{"a":5.5}` + "\n" + `{"a":100}`},
		"large ones in arrays":   {`{"a": [1, 9223372036854775809]}`, FileOptions{}, "a list<item: text of decimal, nullable>", `{"a":["1","9223372036854775809"]}`},
		"a member that comes late": {
			`{"a": 1} {"a": 2, "b": {"c": [true]}} {"b": {"d": "x"}}`,
			FileOptions{},
			"a int64, b struct<c: list<item: bool, nullable> nullable, d: utf8 nullable>",
			`{"a":1,"b":null}` + "\n" + `{"a":2,"b":{"c":[true],"d":null}}` + "\n" + `{"a":null,"b":{"c":null,"d":"x"}}`,
		},
		"text that looks like numbers": {`{"a": "007", "b": "2020-01-02 03:04:05"}`, FileOptions{}, "a utf8, b utf8", `{"a":"007","b":"2020-01-02 03:04:05"}`},
		"nulls":                        {`{"a": "NA", "b": null} {"a": 1.5, "b": ["NA", "x"]}`, FileOptions{Nulls: []string{"NA"}}, "a float64, b list<item: utf8, nullable>", `{"a":null,"b":null}` + "\n" + `{"a":1.5,"b":[null,"x"]}`},
		"a mark":                       {"\ufeff{\"a\": 1}", FileOptions{}, "a int64", `{"a":1}`},
		"a name in and out":            {`{"a": 1, "at": {"a": "x"}}`, FileOptions{}, "a int64, at struct<a: utf8 nullable>", `{"a":1,"at":{"a":"x"}}`},
	} {
		schema, rows, err := readAll(t, "a.json", []byte(test.in), test.opts)
		if err != nil || schema != test.schema || rows != test.rows {
			t.Errorf("%s: schema %s\n%s\nwant %s\n%s (error %v)", name, schema, rows, test.schema, test.rows, err)
		}
	}
}

func TestJSONRefuses(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"kinds":             {"{\"a\": 1}\n{\"a\": \"x\"}", `line 2: field "a" holds values of several kinds; --types a=string`},
		"object and scalar": {"{\"a\": 1}\n{\"a\": {\"b\": 1}}", `line 2: field "a" holds values of several kinds`},
		"no object":         {"{\"a\": 1}\n5", "line 2: each row must be an object, found 5"},
		"behind the array":  {"[{\"a\": 1}]\n{\"a\": 2}", "line 2: { behind the end of the array"},
		"an open array":     {"[{\"a\": 1},\n", "unexpected EOF"},
		"a member twice":    {`{"a": 1, "b": {"x": 1, "x": 2}}`, `line 1: "x" stands twice in the object`},
		"broken":            {"{\"a\": 1}\n\n{\"a\": }", "line 3: invalid character '}'"},
		"not UTF-8":         {"{\"a\": \"caf\xe9\"}", "line 1: the bytes that follow are not UTF-8"},
		"a number":          {`{"a": 1e99999}`, "line 1: the number 1e99999 is beyond all types"},
	} {
		_, _, err := readAll(t, "a.jsonl", []byte(test.in), FileOptions{})
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "a.jsonl") {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// TestJSONAfterTheSample: a field or a value that the head of a stream does not have
// is an error, never dropped or changed.
func TestJSONAfterTheSample(t *testing.T) {
	filler := strings.Repeat(`{"id": 1, "x": 0.5, "text": "`+strings.Repeat("x", 1000)+"\"}\n", sampleBytes/1000)
	for last, want := range map[string]string{
		`{"id": 2, "late": true}`: `field "late" is not in the first 8 MiB of the file`, `{"id": 2.5}`: `"2.5" is no long`, `{"id": "2"}`: `"2" is no long`,
		`{"id": {"a": 1}}`: "column id: found {, expected long", `{"x": 9007199254740993}`: `"9007199254740993" is no double`,
	} {
		r, err := OpenFile(piped(t, filler+last), FileOptions{Format: FormatJSON})
		if err != nil {
			t.Fatal(err)
		}
		for r.Next() {
			continue
		}
		err = r.Err()
		r.Release()
		line := "line " + strconv.Itoa(strings.Count(filler, "\n")+1) + ": "
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: error %v, want %s%s", last, err, line, want)
		}
	}
}
