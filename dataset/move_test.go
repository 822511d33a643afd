package dataset

import (
	"reflect"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// longWay takes the short ways from a node, and what it knows of the row before.
func longWay(n *node) {
	n.shape.length = 0
	for _, pl := range n.plans {
		for i := range pl.moves {
			pl.moves[i].way = wayValue
		}
	}
	for _, child := range n.fields {
		longWay(child)
	}
}

// rowBy decodes one row into a batch of its own.
func rowBy(t *testing.T, d *decoder, b []byte) (row []any, end int, err error) {
	end, err = d.row(b, 0)
	if err != nil {
		d.builder.Truncate(0)
	}
	batch := d.builder.NewBatch()
	defer batch.Release()
	if err := batch.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, c := range batch.Columns {
		if batch.Rows > 0 {
			row = append(row, c.Value(0))
		}
	}
	return row, end, err
}

// FuzzShortWay decodes a row behind a good one and before it, with the short ways
// and without: the result must be the same, also the text of an error.
func FuzzShortWay(f *testing.F) {
	const schema = `{"key": "long", "val": {"m": ` + kittenSchema + `, "s": "string", "b": "byte[]", "i": "int", "h": "short", "y": "byte", "o": "boolean", "d": "date",
		"t": "string[]", "u": "uuid", "c": "decimal", "gone": "string"}}`
	ts := types{}
	all := func(label int32, s string) []byte {
		o := binary.NewObject("All").Set("m", kitten(label)).Set("s", s).Set("b", []byte(s)).Set("i", label).Set("h", int16(label)).Set("y", int8(label)).
			Set("o", true).Set("d", binary.Date(1)).Set("t", []string{s}).Set("u", uuid.UUID{1}).Set("c", apd.New(12345, -2))
		return append(enc(f, int64(label)), wrap(ts.encode(f, o))...)
	}
	good := all(1, "text")
	null := binary.NewObject("Other").Set("s", binary.NullOf(binary.TypeString)).Set("i", int16(3)).Set("gone", "here")
	full := ts.encoder()
	full.FullFooter = true
	whole, err := full.Append(nil, kitten(2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(all(2, "test"))
	f.Add(all(300, "another length"))
	f.Add(append(enc(f, int64(1)), ts.encode(f, null)...))
	f.Add(append(enc(f, int64(1)), wrap(whole)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mode := range []string{NullsError, NullsDefault, NullsKeep} {
			short, long := decoderFor(t, schema, mode, ts), decoderFor(t, schema, mode, ts)
			short.builder.Reserve(1)
			for i, row := range [][]byte{good, b, good, good[:len(good):len(good)], b} {
				longWay(long.val)
				got, n, err := rowBy(t, short, row)
				want, m, wantErr := rowBy(t, long, row)
				if n != m || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
					t.Fatalf("row %d, %s: %d, %v; want %d, %v", i, mode, n, err, m, wantErr)
				}
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("row %d, %s: %v, want %v", i, mode, got, want)
				}
			}
		}
	})
}

// TestReservedRowsDoNotAllocate is the gate of the row path: no allocation at all
// for rows that go into reserved columns.
func TestReservedRowsDoNotAllocate(t *testing.T) {
	for name, c := range map[string]struct {
		schema string
		value  func(int) any
	}{"785 bytes": {imageSchema, imageValue}, "ten fields": {tenSchema, tenValue}, "uneven": {tenSchema, unevenValue}, "4 KiB": {plainSchema, bytesValue}} {
		ts := types{}
		data, rows := pagesOf(t, ts, 64<<10, c.value)
		d := decoderFor(t, c.schema, "", ts)
		var err error
		page := func() {
			d.builder.Truncate(0)
			d.builder.Reserve(rows)
			for pos := 0; pos < len(data); {
				if pos, err = d.row(data, pos); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := testing.AllocsPerRun(10, page); n != 0 {
			t.Errorf("%s: %v allocations for %d rows", name, n, rows)
		}
		if d.builder.Rows() != rows {
			t.Errorf("%s: %d rows, want %d", name, d.builder.Rows(), rows)
		}
		d.builder.Reset()
	}
}

// TestShapesTakeTurns decodes rows whose strings move the fields behind them.
func TestShapesTakeTurns(t *testing.T) {
	ts := types{}
	d := decoderFor(t, `{"val": {"s": "string", "x": "int", "b": "byte[]"}}`, NullsKeep, ts)
	words := []string{"", "a", "b", "cd", "e", "", "fgh"}
	for round := range 3 {
		for i, w := range words {
			o := binary.NewObject("Turn").Set("s", w).Set("x", int32(i+round)).Set("b", []byte(w))
			if i == 4 {
				o.Set("x", binary.NullOf(binary.TypeInt))
			}
			if _, err := d.row(append(enc(t, int64(0)), wrap(ts.encode(t, o))...), 0); err != nil {
				t.Fatal(err)
			}
		}
		batch := d.builder.NewBatch()
		for i, w := range words {
			bytes := []any{}
			for _, c := range []byte(w) {
				bytes = append(bytes, c)
			}
			want := map[string]any{"s": w, "x": int32(i + round), "b": bytes}
			if i == 4 {
				want["x"] = nil
			}
			if got := batch.Columns[0].Value(i); !reflect.DeepEqual(got, want) {
				t.Errorf("round %d row %d: %v, want %v", round, i, got, want)
			}
		}
		batch.Release()
	}
}
