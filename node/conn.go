package node

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// readChunk is how much of a frame is made room for before it arrives; beyond
// it, memory grows with the bytes that are there.
const readChunk = 64 << 10

// conn is one client's connection. A reader goroutine takes requests off the
// socket and hands them to workers, at most Config.MaxRequestsPerConnection, so
// that they run at once and answers may overtake each other. When all workers
// are busy, also because the client does not read its answers, the reader stops
// and the socket fills up: that is all the flow control there is.
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
	running int // workers, known to the reader alone

	writing   sync.Mutex
	sentMinor atomic.Int32 // topology last told to the client
	resources resources
}

// frame is a request on its way to a worker. Its buffer is recycled once it is
// answered, so handlers must not keep parts of it.
type frame struct{ body []byte }

func newConn(n *Node, nc net.Conn) *conn {
	c := &conn{
		node: n,
		nc:   nc,
		r:    bufio.NewReaderSize(nc, readChunk),
		work: make(chan *frame),
	}
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

// read hands requests to workers until the connection ends.
func (c *conn) read() error {
	for {
		f := frames.Get().(*frame)
		var err error
		if f.body, err = c.readFrame(f.body[:0], c.node.cfg.MaxFrameBytes); err != nil {
			return err
		}
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

// readFrame reads one frame's body into buf, growing it as bytes arrive.
func (c *conn) readFrame(buf []byte, limit int) ([]byte, error) {
	if err := c.extendIdle(); err != nil {
		return buf, err
	}
	var head [wire.FrameHeaderBytes]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return buf, err
	}
	n, err := wire.FrameLength(head, limit)
	if err != nil {
		return buf, err
	}
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, min(n-len(buf), max(len(buf), readChunk)))
		}
		got, err := io.ReadFull(c.r, buf[len(buf):min(n, cap(buf))])
		buf = buf[:len(buf)+got]
		if err == nil {
			err = c.extendIdle()
		}
		if err != nil {
			return buf, fmt.Errorf("frame of %d bytes ends after %d: %w", n, len(buf), noEOF(err))
		}
	}
	return buf, nil
}

// noEOF makes the end inside of a frame an error.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *conn) extendIdle() error {
	if c.node.cfg.IdleTimeout <= 0 || c.version == (wire.Version{}) {
		return nil
	}
	if err := c.nc.SetReadDeadline(time.Now().Add(c.node.cfg.IdleTimeout)); err != nil {
		return err
	}
	if c.ctx.Err() != nil { // stop came in between
		return context.Cause(c.ctx)
	}
	return nil
}

func (c *conn) worker(f *frame) {
	for {
		c.handle(f)
		f.recycle()
		var ok bool
		if f, ok = <-c.work; !ok {
			return
		}
	}
}

// handle answers one request.
func (c *conn) handle(f *frame) {
	op, id, req, err := wire.DecodeRequest(f.body, c.features)
	if err != nil && len(f.body) < requestHeaderBytes {
		c.node.log.Warn("request without a header", "client", c.nc.RemoteAddr(), "bytes", len(f.body))
		c.abort()
		return
	}
	var body wire.Response
	if err == nil {
		body, err = c.run(op, req)
	}
	out := buffers.Get().(*buffer)
	defer out.recycle()
	if err == nil {
		out.b, err = c.encode(out.b[:0], op, id, body)
	}
	if err != nil {
		status, message := statusOf(err)
		c.node.log.Debug("request failed", "op", op, "status", status, "message", message)
		out.b = c.appendResponse(out.b[:0], id, status, message, nil)
	}
	if err := c.write(out.b); err != nil {
		c.node.log.Debug("answer not taken", "client", c.nc.RemoteAddr(), "op", op, "error", err)
		c.abort()
	}
}

const requestHeaderBytes = 10

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

// rows is a response whose body is made while it is encoded, which can fail.
type rows interface{ err() error }

func (c *conn) encode(dst []byte, op wire.Op, id int64, body wire.Response) (out []byte, err error) {
	defer c.recoverTo(op, &err)
	out = c.appendResponse(dst, id, wire.StatusSuccess, "", body)
	if r, ok := body.(rows); ok {
		err = r.err()
	}
	return out, err
}

func (c *conn) recoverTo(op wire.Op, err *error) {
	if p := recover(); p != nil {
		c.node.log.Error("panic in request", "op", op, "panic", p, "stack", string(debug.Stack()))
		*err = failed("internal error of the embedded node in %s: %v", op, p)
	}
}

// appendResponse appends a frame in the layout of the connection's version.
func (c *conn) appendResponse(dst []byte, id int64, status wire.Status, message string, body wire.Response) []byte {
	if c.version.Compare(version140) >= 0 {
		h := wire.ResponseHeader{RequestID: id, Status: status, Message: message}
		if now := c.node.cluster.topology(); c.sentMinor.Swap(now.Minor) != now.Minor {
			h.Topology = &now
		}
		return wire.AppendResponse(dst, h, body, c.features)
	}
	return wire.AppendFrame(dst, func(w *binary.Writer) {
		w.PutInt64(id)
		w.PutInt32(int32(status))
		if status != wire.StatusSuccess {
			w.PutStr(message)
		} else if body != nil {
			body.Encode(w, c.features)
		}
	})
}

// write sends one frame with one Write.
func (c *conn) write(frame []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.node.cfg.WriteTimeout)); err != nil {
		return err
	}
	_, err := c.nc.Write(frame)
	return err
}
