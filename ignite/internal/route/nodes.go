package route

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Node returns a connection to a certain node. The first time it waits up to a
// second for the node to be dialled; while a node does not answer it returns an
// error that wraps [ErrNoNode] at once, and tries again in the background after
// a growing pause. With insist it waits for the dial to end.
func (p *Pool) Node(ctx context.Context, id uuid.UUID, insist bool) (*conn.Conn, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	n := p.nodes[id]
	if n == nil {
		p.mu.Unlock()
		return nil, fmt.Errorf("node %v is not known: %w", id, ErrNoNode)
	}
	n.prune()
	if c := n.leastBusy(); c != nil {
		p.mu.Unlock()
		return p.grow(ctx, c), nil
	}
	wait := insist || n.failures == 0
	if n.dialing == nil && (insist || time.Now().After(n.retryAt)) {
		p.start(n)
	}
	dialing := n.dialing
	p.mu.Unlock()
	if dialing != nil && wait {
		if err := await(ctx, dialing, insist); err != nil {
			return nil, err
		}
	}
	return p.standing(n)
}

func (p *Pool) standing(n *node) (*conn.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n.prune()
	if c := n.leastBusy(); c != nil {
		return c, nil
	}
	if n.lastErr != nil {
		return nil, fmt.Errorf("node %v: %w: %w", n.id, ErrNoNode, n.lastErr)
	}
	return nil, fmt.Errorf("node %v is being dialled: %w", n.id, ErrNoNode)
}

// await waits for a dial to end: a bounded time unless insist.
func await(ctx context.Context, dialing <-chan struct{}, insist bool) error {
	var limit <-chan time.Time
	if !insist {
		t := time.NewTimer(firstWait)
		defer t.Stop()
		limit = t.C
	}
	select {
	case <-dialing:
	case <-limit:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// start dials the node's addresses in the background. It is called with the lock held.
func (p *Pool) start(n *node) {
	n.dialing = make(chan struct{})
	addrs := append([]string(nil), n.addrs...)
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		c, err := p.dialNode(n.id, addrs)
		p.dialled(n, c, err)
	}()
}

// dialNode tries the addresses in turn. An address behind which another node
// answers does not count: addresses behind NAT often mean something else here.
func (p *Pool) dialNode(id uuid.UUID, addrs []string) (*conn.Conn, error) {
	err := fmt.Errorf("no address of it can be used from here")
	for _, a := range addrs {
		// The pool's end ends the dial; its own timeouts bound it.
		c, derr := p.dial(context.Background(), a)
		if derr != nil {
			err = derr
			continue
		}
		if c.NodeID() == id {
			return c, nil
		}
		err = fmt.Errorf("at %s answers another node, %v", a, c.NodeID())
		c.Close()
	}
	return nil, err
}

// SetNodes takes the cluster's nodes as a server told them over the connection
// via, and forgets the nodes that are gone and not connected.
func (p *Pool) SetNodes(endpoints []wire.NodeEndpoint, via *conn.Conn) {
	viaLoopback := via.RemoteIP().IsLoopback()
	p.mu.Lock()
	defer p.mu.Unlock()
	present := make(map[uuid.UUID]bool, len(endpoints))
	for i := range endpoints {
		e := &endpoints[i]
		present[e.ID] = true
		n := p.nodes[e.ID]
		if n == nil {
			n = &node{id: e.ID}
			p.nodes[e.ID] = n
		}
		usable := usableAddresses(e, viaLoopback)
		if len(n.conns) > 0 {
			continue // what works stays first
		}
		n.addrs = usable
	}
	for id, n := range p.nodes {
		if n.prune(); !present[id] && len(n.conns) == 0 && n.dialing == nil {
			delete(p.nodes, id)
		}
	}
}

// usableAddresses picks from what a node advertises what can be meant for us.
// A loopback address means the node's own machine: it is right only when we
// reached the cluster over loopback ourselves. Then it comes first.
func usableAddresses(e *wire.NodeEndpoint, viaLoopback bool) []string {
	var loopback, other []string
	for _, a := range e.Addresses {
		hp := net.JoinHostPort(a, strconv.Itoa(int(e.Port)))
		if isLoopback(a) {
			loopback = append(loopback, hp)
		} else {
			other = append(other, hp)
		}
	}
	if viaLoopback {
		return append(loopback, other...)
	}
	return other
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// ExploreSeeds dials, in the background, the seeds that no standing connection
// uses: it is how nodes are found whose advertised addresses can't be used.
func (p *Pool) ExploreSeeds() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	used := make(map[string]bool)
	for _, n := range p.nodes {
		n.prune()
		for _, c := range n.conns {
			used[c.Addr()] = true
		}
	}
	for _, a := range p.o.Seeds {
		if used[a] {
			continue
		}
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			c, err := p.dial(context.Background(), a)
			if err != nil {
				return
			}
			p.mu.Lock()
			n := p.nodes[c.NodeID()]
			known := n != nil && len(n.conns) > 0
			p.mu.Unlock()
			if known {
				c.Close()
				return
			}
			_ = p.attach(c)
		}()
	}
}

// Unreached reports whether a node is known that no connection leads to.
func (p *Pool) Unreached() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.nodes {
		if len(n.conns) == 0 && len(n.addrs) == 0 {
			return true
		}
	}
	return false
}

// Knows reports whether a node is known, connected or not.
func (p *Pool) Knows(id uuid.UUID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.nodes[id] != nil
}

// Size is the number of nodes known.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.nodes)
}
