package ignite

import (
	"context"
	"log/slog"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/internal/route"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Client is a connection to a cluster: to one node at first, to others as their
// keys and partitions are asked for. It is safe for concurrent use; open one and
// share it.
type Client struct {
	cfg      Config
	log      *slog.Logger
	pool     *route.Pool
	affinity route.Affinity
	call     conn.Call // how requests are carried unless said otherwise

	refreshing chan struct{} // one place: who holds it asks for mappings and nodes
	nodesMu    sync.Mutex
	nodes      []Node // as the cluster last told them
	nodesOf    uint64 // the affinity generation for which they were asked, plus one

	types    typeCache
	declared declaredKeys
}

// Open connects to the first address of the configuration that answers, verifies
// it, and authenticates. The context bounds the opening, not the client's life.
// Errors are of type *[ConfigError] for what is wrong here (files, passwords of
// keys), and lead to a *[ConnectError] for what is wrong there.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	seeds, err := cfg.seeds()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, log: cfg.Logger, refreshing: make(chan struct{}, 1)}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.call.Timeout = orDefault(cfg.RequestTimeout, DefaultRequestTimeout)
	o := route.Options{Seeds: seeds, ConnectionsPerNode: cfg.ConnectionsPerNode, OnReconnect: c.reconnected}
	o.Conn = conn.Options{
		Dialer: cfg.Dialer, Username: cfg.Username, Password: cfg.Password, Features: wire.FeaturesClient,
		DialTimeout:      orDefault(cfg.DialTimeout, DefaultDialTimeout),
		HandshakeTimeout: orDefault(cfg.HandshakeTimeout, DefaultHandshakeTimeout),
		WriteTimeout:     c.call.Timeout,
		MaxFrameBytes:    cfg.MaxFrameBytes,
		OnTopology:       c.affinity.Observe,
		Logger:           c.log,
	}
	if cfg.TLS != nil {
		if o.Conn.TLS, err = cfg.TLS.build(); err != nil {
			return nil, err
		}
	}
	if c.pool, err = route.Open(ctx, o); err != nil {
		return nil, &openError{connectError(err)}
	}
	return c, nil
}

// openError is what Open returns for a cluster that it could not reach.
type openError struct{ err error }

func (e *openError) Error() string { return "ignite: connect: " + e.err.Error() }
func (e *openError) Unwrap() error { return e.err }

// Close ends all connections and waits for every goroutine of the client.
// Cursors and streamers that are open fail with [ErrClosed]; the server frees
// what it holds for them. A second Close does nothing.
func (c *Client) Close() error {
	c.pool.Close()
	return nil
}

// reconnected runs when the client comes back after it had lost every node: the
// cluster may have been restarted and know other types and mappings.
func (c *Client) reconnected() {
	c.affinity.Reset()
	c.types.reset()
	c.declared.reset()
}

// cacheInfo is the beginning of requests on a cache. Objects stay binary on the
// server's side, so that it needs no classes.
func cacheInfo(name string) wire.CacheInfo {
	return wire.CacheInfo{CacheID: binary.CacheID(name), Flags: wire.FlagKeepBinary}
}
