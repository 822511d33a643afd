package dataset

import "testing"

// TestPagesOfSizes: how many rows a page has once the size of rows is known.
func TestPagesOfSizes(t *testing.T) {
	for _, c := range []struct {
		rowBytes    int
		bufferBytes int64
		rows        int
	}{
		{100, DefaultBufferBytes, maxPageRows},
		{2047, DefaultBufferBytes, 250},
		{2048, DefaultBufferBytes, 1000},
		{4 << 10, DefaultBufferBytes, 500},
		{64 << 10, DefaultBufferBytes, 31},
		{300 << 10, DefaultBufferBytes, 6},
		{1 << 20, DefaultBufferBytes, 3},
		{1200 << 10, DefaultBufferBytes, 2},
		{1600 << 10, DefaultBufferBytes, 2},
		{2 << 20, DefaultBufferBytes, 1},
		{100 << 20, DefaultBufferBytes, 1},
		{1 << 20, 100 << 20, 2}, // three would take too much beside those of the other lanes
		{1 << 20, 8 << 20, 1},   // and two here
		{4 << 10, 1 << 20, 8},
		{4 << 10, 1, 1},
	} {
		spec := Spec{BufferBytes: c.bufferBytes, Schema: Schema{RowBytes: c.rowBytes}}
		if n := newPageSizer(&spec, DefaultLanes).ask(); n != c.rows {
			t.Errorf("rows of %d bytes, %d to buffer: pages of %d rows, want %d", c.rowBytes, c.bufferBytes, n, c.rows)
		}
	}
	spec := Spec{BufferBytes: DefaultBufferBytes}
	if n := newPageSizer(&spec, DefaultLanes).ask(); n != 1 {
		t.Errorf("rows of unknown size: pages of %d rows, want 1", n)
	}
}
