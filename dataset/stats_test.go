package dataset

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// used is a recorder that has counted two pages and a batch of three rows.
func used(cache string) *recorder {
	r := newRecorder(cache, 4, Hooks{})
	r.page("a:1", 1, 2, 100, 20*time.Millisecond, 5*time.Millisecond)
	r.page("b:1", 3, 1, 50, 10*time.Millisecond, time.Millisecond)
	r.decoded(3, 7*time.Millisecond)
	r.consumer(3 * time.Millisecond)
	r.starved(2 * time.Millisecond)
	r.batch(3, 160)
	r.buffered(70)
	r.buffered(30)
	return r
}

// counted is what used has counted.
func counted() Stats {
	return Stats{
		Rows: 3, Batches: 1, BatchBytes: 160, Pages: 2, PageRows: 3, Bytes: 150,
		Wait: Waits{
			Server: 30 * time.Millisecond, Network: 6 * time.Millisecond, Decode: 7 * time.Millisecond,
			Consumer: 3 * time.Millisecond, Starved: 2 * time.Millisecond,
		},
		BufferedBytes: 30, BufferedPeakBytes: 70,
		Nodes: map[string]NodeStats{
			"a:1": {Rows: 2, Bytes: 100, Pages: 1, Wait: 25 * time.Millisecond},
			"b:1": {Rows: 1, Bytes: 50, Pages: 1, Wait: 11 * time.Millisecond},
		},
		Partitions: PartitionStats{Rows: []int64{0, 2, 0, 1}, Bytes: []int64{0, 100, 0, 50}, Pages: []int64{0, 1, 0, 1}},
	}
}

// timeless is Stats without what depends on the clock.
func timeless(s Stats) Stats {
	s.Elapsed, s.RowsPerSecond, s.BytesPerSecond, s.PagesPerSecond = 0, 0, 0, 0
	return s
}

func wantStats(t *testing.T, what string, got, want Stats) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestRecorder(t *testing.T) {
	r := used("C")
	first := r.snapshot()
	wantStats(t, "a snapshot", timeless(first), counted())
	if first.Elapsed <= 0 || first.RowsPerSecond <= 0 || first.BytesPerSecond <= 0 || first.PagesPerSecond <= 0 {
		t.Errorf("the rates are %v %v %v over %v", first.RowsPerSecond, first.BytesPerSecond, first.PagesPerSecond, first.Elapsed)
	}
	r.page("a:1", AllPartitions, 1, 10, 0, 0)
	r.page("a:1", 4, 1, 10, 0, 0)
	wantStats(t, "the snapshot, later", timeless(first), counted())
	second := r.snapshot()
	if second.Pages != 4 || second.Nodes["a:1"].Pages != 3 || !reflect.DeepEqual(second.Partitions, first.Partitions) {
		t.Errorf("pages of no partition: %+v", second)
	}
}

func TestRecorderFromManyGoroutines(t *testing.T) {
	var pages, batches sync.Map
	r := newRecorder("C", 8, Hooks{
		Page:  func(e PageEvent) { pages.Store([2]int{e.Partition, e.Rows}, e) },
		Batch: func(e BatchEvent) { batches.Store(e.Rows, e) },
	})
	const each = 1000
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range each {
				r.page(fmt.Sprintf("n%d", i%5), g, i, 2, time.Microsecond, time.Microsecond)
				r.batch(1, 3)
				r.buffered(int64(g*each + i))
				r.snapshot()
			}
		})
	}
	wg.Wait()
	s := r.snapshot()
	if s.Pages != 8*each || s.Bytes != 16*each || s.Rows != 8*each || s.BatchBytes != 24*each || s.BufferedPeakBytes != 8*each-1 {
		t.Errorf("the sums are %+v", s)
	}
	if len(s.Nodes) != 5 || s.Nodes["n4"] != (NodeStats{8 * (each/5*4 + 5*(each/5)*(each/5-1)/2), 16 * each / 5, 8 * each / 5, 16 * each / 5 * time.Microsecond}) {
		t.Errorf("the nodes are %+v", s.Nodes)
	}
	for p, rows := range s.Partitions.Rows {
		if rows != each*(each-1)/2 || s.Partitions.Pages[p] != each {
			t.Errorf("partition %d has %d rows in %d pages", p, rows, s.Partitions.Pages[p])
		}
	}
	if e, ok := pages.Load([2]int{7, 999}); !ok || e != (PageEvent{"C", 7, "n4", 999, 2, time.Microsecond, time.Microsecond}) {
		t.Errorf("the hook of pages got %+v", e)
	}
	if e, ok := batches.Load(1); !ok || e != (BatchEvent{"C", 1, 3}) {
		t.Errorf("the hook of batches got %+v", e)
	}
}

func TestRecorderBoundsItsNodes(t *testing.T) {
	r := newRecorder("C", 0, Hooks{})
	for i := range 2 * maxNodes {
		r.page(fmt.Sprint(i), 0, 1, 1, 0, 0)
	}
	s := r.snapshot()
	if len(s.Nodes) != maxNodes+1 || s.Nodes[otherNodes].Pages != maxNodes || len(s.Partitions.Rows) != 0 {
		t.Errorf("%d nodes, %d pages of others", len(s.Nodes), s.Nodes[otherNodes].Pages)
	}
}

func TestRatesAreThoseOfNow(t *testing.T) {
	r := used("C")
	r.begin = r.begin.Add(-time.Hour) // all that was counted is of the first moments of an hour
	r.snapshot()
	r.begin = r.begin.Add(-2 * rateWindow)
	if s := r.snapshot(); s.Rows != 3 || s.RowsPerSecond > 1e-3 {
		t.Errorf("a reader at rest gives %v rows/s", s.RowsPerSecond)
	}
	r.begin = r.begin.Add(-2 * rateWindow)
	if s := r.snapshot(); s.RowsPerSecond != 0 {
		t.Errorf("a reader long at rest gives %v rows/s", s.RowsPerSecond)
	}
	r.batch(1000, 0)
	if got, most := r.snapshot().RowsPerSecond, 1000/rateWindow.Seconds(); got <= most/3 || got > most {
		t.Errorf("1000 rows after %v of rest are %v rows/s", 2*rateWindow, got)
	}
}

func TestStatsAddAndSub(t *testing.T) {
	one := counted()
	one.Elapsed = 2 * time.Second
	two := one.Add(one)
	if two.Rows != 6 || two.Wait.Server != 60*time.Millisecond || two.Nodes["a:1"].Wait != 50*time.Millisecond ||
		!slices.Equal(two.Partitions.Rows, []int64{0, 4, 0, 2}) || two.BufferedBytes != 60 || two.BufferedPeakBytes != 70 {
		t.Errorf("the sum is %+v", two)
	}
	two.Elapsed = 5 * time.Second
	d := two.Sub(one)
	if d.Elapsed != 3*time.Second || d.RowsPerSecond != 1 || d.BytesPerSecond != 50 || d.BufferedBytes != 60 {
		t.Errorf("the difference is %+v", d)
	}
	d = timeless(d)
	d.BufferedBytes = 30
	wantStats(t, "the difference", d, counted())
	none := timeless(one.Sub(two))
	for name, n := range none.Nodes {
		if n != (NodeStats{}) {
			t.Errorf("less than nothing of %s is %+v", name, n)
		}
	}
	if none.Rows != 0 || none.Wait != (Waits{}) || slices.Max(none.Partitions.Bytes) != 0 {
		t.Errorf("less than nothing is %+v", none)
	}
	wantStats(t, "what was added up", timeless(one), counted())
}

func TestStatsJSON(t *testing.T) {
	s := counted()
	s.Elapsed, s.RowsPerSecond, s.Readers, s.OpenReaders = 1500*time.Millisecond, 2.5, 3, 1
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"rows":3,"batches":1,"batch_bytes":160,"pages":2,"page_rows":3,"bytes":150,"buffered_bytes":30,"buffered_peak_bytes":70,` +
		`"readers":3,"open_readers":1,"rows_per_second":2.5,"bytes_per_second":0,"pages_per_second":0,` +
		`"nodes":{"a:1":{"rows":2,"bytes":100,"pages":1,"wait_seconds":0.025},"b:1":{"rows":1,"bytes":50,"pages":1,"wait_seconds":0.011}},` +
		`"partitions":{"rows":[0,2,0,1],"bytes":[0,100,0,50],"pages":[0,1,0,1]},"elapsed_seconds":1.5,` +
		`"wait_server_seconds":0.03,"wait_network_seconds":0.006,"wait_decode_seconds":0.007,"wait_consumer_seconds":0.003,"wait_starved_seconds":0.002}`
	if string(b) != want {
		t.Errorf("the JSON is\n%s\nwant\n%s", b, want)
	}
	var back Stats
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	wantStats(t, "after JSON", back, s)
	if json.Unmarshal([]byte(`{"nodes":{"a":{"rows":"x"}}}`), &back) == nil {
		t.Error("text is taken for a number")
	}
	line := s.String()
	const text = "3 rows, 150 B in 2 pages, 2 rows/s, 0.0 MB/s, buffered 30 B; waits: server 0.03 s, network 0.01 s, decode 0.01 s, consumer 0.00 s, starved 0.00 s"
	if line != text {
		t.Errorf("the line is %q", line)
	}
	for n, want := range map[int64]string{999: "999 B", 1234: "1.234 kB", 56_700_000: "56.7 MB", 7_890_000_000: "7.89 GB"} {
		if got := byteText(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}

func hashOf(n int) (h [32]byte) {
	h[0], h[1] = byte(n), byte(n>>8)
	return h
}

func TestLedger(t *testing.T) {
	var l ledger
	wantStats(t, "an empty ledger", l.stats(hashOf(1)), Stats{Nodes: map[string]NodeStats{}, Partitions: PartitionStats{[]int64{}, []int64{}, []int64{}}})
	a, b := used("C"), used("C")
	l.add(hashOf(1), a)
	l.add(hashOf(1), b)
	l.add(hashOf(2), used("D"))
	l.done(hashOf(1), a)
	l.done(hashOf(1), a)         // twice is once
	l.done(hashOf(3), a)         // of nobody
	a.batch(100, 0)              // too late to count
	b.page("a:1", 0, 1, 8, 0, 0) // still open
	want := counted().Add(counted())
	want.Readers, want.OpenReaders, want.BufferedBytes = 2, 1, 30
	want.Pages++
	want.PageRows++
	want.Bytes += 8
	want.Nodes["a:1"] = NodeStats{5, 208, 3, 50 * time.Millisecond}
	want.Partitions.Rows[0], want.Partitions.Bytes[0], want.Partitions.Pages[0] = 1, 8, 1
	wantStats(t, "a dataset", timeless(l.stats(hashOf(1))), want)

	caches := l.byCache()
	if len(caches) != 2 || caches[0].Cache != "C" || caches[1].Cache != "D" {
		t.Fatalf("the caches are %+v", caches)
	}
	want.Partitions = PartitionStats{[]int64{}, []int64{}, []int64{}}
	wantStats(t, "a cache", timeless(caches[0].Stats), want)
	if sum := l.total(); sum.Rows != 9 || sum.Readers != 3 || sum.OpenReaders != 2 {
		t.Errorf("the total is %+v", sum)
	}
	l.done(hashOf(1), b)
	if s := l.stats(hashOf(1)); s.OpenReaders != 0 || s.BufferedBytes != 0 || s.RowsPerSecond != 0 || s.Rows != 6 || s.Elapsed <= 0 {
		t.Errorf("a dataset with all readers closed: %+v", s)
	}
}

func TestLedgerIsBoundedAndForgetsNoRows(t *testing.T) {
	var l ledger
	kept := used("KEPT")
	l.add(hashOf(0), kept)
	const many = maxAccounts + maxCaches
	for i := 1; i <= many; i++ {
		r := used(fmt.Sprint("C", i))
		l.add(hashOf(i), r)
		l.done(hashOf(i), r)
	}
	if len(l.accounts) > maxAccounts || len(l.caches) > maxCaches+1 {
		t.Errorf("%d datasets and %d caches are kept", len(l.accounts), len(l.caches))
	}
	if l.stats(hashOf(0)).Rows != 3 || l.stats(hashOf(many)).Rows != 3 || l.stats(hashOf(1)).Rows != 0 {
		t.Error("not the oldest dataset without an open reader was dropped")
	}
	if sum := l.total(); sum.Rows != 3*(many+1) || sum.Readers != many+1 {
		t.Errorf("of %d rows and %d readers %d and %d are left", 3*(many+1), many+1, sum.Rows, sum.Readers)
	}
}

func TestLedgerBoundsNodes(t *testing.T) {
	var l ledger
	for i := range 3 {
		r := newRecorder("C", 0, Hooks{})
		for n := range maxNodes / 2 {
			r.page(fmt.Sprint(i, "-", n), 0, 1, 1, 0, 0)
		}
		l.add(hashOf(0), r)
		l.done(hashOf(0), r)
	}
	s := l.stats(hashOf(0))
	var pages int64
	for n := range maps.Values(s.Nodes) {
		pages += n.Pages
	}
	if len(s.Nodes) > maxNodes || pages != s.Pages || s.Pages != 3*maxNodes/2 {
		t.Errorf("%d nodes, %d of %d pages", len(s.Nodes), pages, s.Pages)
	}
}

func TestCausesHaveTheNamesOfJSON(t *testing.T) {
	b, err := json.Marshal(Stats{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range (Waits{}).Causes() {
		if !strings.Contains(string(b), `"wait_`+c.Name+`_seconds":0`) {
			t.Errorf("the JSON has no wait %s", c.Name)
		}
	}
	if n := reflect.TypeFor[Waits]().NumField(); len(Waits{}.Causes()) != n {
		t.Errorf("%d causes have a name, there are %d", len(Waits{}.Causes()), n)
	}
}

func BenchmarkRecorderPage(b *testing.B) {
	r := used("C")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.page("a:1", 1, 100, 1000, time.Microsecond, time.Microsecond)
		}
	})
}

func BenchmarkRecorderBatch(b *testing.B) {
	r := used("C")
	b.ReportAllocs()
	for b.Loop() {
		r.batch(100, 1000)
	}
}
