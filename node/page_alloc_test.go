package node

import (
	"fmt"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// TestPageAllocations: once its buffer has grown, a page in memory is made
// without any allocation, whether its rows are copied or lent.
func TestPageAllocations(t *testing.T) {
	for _, size := range []int{100, 4 << 10} {
		s, err := store.Open(store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		const rows, pageRows = 4000, 32
		value := append([]byte{byte(binary.TypeByteArray), 0, 0, 0, 0}, make([]byte, size)...)
		for n := range rows {
			k := store.Key{Cache: 1, Hash: int32(n), Bytes: fmt.Appendf(nil, "%08d", n)}
			if _, err := s.Write(1, []store.Row{{Key: k, Value: value}}, store.Overwrite); err != nil {
				t.Fatal(err)
			}
		}
		found, err := s.Scan(1, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		cur := &cursor{pageRows: pageRows, src: &scan{cache: new(cache), rows: found}}
		out := &buffer{mayLend: s.Lasting()}
		var w binary.Writer
		allocations := testing.AllocsPerRun(100, func() {
			w.Buf = append(out.b[:0], 0, 0, 0, 0)
			more, err := cur.page(&w, out, maxPageBytes)
			out.b = w.Buf
			n := 0
			for _, piece := range out.finish() {
				n += len(piece)
			}
			if !more || err != nil || n < pageRows*size {
				t.Fatalf("page of %d bytes, more %t, %v", n, more, err)
			}
			out.reset()
		})
		if allocations != 0 {
			t.Errorf("%v allocations for a page of rows of %d bytes", allocations, size)
		}
		if err := cur.close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
