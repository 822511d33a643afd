package node

import (
	stdbinary "encoding/binary"
	"errors"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	// pagesInMemory is how many pages of one connection are held at once: one
	// that is sent, and one that is made meanwhile.
	pagesInMemory = 2
	// readerPatience is how long a reader waits for a client that does not take
	// its answer, before it turns to the next request.
	readerPatience = 10 * time.Millisecond
)

// handle answers one request. When the client does not take the answer for as
// long as patience, another goroutine goes on with that.
func (c *conn) handle(f *frame, patience time.Duration) {
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
	out.mayLend = c.plain && c.node.store.Lasting()
	if p, ok := body.(*pageResponse); ok && p.cur.ofStore {
		out.page = true
		c.pages <- struct{}{}
	}
	if err == nil {
		err = c.encode(out, op, id, body)
	}
	if err == nil {
		if err = out.count(c.node.memory.Requests); err != nil {
			c.lose(body)
		}
	}
	if err != nil {
		c.answerError(out, op, id, err)
	}
	c.send(out, op, patience)
}

// answerError puts an error in the place of what was made of the answer.
func (c *conn) answerError(out *buffer, op wire.Op, id int64, err error) {
	status, message := statusOf(err)
	c.node.log.Debug("request failed", "op", op, "status", status, "message", message)
	out.reset()
	if cap(out.b) > freeBytes {
		out.b = nil
	}
	out.b = c.appendResponse(out.b, id, status, message, nil)
}

// refuseFrame answers the request whose first bytes are in body, and whose rest the
// node has no memory for.
func (c *conn) refuseFrame(body []byte, err error) {
	if len(body) < requestHeaderBytes {
		return
	}
	op := wire.Op(int16(stdbinary.LittleEndian.Uint16(body)))
	out := buffers.Get().(*buffer)
	c.answerError(out, op, int64(stdbinary.LittleEndian.Uint64(body[2:])), err)
	c.send(out, op, readerPatience)
}

// lose closes the cursor of a page that can't be sent: its rows are read, and a
// client that asked for more would miss them.
func (c *conn) lose(body wire.Response) {
	if p, ok := body.(*pageResponse); ok {
		_ = c.resources.close(p.id)
	}
}

// rows is a response whose body is made while it is encoded, which can fail.
type rows interface{ err() error }

// fromStore is a response with values of the store, told where they go.
type fromStore interface{ into(out *buffer) }

func (c *conn) encode(out *buffer, op wire.Op, id int64, body wire.Response) (err error) {
	defer c.recoverTo(op, &err)
	if r, ok := body.(fromStore); ok {
		r.into(out)
	}
	out.b = c.appendResponse(out.b[:0], id, wire.StatusSuccess, "", body)
	if r, ok := body.(rows); ok {
		err = r.err()
	}
	if n := len(out.b) + out.borrowed; err == nil && n > wire.MaxFrameBytes {
		err = failed("an answer of %d bytes is longer than a frame can be", n)
	}
	return err
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

// send sends the frame in out and recycles it.
func (c *conn) send(out *buffer, op wire.Op, patience time.Duration) {
	pieces := out.finish()
	c.writing.Lock()
	err := c.write(&pieces, patience)
	if patience < c.node.cfg.WriteTimeout && errors.Is(err, os.ErrDeadlineExceeded) {
		c.busy.Add(1)
		c.workers.Go(func() {
			c.sent(out, op, c.write(&pieces, c.node.cfg.WriteTimeout-patience))
			c.busy.Add(-1)
		})
		return
	}
	c.sent(out, op, err)
}

// write sends pieces, and takes out of them what was sent.
func (c *conn) write(pieces *net.Buffers, patience time.Duration) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := pieces.WriteTo(c.nc)
	return err
}

// sent ends the sending of out.
func (c *conn) sent(out *buffer, op wire.Op, err error) {
	c.writing.Unlock()
	if out.page {
		<-c.pages
	}
	out.discount(c.node.memory.Requests)
	out.recycle()
	if err != nil {
		c.node.log.Debug("answer not taken", "client", c.nc.RemoteAddr(), "op", op, "error", err)
		c.abort()
	}
}
