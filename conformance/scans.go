package conformance

import (
	"errors"
	"io"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testScans(e *env) {
	e.run("whole cache, page sizes", testScanPages)
	e.run("each partition", testScanPartitions)
	e.run("empty", testScanEmpty)
	e.run("local", testScanLocal)
	e.run("replicated", testScanReplicated)
	e.run("large values", testScanLargeValues)
	e.run("order repeats", testScanOrder)
	e.run("refused", testScanRefused)
	e.run("closed cursor", testScanClosed)
	e.run("early close frees the server", testScanEarlyClose)
	e.run("too many cursors", testTooManyCursors)
}

func testScanPages(e *env) {
	const n = 1000
	cache := e.newCache()
	e.fill(cache, n)
	for _, page := range []int{1, 7, 256, n, n + 1, 1 << 20} {
		e.wantCount(e.longs(e.rows(ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: page})), n)
	}
}

func testScanPartitions(e *env) {
	const n = 1000
	cache := e.newCache()
	e.fill(cache, n)
	m, err := e.c.Partitions(e.ctx, cache)
	e.noError(err)
	var all []ignite.Entry[binary.Raw, binary.Raw]
	for p := range m.Count() {
		rows := e.rows(ignite.RawScan{Cache: cache, Partition: p, PageRows: 2})
		for _, row := range rows {
			if got, ok := m.Partition(row.Key); !ok || got != p {
				e.Fatalf("key %x came with partition %d and belongs to %d (%v)", row.Key, p, got, ok)
			}
		}
		all = append(all, rows...)
	}
	e.wantCount(e.longs(all), n)
}

func testScanEmpty(e *env) {
	cache := e.newCache()
	for _, p := range []int{ignite.NoPartition, 0, 1023} {
		cur, err := e.c.OpenScan(e.ctx, ignite.RawScan{Cache: cache, Partition: p})
		e.noError(err)
		if page, err := cur.Next(e.ctx); err == nil && page.Rows != 0 {
			e.Errorf("partition %d of an empty cache has %d rows", p, page.Rows)
		} else if err != nil && !errors.Is(err, io.EOF) {
			e.Error(err)
		}
		e.noError(cur.Close())
	}
}

func testScanLocal(e *env) {
	const n = 100
	cache := e.newCache()
	e.fill(cache, n)
	nodes, err := e.c.Nodes(e.ctx)
	e.noError(err)
	var all []ignite.Entry[binary.Raw, binary.Raw]
	for _, node := range nodes {
		scan := ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, Local: true, Node: node.ID}
		all = append(all, e.rows(scan)...)
	}
	e.wantCount(e.longs(all), n)
}

func testScanReplicated(e *env) {
	const n = 300
	cache := e.newCache(func(c *wire.CacheConfiguration) { c.Mode = wire.CacheModeReplicated })
	e.fill(cache, n)
	e.wantCount(e.longs(e.rows(ignite.RawScan{Cache: cache, Partition: ignite.NoPartition})), n)
	count, err := e.c.PartitionCount(e.ctx, cache)
	e.noError(err)
	if count != 512 {
		e.Errorf("a replicated cache has %d partitions, want 512", count)
	}
	var all []ignite.Entry[binary.Raw, binary.Raw]
	for p := range count {
		all = append(all, e.rows(ignite.RawScan{Cache: cache, Partition: p})...)
	}
	e.wantCount(e.longs(all), n)
}

func testScanLargeValues(e *env) {
	const n, size = 9, 1 << 20
	name := e.newCache()
	cache := ignite.NewCache[int64, []byte](e.c, name)
	for i := range int64(n) {
		value := make([]byte, size+int(i))
		for j := range value {
			value[j] = byte(int64(j) + i)
		}
		e.noError(cache.Put(e.ctx, i, value))
	}
	seen := 0
	for entry, err := range cache.Scan(e.ctx, ignite.ScanQuery{PageRows: 2}) {
		e.noError(err)
		seen++
		if len(entry.Value) != size+int(entry.Key) || entry.Value[1000] != byte(1000+entry.Key) {
			e.Errorf("value %d came back with %d bytes", entry.Key, len(entry.Value))
		}
	}
	if seen != n {
		e.Errorf("got %d rows of %d", seen, n)
	}
}

// testScanOrder: partitions that do not change are read in the same order each time;
// the position of a dataset rests on it.
func testScanOrder(e *env) {
	cache := e.newCache()
	e.fill(cache, 2000)
	for p := range 8 {
		first := e.rows(ignite.RawScan{Cache: cache, Partition: p, PageRows: 1})
		again := e.rows(ignite.RawScan{Cache: cache, Partition: p, PageRows: 64})
		if len(first) != len(again) {
			e.Fatalf("partition %d has %d and then %d rows", p, len(first), len(again))
		}
		for i := range first {
			if string(first[i].Key) != string(again[i].Key) {
				e.Fatalf("row %d of partition %d is not the same twice", i, p)
			}
		}
	}
}

func testScanRefused(e *env) {
	cache := e.newCache()
	e.fill(cache, 10)
	for _, bad := range []struct {
		name   string
		scan   ignite.RawScan
		status wire.Status
		text   string
	}{
		{"partition 1024", ignite.RawScan{Cache: cache, Partition: 1024}, wire.StatusFailed, "Invalid partition number: 1024"},
		{"page of -1", ignite.RawScan{Cache: cache, Partition: -1, PageRows: -1}, wire.StatusFailed, "Page size must be above zero"},
		{"unknown cache", ignite.RawScan{Cache: "NO_SUCH_CACHE", Partition: -1}, wire.StatusCacheDoesNotExist, ""},
	} {
		cur, err := e.c.OpenScan(e.ctx, bad.scan)
		if err == nil {
			_, err = cur.Next(e.ctx)
			e.noError(cur.Close())
		}
		if !errors.Is(err, bad.status) || !strings.Contains(err.Error(), bad.text) {
			e.Errorf("%s: %v, want %v with %q", bad.name, err, bad.status, bad.text)
		}
	}
}

func testScanClosed(e *env) {
	cache := e.newCache()
	e.fill(cache, 100)
	cur, err := e.c.OpenScan(e.ctx, ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 10})
	e.noError(err)
	page, err := cur.Next(e.ctx)
	e.noError(err)
	page.Release()
	e.noError(cur.Close())
	e.noError(cur.Close())
	if _, err := cur.Next(e.ctx); !errors.Is(err, ignite.ErrClosed) {
		e.Errorf("Next after Close: %v, want %v", err, ignite.ErrClosed)
	}
	// A cursor that was read to its end is closed by the server; Close then is quiet.
	cur, err = e.c.OpenScan(e.ctx, ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 50})
	e.noError(err)
	rows, err := readAll(e.ctx, cur)
	e.noError(err)
	e.wantCount(e.longs(rows), 100)
	if _, err := cur.Next(e.ctx); !errors.Is(err, io.EOF) {
		e.Errorf("Next after the end: %v, want EOF", err)
	}
	e.noError(cur.Close())
}

// testScanEarlyClose opens more cursors than a connection may hold, one after the other.
func testScanEarlyClose(e *env) {
	cache := e.newCache()
	e.fill(cache, 100)
	for range 200 {
		cur, err := e.c.OpenScan(e.ctx, ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 1})
		e.noError(err)
		page, err := cur.Next(e.ctx)
		e.noError(err)
		page.Release()
		e.noError(cur.Close())
	}
}

// testTooManyCursors: a connection holds 128 cursors; the next is refused and the
// others go on.
func testTooManyCursors(e *env) {
	const limit = 128
	cache := e.newCache()
	e.fill(cache, 10)
	cfg := e.target.Server.Config
	cfg.ConnectionsPerNode = 1
	c := e.target.Server.Open(e.T, cfg)
	scan := ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 1}
	cursors := make([]*ignite.Cursor, 0, limit)
	for range limit {
		cur, err := c.OpenScan(e.ctx, scan)
		e.noError(err)
		cursors = append(cursors, cur)
	}
	if _, err := c.OpenScan(e.ctx, scan); !errors.Is(err, wire.StatusTooManyCursors) {
		e.Errorf("cursor %d: %v, want %v", limit+1, err, wire.StatusTooManyCursors)
	}
	rows, err := readAll(e.ctx, cursors[0])
	e.noError(err)
	e.wantCount(e.longs(rows), 10)
	again, err := c.OpenScan(e.ctx, scan) // the place of the one that ended
	e.noError(err)
	for _, cur := range append(cursors, again) {
		e.noError(cur.Close())
	}
}
