package route

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	firstWait  = time.Second // how long a request waits for the first connection to its node before it goes elsewhere
	backoffMin = time.Second // after a failed dial of a node, doubling
	backoffMax = 60 * time.Second
)

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the client is closed")

// ErrNoNode says that a certain node can't be reached.
var ErrNoNode = errors.New("no connection to the node")

// Options of a pool.
type Options struct {
	Seeds              []string     // host:port, tried in this order
	Conn               conn.Options // Addr is filled in
	ConnectionsPerNode int          // at most; further ones are opened when the first are busy
	// OnReconnect is called when the pool connects again after it had lost every connection.
	OnReconnect func()
}

// Pool keeps connections to the nodes of a cluster. It is safe for concurrent use.
type Pool struct {
	o      Options
	cancel context.CancelFunc // ends background dials
	wg     sync.WaitGroup
	dial   func(ctx context.Context, addr string) (*conn.Conn, error)

	seeding chan struct{} // one place: who holds it dials the seeds

	mu     sync.Mutex
	closed bool
	nodes  map[uuid.UUID]*node
}

// node is a server node: where it may be reached, and the connections to it.
type node struct {
	id       uuid.UUID
	addrs    []string // in order of preference
	conns    []*conn.Conn
	dialing  chan struct{} // not nil while a dial is under way; closed when it ended
	failures int
	retryAt  time.Time
	lastErr  error
}

// Open connects to the first seed that answers. The context bounds the opening only.
func Open(ctx context.Context, o Options) (*Pool, error) {
	o.ConnectionsPerNode = max(1, o.ConnectionsPerNode)
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &Pool{o: o, cancel: cancel, nodes: make(map[uuid.UUID]*node), seeding: make(chan struct{}, 1)}
	p.dial = func(ctx context.Context, addr string) (*conn.Conn, error) {
		// A dial ends with its caller or with the pool.
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(background, stop)()
		co := o.Conn
		co.Addr = addr
		return conn.Dial(ctx, co)
	}
	if _, err := p.seed(ctx); err != nil {
		cancel()
		return nil, err
	}
	return p, nil
}

// Close ends all connections and waits for everything that the pool started.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	var conns []*conn.Conn
	for _, n := range p.nodes {
		conns = append(conns, n.conns...)
		n.conns = nil
	}
	p.mu.Unlock()
	p.cancel()
	for _, c := range conns {
		c.Close()
	}
	p.wg.Wait()
}

// Any returns the least busy of the connections that stand. When there is none
// it dials the seeds, then the nodes' own addresses.
func (p *Pool) Any(ctx context.Context) (*conn.Conn, error) {
	for {
		c, err := p.leastBusy()
		if c != nil || err != nil {
			return p.grow(ctx, c), err
		}
		select {
		case p.seeding <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		// Another caller may have connected while this one waited for its turn.
		if c, err = p.leastBusy(); c == nil && err == nil {
			c, err = p.seed(ctx)
			if err == nil && p.o.OnReconnect != nil {
				p.o.OnReconnect()
			}
		}
		<-p.seeding
		if c != nil || err != nil {
			return c, err
		}
	}
}

// leastBusy is nil without an error when nothing is connected.
func (p *Pool) leastBusy() (*conn.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	var best *conn.Conn
	for _, n := range p.nodes {
		n.prune()
		if c := n.leastBusy(); c != nil && (best == nil || c.Load() < best.Load() || c.Load() == best.Load() && c.Addr() < best.Addr()) {
			best = c
		}
	}
	return best, nil
}

// grow opens one more connection to c's node when c is busy and the limit
// allows it; c itself is the answer while that is under way or when it fails.
func (p *Pool) grow(ctx context.Context, c *conn.Conn) *conn.Conn {
	if c == nil || c.Load() == 0 || p.o.ConnectionsPerNode == 1 {
		return c
	}
	p.mu.Lock()
	n := p.nodes[c.NodeID()]
	if n == nil || p.closed || n.dialing != nil || len(n.conns) >= p.o.ConnectionsPerNode || time.Now().Before(n.retryAt) {
		p.mu.Unlock()
		return c
	}
	n.dialing = make(chan struct{})
	p.mu.Unlock()
	more, err := p.dial(ctx, c.Addr())
	if err == nil && more.NodeID() != n.id {
		// A balancer in front of the cluster: the connection belongs to another node.
		err = p.attach(more)
		p.dialled(n, nil, err)
		return more
	}
	p.dialled(n, more, err)
	if err != nil {
		return c
	}
	return more
}

// dialled ends a dial: it files the connection, or notes the failure.
func (p *Pool) dialled(n *node, c *conn.Conn, err error) {
	p.mu.Lock()
	close(n.dialing)
	n.dialing = nil
	closed := p.closed
	switch {
	case err != nil:
		n.failures++
		n.lastErr = err
		n.retryAt = time.Now().Add(min(backoffMax, backoffMin<<min(n.failures-1, 10)))
	case c != nil && !closed:
		n.failures, n.lastErr, n.retryAt = 0, nil, time.Time{}
		n.conns = append(n.conns, c)
	}
	p.mu.Unlock()
	if c != nil && closed {
		c.Close()
	}
}

// attach files a connection under the node that it turned out to lead to.
func (p *Pool) attach(c *conn.Conn) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		c.Close()
		return ErrClosed
	}
	defer p.mu.Unlock()
	n := p.nodes[c.NodeID()]
	if n == nil {
		n = &node{id: c.NodeID()}
		p.nodes[n.id] = n
	}
	n.prefer(c.Addr())
	n.conns = append(n.conns, c)
	n.failures, n.lastErr, n.retryAt = 0, nil, time.Time{}
	return nil
}

// seed dials the seeds, then the known nodes, until one answers. A refused user
// name or password ends it: every node would say the same.
func (p *Pool) seed(ctx context.Context) (*conn.Conn, error) {
	var errs []error
	for _, addr := range p.candidates() {
		c, err := p.dial(ctx, addr)
		if err == nil {
			if err = p.attach(c); err != nil {
				return nil, err
			}
			return c, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil || errors.Is(err, wire.StatusAuthFailed) {
			break
		}
	}
	if len(errs) == 1 {
		return nil, errs[0]
	}
	return nil, &UnreachableError{Errs: errs}
}

func (p *Pool) candidates() []string {
	out := append([]string(nil), p.o.Seeds...)
	seen := make(map[string]bool, len(out))
	for _, a := range out {
		seen[a] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.nodes {
		for _, a := range n.addrs {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// UnreachableError has what went wrong at each address that was tried.
type UnreachableError struct{ Errs []error }

func (e *UnreachableError) Error() string {
	s := fmt.Sprintf("none of %d addresses answers", len(e.Errs))
	for _, err := range e.Errs {
		s += "; " + err.Error()
	}
	return s
}

// Unwrap returns the errors of all addresses.
func (e *UnreachableError) Unwrap() []error { return e.Errs }

// prune forgets connections that have ended.
func (n *node) prune() {
	live := n.conns[:0]
	for _, c := range n.conns {
		select {
		case <-c.Done():
		default:
			live = append(live, c)
		}
	}
	clear(n.conns[len(live):])
	n.conns = live
}

func (n *node) leastBusy() *conn.Conn {
	var best *conn.Conn
	for _, c := range n.conns {
		if best == nil || c.Load() < best.Load() {
			best = c
		}
	}
	return best
}

// prefer puts an address that has worked first.
func (n *node) prefer(addr string) {
	out := make([]string, 0, len(n.addrs)+1)
	out = append(out, addr)
	for _, a := range n.addrs {
		if a != addr {
			out = append(out, a)
		}
	}
	n.addrs = out
}
