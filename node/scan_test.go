package node_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
	"github.com/kindling-ml/kindling/node/internal/affinity"
)

func scanRequest(ci wire.CacheInfo, part, pageRows int32) *wire.QueryScanRequest {
	return &wire.QueryScanRequest{CacheInfo: ci, PageRows: pageRows, Partition: part}
}

// scan reads a whole scan and returns its keys.
func (c *client) scan(ci wire.CacheInfo, part, pageRows int32) []int64 {
	c.t.Helper()
	var first wire.QueryScanResponse
	c.do(scanRequest(ci, part, pageRows), &first)
	keys, _ := rows(c.t, &first.Page)
	more := first.More
	for more {
		var p wire.PageResponse
		c.do(&wire.QueryScanPageRequest{CursorID: first.CursorID}, &p)
		k, _ := rows(c.t, &p.Page)
		if int32(len(k)) > pageRows || (p.More && int32(len(k)) != pageRows) {
			c.t.Errorf("page of %d rows, asked for %d", len(k), pageRows)
		}
		keys, more = append(keys, k...), p.More
	}
	c.refused(&wire.ResourceCloseRequest{ID: first.CursorID}, wire.StatusResourceDoesNotExist,
		fmt.Sprintf("Failed to find resource with id: %d", first.CursorID))
	return keys
}

func longPartition(k int64) int {
	return affinity.Partition(binary.HashCode(enc(k)), affinity.DefaultPartitions)
}

func TestScanWholeAndByPartition(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	const n = 3000
	c.fill(ci, n, func(i int) any { return int32(i) })

	var byPartition []int64
	for p := range int32(affinity.DefaultPartitions) {
		for _, k := range c.scan(ci, p, 2) {
			if longPartition(k) != int(p) {
				t.Errorf("key %d came from partition %d, belongs to %d", k, p, longPartition(k))
			}
			byPartition = append(byPartition, k)
		}
	}
	for _, pageRows := range []int32{1, 7, 1024, 2999, 3000, 5000} {
		if whole := c.scan(ci, wire.AllPartitions, pageRows); !slices.Equal(whole, byPartition) {
			t.Errorf("scan with pages of %d: %d rows, not the partitions in order", pageRows, len(whole))
		}
	}
	slices.Sort(byPartition)
	if len(byPartition) != n || byPartition[0] != 0 || byPartition[n-1] != n-1 || len(slices.Compact(byPartition)) != n {
		t.Errorf("%d keys from the partitions, want each of %d once", len(byPartition), n)
	}
}

func TestScanEmpty(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	if keys := c.scan(ci, wire.AllPartitions, 10); len(keys) != 0 {
		t.Errorf("keys of an empty cache: %v", keys)
	}
	if keys := c.scan(ci, 1023, 10); len(keys) != 0 {
		t.Errorf("keys of an empty partition: %v", keys)
	}
}

// TestScanRefusals holds the texts of Ignite 2.17.0, recorded from a server.
func TestScanRefusals(t *testing.T) {
	c := dial(t, start(t, node.Config{MaxCursorsPerConnection: 3}))
	ci := c.cacheNamed("C")
	c.refused(scanRequest(ci, -1, 0), wire.StatusFailed, "Page size must be above zero.")
	c.refused(scanRequest(ci, -1, -4), wire.StatusFailed, "Page size must be above zero.")
	c.refused(scanRequest(ci, 1024, 10), wire.StatusFailed, "class org.apache.ignite.IgniteCheckedException: Invalid partition number: 1024")
	c.refused(scanRequest(wire.CacheInfo{CacheID: 77}, -1, 10), wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 77]")
	filtered := scanRequest(ci, -1, 10)
	filtered.Filter, filtered.FilterPlatform = enc("f"), wire.PlatformJava
	c.refused(filtered, wire.StatusFunctionalityDisabled, "a scan filter is not supported by the embedded node; use an Ignite cluster")
	c.refused(&wire.QueryScanPageRequest{CursorID: 999}, wire.StatusResourceDoesNotExist, "50000: Failed to find resource with id: 999")
	if keys := c.scan(ci, -5, 10); len(keys) != 0 { // any negative number means all
		t.Error("rows in an empty cache")
	}
}

func TestTooManyCursors(t *testing.T) {
	n := start(t, node.Config{})
	c := dial(t, n)
	ci := c.cacheNamed("C")
	c.fill(ci, 10, func(i int) any { return int32(i) })
	var last wire.QueryScanResponse
	for range node.DefaultMaxCursorsPerConnection {
		c.do(scanRequest(ci, -1, 1), &last)
	}
	const text = "Too many open cursors (either close other open cursors or increase the limit through " +
		"ClientConnectorConfiguration.maxOpenCursorsPerConnection) [maximum=128, current=128]"
	c.refused(scanRequest(ci, -1, 1), wire.StatusTooManyCursors, text)
	c.do(&wire.ResourceCloseRequest{ID: last.CursorID}, nil)
	c.refused(&wire.QueryScanPageRequest{CursorID: last.CursorID}, wire.StatusResourceDoesNotExist,
		fmt.Sprintf("50000: Failed to find resource with id: %d", last.CursorID))
	c.do(scanRequest(ci, -1, 1), &last)
	c.refused(scanRequest(ci, -1, 1), wire.StatusTooManyCursors, text)
	// The limit is one of the connection, and a cursor that ended does not count.
	d := dial(t, n)
	for range 2 * node.DefaultMaxCursorsPerConnection {
		d.do(scanRequest(ci, -1, 100), &last)
	}
}

func TestScanIsASnapshot(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.fill(ci, 50, func(i int) any { return int32(i) })
	var first wire.QueryScanResponse
	c.do(scanRequest(ci, -1, 10), &first)
	c.fill(ci, 100, func(int) any { return "late" })
	c.do(&wire.CacheClearRequest{CacheInfo: ci}, nil)
	got, more := 10, true
	for more {
		var p wire.PageResponse
		c.do(&wire.QueryScanPageRequest{CursorID: first.CursorID}, &p)
		keys, values := rows(t, &p.Page)
		for i, k := range keys {
			if c.dec(values[i]) != int32(k) {
				t.Errorf("key %d has %v", k, c.dec(values[i]))
			}
		}
		got, more = got+len(keys), p.More
	}
	if got != 50 {
		t.Errorf("%d rows, want the 50 of when the scan began", got)
	}
}

func TestScanOfDestroyedCache(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.fill(ci, 10, func(i int) any { return int32(i) })
	var p wire.QueryScanResponse
	c.do(scanRequest(ci, -1, 1), &p)
	c.do(&wire.CacheDestroyRequest{CacheID: ci.CacheID}, nil)
	c.refused(&wire.QueryScanPageRequest{CursorID: p.CursorID}, wire.StatusFailed,
		"50000: Failed to get next data row due to underlying cursor invalidation")
	c.do(&wire.ResourceCloseRequest{ID: p.CursorID}, nil)
}

// TestPagesOfOneCursorAtOnce does what breaks an Ignite server: requests for
// pages of one cursor, all at once. Here every row comes exactly once.
func TestPagesOfOneCursorAtOnce(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	const n, pageRows = 2000, 20
	c.fill(ci, n, func(i int) any { return int32(i) })
	var first wire.QueryScanResponse
	c.do(scanRequest(ci, -1, pageRows), &first)
	keys, _ := rows(t, &first.Page)
	const posted = n/pageRows - 1
	for range posted {
		c.post(&wire.QueryScanPageRequest{CursorID: first.CursorID})
	}
	for range posted {
		h, r := c.next()
		if err := h.Err(); err != nil {
			t.Fatal(err)
		}
		var p wire.PageResponse
		p.Decode(r, c.features)
		k, _ := rows(t, &p.Page)
		keys = append(keys, k...)
	}
	slices.Sort(keys)
	if len(keys) != n || len(slices.Compact(keys)) != n {
		t.Errorf("%d keys, want each of %d once", len(keys), n)
	}
	c.refused(&wire.QueryScanPageRequest{CursorID: first.CursorID}, wire.StatusResourceDoesNotExist,
		fmt.Sprintf("50000: Failed to find resource with id: %d", first.CursorID))
}

// TestPageBytesAreBounded: a page of rows that would not fit into a frame ends
// early and loses nothing.
func TestPageBytesAreBounded(t *testing.T) {
	c := dial(t, start(t, node.Config{MaxFrameBytes: 64 << 10}))
	ci := c.cacheNamed("C")
	value := bytes.Repeat([]byte{7}, 10<<10)
	for i := range int64(20) {
		c.put(ci, i, value)
	}
	var first wire.QueryScanResponse
	c.do(scanRequest(ci, -1, 100), &first)
	got, more := int(first.Rows), first.More
	for more {
		var p wire.PageResponse
		c.do(&wire.QueryScanPageRequest{CursorID: first.CursorID}, &p)
		if len(p.Data) > 64<<10 {
			t.Errorf("page of %d bytes", len(p.Data))
		}
		got, more = got+int(p.Rows), p.More
	}
	if got != 20 || first.Rows == 20 {
		t.Errorf("%d rows, %d in the first page", got, first.Rows)
	}
}

func TestScanReplicated(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	c.do(&wire.CacheCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "R", Mode: wire.CacheModeReplicated}}, nil)
	ci := info("R")
	c.fill(ci, 600, func(i int) any { return int32(i) })
	if keys := c.scan(ci, 511, 10); !slices.Equal(keys, []int64{511}) {
		t.Errorf("partition 511 has %v", keys)
	}
	c.refused(scanRequest(ci, 512, 10), wire.StatusFailed, "class org.apache.ignite.IgniteCheckedException: Invalid partition number: 512")
}
