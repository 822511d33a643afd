package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignitetest"
)

// benchRows is the number of rows of the cache that benchCache makes.
const benchRows = 500

// benchCache loads a cache B of rows with nulls and lists of any length.
func benchCache(s shell) {
	s.t.Helper()
	var rows strings.Builder
	for i := range benchRows {
		fmt.Fprintf(&rows, `{"id":%d,"name":"row %d","list":%s}`+"\n", i, i, []string{"[1]", "[1,2.5]", "null"}[i%3])
	}
	s.ok("load", "B", file(s.t, "b.jsonl", rows.String()), "--key", "id")
}

func scanJSON(s shell, args ...string) scanReport {
	s.t.Helper()
	var r scanReport
	if err := json.Unmarshal([]byte(s.ok(append([]string{"bench", "scan", "B", "--json"}, args...)...)), &r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

func sum(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func TestBenchScan(t *testing.T) {
	addr := ignitetest.Embedded(t).Addr
	s := at(t, addr)
	benchCache(s)
	r := scanJSON(s, "--epochs", "2", "--batch", "64", "--lanes", "3")
	got := r.Stats
	if r.Cache != "B" || r.Epochs != 2 || r.BatchRows != 64 || r.Lanes != 3 {
		t.Errorf("the scan was %+v", r)
	}
	if got.Rows != 2*benchRows || got.PageRows != 2*benchRows || got.Batches != 2*((benchRows+63)/64) || got.Readers != 2 || got.OpenReaders != 0 || got.BufferedBytes != 0 {
		t.Errorf("two epochs of %d rows are %s in %d batches, %d readers", benchRows, got, got.Batches, got.Readers)
	}
	if sum(got.Partitions.Rows) != 2*benchRows || sum(got.Partitions.Bytes) != got.Bytes || sum(got.Partitions.Pages) != got.Pages {
		t.Errorf("the partitions do not add up: %+v", got.Partitions)
	}
	if len(got.Nodes) != 1 {
		t.Errorf("the nodes are %+v", got.Nodes)
	}
	for _, n := range got.Nodes {
		if n.Bytes != got.Bytes || n.Pages != got.Pages || n.Rows != got.PageRows {
			t.Errorf("the node gave %+v of %s", n, got)
		}
	}
	if rows := got.RowsPerSecond * got.Elapsed.Seconds(); rows < 2*benchRows-1 || rows > 2*benchRows+1 {
		t.Errorf("%g rows/s over %v are no %d rows", got.RowsPerSecond, got.Elapsed, 2*benchRows)
	}
	if got.Wait.Server <= 0 || got.Wait.Decode <= 0 || got.Wait.Starved > got.Elapsed {
		t.Errorf("the waits are %+v", got.Wait)
	}
	table := s.ok("bench", "scan", "B")
	for _, want := range []string{"CACHE", "ROWS/S", "\nNODE", "MS/PAGE", "\nWAIT", "\nB           1 ", fmt.Sprintf("  %d  ", benchRows)} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not show %q:\n%s", want, table)
		}
	}
	var causes []string
	for _, c := range (dataset.Waits{}).Causes() {
		if causes = append(causes, c.Name); !strings.Contains(table, "\n"+c.Name+" ") {
			t.Errorf("the table does not show the wait %s:\n%s", c.Name, table)
		}
	}
	help := s.ok("bench", "scan", "--help")
	if missing := slices.DeleteFunc(causes, func(name string) bool { return strings.Contains(help, "\n  "+name+" ") }); len(missing) > 0 {
		t.Errorf("the help does not explain %v", missing)
	}
	if timed := scanJSON(s, "--seconds", "2", "--batch", "1"); timed.Stats.Elapsed.Seconds() < 2 || timed.Stats.Rows == 0 {
		t.Errorf("two seconds: %s in %v", timed.Stats, timed.Stats.Elapsed)
	}
}

func TestBenchUsage(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	s.fails(exitUsage, []string{`"peek"`, "kindling bench --help"}, "bench", "peek")
	s.fails(exitUsage, []string{"accepts 1 arg"}, "bench", "scan")
	s.fails(exitUsage, []string{"--batch -1"}, "bench", "scan", "B", "--batch", "-1")
	s.fails(exitUsage, []string{"--lanes -1"}, "bench", "scan", "B", "--lanes", "-1")
	s.fails(exitUsage, []string{"--epochs 0", "--seconds"}, "bench", "scan", "B", "--epochs", "0")
	s.fails(exitUsage, []string{"--seconds NaN"}, "bench", "scan", "B", "--seconds", "nan")
	s.fails(exitUsage, []string{"metrics", "nowhere:nohow"}, "bench", "scan", "B", "--metrics", "nowhere:nohow")
	s.fails(exitNotFound, []string{"NONE"}, "bench", "scan", "NONE")
	if got := runIn(t, "", nil, "bench"); got.code != exitOK || !strings.Contains(got.stdout, "scan") {
		t.Errorf("kindling bench: %+v", got)
	}
}

func TestLiveLine(t *testing.T) {
	all := dataset.Stats{Rows: 1000, BufferedBytes: 2_500_000}
	late := dataset.Stats{RowsPerSecond: 250.4, BytesPerSecond: 1.25e6, PagesPerSecond: 12.34, Elapsed: 500e6}
	late.Wait.Server, late.Wait.Starved = 1e9, 10e6
	const want = "1000 rows  250 rows/s  1.2 MB/s  12.3 pages/s  server 200% network 0% decode 0% consumer 0% starved 2%  buffered 2.5 MB"
	if got := liveLine(all, late); got != want {
		t.Errorf("the line is %q", got)
	}
	if got := shares(dataset.Stats{}); strings.Contains(got, "NaN") {
		t.Errorf("of no time: %q", got)
	}
}
