package node_test

import (
	"strconv"
	"testing"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func decimal(n int32) string { return strconv.Itoa(int(n)) }

func (c *client) stream(ci wire.CacheInfo, flags uint8, entries ...wire.StreamerEntry) int64 {
	c.t.Helper()
	var p wire.LongResponse
	c.do(&wire.DataStreamerStartRequest{
		CacheID: ci.CacheID, Flags: flags, Entries: entries,
		PerNodeBufferSize: wire.StreamerDefaultBuffer, PerThreadBufferSize: wire.StreamerDefaultBuffer,
	}, &p)
	return p.Value
}

func entry(k, v any) wire.StreamerEntry {
	e := wire.StreamerEntry{Key: enc(k)}
	if v != nil {
		e.Value = enc(v)
	}
	return e
}

func TestStreamer(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.put(ci, int32(1), "old")
	id := c.stream(ci, wire.StreamerKeepBinary|wire.StreamerFlush, entry(int32(1), "new"), entry(int32(2), "new"))
	if id == 0 || c.get(ci, int32(1)) != "old" || c.get(ci, int32(2)) != "new" {
		t.Errorf("streamer %d without overwrite: %v, %v", id, c.get(ci, int32(1)), c.get(ci, int32(2)))
	}
	c.do(&wire.DataStreamerAddDataRequest{StreamerID: id, Flags: wire.StreamerFlush, Entries: []wire.StreamerEntry{entry(int32(1), nil), entry(int32(3), "c")}}, nil)
	if c.get(ci, int32(1)) != "old" || c.get(ci, int32(3)) != "c" {
		t.Error("a null without overwrite removed an entry, or the row after it was lost")
	}
	c.do(&wire.DataStreamerAddDataRequest{StreamerID: id, Flags: wire.StreamerClose}, nil)
	c.refused(&wire.DataStreamerAddDataRequest{StreamerID: id}, wire.StatusResourceDoesNotExist, "Failed to find resource with id: "+decimal(int32(id)))

	id = c.stream(ci, wire.StreamerAllowOverwrite|wire.StreamerClose, entry(int32(1), "OW"), entry(int32(2), nil))
	if id != 0 || c.get(ci, int32(1)) != "OW" || c.get(ci, int32(2)) != nil || c.size(ci) != 2 {
		t.Errorf("one shot with overwrite: id %d, %v, %v, size %d", id, c.get(ci, int32(1)), c.get(ci, int32(2)), c.size(ci))
	}
}

func TestStreamerRefusals(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	ask := func(cache, size int32) *wire.DataStreamerStartRequest {
		return &wire.DataStreamerStartRequest{CacheID: cache, PerNodeBufferSize: size, PerThreadBufferSize: size}
	}
	c.refused(ask(77, -1), wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 77]")
	c.refused(ask(ci.CacheID, 0), wire.StatusFailed, "Ouch! Argument is invalid: bufSize > 0")
	q := ask(ci.CacheID, -1)
	q.Receiver, q.ReceiverPlatform = enc("r"), wire.PlatformJava
	c.refused(q, wire.StatusFunctionalityDisabled, "a stream receiver is not supported by the embedded node; use an Ignite cluster")
	var scan wire.QueryScanResponse
	c.fill(ci, 5, func(i int) any { return int32(i) })
	c.do(scanRequest(ci, -1, 1), &scan)
	c.refused(&wire.DataStreamerAddDataRequest{StreamerID: scan.CursorID}, wire.StatusFailed, "Resource 1 is not a data streamer")
	id := c.stream(ci, 0)
	c.refused(&wire.QueryScanPageRequest{CursorID: id}, wire.StatusFailed, "Resource 2 is not a cursor")
	c.do(&wire.CacheDestroyRequest{CacheID: ci.CacheID}, nil)
	c.refused(&wire.DataStreamerAddDataRequest{StreamerID: id, Entries: []wire.StreamerEntry{entry(int32(1), "x")}},
		wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 67]")
}
