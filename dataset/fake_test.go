package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// fakeRow is an encoded key and value.
type fakeRow struct{ key, val []byte }

// fakeSource serves partitions from memory, with pages that come in any order of time.
type fakeSource struct {
	parts   [][]fakeRow
	meta    map[int32]*binary.Metadata
	unknown bool // the number of partitions can't be told
	nodes   int
	chaos   bool

	failPart, failPage int // the page of a partition that fails, when fail is set
	fail               error

	open_, opened atomic.Int64
	busy          sync.Map // cursors with a request in flight
	twice         atomic.Bool
	pageRows      atomic.Int64 // the largest asked for
}

func (s *fakeSource) partitions(context.Context) ([]int, error) {
	if s.unknown {
		return []int{AllPartitions}, nil
	}
	out := make([]int, len(s.parts))
	for i := range out {
		out[i] = i
	}
	return out, nil
}

func (s *fakeSource) count(context.Context) (int64, error) {
	n := 0
	for _, p := range s.parts {
		n += len(p)
	}
	return int64(n), nil
}

func (s *fakeSource) owners(_ context.Context, parts []int) ([]byte, error) {
	if s.nodes < 2 {
		return nil, nil
	}
	out := make([]byte, len(parts))
	for i, p := range parts {
		out[i] = byte((p + p/s.nodes) % s.nodes)
	}
	return out, nil
}

func (s *fakeSource) partitionRows(ctx context.Context) (int64, error) {
	n, err := s.count(ctx)
	return n / int64(max(len(s.parts), 1)), err
}

func (s *fakeSource) resolver(context.Context) binary.Resolver { return s }

func (s *fakeSource) Metadata(id int32) (*binary.Metadata, error) { return s.meta[id], nil }

func (s *fakeSource) open(ctx context.Context, part, pageRows int, _ *placer) (cursor, error) {
	s.pause()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.open_.Add(1)
	s.opened.Add(1)
	for old := s.pageRows.Load(); int64(pageRows) > old && !s.pageRows.CompareAndSwap(old, int64(pageRows)); old = s.pageRows.Load() {
	}
	c := &fakeCursor{src: s, part: part, rows: pageRows}
	if part == AllPartitions {
		for _, p := range s.parts {
			c.left = append(c.left, p...)
		}
	} else {
		c.left = s.parts[part]
	}
	return c, nil
}

func (s *fakeSource) pause() {
	if s.chaos {
		for range rand.IntN(20) {
			runtime.Gosched()
		}
	}
}

type fakeCursor struct {
	src    *fakeSource
	part   int
	rows   int
	pages  int
	left   []fakeRow
	closed bool
}

func (c *fakeCursor) next(ctx context.Context) (page, error) {
	if _, there := c.src.busy.LoadOrStore(c, true); there {
		c.src.twice.Store(true)
	}
	defer c.src.busy.Delete(c)
	c.src.pause()
	if err := ctx.Err(); err != nil {
		return page{}, err
	}
	if c.src.fail != nil && c.part == c.src.failPart && c.pages == c.src.failPage {
		return page{}, c.src.fail
	}
	c.pages++
	if len(c.left) == 0 {
		return page{}, io.EOF
	}
	n := min(c.rows, len(c.left))
	var data []byte
	for _, r := range c.left[:n] {
		data = append(append(data, r.key...), r.val...)
	}
	c.left = c.left[n:]
	return page{rows: n, data: data, release: func() { clear(data) }}, nil
}

func (c *fakeCursor) node() nodeName { return "fake" }

func (c *fakeCursor) close() {
	if !c.closed {
		c.closed = true
		c.src.open_.Add(-1)
	}
}

func enc(t testing.TB, v any) []byte {
	t.Helper()
	b, err := binary.AppendValue(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tables makes a source of long keys and byte[] values; sizes are the rows of the
// partitions, width the length of the value of each row.
func tables(t testing.TB, sizes []int, width func(key int) int) *fakeSource {
	s := &fakeSource{chaos: true}
	key := 0
	for _, n := range sizes {
		var rows []fakeRow
		for range n {
			v := make([]byte, width(key))
			for i := range v {
				v[i] = byte(key + i)
			}
			rows = append(rows, fakeRow{enc(t, int64(key)), enc(t, v)})
			key++
		}
		s.parts = append(s.parts, rows)
	}
	return s
}

func mustSchema(t testing.TB, text string) Schema {
	t.Helper()
	var s Schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// step is one batch: its keys, and the position after it.
type step struct {
	keys  []int64
	after Position
}

// drain reads to the end.
func drain(t testing.TB, src *fakeSource, spec Spec, pos Position) []step {
	t.Helper()
	pool := column.NewPool(0)
	r, err := openReader(t.Context(), src, spec, pos, pool, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	var out []step
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Validate(); err != nil {
			t.Fatal(err)
		}
		st := step{after: r.Position()}
		for i := range b.Rows {
			k := b.Columns[0].Value(i).(int64)
			st.keys = append(st.keys, k)
			for j, v := range b.Columns[1].Value(i).([]any) {
				if v.(uint8) != byte(int(k)+j) {
					t.Fatalf("key %d has another row's value", k)
				}
			}
		}
		out = append(out, st)
		b.Release()
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if n := pool.Lent(); n != 0 {
		t.Fatalf("%d buffers were not given back", n)
	}
	if n := src.open_.Load(); n != 0 {
		t.Fatalf("%d cursors are open after Close", n)
	}
	if src.twice.Load() {
		t.Fatal("two requests were in flight on one cursor")
	}
	return out
}

func keysOf(steps []step) []int64 {
	var out []int64
	for _, s := range steps {
		out = append(out, s.keys...)
	}
	return out
}

func sameSteps(a, b []step) bool {
	return slices.EqualFunc(a, b, func(x, y step) bool { return slices.Equal(x.keys, y.keys) && slices.Equal(x.after, y.after) })
}

// wantOrder is the order that the algorithm promises, computed the slow way.
func wantOrder(src *fakeSource, spec Spec, seed int64) []int64 {
	parts := make([]int, len(src.parts))
	for i := range parts {
		parts[i] = i
	}
	parts = epochOrder(parts, seed, nil)
	lanes := min(orDefault(spec.Lanes, DefaultLanes), len(parts))
	queues := make([][]int64, lanes)
	for i, p := range parts {
		for _, r := range src.parts[p] {
			queues[i%lanes] = append(queues[i%lanes], binary.NewReader(r.key).Value().(int64))
		}
	}
	var out []int64
	for more := true; more; {
		more = false
		for l := range queues {
			n := min(len(queues[l]), orDefault(spec.QuantumRows, DefaultQuantumRows))
			out = append(out, queues[l][:n]...)
			queues[l] = queues[l][n:]
			more = more || len(queues[l]) > 0
		}
	}
	return out
}

func specName(s Spec, seed int64) string {
	return fmt.Sprintf("lanes=%d,quantum=%d,batch=%d,drop=%v,page=%d,seed=%d", s.Lanes, s.QuantumRows, s.BatchRows, s.DropRemainder, s.PageRows, seed)
}
