package dataset

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// What a row of a benchmark holds, beside its key of type long.
const (
	imageSchema = `{"key": "long", "val": {"label": "byte", "pixels": "byte[]"}}`
	tenSchema   = `{"key": "long", "val": {"id": "long", "count": "int", "kind": "short", "level": "byte", "active": "boolean",
		"weight": "float", "price": "double", "taken": "long", "code": "string", "label": "string"}}`
)

func imageValue(key int) any {
	return binary.NewObject("Image").Set("label", int8(key%10)).Set("pixels", make([]byte, 784))
}

func tenValue(key int) any { return tenWith(key, fmt.Sprintf("reading-of-%07d", key%10_000_000)) }

// unevenValue has a string whose length differs from row to row.
func unevenValue(key int) any { return tenWith(key, "reading-of-many-things"[:rand.IntN(20)]) }

func tenWith(key int, label string) any {
	return binary.NewObject("Reading").Set("id", int64(key)).Set("count", int32(key)).Set("kind", int16(key)).Set("level", int8(key)).
		Set("active", key%2 == 0).Set("weight", float32(key)).Set("price", float64(key)/8).Set("taken", int64(key)).
		Set("code", fmt.Sprintf("C%09d", key)).Set("label", label)
}

func bytesValue(key int) any { return make([]byte, 4096) }

// pagesOf is rows one after the other, size bytes or a little more.
func pagesOf(t testing.TB, ts types, size int, value func(key int) any) (data []byte, rows int) {
	e := ts.encoder()
	for ; len(data) < size; rows++ {
		data = append(data, enc(t, int64(rows))...)
		v, err := e.Append(nil, value(rows))
		if err != nil {
			t.Fatal(err)
		}
		if binary.Type(v[0]) == binary.TypeObject {
			v = wrap(v)
		}
		data = append(data, v...)
	}
	return data, rows
}

// BenchmarkRows decodes rows of pages into batches of 1024. Hot rows stay in the
// processor's caches, cold ones do not, like those that come from a socket.
func BenchmarkRows(b *testing.B) {
	const hot, cold, batch = 256 << 10, 48 << 20, 1024
	for _, c := range []struct {
		name   string
		schema string
		value  func(int) any
	}{{"785B", imageSchema, imageValue}, {"10fields", tenSchema, tenValue}, {"10uneven", tenSchema, unevenValue}, {"4KiB", plainSchema, bytesValue}} {
		for _, m := range []struct {
			name string
			size int
		}{{"hot", hot}, {"cold", cold}} {
			b.Run(c.name+"/"+m.name, func(b *testing.B) {
				ts := types{}
				page, rows := pagesOf(b, ts, hot, c.value)
				data := bytes.Repeat(page, m.size/hot)
				d := decoderFor(b, c.schema, "", ts)
				b.SetBytes(int64(len(page) / rows))
				b.ReportAllocs()
				pos, n := 0, 0
				var err error
				for i := 0; i < b.N; {
					if n == 0 {
						d.builder.Reserve(batch)
					}
					took, end := d.runOf(data, pos, DefaultQuantumRows)
					if pos = end; took == 0 {
						took = 1
						if pos, err = d.row(data, pos); err != nil {
							b.Fatal(err)
						}
					}
					if pos == len(data) {
						pos = 0
					}
					i += took
					if n += took; n >= batch {
						d.builder.NewBatch().Release()
						n = 0
					}
				}
			})
		}
	}
}
