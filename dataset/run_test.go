package dataset

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

const runSchema = `{"key": "long", "val": {"i": "int", "l": "long", "f": "float", "h": "short", "b": "byte", "t": "boolean",
	"s": "string", "a": "byte[]"}}`

// runValue has all kinds of fields that a run takes; its strings and arrays have n bytes.
func runValue(key, n int) *binary.Object {
	return binary.NewObject("Run").Set("i", int32(key)).Set("l", int64(-key)).Set("f", float32(key)/2).Set("h", int16(key)).
		Set("b", int8(key)).Set("t", key%2 == 0).Set("s", fmt.Sprintf("%0*d", n, key)).Set("a", slices.Repeat([]byte{byte(key)}, n))
}

// rowOf is a row of a value, wrapped as servers send it or not.
func rowOf(t testing.TB, ts types, key, value any, wrapped bool) []byte {
	v := ts.encode(t, value)
	if wrapped {
		v = wrap(v)
	}
	return append(enc(t, key), v...)
}

// decodeRows decodes all rows, in runs of up to most where that is over 1, and says how
// many rows were in runs.
func decodeRows(t testing.TB, d *decoder, data []byte, most int) (values [][]any, inRuns int, err error) {
	for pos := 0; pos < len(data); {
		n, end := d.runOf(data, pos, most)
		if inRuns += n; n > most {
			t.Fatalf("a run of %d rows, %d were allowed", n, most)
		}
		if n == 0 {
			if end, err = d.row(data, pos); err != nil {
				return nil, 0, err
			}
		}
		pos = end
	}
	batch := d.builder.NewBatch()
	defer batch.Release()
	if err := batch.Validate(); err != nil {
		t.Fatal(err)
	}
	values = make([][]any, batch.Rows)
	for i := range values {
		for _, c := range batch.Columns {
			values[i] = append(values[i], c.Value(i))
		}
	}
	return values, inRuns, nil
}

// TestRunsAreTheRows: rows in runs are the same as rows one by one, whatever stands
// between them.
func TestRunsAreTheRows(t *testing.T) {
	ts, rnd := types{}, rand.New(rand.NewPCG(1, 2))
	other := []func(key int) []byte{
		func(key int) []byte { return rowOf(t, ts, int64(key), runValue(key, 9).Set("a", []byte(nil)), true) },
		func(key int) []byte { return rowOf(t, ts, int64(key), runValue(key, 9).Set("more", "a field"), true) },
		func(key int) []byte { return rowOf(t, ts, int64(key), runValue(key, key%20), true) },
		func(key int) []byte { return rowOf(t, ts, int64(key), runValue(key, 9), false) },
		func(key int) []byte { return rowOf(t, ts, int32(key), runValue(key, 9), true) },
	}
	for _, everyOther := range []int{1 << 30, 200, 10, 2} {
		var data []byte
		const rows = 2000
		for key := range rows {
			if rnd.IntN(everyOther) == 0 {
				data = append(data, other[rnd.IntN(len(other))](key)...)
				continue
			}
			data = append(data, rowOf(t, ts, int64(key), runValue(key, 9), true)...)
		}
		want, _, err := decodeRows(t, decoderFor(t, runSchema, NullsKeep, ts), data, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, most := range []int{2, 3, 32} {
			got, inRuns, err := decodeRows(t, decoderFor(t, runSchema, NullsKeep, ts), data, most)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("runs of %d, one row in %d is another: other rows", most, everyOther)
			}
			if everyOther == 1<<30 && inRuns < rows-2 || everyOther == 200 && inRuns < rows/2 {
				t.Errorf("runs of %d, one row in %d is another: %d rows of %d in runs", most, everyOther, inRuns, rows)
			}
		}
	}
}

// TestRunsOfOtherKeys: keys of strings, and keys that nobody wants.
func TestRunsOfOtherKeys(t *testing.T) {
	ts := types{}
	var data []byte
	for key := range 100 {
		data = append(data, rowOf(t, ts, fmt.Sprint("key ", key), runValue(key, 4), true)...)
	}
	for _, schema := range []string{`{"key": "string", "val": {"i": "int", "s": "string"}}`, `{"val": {"i": "int", "s": "string"}}`} {
		want, _, err := decodeRows(t, decoderFor(t, schema, NullsError, ts), data, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, inRuns, err := decodeRows(t, decoderFor(t, schema, NullsError, ts), data, 8)
		if err != nil || !reflect.DeepEqual(got, want) || inRuns != 99 {
			t.Errorf("%s: %d rows in runs, %v; the same rows: %v", schema, inRuns, err, reflect.DeepEqual(got, want))
		}
	}
}

// TestRunsHideNoError: a null in the middle of a run is the error that it is alone.
func TestRunsHideNoError(t *testing.T) {
	ts := types{}
	var data []byte
	for key := range 40 {
		v := runValue(key, 4)
		if key == 21 {
			v.Set("a", []byte(nil))
		}
		data = append(data, rowOf(t, ts, int64(key), v, true)...)
	}
	_, _, want := decodeRows(t, decoderFor(t, runSchema, NullsError, ts), data, 1)
	_, _, got := decodeRows(t, decoderFor(t, runSchema, NullsError, ts), data, 8)
	if want == nil || got == nil || got.Error() != want.Error() {
		t.Errorf("%v; one by one: %v", got, want)
	}
}

// FuzzRuns: whatever the bytes are, runs of them are the rows of them.
func FuzzRuns(f *testing.F) {
	ts := types{}
	var page []byte
	for key := range 6 {
		page = append(page, rowOf(f, ts, int64(key), runValue(key, 3), true)...)
	}
	f.Add(page)
	f.Add(page[:len(page)-7])
	f.Fuzz(func(t *testing.T, b []byte) {
		data := append(slices.Clone(page), b...)
		want, _, wantErr := decodeRows(t, decoderFor(t, runSchema, NullsKeep, ts), data, 1)
		got, _, err := decodeRows(t, decoderFor(t, runSchema, NullsKeep, ts), data, 4)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %d rows; one by one: %v, %d rows", err, len(got), wantErr, len(want))
		}
	})
}
