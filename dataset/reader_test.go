package dataset

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/column"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const plainSchema = `{"key": "long", "val": "byte[]"}`

func specs(t *testing.T) []Spec {
	var out []Spec
	schema := mustSchema(t, plainSchema)
	for _, lanes := range []int{1, 3, 8} {
		for _, quantum := range []int{1, 4, 64} {
			for _, batch := range []int{0, 1, 5, 16} {
				for _, page := range []int{1, 3, 0} {
					s := Spec{Cache: "C", Part: -1, Schema: schema, Lanes: lanes, QuantumRows: quantum, BatchRows: batch, PageRows: page, BufferBytes: 256}
					out = append(out, s)
				}
			}
		}
	}
	drop := out[len(out)-1]
	drop.DropRemainder = true
	return append(out, drop)
}

// TestRestoreAtEveryStep reads whole epochs, and again from the position after
// every batch: the rest must be the same, batches and positions alike.
func TestRestoreAtEveryStep(t *testing.T) {
	ragged := func(key int) int { return 1 + key/7%3 }
	for _, sizes := range [][]int{{0}, {1}, {5, 0, 3}, {0, 0, 9, 2, 0, 17, 1, 0, 4, 8, 0}} {
		src := tables(t, sizes, ragged)
		for i, spec := range specs(t) {
			seed := int64(i % 3)
			t.Run(specName(spec, seed), func(t *testing.T) {
				all := drain(t, src, spec, StartPosition(seed))
				want := wantOrder(src, spec, seed)
				if spec.DropRemainder {
					want = want[:len(want)/spec.BatchRows*spec.BatchRows]
				}
				if got := keysOf(all); !slices.Equal(got, want) {
					t.Fatalf("order %v\nwant  %v", got, want)
				}
				for b, s := range all {
					if spec.BatchRows > 0 && len(s.keys) != spec.BatchRows && (b < len(all)-1 || spec.DropRemainder) {
						t.Fatalf("batch %d has %d rows", b, len(s.keys))
					}
				}
				for n := range all {
					if rest := drain(t, src, spec, all[n].after); !sameSteps(rest, all[n+1:]) {
						t.Fatalf("after batch %d, position %v:\n%v\nwant\n%v", n, all[n].after, rest, all[n+1:])
					}
				}
			})
		}
	}
}

func TestRowsModeBatchesAreBoundedInBytes(t *testing.T) {
	src := tables(t, []int{40, 40}, func(int) int { return 100 << 10 })
	for _, s := range drain(t, src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema)}, nil) {
		if len(s.keys) > 11 {
			t.Fatalf("a batch of %d rows of 100 KiB", len(s.keys))
		}
	}
}

// TestRowsModeBatchesOfDifferentLengths: arrays are filled up to the longest when they
// become tensors, which must stay within bounds.
func TestRowsModeBatchesOfDifferentLengths(t *testing.T) {
	const large = 300 << 10
	length := func(key int) int {
		if key%10 == 0 {
			return large
		}
		return key % 7
	}
	src := tables(t, []int{40, 40}, length)
	most, rows := 0, 0
	for _, s := range drain(t, src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema)}, nil) {
		longest := 0
		for _, k := range s.keys {
			longest = max(longest, length(int(k)))
		}
		if n := len(s.keys) * longest; n > 2*RowsModeBytes {
			t.Errorf("a batch of %d rows takes %d bytes", len(s.keys), n)
		}
		most, rows = max(most, len(s.keys)), rows+len(s.keys)
	}
	if rows != 80 || most < 2*RowsModeBytes/large {
		t.Errorf("%d rows, %d of them in one batch", rows, most)
	}
}

func TestPagesAreLearnedFromRows(t *testing.T) {
	src := tables(t, []int{3000}, func(int) int { return 100 })
	steps := drain(t, src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 64}, nil)
	if n := len(keysOf(steps)); n != 3000 {
		t.Fatalf("%d rows", n)
	}
	if got := src.pageRows.Load(); got < 4000 {
		t.Fatalf("the largest page asked for has %d rows of 114 bytes", got)
	}
	if got := src.opened.Load(); got != 2 {
		t.Fatalf("%d scans of one partition, want a small one and a large one", got)
	}
}

// TestFirstPagesAreSmall: each lane begins with a page of a quarter and goes on with whole
// ones, once, where the size of the rows is known and they are small.
func TestFirstPagesAreSmall(t *testing.T) {
	for _, c := range []struct {
		name            string
		width, pageRows int
		parts           []int
		scans           int64
	}{
		{"small rows", 1000, 0, []int{3000, 3000, 3000, 3000}, 2 + 4},
		{"all in the first page", 1000, 0, []int{50, 50}, 2},
		{"rows of 4 KiB", 4096, 0, []int{600, 600}, 2},
		{"pages are stated", 1000, 100, []int{3000, 3000}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := tables(t, c.parts, func(int) int { return c.width })
			schema := mustSchema(t, plainSchema)
			schema.RowBytes = c.width
			spec := Spec{Cache: "C", Part: -1, Schema: schema, BatchRows: 64, Lanes: 2, PageRows: c.pageRows}
			rows := 0
			for _, n := range c.parts {
				rows += n
			}
			if n := len(keysOf(drain(t, src, spec, nil))); n != rows {
				t.Errorf("%d rows, want %d", n, rows)
			}
			if got := src.opened.Load(); got != c.scans {
				t.Errorf("%d scans of %d partitions with 2 lanes, want %d", got, len(c.parts), c.scans)
			}
		})
	}
}

func TestUnknownPartitionsAreOneScan(t *testing.T) {
	src := tables(t, []int{5, 6}, func(int) int { return 1 })
	src.unknown = true
	if got := keysOf(drain(t, src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema)}, nil)); len(got) != 11 {
		t.Fatalf("%v", got)
	}
}

func TestPartAndParts(t *testing.T) {
	src := tables(t, []int{2, 2, 2, 2}, func(int) int { return 1 })
	spec := Spec{Cache: "C", Part: 2, Schema: mustSchema(t, plainSchema)}
	if got := keysOf(drain(t, src, spec, nil)); !slices.Equal(got, []int64{4, 5}) {
		t.Fatalf("Part 2: %v", got)
	}
	spec.Part, spec.Parts = -1, []int{3, 0}
	spec.Lanes = 1
	if got := keysOf(drain(t, src, spec, nil)); !slices.Equal(got, []int64{6, 7, 0, 1}) {
		t.Fatalf("Parts 3, 0: %v", got)
	}
	spec.Part = 4
	_, err := openReader(t.Context(), src, spec, nil, column.NewPool(0), Hooks{})
	if err == nil || !strings.Contains(err.Error(), `cache "C" has no partition 4 to read: it has 4`) {
		t.Fatalf("partition 4 of 4: %v", err)
	}
}

func TestOneErrorAfterTheBatchesBefore(t *testing.T) {
	src := tables(t, []int{10, 10}, func(int) int { return 1 })
	src.fail, src.failPart, src.failPage = errors.New("node 127.0.0.1:1 closed the connection"), 1, 2
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), Lanes: 2, QuantumRows: 1, BatchRows: 2, PageRows: 2}
	for range 20 {
		pool := column.NewPool(0)
		r, err := openReader(t.Context(), src, spec, nil, pool, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		good := 0
		for err == nil {
			var b *column.Batch
			if b, err = r.Next(t.Context()); err == nil {
				good += b.Rows
				b.Release()
			}
		}
		_, again := r.Next(t.Context())
		_ = r.Close()
		if good != 8 || !errors.Is(err, src.fail) || !errors.Is(again, src.fail) {
			t.Fatalf("%d rows, then %v, then %v", good, err, again)
		}
		if pool.Lent() != 0 || src.open_.Load() != 0 {
			t.Fatalf("%d buffers, %d cursors left", pool.Lent(), src.open_.Load())
		}
	}
}

func TestCloseInTheMiddle(t *testing.T) {
	src := tables(t, []int{100, 100, 100}, func(int) int { return 10 })
	for n := range 20 {
		pool := column.NewPool(0)
		r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 3, PageRows: 5, BufferBytes: 500}, nil, pool, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			b, err := r.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b.Release()
		}
		_ = r.Close()
		_ = r.Close()
		if _, err := r.Next(t.Context()); !errors.Is(err, ErrClosed) {
			t.Fatalf("Next after Close: %v", err)
		}
		if pool.Lent() != 0 || src.open_.Load() != 0 {
			t.Fatalf("%d buffers, %d cursors left", pool.Lent(), src.open_.Load())
		}
	}
}

// gate lets a source's pages through one by one.
type gate struct {
	*fakeSource
	pass chan struct{}
}

type gateCursor struct {
	cursor
	pass chan struct{}
}

func (g *gate) open(ctx context.Context, part, rows int, p *placer) (cursor, error) {
	c, err := g.fakeSource.open(ctx, part, rows, p)
	return &gateCursor{c, g.pass}, err
}

func (c *gateCursor) next(ctx context.Context) (page, error) {
	select {
	case <-c.pass:
		return c.cursor.next(ctx)
	case <-ctx.Done():
		return page{}, ctx.Err()
	}
}

func TestNextWithinLosesNothing(t *testing.T) {
	src := &gate{tables(t, []int{4}, func(int) int { return 1 }), make(chan struct{})}
	r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 2, PageRows: 2}, nil, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	before := r.Position()
	for range 3 {
		if _, err := r.NextWithin(t.Context(), time.Millisecond); !errors.Is(err, ErrNotReady) {
			t.Fatalf("a page that is held back: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled Next: %v", err)
	}
	if !slices.Equal(before, r.Position()) {
		t.Fatal("waiting moved the position")
	}
	close(src.pass)
	for _, want := range []int64{0, 2} {
		b, err := r.NextWithin(t.Context(), time.Minute)
		if err != nil || b.Columns[0].Value(0) != want {
			t.Fatalf("%v, %v", b, err)
		}
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

func TestPositionsThatDoNotFit(t *testing.T) {
	src := tables(t, []int{3, 3, 3}, func(int) int { return 1 })
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), Lanes: 2, QuantumRows: 2}
	for name, pos := range map[string]Position{
		"one number": {3}, "version": {1, 0}, "too few": {3, 0, 0, 0}, "no lanes": {3, 0, 0, 0, 2, 0}, "other lanes": {3, 0, 0, 0, 2, 1, 0, 0},
		"lanes": {3, 0, 0, 0, 2, 2, 0, 0}, "many lanes": {3, 0, 0, 0, 2, 1 << 62, 0, 0}, "lanes negative": {3, 0, 0, 0, 2, -1, 0, 0},
		"turn": {3, 0, 2, 0, 2, 2, 0, 0, 1, 0}, "quantum": {3, 0, 0, 2, 2, 2, 0, 0, 1, 0}, "turn negative": {3, 0, -1, 0, 2, 2, 0, 0, 1, 0},
		"lane at another's partition": {3, 0, 0, 0, 2, 2, 1, 0, 1, 0}, "partition": {3, 0, 0, 0, 2, 2, 6, 0, 1, 0}, "row": {3, 0, 0, 0, 2, 2, 0, -1, 1, 0},
		"owners": {3, 0, 0, 0, 2, 2, 0, 0, 1, 0, 0, 0}, "other turns": {3, 0, 0, 0, 3, 2, 0, 0, 1, 0}, "no turns": {3, 0, 0, 0, 0, 2, 0, 0, 1, 0},
	} {
		if _, err := openReader(t.Context(), src, spec, pos, column.NewPool(0), Hooks{}); err == nil {
			t.Errorf("%s: %v was accepted", name, pos)
		}
	}
	r, err := openReader(t.Context(), src, spec, Position{3, 0, 0, 0, 2, 2, 0, 5, 1, 0}, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "the cache has changed") {
		t.Fatalf("a row past the end: %v", err)
	}
}

// TestLanesOfLargeRows: a cursor keeps a leaf of rows on the server's heap.
func TestLanesOfLargeRows(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct{ rowBytes, partitionRows, nodes, lanes int }{
		{0, 1, 1, 8},
		{100, 1_000_000, 1, 8},
		{64 << 10, 1_000_000, 1, 8},
		{mib, 2, 1, 8},
		{mib, 32, 1, 8},
		{mib, 62, 1, 4},
		{mib, 100, 1, 2},
		{mib, 300, 1, 1},
		{mib, 100_000, 1, 1},
		{100 * mib, 0, 1, 2},
		{100 * mib, 1, 1, 2},
		{1 << 40, 5, 1, 1},
		{math.MaxInt, 5, 1, 1},
		{100, 1, 2, 8},
		{100, 1, 3, 12},
		{100, 1, 20, 60},
		{100, 1, 100, 100},
		{mib, 62, 3, 12},
		{mib, 100, 3, 6},
		{mib, 1000, 3, 3},
	} {
		src := &fakeSource{parts: make([][]fakeRow, 16)}
		src.parts[0] = make([]fakeRow, 16*c.partitionRows)
		spec := Spec{Schema: Schema{RowBytes: c.rowBytes}}
		if n, err := chooseLanes(t.Context(), src, &spec, c.nodes); n != c.lanes || err != nil {
			t.Errorf("rows of %d bytes, %d in a partition, %d nodes: %d lanes, %v; want %d", c.rowBytes, c.partitionRows, c.nodes, n, err, c.lanes)
		}
	}
}

// TestTurnsOfSizes: how many rows are taken from a lane in turn, whatever the batches are.
func TestTurnsOfSizes(t *testing.T) {
	for _, c := range []struct{ rowBytes, rows int }{
		{0, DefaultQuantumRows}, {1, 16}, {511, 16}, {512, DefaultQuantumRows}, {128<<10 - 1, DefaultQuantumRows}, {128 << 10, 1},
	} {
		for _, batch := range []int{0, 7, 1024} {
			if n := chooseQuantum(&Spec{BatchRows: batch, Schema: Schema{RowBytes: c.rowBytes}}); n != c.rows {
				t.Errorf("rows of %d bytes, batches of %d: turns of %d, want %d", c.rowBytes, batch, n, c.rows)
			}
		}
	}
}

// TestPositionKeepsItsLanes: a position goes on where it stood, also when by now
// another number of lanes, and of rows in turn, would be chosen.
func TestPositionKeepsItsLanes(t *testing.T) {
	src := tables(t, []int{30, 30, 30, 30}, func(int) int { return 1 })
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 7}
	spec.Schema.RowBytes = 4 << 20 // 30 rows in a partition: 2 lanes
	want := drain(t, src, spec, nil)
	for _, s := range []int{0, 3, len(want) - 2} {
		spec.Schema.RowBytes = 64
		got := drain(t, src, spec, want[s].after)
		if !sameSteps(got, want[s+1:]) {
			t.Errorf("after step %d the rest is another", s)
		}
	}
	if turn, lanes := want[0].after[4], want[0].after[5]; turn != 1 || lanes != 2 {
		t.Errorf("%d lanes, %d rows of each in turn", lanes, turn)
	}
}

// TestNodesTakeTurns: lanes that read at the same time read from all nodes, each
// partition is read once, and a position holds the order although partitions have moved.
func TestNodesTakeTurns(t *testing.T) {
	const nodes, parts = 3, 40
	sizes := slices.Repeat([]int{5}, parts)
	src := tables(t, sizes, func(int) int { return 1 })
	src.nodes = nodes
	all, err := src.partitions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owners, err := src.owners(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range []int64{0, 7} {
		order := epochOrder(all, seed, owners)
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, all) {
			t.Fatalf("seed %d: %v", seed, order)
		}
		for i := range 20 / nodes * nodes { // some 13 are on each
			if want := owners[order[i%nodes]]; owners[order[i]] != want {
				t.Fatalf("seed %d: place %d is on node %d, not %d", seed, i, owners[order[i]], want)
			}
		}
	}
	spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 7}
	want := drain(t, src, spec, StartPosition(7))
	if turn, lanes := want[0].after[4], want[0].after[5]; turn != DefaultQuantumRows || lanes != 12 {
		t.Errorf("%d lanes, %d rows of each in turn", lanes, turn)
	}
	for _, moved := range []int{2, 1} {
		src.nodes = moved
		for _, s := range []int{0, 11, len(want) - 2} {
			if got := drain(t, src, spec, want[s].after); !sameSteps(got, want[s+1:]) {
				t.Errorf("after step %d, on %d nodes, the rest is another", s, moved)
			}
		}
	}
}

func TestReadingAheadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := tables(t, []int{1000, 1000, 1000, 1000}, func(int) int { return 100 })
		src.chaos = false
		const row, pageRows, batchRows, limit = 9 + 5 + 100, 10, 20, 20000
		spec := Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: batchRows, PageRows: pageRows, BufferBytes: limit}
		pool := column.NewPool(0)
		r, err := openReader(t.Context(), src, spec, nil, pool, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for {
			synctest.Wait() // until everything that may be read ahead has been
			r.budget.mu.Lock()
			used := r.budget.used
			r.budget.mu.Unlock()
			if most := int64(limit + 4*pageRows*row + batchRows*(8+100+16)); used > most {
				t.Fatalf("%d bytes ahead, want at most %d", used, most)
			}
			b, err := r.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			rows += b.Rows
			b.Release()
		}
		_ = r.Close()
		if rows != 4000 || r.budget.used != 0 {
			t.Fatalf("%d rows, %d bytes of the budget not given back", rows, r.budget.used)
		}
	})
}

func TestRaggedRowsStayTogetherWithKeptNulls(t *testing.T) {
	src := tables(t, []int{30}, func(key int) int { return key % 3 })
	r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), Nulls: NullsKeep}, nil, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := r.Next(t.Context())
	if err != nil || b.Rows != 30 {
		t.Fatalf("%v, %v", b, err)
	}
	b.Release()
}

func TestBrokenPagesAreErrors(t *testing.T) {
	for name, rows := range map[string][]fakeRow{
		"key":   {{[]byte{4, 1}, nil}},
		"value": {{enc(t, int64(1)), []byte{12, 255, 0, 0, 0, 1}}},
		"count": {{enc(t, int64(1)), enc(t, []byte{1})}, {nil, nil}},
	} {
		src := &fakeSource{parts: [][]fakeRow{rows}}
		r, err := openReader(t.Context(), src, Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 8}, nil, column.NewPool(0), Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Next(t.Context())
		var re *RowError
		if !errors.As(err, &re) || re.Cache != "C" || re.Partition != 0 || !strings.Contains(err.Error(), "broken") {
			t.Errorf("%s: %v", name, err)
		}
		_ = r.Close()
	}
}
