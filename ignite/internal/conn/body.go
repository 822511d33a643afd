package conn

import (
	"errors"
	"io"
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	// trustedBytes is how much memory a frame's declared length can claim before
	// that many bytes have arrived. What comes after claims trustedGrowth times
	// what is here.
	trustedBytes  = 4 << 20
	trustedGrowth = 32
	// headBytes is what is read of a frame before its sink sees it: a header
	// without a message and more.
	headBytes = 64
)

// Sink sees the body of an answer while it arrives and may have large parts of it
// put into memory of its own, which saves copying them. What it leaves is read
// when it returns. It runs in the reader goroutine and must not block, but for
// reading; an error of it ends the connection.
type Sink func(*Body) error

// Body is the body of an answer on its way in.
type Body struct {
	c     *Conn
	buf   *buffer
	start int // of the body, after the frame's header
	left  int
	freed func()
}

// newBody reads a frame of n bytes. One that goes to a sink claims little memory
// at first: most of it is expected to go somewhere else.
func (c *Conn) newBody(n int, sink bool) *Body {
	claim := min(n, trustedBytes)
	if sink {
		claim = min(n, 1<<minClass)
	}
	b := &Body{c: c, buf: getBuffer(claim), left: n}
	b.buf.b = b.buf.b[:0]
	return b
}

// begin reads the frame's header, and with it the body that goes to no sink.
func (b *Body) begin(h *wire.ResponseHeader, sink bool) error {
	n := b.left
	if sink {
		n = min(n, headBytes)
	}
	if err := b.More(n); err != nil {
		return err
	}
	r := binary.NewReader(b.buf.b)
	h.Decode(r)
	if err := r.Err(); err != nil {
		return &protocolError{"a broken response header: " + err.Error()}
	}
	b.start = r.Pos()
	return nil
}

// Bytes is what has been read and not diverted. It may be changed, and moves with
// the next call of More, Divert or Insert.
func (b *Body) Bytes() []byte { return b.buf.b[b.start:] }

// Left is the number of bytes that have not been read.
func (b *Body) Left() int { return b.left }

// OnRelease has f called when the answer's memory is given back, whoever does it.
func (b *Body) OnRelease(f func()) { b.freed = f }

// More reads n more bytes, at most Left, to the end of Bytes.
func (b *Body) More(n int) error {
	if n > b.left {
		return io.ErrUnexpectedEOF
	}
	for n > 0 {
		have := len(b.buf.b)
		if claim := min(have+n, max(trustedBytes, trustedGrowth*have)); claim > cap(b.buf.b) {
			b.grow(claim)
		}
		part := min(n, cap(b.buf.b)-have)
		b.buf.b = b.buf.b[:have+part]
		if err := b.read(b.buf.b[have:]); err != nil {
			return err
		}
		n -= part
	}
	return nil
}

func (b *Body) read(p []byte) error {
	n, err := io.ReadFull(b.c.br, p)
	b.left -= n
	if err != nil {
		return cutShort(err)
	}
	return nil
}

func (b *Body) grow(size int) {
	next := getBuffer(size)
	next.b = next.b[:copy(next.b, b.buf.b)]
	b.buf.put()
	b.buf = next
}

// Divert moves the bytes from at on of Bytes, and then what follows, into dst until
// it is full. Bytes ends at at then.
func (b *Body) Divert(at int, dst []byte) error {
	n := copy(dst, b.Bytes()[at:])
	rest := b.Bytes()[at+n:]
	if len(rest) > 0 {
		return errors.New("conn: more was read than is to be diverted")
	}
	b.buf.b = b.buf.b[:b.start+at]
	if len(dst)-n > b.left {
		return io.ErrUnexpectedEOF
	}
	return b.read(dst[n:])
}

// Insert puts what was diverted back, at at of Bytes.
func (b *Body) Insert(at int, p []byte) {
	if need := len(b.buf.b) + len(p); need > cap(b.buf.b) {
		b.grow(need)
	}
	b.buf.b = slices.Insert(b.buf.b, b.start+at, p...)
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
