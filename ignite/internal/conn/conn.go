package conn

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	queueFrames  = 256     // frames that wait for the writer; a further request waits for room
	readBuffer   = 4 << 10 // small: what is in it is copied once more, and bodies are read past it
	maxAbandoned = 4096    // answers that are owed to nobody before the server counts as hung
)

// Options say where and how to connect.
type Options struct {
	Addr string // host:port
	// Dialer opens the TCP connection; nil is a net.Dialer.
	Dialer func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLS, when set, is used with the server name that it holds, else the host of Addr.
	TLS                *tls.Config
	Username, Password string
	Features           wire.Features // features to ask for
	DialTimeout        time.Duration // 0: no limit but the context's
	HandshakeTimeout   time.Duration // TLS and the Ignite handshake together; 0: no limit but the context's
	WriteTimeout       time.Duration // for each piece of 1 MiB at most; 0: none
	MaxFrameBytes      int           // larger frames end the connection; 0: 512 MiB
	// OnTopology is called in the reader goroutine when an answer carries a new
	// affinity topology version. It must not block.
	OnTopology func(wire.AffinityVersion)
	Logger     *slog.Logger // nil: silent
}

// Conn is an established connection. All methods are safe for concurrent use.
type Conn struct {
	o        Options
	nc       net.Conn
	br       *bufio.Reader
	src      expecter  // what br reads from; nil: it does not ask what is sure to come
	scatter  scatterer // the same; nil: it fills one slice at a time
	pieces   [][]byte  // for the body that is read
	features wire.Features
	nodeID   uuid.UUID

	queue chan *call
	wake  chan struct{} // urgent or rest has something

	direct  directWriter
	writing sync.Mutex // held by whoever writes
	rest    []byte     // of a frame that a direct write has begun

	done chan struct{} // closed when the connection has failed
	wg   sync.WaitGroup

	load atomic.Int64 // requests that a caller waits for, and open cursors

	mu        sync.Mutex
	err       *Error // set once, before done is closed
	nextID    int64
	calls     map[int64]*call
	abandoned int
	urgent    []*call // requests that follow a late answer; at most one for each
}

// Dial connects, performs the handshake and starts the connection's goroutines.
// The context bounds the opening only. Errors are of type *[Error].
func Dial(ctx context.Context, o Options) (*Conn, error) {
	if o.MaxFrameBytes <= 0 {
		o.MaxFrameBytes = 512 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	raw, err := dialTCP(ctx, o)
	if err != nil {
		return nil, err
	}
	c, err := open(ctx, raw, o)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	c.wg.Add(2)
	go c.readLoop()
	go c.writeLoop()
	return c, nil
}

func dialTCP(ctx context.Context, o Options) (net.Conn, error) {
	dialCtx := ctx
	if o.DialTimeout > 0 {
		var cancel context.CancelFunc
		dialCtx, cancel = context.WithTimeout(ctx, o.DialTimeout)
		defer cancel()
	}
	dial := o.Dialer
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	nc, err := dial(dialCtx, "tcp", o.Addr)
	if err != nil {
		if ctx.Err() == nil && dialCtx.Err() != nil {
			err = fmt.Errorf("no connection within %v: %w", o.DialTimeout, err)
		}
		return nil, &Error{Addr: o.Addr, Reason: ReasonDial, Err: err}
	}
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.SetNoDelay(true)
	}
	return nc, nil
}

// open runs TLS and the handshake over raw within the time allowed.
func open(ctx context.Context, raw net.Conn, o Options) (*Conn, error) {
	if o.HandshakeTimeout > 0 {
		_ = raw.SetDeadline(time.Now().Add(o.HandshakeTimeout))
	}
	// A context that ends makes every read and write on the socket fail at once.
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	c := &Conn{
		o: o, nc: raw,
		queue: make(chan *call, queueFrames), wake: make(chan struct{}, 1), done: make(chan struct{}),
		calls: make(map[int64]*call),
	}
	err := c.greet(ctx)
	if !stop() && err == nil {
		err = &Error{Addr: o.Addr, Reason: ReasonTimeout, Err: context.Cause(ctx)}
	}
	if err != nil {
		return nil, c.openError(ctx, err)
	}
	_ = raw.SetDeadline(time.Time{})
	return c, nil
}

// openError turns an error of the opening into an *Error that says what to do.
func (c *Conn) openError(ctx context.Context, err error) *Error {
	var ce *Error
	if ctx.Err() != nil {
		return &Error{Addr: c.o.Addr, Reason: ReasonTimeout, Err: context.Cause(ctx)}
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return &Error{
			Addr: c.o.Addr, Reason: ReasonTimeout,
			Err: fmt.Errorf("connected, but no handshake within %v: %w", c.o.HandshakeTimeout, err),
		}
	}
	if errors.As(err, &ce) {
		return ce
	}
	return &Error{Addr: c.o.Addr, Reason: ReasonBroken, Err: err}
}

// Addr is the address that was dialled.
func (c *Conn) Addr() string { return c.o.Addr }

// NodeID is the id of the server node, as told in the handshake.
func (c *Conn) NodeID() uuid.UUID { return c.nodeID }

// Features are the features that client and server share.
func (c *Conn) Features() wire.Features { return c.features }

// RemoteIP is the server's address as the socket has it, nil when it has none.
func (c *Conn) RemoteIP() net.IP {
	if a, ok := c.nc.RemoteAddr().(*net.TCPAddr); ok {
		return a.IP
	}
	return nil
}

// Load is the number of requests that callers are waiting for, plus what was
// added by AddLoad.
func (c *Conn) Load() int { return int(c.load.Load()) }

// AddLoad counts something that keeps the connection busy, such as an open cursor.
func (c *Conn) AddLoad(n int) { c.load.Add(int64(n)) }

// Done is closed when the connection has failed or was closed.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is nil until Done is closed, then the *[Error] that ended the connection.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return c.err
}

// Close ends the connection and waits for its goroutines. Requests in flight
// fail with an error whose cause is [ErrClosed].
func (c *Conn) Close() {
	c.fail(ReasonClosed, ErrClosed)
	c.wg.Wait()
}

// fail ends the connection once: the first cause is the one that is reported.
func (c *Conn) fail(reason Reason, cause error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = &Error{Addr: c.o.Addr, Reason: reason, Err: cause}
	calls := c.calls
	c.calls = nil
	c.urgent = nil
	close(c.done)
	c.mu.Unlock()

	_ = c.nc.Close()
	for _, k := range calls {
		k.deliver(result{err: &Error{Addr: c.o.Addr, Reason: reason, Sent: k.state.Load() == stateSent, Err: cause}})
	}
	if reason != ReasonClosed {
		c.o.Logger.Warn("ignite: connection lost", "addr", c.o.Addr, "requests", len(calls), "cause", cause)
	}
}
