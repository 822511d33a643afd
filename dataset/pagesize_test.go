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

// TestPagesAfterLargerRows: rows that were larger than the mean bound the pages after them,
// those of a few rows as well.
func TestPagesAfterLargerRows(t *testing.T) {
	const mib = 1 << 20
	spec := Spec{BufferBytes: DefaultBufferBytes, Schema: Schema{RowBytes: mib}}
	sizer := newPageSizer(&spec, DefaultLanes)
	for range 10 {
		sizer.add(3, 3*mib)
	}
	if n := sizer.ask(); n != 3 {
		t.Fatalf("rows of 1 MiB: pages of %d rows, want 3", n)
	}
	sizer.add(3, 5*mib)
	if n := sizer.ask(); n != 2 {
		t.Errorf("after a page of 5 MiB: pages of %d rows, want 2", n)
	}
	if !sizer.again(3, 5*mib, 0) {
		t.Error("a scan in pages of 5 MiB is not begun again")
	}
}
