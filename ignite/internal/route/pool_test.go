package route

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openPool(t *testing.T, o Options) *Pool {
	t.Helper()
	o.Conn.HandshakeTimeout = 5 * time.Second
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// deadAddr is an address where nothing listens.
func deadAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func endpoint(t *testing.T, id uuid.UUID, addr string) wire.NodeEndpoint {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return wire.NodeEndpoint{ID: id, Port: int32(n), Addresses: []string{host}}
}

func TestFailoverOverSeeds(t *testing.T) {
	a, b := wiretest.Start(t, wiretest.Options{}), wiretest.Start(t, wiretest.Options{})
	reconnects := 0
	p := openPool(t, Options{Seeds: []string{deadAddr(t), a.Addr, b.Addr}, OnReconnect: func() { reconnects++ }})
	c, err := p.Any(t.Context())
	if err != nil || c.Addr() != a.Addr {
		t.Fatalf("first at %v, %v", c, err)
	}
	a.Stop()
	<-c.Done()
	c, err = p.Any(t.Context())
	if err != nil || c.Addr() != b.Addr || reconnects != 1 {
		t.Fatalf("then at %v, %v, %d reconnects", c, err, reconnects)
	}
	b.Stop()
	<-c.Done()
	_, err = p.Any(t.Context())
	var un *UnreachableError
	if !errors.As(err, &un) || len(un.Errs) != 3 {
		t.Errorf("with no server left: %v", err)
	}
}

func TestRefusedUserEndsTheSearch(t *testing.T) {
	refuse := func(*wire.HandshakeRequest) wire.HandshakeResponse {
		return wire.HandshakeResponse{Status: wire.StatusAuthFailed, Message: "no"}
	}
	a := wiretest.Start(t, wiretest.Options{Handshake: refuse})
	asked := false
	b := wiretest.Start(t, wiretest.Options{Handshake: func(q *wire.HandshakeRequest) wire.HandshakeResponse {
		asked = true
		return refuse(q)
	}})
	_, err := Open(t.Context(), Options{Seeds: []string{a.Addr, b.Addr}})
	if !errors.Is(err, wire.StatusAuthFailed) || asked {
		t.Errorf("asked the second: %v; %v", asked, err)
	}
}

func TestNodeByAdvertisedAddress(t *testing.T) {
	a, b := wiretest.Start(t, wiretest.Options{}), wiretest.Start(t, wiretest.Options{})
	p := openPool(t, Options{Seeds: []string{a.Addr}})
	via, err := p.Any(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Node(t.Context(), b.NodeID, false); !errors.Is(err, ErrNoNode) {
		t.Errorf("before it is known: %v", err)
	}
	p.SetNodes([]wire.NodeEndpoint{endpoint(t, a.NodeID, a.Addr), endpoint(t, b.NodeID, b.Addr)}, via)
	c, err := p.Node(t.Context(), b.NodeID, false)
	if err != nil || c.Addr() != b.Addr || c.NodeID() != b.NodeID {
		t.Fatalf("got %v, %v", c, err)
	}
	if p.Size() != 2 || !p.Knows(b.NodeID) {
		t.Errorf("%d nodes", p.Size())
	}
	// b leaves the cluster: as long as its connection stands it is kept.
	p.SetNodes([]wire.NodeEndpoint{endpoint(t, a.NodeID, a.Addr)}, via)
	b.Stop()
	<-c.Done()
	p.SetNodes([]wire.NodeEndpoint{endpoint(t, a.NodeID, a.Addr)}, via)
	if p.Size() != 1 {
		t.Errorf("%d nodes after one has gone", p.Size())
	}
}

func TestAddressOfAnotherNode(t *testing.T) {
	a, b := wiretest.Start(t, wiretest.Options{}), wiretest.Start(t, wiretest.Options{})
	p := openPool(t, Options{Seeds: []string{a.Addr}})
	via, err := p.Any(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stranger := uuid.New()
	p.SetNodes([]wire.NodeEndpoint{endpoint(t, stranger, b.Addr)}, via)
	_, err = p.Node(t.Context(), stranger, true)
	if !errors.Is(err, ErrNoNode) {
		t.Errorf("got %v", err)
	}
	// While the node does not answer, nobody waits for it.
	if _, err = p.Node(t.Context(), stranger, false); !errors.Is(err, ErrNoNode) {
		t.Errorf("again: %v", err)
	}
}

func TestUsableAddresses(t *testing.T) {
	e := &wire.NodeEndpoint{Port: 10800, Addresses: []string{"127.0.0.1", "10.0.0.5", "0:0:0:0:0:0:0:1", "node5"}}
	if got := usableAddresses(e, false); len(got) != 2 || got[0] != "10.0.0.5:10800" || got[1] != "node5:10800" {
		t.Errorf("from afar: %v", got)
	}
	if got := usableAddresses(e, true); len(got) != 4 || got[0] != "127.0.0.1:10800" {
		t.Errorf("on the same machine: %v", got)
	}
}

func TestSeedsAreExplored(t *testing.T) {
	a, b := wiretest.Start(t, wiretest.Options{}), wiretest.Start(t, wiretest.Options{})
	dialled := make(chan struct{}, 8)
	p := openPool(t, Options{Seeds: []string{a.Addr, b.Addr}, Conn: conn.Options{
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			defer func() { dialled <- struct{}{} }()
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}})
	via, err := p.Any(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-dialled
	// b advertises nothing that can be used from here, but it is a seed.
	p.SetNodes([]wire.NodeEndpoint{endpoint(t, a.NodeID, a.Addr), {ID: b.NodeID, Port: 1}}, via)
	if !p.Unreached() {
		t.Fatal("b counts as reached")
	}
	p.ExploreSeeds()
	p.wg.Wait()
	if c, err := p.Node(t.Context(), b.NodeID, false); err != nil || c.Addr() != b.Addr {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestMoreConnectionsWhenBusy(t *testing.T) {
	a := wiretest.Start(t, wiretest.Options{})
	p := openPool(t, Options{Seeds: []string{a.Addr}, ConnectionsPerNode: 3})
	seen := map[*conn.Conn]bool{}
	for range 9 {
		c, err := p.Any(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.AddLoad(1)
		seen[c] = true
	}
	if len(seen) != 3 || a.Connections() != 3 {
		t.Errorf("%d connections, %d at the server", len(seen), a.Connections())
	}
	for c := range seen {
		if c.Load() != 3 {
			t.Errorf("load %d", c.Load())
		}
	}
}

func TestClosedPool(t *testing.T) {
	a := wiretest.Start(t, wiretest.Options{})
	p := openPool(t, Options{Seeds: []string{a.Addr}})
	p.Close()
	if _, err := p.Any(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Any: %v", err)
	}
	if _, err := p.Node(t.Context(), a.NodeID, true); !errors.Is(err, ErrClosed) {
		t.Errorf("Node: %v", err)
	}
	p.ExploreSeeds()
	p.Close()
}

func TestCloseEndsADial(t *testing.T) {
	a := wiretest.Start(t, wiretest.Options{})
	begun := make(chan struct{})
	p := openPool(t, Options{Seeds: []string{a.Addr}, Conn: conn.Options{
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == a.Addr {
				return new(net.Dialer).DialContext(ctx, network, addr)
			}
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}})
	via, err := p.Any(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	p.SetNodes([]wire.NodeEndpoint{{ID: id, Port: 1, Addresses: []string{"127.0.0.1"}}}, via)
	got := make(chan error, 1)
	go func() {
		_, err := p.Node(t.Context(), id, true)
		got <- err
	}()
	<-begun
	p.Close()
	if err := <-got; err == nil {
		t.Error("a node after Close")
	}
}
