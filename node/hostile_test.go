package node_test

import (
	"bytes"
	stdbinary "encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func TestUnknownOperations(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ask := func(op int16) error {
		c.id++
		body := stdbinary.LittleEndian.AppendUint16(nil, uint16(op))
		c.send(stdbinary.LittleEndian.AppendUint64(body, uint64(c.id)))
		h, _ := c.next()
		if h.RequestID != c.id {
			t.Errorf("answer to %d, want %d", h.RequestID, c.id)
		}
		return h.Err()
	}
	for op, text := range map[int16]string{1234: "Invalid request op code: 1234", -5: "Invalid request op code: -5"} {
		if err := ask(op); !errors.Is(err, wire.StatusInvalidOpCode) || !strings.HasPrefix(err.Error(), text+":") {
			t.Errorf("op %d: %v", op, err)
		}
	}
	for _, op := range []wire.Op{wire.OpComputeTaskExecute, wire.OpServiceInvoke, wire.OpAtomicLongCreate, wire.OpSetGetOrCreate, wire.OpQueryContinuous} {
		if err := ask(int16(op)); !errors.Is(err, wire.StatusFunctionalityDisabled) || !strings.Contains(err.Error(), op.String()) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// TestTruncatedRequests cuts each kind of request at each byte. All are
// answered with an error and the connection goes on.
func TestTruncatedRequests(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	k := enc("key")
	for _, q := range []wire.Request{
		&wire.ResourceCloseRequest{ID: 1},
		&wire.CacheGetRequest{CacheInfo: ci, Key: k},
		&wire.CachePutRequest{CacheInfo: ci, Key: k, Value: k},
		&wire.CachePutAllRequest{CacheInfo: ci, Entries: []wire.Entry{{Key: k, Value: k}}},
		&wire.CacheGetAllRequest{CacheInfo: ci, Keys: []binary.Raw{k}},
		&wire.CacheCreateWithNameRequest{Name: "D"},
		&wire.CacheCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "D", QueryEntities: []wire.QueryEntity{{KeyType: "k"}}}},
		&wire.CachePartitionsRequest{CacheIDs: []int32{1}},
		scanRequest(ci, -1, 10),
		sqlRequest("SELECT 1", int32(5)),
		&wire.BinaryTypePutRequest{Metadata: &binary.Metadata{TypeID: 1, TypeName: "T"}},
		&wire.ClusterGroupGetNodeEndpointsRequest{},
		&wire.DataStreamerStartRequest{CacheID: ci.CacheID, Entries: []wire.StreamerEntry{entry("a", "b")}},
	} {
		whole := wire.AppendRequest(nil, 9, q, c.features)[wire.FrameHeaderBytes:]
		for cut := 10; cut < len(whole); cut++ {
			c.send(whole[:cut])
			if h, _ := c.next(); h.Status != wire.StatusFailed || !strings.Contains(h.Message, q.Op().String()) {
				t.Errorf("%s cut at byte %d: status %d, %q", q.Op(), cut, h.Status, h.Message)
			}
		}
		c.send(append(bytes.Clone(whole), 0))
		if h, _ := c.next(); h.Status != wire.StatusFailed {
			t.Errorf("%s with a byte too many: status %d", q.Op(), h.Status)
		}
	}
	if names := c.names(); len(names) != 1 {
		t.Errorf("caches = %v", names)
	}
}

// TestAnnouncedBytesAreNotAllocated opens connections that announce a large
// frame and send little of it.
func TestAnnouncedBytesAreNotAllocated(t *testing.T) {
	n := start(t, node.Config{})
	const conns, announced = 20, 200 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range conns {
		c := dial(t, n)
		c.do(&wire.HeartbeatRequest{}, nil)
		frame := stdbinary.LittleEndian.AppendUint32(nil, announced)
		if _, err := c.nc.Write(append(frame, make([]byte, 100<<10)...)); err != nil {
			t.Fatal(err)
		}
	}
	dial(t, n).do(&wire.HeartbeatRequest{}, nil)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > conns*2<<20 {
		t.Errorf("%d connections that announced %d MiB each made the node allocate %d MiB", conns, announced>>20, grown>>20)
	}
}

func TestFrameLimits(t *testing.T) {
	n := start(t, node.Config{MaxFrameBytes: 1 << 20})
	for name, sent := range map[string][]byte{
		"too long":    stdbinary.LittleEndian.AppendUint32(nil, 1<<20+1),
		"negative":    {0xff, 0xff, 0xff, 0xff},
		"no header":   {3, 0, 0, 0, 1, 2, 3},
		"no body":     {0, 0, 0, 0},
		"second hand": append([]byte{13, 0, 0, 0}, (&wire.HandshakeRequest{}).AppendTo(nil)...),
	} {
		c := dial(t, n)
		if _, err := c.nc.Write(sent); err != nil {
			t.Fatal(err)
		}
		if name == "second hand" { // its bytes are read as a request, of an unknown operation
			if h, _ := c.next(); h.Status == wire.StatusSuccess {
				t.Error("a second handshake succeeded")
			}
			continue
		}
		if _, err := readFrame(c.r); err == nil {
			t.Errorf("%s: the connection goes on", name)
		}
	}
}

// TestSlowClient: a client that does not read its answers holds up nobody else,
// and gets all of them when it reads at last.
func TestSlowClient(t *testing.T) {
	n := start(t, node.Config{MaxRequestsPerConnection: 4})
	c := dial(t, n)
	ci := c.cacheNamed("C")
	c.put(ci, "big", make([]byte, 1<<20))
	const asked = 64
	sent := make(chan error, 1)
	slow := dial(t, n)
	go func() {
		var err error
		for i := range int64(asked) {
			q := &wire.CacheGetRequest{CacheInfo: ci, Key: enc("big")}
			if _, err = slow.nc.Write(wire.AppendRequest(nil, 1000+i, q, slow.features)); err != nil {
				break
			}
		}
		sent <- err
	}()
	for range 100 {
		c.put(ci, "small", int32(1))
	}
	seen := map[int64]bool{}
	for range asked {
		h, _ := slow.next()
		seen[h.RequestID] = true
	}
	if err := <-sent; err != nil || len(seen) != asked {
		t.Errorf("%d answers of %d, %v", len(seen), asked, err)
	}
}

func TestWriteTimeout(t *testing.T) {
	n := start(t, node.Config{WriteTimeout: 50 * time.Millisecond})
	c := dial(t, n)
	ci := c.cacheNamed("C")
	c.put(ci, "big", make([]byte, 4<<20))
	stuck := dial(t, n)
	if err := stuck.nc.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		stuck.post(&wire.CacheGetRequest{CacheInfo: ci, Key: enc("big")})
	}
	// The node cuts the connection: writing fails sooner or later.
	q := wire.AppendRequest(nil, 1, &wire.CacheGetRequest{CacheInfo: ci, Key: enc("big")}, stuck.features)
	for {
		if _, err := stuck.nc.Write(q); err != nil {
			if errors.Is(err, io.EOF) || strings.Contains(err.Error(), "timeout") {
				t.Errorf("writing ended with %v", err)
			}
			break
		}
	}
	c.do(&wire.HeartbeatRequest{}, nil)
}

// FuzzRequest sends any bytes as a request after a handshake. The node must
// answer or cut the connection, and serve the next client.
func FuzzRequest(f *testing.F) {
	ci := info("C")
	for _, q := range []wire.Request{
		&wire.CachePutRequest{CacheInfo: ci, Key: enc("k"), Value: enc("v")},
		&wire.CacheGetAllRequest{CacheInfo: ci, Keys: []binary.Raw{enc("k")}},
		scanRequest(ci, -1, 10),
		sqlRequest("SELECT 1 + ?", int32(5)),
		&wire.CacheCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "D", QueryEntities: []wire.QueryEntity{{KeyType: "k"}}}},
		&wire.BinaryTypePutRequest{Metadata: &binary.Metadata{TypeID: 1, TypeName: "T"}},
		&wire.DataStreamerStartRequest{CacheID: ci.CacheID, Flags: 1, Entries: []wire.StreamerEntry{entry("a", "b")}},
		&wire.ResourceCloseRequest{ID: 1},
	} {
		f.Add(wire.AppendRequest(nil, 1, q, wire.FeaturesClient)[wire.FrameHeaderBytes:])
	}
	n := start(f, node.Config{})
	f.Fuzz(func(t *testing.T, body []byte) {
		c := dial(t, n)
		c.send(body)
		if _, err := readFrame(c.r); err != nil && len(body) >= 10 {
			t.Errorf("no answer to %x: %v", body, err)
		}
		dial(t, n).do(&wire.HeartbeatRequest{}, nil)
		c.nc.Close()
	})
}
