package conn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Frame is one answer: its header, and its body in a pooled buffer.
type Frame struct {
	Header wire.ResponseHeader
	// Body is the answer after the header, without what a [Sink] has diverted. It
	// is valid until Release.
	Body []byte
	// Asked is when the request was made, First and Last when the first and the
	// last byte of the answer were here.
	Asked, First, Last time.Time

	addr  string
	buf   *buffer
	freed func() // called with Release; nil is allowed
}

// Addr is the server that answered.
func (f *Frame) Addr() string { return f.addr }

// Release gives the body's memory back. It is not safe to call twice at once;
// after the first call further ones do nothing. A nil frame is allowed.
func (f *Frame) Release() {
	if f == nil || f.buf == nil {
		return
	}
	b, freed := f.buf, f.freed
	f.buf, f.Body, f.freed = nil, nil, nil
	b.put()
	if freed != nil {
		freed()
	}
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

// expecter is a socket that asks how much is sure to come, and need not wake its reader
// for less. What is over 0 is counted down by its reads.
type expecter interface{ expect(n int) }

// scatterer is a socket that fills the slices of a list in order, as far as what is there
// reaches, in one system call.
type scatterer interface {
	readAll(list [][]byte) (int, error)
}

// readFrom has the connection read from r.
func (c *Conn) readFrom(r io.Reader) {
	c.br = bufio.NewReaderSize(r, readBuffer)
	c.src, _ = r.(expecter)
	c.scatter, _ = r.(scatterer)
}

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
	if c.src != nil {
		c.src.expect(int(n) - c.br.Buffered())
	}
	return c.readBody(int(n), time.Now())
}

// readBody reads the n bytes of a frame.
func (c *Conn) readBody(n int, first time.Time) (*Frame, error) {
	sink, err := c.peekSink()
	if err != nil {
		return nil, err
	}
	in := c.newBody(n, sink != nil)
	f := &Frame{addr: c.o.Addr, First: first}
	if err = in.begin(&f.Header, sink != nil); err == nil && sink != nil {
		err = sink(in)
	}
	if err == nil {
		err = in.More(in.left)
	}
	f.buf, f.freed, f.Last = in.buf, in.freed, time.Now()
	if err != nil {
		f.Release()
		return nil, err
	}
	f.Body = in.Bytes()
	return f, nil
}

// peekSink finds the sink for the frame that comes next; only a success goes to one.
func (c *Conn) peekSink() (Sink, error) {
	head, err := c.br.Peek(minFrame)
	if err != nil {
		return nil, cutShort(err)
	}
	r := binary.NewReader(head)
	id, flags := r.Int64(), r.Uint16()
	if flags&^wire.ResponseTopologyChanged != 0 {
		return nil, nil //nolint:nilnil // most answers have none
	}
	return c.sinkOf(id), nil
}
