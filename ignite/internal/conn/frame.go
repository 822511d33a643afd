package conn

import (
	"errors"
	"fmt"
	"io"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// trustedBytes is how much memory a frame's declared length can claim before
// that many bytes have arrived. Further memory doubles as bytes come in.
const trustedBytes = 4 << 20

// Frame is one answer: its header, and its body in a pooled buffer.
type Frame struct {
	Header wire.ResponseHeader
	// Body is the answer after the header. It is valid until Release.
	Body []byte

	addr string
	buf  *buffer
}

// Addr is the server that answered.
func (f *Frame) Addr() string { return f.addr }

// Release gives the body's memory back. It is not safe to call twice at once;
// after the first call further ones do nothing. A nil frame is allowed.
func (f *Frame) Release() {
	if f == nil || f.buf == nil {
		return
	}
	b := f.buf
	f.buf, f.Body = nil, nil
	b.put()
}

// Decode reads the body into res, which may alias it.
func (f *Frame) Decode(res wire.Response, features wire.Features) error {
	r := binary.NewReader(f.Body)
	res.Decode(r, features)
	return r.Finish()
}

func (c *Conn) readLoop() {
	defer c.wg.Done()
	for {
		f, err := c.readFrame()
		if err != nil {
			c.failRead(err)
			return
		}
		if h := f.Header; h.Topology != nil && c.o.OnTopology != nil {
			c.o.OnTopology(*h.Topology)
		}
		if !c.dispatch(f) {
			return
		}
	}
}

func (c *Conn) failRead(err error) {
	var pe *protocolError
	switch {
	case errors.As(err, &pe):
		c.fail(ReasonProtocol, err)
	case errors.Is(err, io.EOF):
		c.fail(ReasonBroken, errors.New("the server closed the connection"))
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.fail(ReasonBroken, errors.New("the server closed the connection within a frame"))
	default:
		c.fail(ReasonBroken, err)
	}
}

// dispatch gives a frame to its call. It is false when the connection failed.
func (c *Conn) dispatch(f *Frame) bool {
	if f.Header.NotificationOp != 0 {
		c.o.Logger.Debug("ignite: notification dropped", "addr", c.o.Addr, "op", f.Header.NotificationOp)
		f.Release()
		return true
	}
	k, abandoned := c.take(f.Header.RequestID)
	switch {
	case k == nil:
		f.Release()
		c.fail(ReasonProtocol, fmt.Errorf("an answer to request %d, which is not under way", f.Header.RequestID))
		return false
	case !abandoned:
		k.deliver(result{frame: f})
	case k.late != nil:
		if req := k.late(f); req != nil {
			c.Send(req)
		}
		f.Release()
	default:
		f.Release()
	}
	return true
}

type protocolError struct{ text string }

func (e *protocolError) Error() string { return e.text }

const minFrame = 10 // request id and flags

func (c *Conn) readFrame() (*Frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.br, head[:]); err != nil {
		return nil, err
	}
	n := int64(binary.NewReader(head[:]).Int32())
	if n < minFrame {
		return nil, &protocolError{fmt.Sprintf("a frame of %d bytes; the shortest answer has %d", n, minFrame)}
	}
	if n > int64(c.o.MaxFrameBytes) {
		return nil, &protocolError{fmt.Sprintf("a frame of %d bytes is over the limit of %d (MaxFrameBytes): ask for fewer rows a page or raise the limit", n, c.o.MaxFrameBytes)}
	}
	buf, err := readBody(c.br, int(n))
	if err != nil {
		return nil, err
	}
	f := &Frame{addr: c.o.Addr, buf: buf}
	r := binary.NewReader(buf.b)
	f.Header.Decode(r)
	if err := r.Err(); err != nil {
		f.Release()
		return nil, &protocolError{"a broken response header: " + err.Error()}
	}
	f.Body = buf.b[r.Pos():]
	return f, nil
}

// readBody reads n bytes, claiming memory as they arrive.
func readBody(r io.Reader, n int) (*buffer, error) {
	buf := getBuffer(min(n, trustedBytes))
	for have := 0; ; {
		if _, err := io.ReadFull(r, buf.b[have:]); err != nil {
			buf.put()
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		have = len(buf.b)
		if have == n {
			return buf, nil
		}
		next := getBuffer(min(n, 2*have))
		copy(next.b, buf.b)
		buf.put()
		buf = next
	}
}
