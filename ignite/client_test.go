package ignite_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestReadsFailOver(t *testing.T) {
	hangUp := func(c *wiretest.Conn, _ int64, _ wire.Request) bool {
		c.Close()
		return true
	}
	a := wiretest.Start(t, wiretest.Options{Handle: hangUp})
	b := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		switch req.(type) {
		case *wire.CacheGetSizeRequest:
			c.Reply(id, &wire.LongResponse{Value: 9})
		case *wire.CacheClearRequest:
			c.Reply(id, &wire.EmptyResponse{})
		default:
			return false
		}
		return true
	}})
	first := atomic.Bool{}
	first.Store(true)
	cfg := ignite.Config{Addresses: []string{a.Addr, b.Addr}, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == a.Addr && !first.Swap(false) {
			return nil, errors.New("the first node is gone")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	cache := ignite.NewCache[int64, int64](openAt(t, cfg), "C")
	if n, err := cache.Size(t.Context()); err != nil || n != 9 {
		t.Errorf("a read when the connection breaks: %d, %v", n, err)
	}
	if a.Count(wire.OpCacheGetSize) != 1 || b.Count(wire.OpCacheGetSize) != 1 {
		t.Error("the request did not go from the first node to the second")
	}
	if err := cache.Clear(t.Context()); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

func TestWritesAreNotSentTwice(t *testing.T) {
	c, srv := open(t, func(c *wiretest.Conn, _ int64, _ wire.Request) bool {
		c.Close()
		return true
	})
	cache := ignite.NewCache[int64, int64](c, "C")
	err := cache.RemoveAll(t.Context())
	var ce *ignite.ConnectError
	if !errors.As(err, &ce) || !ce.Sent || ce.Reason != ignite.ReasonBroken || ignite.Retryable(err) {
		t.Errorf("got %v", err)
	}
	if n := srv.Count(wire.OpCacheRemoveAll); n != 1 {
		t.Errorf("sent %d times", n)
	}
	_, err = cache.Size(t.Context())
	if !errors.As(err, &ce) || !ignite.Retryable(err) {
		t.Errorf("a read: %v", err)
	}
	if n := srv.Count(wire.OpCacheGetSize); n != 3 {
		t.Errorf("a read was sent %d times", n)
	}
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	c, srv := open(t, func(c *wiretest.Conn, id int64, req wire.Request) bool {
		if req.Op() == wire.OpCacheClear {
			c.Fail(id, wire.StatusFailed, "Can not perform the operation because the cluster is inactive. Note, that...")
			return true
		}
		c.Fail(id, wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 67]")
		return true
	})
	cache := ignite.NewCache[int64, int64](c, "PEOPLE")
	_, _, err := cache.Get(t.Context(), 1)
	var (
		oe *ignite.OpError
		se *ignite.ServerError
	)
	if !errors.Is(err, wire.StatusCacheDoesNotExist) || !errors.As(err, &oe) || !errors.As(err, &se) {
		t.Fatalf("got %v", err)
	}
	if oe.Op != wire.OpCacheGet || oe.Cache != "PEOPLE" || oe.Addr != srv.Addr || se.Op != wire.OpCacheGet || se.Addr != srv.Addr {
		t.Errorf("fields %+v", oe)
	}
	want := `ignite: OP_CACHE_GET cache "PEOPLE" at ` + srv.Addr + ": Cache does not exist [cacheId= 67] (CACHE_DOES_NOT_EXIST, status 1000)"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if err := cache.Clear(t.Context()); !errors.Is(err, ignite.ErrClusterInactive) || !strings.Contains(err.Error(), "activate") {
		t.Errorf("inactive: %v", err)
	}
}

func TestContextAndTimeout(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(*wiretest.Conn, int64, wire.Request) bool { return true }})
	c := openAt(t, ignite.Config{Addresses: []string{srv.Addr}, RequestTimeout: 20 * time.Millisecond})
	_, err := c.CacheNames(t.Context())
	var oe *ignite.OpError
	if !errors.As(err, &oe) || !oe.Timeout() || !errors.Is(err, context.DeadlineExceeded) || !ignite.Retryable(err) {
		t.Errorf("timeout: %v", err)
	}
	if strings.Count(err.Error(), srv.Addr) != 1 {
		t.Errorf("the address is there more or less than once: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.CacheNames(ctx); !errors.Is(err, context.Canceled) || ignite.Retryable(err) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handshake: func(*wire.HandshakeRequest) wire.HandshakeResponse {
		return wire.HandshakeResponse{Status: wire.StatusAuthFailed, Message: "The user name or password is incorrect [userName=ada]"}
	}})
	_, err := ignite.Open(t.Context(), ignite.Config{Addresses: []string{srv.Addr}, Username: "ada", Password: "s3cret"})
	var ce *ignite.ConnectError
	if !errors.Is(err, wire.StatusAuthFailed) || !errors.As(err, &ce) || ce.Reason != ignite.ReasonRefused || ignite.Retryable(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("refused: %v", err)
	}
	srv.Stop()
	_, err = ignite.Open(t.Context(), ignite.Config{Addresses: []string{srv.Addr, "127.0.0.1:1"}})
	if !errors.Is(err, ignite.ErrNoNode) || !ignite.Retryable(err) || !strings.Contains(err.Error(), srv.Addr) || !strings.Contains(err.Error(), "127.0.0.1:1:") {
		t.Errorf("nothing there: %v", err)
	}
}

func TestClosedClient(t *testing.T) {
	c, _ := open(t, nil)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.CacheNames(t.Context()); !errors.Is(err, ignite.ErrClosed) || ignite.Retryable(err) {
		t.Errorf("got %v", err)
	}
}

// twoNodes is a cluster of two scripted servers with four partitions: even ones
// belong to the first, odd ones to the second.
type twoNodes struct {
	srv      [2]*wiretest.Server
	topology atomic.Pointer[wire.AffinityVersion]
	swapped  atomic.Bool
}

func startTwoNodes(t *testing.T) *twoNodes {
	t.Helper()
	n := new(twoNodes)
	n.topology.Store(&wire.AffinityVersion{Major: 2})
	ids := [2]uuid.UUID{uuid.New(), uuid.New()}
	for i := range n.srv {
		n.srv[i] = wiretest.Start(t, wiretest.Options{NodeID: ids[i], Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
			return n.handle(t, c, id, req, i)
		}})
	}
	return n
}

func (n *twoNodes) handle(t *testing.T, c *wiretest.Conn, id int64, req wire.Request, i int) bool {
	h := wire.ResponseHeader{RequestID: id, Topology: n.topology.Load()}
	switch q := req.(type) {
	case *wire.ClusterGroupGetNodeEndpointsRequest:
		var res wire.ClusterGroupGetNodeEndpointsResponse
		for _, s := range n.srv {
			_, p, _ := net.SplitHostPort(s.Addr)
			port, _ := strconv.Atoi(p)
			res.Added = append(res.Added, wire.NodeEndpoint{ID: s.NodeID, Port: int32(port), Addresses: []string{"127.0.0.1"}})
		}
		c.ReplyHeader(h, &res)
	case *wire.CachePartitionsRequest:
		even, odd := n.srv[0].NodeID, n.srv[1].NodeID
		if n.swapped.Load() {
			even, odd = odd, even
		}
		c.ReplyHeader(h, &wire.CachePartitionsResponse{Topology: *n.topology.Load(), Groups: []wire.PartitionGroup{{
			Applicable: true, DefaultAffinity: true, Caches: []wire.PartitionCache{{CacheID: q.CacheIDs[0]}},
			Nodes: []wire.NodePartitions{{NodeID: even, Partitions: []int32{0, 2}}, {NodeID: odd, Partitions: []int32{1, 3}}},
		}}})
	case *wire.CacheContainsKeyRequest, *wire.CacheRemoveKeyRequest:
		c.ReplyHeader(h, &wire.BoolResponse{Value: true})
	case *wire.CacheGetRequest:
		c.ReplyHeader(h, &wire.ObjectResponse{Value: encoded(t, int64(i))})
	case *wire.QueryScanRequest:
		c.ReplyHeader(h, &wire.QueryScanResponse{Page: wire.Page{Rows: 1, Data: encoded(t, int64(q.Partition), int64(i))}})
	default:
		return false
	}
	return true
}

func TestKeysGoToTheirOwner(t *testing.T) {
	n := startTwoNodes(t)
	c := openAt(t, ignite.Config{Addresses: []string{n.srv[0].Addr}})
	cache := ignite.NewCache[int32, int64](c, "C")
	ask := func(k int32) int64 {
		t.Helper()
		v, ok, err := cache.Get(t.Context(), k)
		if err != nil || !ok {
			t.Fatal(err)
		}
		return v
	}
	for k := range int32(8) {
		if got := ask(k); got != int64(k%2) {
			t.Errorf("key %d was asked of node %d", k, got)
		}
	}
	for i := range 2 {
		if got := n.srv[0].Count(wire.OpCachePartitions) + n.srv[1].Count(wire.OpCachePartitions); i == 0 && got != 1 {
			t.Errorf("the mapping was asked for %d times", got)
		}
	}
	for p := range 4 {
		cur, err := c.OpenScan(t.Context(), ignite.RawScan{Cache: "C", Partition: p})
		if err != nil {
			t.Fatal(err)
		}
		if cur.Addr() != n.srv[p%2].Addr || cur.Node() != n.srv[p%2].NodeID {
			t.Errorf("partition %d was asked of %s", p, cur.Addr())
		}
		_ = cur.Close()
	}
	cur, err := c.OpenScan(t.Context(), ignite.RawScan{Cache: "C", Partition: 0, Node: n.srv[1].NodeID})
	if err != nil || cur.Node() != n.srv[1].NodeID {
		t.Errorf("a scan of a named node: %v", err)
	}
	_ = cur.Close()
	if _, err := c.OpenScan(t.Context(), ignite.RawScan{Cache: "C", Node: uuid.New()}); !errors.Is(err, ignite.ErrNoNode) {
		t.Errorf("a scan of a node that is not there: %v", err)
	}

	m, err := c.Partitions(t.Context(), "C")
	if err != nil || m.Count() != 4 || !m.Applicable() || m.Version().Major != 2 {
		t.Fatalf("map %+v, %v", m, err)
	}
	key, err := c.Encode(t.Context(), int32(7))
	if p, ok := m.Partition(key); err != nil || !ok || p != 3 {
		t.Errorf("partition of 7: %d %v", p, ok)
	}
	if o, ok := m.Owner(3); !ok || o != n.srv[1].NodeID {
		t.Errorf("owner of 3: %v", o)
	}

	// The partitions change places; the next answer tells of it, the one after goes right.
	n.swapped.Store(true)
	n.topology.Store(&wire.AffinityVersion{Major: 3})
	ask(0)
	if got := ask(0); got != 1 {
		t.Errorf("after the change key 0 was asked of node %d", got)
	}
	nodes, err := c.Nodes(t.Context())
	if err != nil || len(nodes) != 2 {
		t.Errorf("nodes %v, %v", nodes, err)
	}
}

func TestWithoutTheOwner(t *testing.T) {
	n := startTwoNodes(t)
	c := openAt(t, ignite.Config{Addresses: []string{n.srv[0].Addr}})
	n.srv[1].Stop()
	cache := ignite.NewCache[int32, int64](c, "C")
	for range 3 {
		if v, _, err := cache.Get(t.Context(), 1); err != nil || v != 0 {
			t.Errorf("asked of node %d, %v", v, err)
		}
	}
}

func TestNoPartitionAwareness(t *testing.T) {
	n := startTwoNodes(t)
	c := openAt(t, ignite.Config{Addresses: []string{n.srv[0].Addr}, NoPartitionAwareness: true})
	cache := ignite.NewCache[int32, int64](c, "C")
	for k := range int32(4) {
		if v, _, err := cache.Get(t.Context(), k); err != nil || v != 0 {
			t.Errorf("asked of node %d, %v", v, err)
		}
	}
	if n.srv[0].Count(wire.OpCachePartitions) != 0 {
		t.Error("the mapping was asked for")
	}
}

func TestPartitionCountByProbing(t *testing.T) {
	for _, count := range []int{1, 2, 3, 512, 1000} {
		c, srv := open(t, func(c *wiretest.Conn, id int64, req wire.Request) bool {
			switch q := req.(type) {
			case *wire.CachePartitionsRequest:
				c.Reply(id, &wire.CachePartitionsResponse{Groups: []wire.PartitionGroup{{Caches: []wire.PartitionCache{{CacheID: binary.CacheID("R")}}}}})
			case *wire.QueryScanRequest:
				if int(q.Partition) >= count {
					c.Fail(id, wire.StatusFailed, "class org.apache.ignite.IgniteCheckedException: Invalid partition number: "+strconv.Itoa(int(q.Partition)))
					break
				}
				c.Reply(id, &wire.QueryScanResponse{})
			default:
				return false
			}
			return true
		})
		got, err := c.PartitionCount(t.Context(), "R")
		if err != nil || got != count {
			t.Errorf("%d: got %d, %v", count, got, err)
		}
		if n := srv.Count(wire.OpQueryScan); n > 25 {
			t.Errorf("%d: %d requests", count, n)
		}
	}
}
