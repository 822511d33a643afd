package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/memory"
	"github.com/kindling-ml/kindling/node/internal/sql"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// ErrDataDirInUse says that another node has Config.DataDir open.
var ErrDataDirInUse = store.ErrInUse

// features is what the node takes part in: the layouts that package wire knows.
const features = wire.FeaturesClient

// Node is a running node. Its methods are safe for use by several goroutines.
type Node struct {
	cfg      Config
	log      *slog.Logger
	id       uuid.UUID
	listener net.Listener
	memory   *memory.Budget
	store    *store.Store
	caches   *catalog
	types    *types
	cluster  *cluster
	sql      *sql.Engine

	ctx    context.Context //nolint:containedctx // the life of the node: it ends by Close
	cancel context.CancelFunc

	mu     sync.Mutex
	conns  map[*conn]struct{}
	closed bool

	unwatch   func() bool    // forgets the context of Start
	running   sync.WaitGroup // accept loop and connections
	closeOnce sync.Once
	closeErr  error
	done      chan struct{}
}

// Start opens the data, listens and serves. The node is ready when Start
// returns; it ends when ctx ends or by Close. Errors: those of
// Config.Validate, ErrDataDirInUse, and those of listening.
func Start(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("node: start: %w", err)
	}
	n := &Node{
		cfg:   cfg.withDefaults(),
		conns: make(map[*conn]struct{}),
		done:  make(chan struct{}),
	}
	n.log = n.cfg.Logger
	n.ctx, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := n.open(ctx); err != nil {
		n.cancel()
		return nil, err
	}
	n.running.Go(n.accept)
	n.unwatch = context.AfterFunc(ctx, func() { _ = n.Close() })
	n.log.Info("node started", "address", n.Addr(), "id", n.id, "data", n.cfg.DataDir)
	return n, nil
}

// open brings up the store and the listener, or neither.
func (n *Node) open(ctx context.Context) (err error) {
	if n.cfg.DataDir != "" {
		if err := os.MkdirAll(n.cfg.DataDir, 0o755); err != nil {
			return fmt.Errorf("node: data directory: %w", err)
		}
	}
	n.memory = memory.NewBudget(n.cfg.MemoryBytes)
	n.store, err = store.Open(store.Options{Dir: n.cfg.DataDir, Sync: n.cfg.SyncWrites, Logger: n.log, MemoryBytes: n.cfg.MemoryBytes, Budget: n.memory.Data, Fatal: n.cfg.OnFatal})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.store.Close())
		}
	}()
	if n.id, err = loadNodeID(n.store); err != nil {
		return err
	}
	if n.caches, err = loadCatalog(n.store, n.cfg.Partitions); err != nil {
		return err
	}
	if n.types, err = loadTypes(n.store); err != nil {
		return err
	}
	if n.cluster, err = loadCluster(n.store); err != nil {
		return err
	}
	n.sql = sql.New(sqlStore{n})
	n.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", n.cfg.Address)
	if err != nil {
		return errors.Join(fmt.Errorf("node: listen on %s: %w", n.cfg.Address, err), n.sql.Close())
	}
	return nil
}

// Addr returns the address the node listens on, host:port.
func (n *Node) Addr() string { return n.listener.Addr().String() }

// ID returns the node id, which stays the same over restarts with one DataDir.
func (n *Node) ID() uuid.UUID { return n.id }

// Wait blocks until the node has ended and returns what Close returned.
func (n *Node) Wait() error {
	<-n.done
	return n.closeErr
}

// closeGrace is how long Close lets requests at work be answered.
const closeGrace = time.Second

// Close takes no more requests, lets those at work be answered for a second,
// cuts the connections, waits for every goroutine of the node and closes the
// data. Further calls return the same error.
func (n *Node) Close() error {
	n.closeOnce.Do(func() {
		n.unwatch()
		n.cancel()
		err := n.listener.Close()
		n.mu.Lock()
		n.closed = true
		n.mu.Unlock()
		n.each((*conn).stop)
		grace := time.AfterFunc(closeGrace, func() { n.each((*conn).abort) })
		n.running.Wait()
		grace.Stop()
		n.closeErr = errors.Join(err, n.sql.Close(), n.store.Close())
		n.log.Info("node ended", "id", n.id)
		close(n.done)
	})
	return n.Wait()
}

// acceptPause is the wait after a failed accept, as when file descriptors ran
// out.
const acceptPause = 50 * time.Millisecond

func (n *Node) accept() {
	for {
		nc, err := n.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			n.log.Error("accept", "error", err)
			select {
			case <-time.After(acceptPause):
				continue
			case <-n.ctx.Done():
				return
			}
		}
		c := newConn(n, n.secure(nc))
		if !n.add(c) {
			c.abort()
			return
		}
		n.running.Go(func() {
			defer n.remove(c)
			c.serve()
		})
	}
}

func (n *Node) secure(nc net.Conn) net.Conn {
	if n.cfg.TLS == nil {
		return nc
	}
	return tls.Server(nc, n.cfg.TLS)
}

func (n *Node) add(c *conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	n.conns[c] = struct{}{}
	return true
}

func (n *Node) each(f func(*conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		f(c)
	}
}

func (n *Node) remove(c *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
}

// hostPort returns what the node tells clients about its address.
func (n *Node) hostPort() (host string, port int32) {
	host, p, err := net.SplitHostPort(n.Addr())
	if err != nil {
		return "127.0.0.1", 0
	}
	number, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return host, 0
	}
	return host, int32(number)
}

func loadNodeID(s *store.Store) (uuid.UUID, error) {
	stored, err := s.Meta("node", "id")
	if err != nil {
		return uuid.Nil, err
	}
	if stored != nil {
		id, err := uuid.FromBytes(stored)
		if err != nil {
			return uuid.Nil, fmt.Errorf("node: stored node id: %w", err)
		}
		return id, nil
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return uuid.Nil, fmt.Errorf("node: node id: %w", err)
	}
	return id, s.PutMeta("node", "id", id[:])
}
