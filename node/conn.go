package node

import (
	"bufio"
	"context"
	stdbinary "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/memory"
)

// readChunk is how much of a frame is made room for before it arrives; beyond
// it, memory grows with the bytes that are there.
const readChunk = 64 << 10

// framePart is what has to arrive within Config.FrameTimeout.
const framePart = 1 << 20

// conn is one client's connection. A reader goroutine takes requests off the
// socket and hands them to workers, at most Config.MaxRequestsPerConnection, so
// that they run at once and answers may overtake each other. When all workers
// are busy, also because the client does not read its answers, the reader stops
// and the socket fills up: that is all the flow control there is.
//
// A short request with nothing else to do beside it is served by the reader
// itself, which saves the way to another goroutine.
type conn struct {
	node     *Node
	nc       net.Conn
	r        *bufio.Reader
	version  wire.Version
	features wire.Features
	ctx      context.Context //nolint:containedctx // the life of the connection: it ends when the reader does
	cancel   context.CancelFunc

	work    chan *frame // unbuffered: the reader to idle workers
	workers sync.WaitGroup
	running int           // workers, known to the reader alone
	busy    atomic.Int32  // requests with workers, answers that wait for the client
	pages   chan struct{} // holds one of pagesInMemory while a page is made and sent

	plain     bool // TCP without TLS
	writing   sync.Mutex
	sentMinor atomic.Int32 // topology last told to the client
	resources resources
}

// frame is a request on its way to a worker. Its buffer is recycled once it is
// answered, so handlers must not keep parts of it.
type frame struct {
	body  []byte
	taken int64 // of the node's memory
}

func newConn(n *Node, nc net.Conn) *conn {
	c := &conn{
		node: n,
		nc:   nc,
		r:    bufio.NewReaderSize(nc, readChunk),
		work: make(chan *frame),

		pages: make(chan struct{}, pagesInMemory),
	}
	_, c.plain = nc.(*net.TCPConn)
	c.ctx, c.cancel = context.WithCancel(n.ctx)
	c.sentMinor.Store(-1)
	c.resources.init(n.cfg.MaxCursorsPerConnection)
	return c
}

// serve runs the connection to its end.
func (c *conn) serve() {
	err := c.handshake()
	if err == nil {
		err = c.read()
	}
	c.cancel()
	if !errors.Is(err, io.EOF) && c.node.ctx.Err() == nil {
		c.node.log.Warn("connection ended", "client", c.nc.RemoteAddr(), "error", err)
		c.abort()
	}
	// After a client's clean end, or the node's, requests at work are answered.
	close(c.work)
	c.workers.Wait()
	_ = c.nc.Close()
	c.resources.closeAll()
}

// stop ends the reading; requests at work are still answered.
func (c *conn) stop() {
	c.cancel()
	_ = c.nc.SetReadDeadline(time.Unix(1, 0))
}

// abort cuts the connection.
func (c *conn) abort() {
	if t, ok := c.nc.(interface{ NetConn() net.Conn }); ok {
		_ = t.NetConn().Close() // TLS would try to say goodbye
		return
	}
	_ = c.nc.Close()
}

// read hands requests to workers, or serves them, until the connection ends.
func (c *conn) read() error {
	for {
		f := newFrame(c.node.memory.Requests)
		if err := c.readFrame(f, c.node.cfg.MaxFrameBytes); err != nil {
			f.recycle(c.node.memory.Requests)
			if errors.Is(err, memory.ErrOver) && c.ctx.Err() == nil {
				continue
			}
			return err
		}
		if c.servesItself(f) {
			c.handle(f, readerPatience)
			f.recycle(c.node.memory.Requests)
			continue
		}
		c.busy.Add(1)
		select {
		case c.work <- f:
		default:
			if c.running < c.node.cfg.MaxRequestsPerConnection {
				c.running++
				c.workers.Go(func() { c.worker(f) })
				continue
			}
			c.work <- f
		}
	}
}

// servesItself reports that the reader does best to serve the request: it is
// short, and no other one runs or has arrived. A TLS connection is broken by a
// write that was given up, so its reader never writes.
func (c *conn) servesItself(f *frame) bool {
	return c.plain && len(f.body) >= requestHeaderBytes && c.busy.Load() == 0 && c.r.Buffered() == 0 &&
		handlers[wire.Op(int16(stdbinary.LittleEndian.Uint16(f.body)))].short
}

// readFrame reads one frame into f, which grows as bytes arrive. A frame that the
// node has no memory for is answered with that, read to its end and dropped; the
// error is memory.ErrOver then, and the connection goes on.
func (c *conn) readFrame(f *frame, limit int) error {
	if err := c.extendIdle(); err != nil {
		return err
	}
	var head [wire.FrameHeaderBytes]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return err
	}
	n, err := wire.FrameLength(head, limit)
	if err != nil {
		return err
	}
	if n <= c.r.Buffered() {
		f.body = append(f.body, make([]byte, n)...)
		_, err := io.ReadFull(c.r, f.body)
		return err
	}
	var over error
	for got := 0; got < n; {
		if len(f.body) == cap(f.body) && over == nil {
			if over = f.grow(n, c.node.memory.Requests); over != nil {
				c.refuseFrame(f.body, over)
			}
		}
		m, err := c.readPart(f, n-got, over != nil)
		got += m
		if err != nil {
			return fmt.Errorf("frame of %d bytes ends after %d: %w", n, got, noEOF(err))
		}
	}
	return errors.Join(over, c.endFrame())
}

// readPart reads at most a part of the rest of a frame, into f or nowhere.
func (c *conn) readPart(f *frame, rest int, drop bool) (int, error) {
	if err := c.setReadDeadline(c.node.cfg.FrameTimeout); err != nil {
		return 0, err
	}
	n := min(rest, framePart)
	if drop {
		return c.r.Discard(n)
	}
	n = min(n, cap(f.body)-len(f.body))
	got, err := io.ReadFull(c.r, f.body[len(f.body):len(f.body)+n])
	f.body = f.body[:len(f.body)+got]
	return got, err
}

// endFrame takes the deadline of a frame's parts away.
func (c *conn) endFrame() error {
	if c.version == (wire.Version{}) || c.node.cfg.IdleTimeout > 0 {
		return nil // the handshake's deadline and the next frame's stand
	}
	return c.setReadDeadline(0)
}

// noEOF makes the end inside of a frame an error.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *conn) extendIdle() error {
	if c.node.cfg.IdleTimeout <= 0 {
		return nil
	}
	return c.setReadDeadline(c.node.cfg.IdleTimeout)
}

// setReadDeadline bounds the next reading, or lifts the bound; the handshake has
// one of its own.
func (c *conn) setReadDeadline(timeout time.Duration) error {
	if c.version == (wire.Version{}) {
		return nil
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := c.nc.SetReadDeadline(deadline); err != nil {
		return err
	}
	if c.ctx.Err() != nil { // stop came in between
		return context.Cause(c.ctx)
	}
	return nil
}

func (c *conn) worker(f *frame) {
	for {
		c.handle(f, c.node.cfg.WriteTimeout)
		f.recycle(c.node.memory.Requests)
		c.busy.Add(-1)
		var ok bool
		if f, ok = <-c.work; !ok {
			return
		}
	}
}

const requestHeaderBytes = 10 // operation and id

// run calls the handler of an operation. A panic becomes an answer: one bad
// request must not end the others.
func (c *conn) run(op wire.Op, req wire.Request) (body wire.Response, err error) {
	defer c.recoverTo(op, &err)
	h, ok := handlers[op]
	switch {
	case ok && req != nil:
	case op.Known():
		return nil, unsupported(op.String())
	default:
		return nil, fail(wire.StatusInvalidOpCode, "Invalid request op code: %d", int16(op))
	}
	if h.needsActive {
		if err := c.node.cluster.active(); err != nil {
			return nil, err
		}
	}
	return h.run(c, req)
}
