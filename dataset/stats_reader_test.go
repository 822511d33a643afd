package dataset

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kindling-ml/kindling/column"
)

// timedSource is a fakeSource whose pages take their time, on the clock of the
// test's bubble.
type timedSource struct {
	*fakeSource
	server, network time.Duration
}

type timedCursor struct {
	cursor
	src *timedSource
}

func (s *timedSource) open(ctx context.Context, part, pageRows int, p *placer) (cursor, error) {
	c, err := s.fakeSource.open(ctx, part, pageRows, p)
	return timedCursor{c, s}, err
}

func (c timedCursor) next(ctx context.Context) (page, error) {
	p, err := c.cursor.next(ctx)
	if err != nil {
		return p, err
	}
	p.server, p.network = c.src.server, c.src.network
	select {
	case <-time.After(p.server + p.network):
		return p, nil
	case <-ctx.Done():
		p.free()
		return page{}, context.Cause(ctx)
	}
}

// timedRead reads all, stays away for pause after each batch, and gives the
// counts at the end and the time that it took.
func timedRead(t *testing.T, src *timedSource, spec Spec, pause time.Duration, hooks Hooks) (Stats, time.Duration) {
	t.Helper()
	began := time.Now()
	r, err := openReader(t.Context(), src, spec, nil, column.NewPool(0), hooks)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(pause)
		b.Release()
	}
	took := time.Since(began)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return r.Stats(), took
}

func timedSpec(t *testing.T) Spec {
	return Spec{Cache: "C", Part: AllPartitions, Schema: mustSchema(t, plainSchema), Lanes: 2, QuantumRows: 5, PageRows: 5, BatchRows: 5}
}

// wantCounts checks all but the times of a read of {10, 5, 0, 10, 15} rows in
// pages and batches of 5.
func wantCounts(t *testing.T, s Stats) {
	t.Helper()
	if s.Rows != 40 || s.PageRows != 40 || s.Batches != 8 || s.Pages != 8 || s.BatchBytes == 0 || s.BufferedPeakBytes == 0 || s.BufferedBytes != 0 {
		t.Errorf("the counts are %+v", s)
	}
	p := s.Partitions
	if !slices.Equal(p.Rows, []int64{10, 5, 0, 10, 15}) || !slices.Equal(p.Pages, []int64{2, 1, 0, 2, 3}) || sumOf(p.Bytes) != s.Bytes || p.Bytes[0] != 2*p.Bytes[1] {
		t.Errorf("the partitions are %+v of %d bytes", p, s.Bytes)
	}
	if n := s.Nodes["fake"]; len(s.Nodes) != 1 || n != (NodeStats{40, s.Bytes, 8, s.Wait.Server + s.Wait.Network}) {
		t.Errorf("the nodes are %+v", s.Nodes)
	}
}

func sumOf(counts []int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

func timedTables(t *testing.T) *fakeSource {
	return tables(t, []int{10, 5, 0, 10, 15}, func(int) int { return 100 })
}

func TestStatsOfASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, took := timedRead(t, &timedSource{timedTables(t), 100 * time.Millisecond, 20 * time.Millisecond}, timedSpec(t), 0, Hooks{})
		wantCounts(t, s)
		// Lane 0 has 5 pages, which come one after the other, lane 1 the other 3.
		want := Waits{Server: 8 * 100 * time.Millisecond, Network: 8 * 20 * time.Millisecond, Starved: 5 * 120 * time.Millisecond}
		if s.Wait != want || took != want.Starved {
			t.Errorf("the waits are %+v in %v, want %+v", s.Wait, took, want)
		}
	})
}

func TestStatsOfASlowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := timedSpec(t)
		spec.BufferBytes = 1
		s, took := timedRead(t, &timedSource{fakeSource: timedTables(t)}, spec, time.Second, Hooks{})
		wantCounts(t, s)
		if took != 8*time.Second || s.Wait.Consumer < took/2 || s.Wait.Consumer > took {
			t.Errorf("back-pressure of %v in %v", s.Wait.Consumer, took)
		}
		if s.Wait.Server != 0 || s.Wait.Network != 0 || s.Wait.Starved != 0 || s.Wait.Decode != 0 {
			t.Errorf("the waits are %+v", s.Wait)
		}
	})
}

func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages, batches := make(chan PageEvent, 100), make(chan BatchEvent, 100)
		hooks := Hooks{Page: func(e PageEvent) { pages <- e }, Batch: func(e BatchEvent) { batches <- e }}
		s, _ := timedRead(t, &timedSource{timedTables(t), time.Second, time.Millisecond}, timedSpec(t), 0, hooks)
		close(pages)
		close(batches)
		var seen Stats
		for e := range pages {
			if e.Cache != "C" || e.Node != "fake" || e.Rows != 5 || e.Partition < 0 || e.Partition > 4 || e.Server != time.Second || e.Network != time.Millisecond {
				t.Errorf("a page is %+v", e)
			}
			seen.Pages++
			seen.PageRows += int64(e.Rows)
			seen.Bytes += int64(e.Bytes)
		}
		for e := range batches {
			seen.Batches++
			seen.Rows += int64(e.Rows)
			seen.BatchBytes += e.Bytes
		}
		if seen.Pages != s.Pages || seen.PageRows != s.PageRows || seen.Bytes != s.Bytes || seen.Batches != s.Batches || seen.Rows != s.Rows || seen.BatchBytes != s.BatchBytes {
			t.Errorf("the hooks saw %+v, the reader counted %+v", seen, s)
		}
	})
}
