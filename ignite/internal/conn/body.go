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
		claim = min(n, 1<<minBits)
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

// Scatters says that Scatter is one system call for many slices.
func (b *Body) Scatters() bool { return b.c.scatter != nil }

// Scatter reads n more bytes to the end of Bytes, and between them what goes elsewhere:
// into dst[0] before the byte that will be at first in Bytes, into dst[1] before the one
// stride bytes further, and so on. first is not before the end of Bytes, and the last
// not behind its end afterwards; n is 4 MiB at most.
func (b *Body) Scatter(n, first, stride int, dst [][]byte) error {
	all := n
	for _, p := range dst {
		all += len(p)
	}
	end := len(b.Bytes()) + n
	if all > b.left {
		return io.ErrUnexpectedEOF
	}
	if n > trustedBytes {
		return errors.New("conn: too much is to be scattered at once")
	}
	if n < 0 || first < end-n || stride < 0 || first+(len(dst)-1)*stride > end {
		return errors.New("conn: what is scattered must come in order")
	}
	at := len(b.buf.b)
	b.room(n)
	b.buf.b = b.buf.b[:at+n]
	list := b.c.pieces[:0]
	for i, p := range dst {
		hole := b.start + first + i*stride
		list = append(list, b.buf.b[at:hole], p)
		at = hole
	}
	b.c.pieces = append(list, b.buf.b[at:])
	err := b.fill(b.c.pieces)
	clear(b.c.pieces) // they hold memory that may be let go
	return err
}

// fill reads until all slices of the list are full: what is in the buffer in front first.
func (b *Body) fill(list [][]byte) error {
	for len(list) > 0 {
		p := list[0]
		if len(p) == 0 {
			list = list[1:]
			continue
		}
		here := min(len(p), b.c.br.Buffered())
		if b.c.scatter == nil {
			here = len(p)
		}
		if here > 0 {
			if err := b.read(p[:here]); err != nil {
				return err
			}
			list[0] = p[here:]
			continue
		}
		n, err := b.c.scatter.readAll(list)
		b.left -= n
		if err != nil {
			return cutShort(err)
		}
		list = advance(list, n)
	}
	return nil
}

// advance takes the first n bytes off a list.
func advance(list [][]byte, n int) [][]byte {
	for n > 0 {
		some := min(n, len(list[0]))
		list[0], n = list[0][some:], n-some
		if len(list[0]) == 0 {
			list = list[1:]
		}
	}
	return list
}

// Gather puts what was scattered back where it was: src[0] before the byte at first of
// Bytes, src[1] before the one stride bytes further, and so on.
func (b *Body) Gather(first, stride int, src [][]byte) {
	all := 0
	for _, p := range src {
		all += len(p)
	}
	end := len(b.buf.b)
	b.room(all)
	b.buf.b = b.buf.b[:end+all]
	to := end + all
	for i := len(src) - 1; i >= 0; i-- {
		hole := b.start + first + i*stride
		to -= end - hole
		copy(b.buf.b[to:], b.buf.b[hole:end])
		to -= copy(b.buf.b[to-len(src[i]):], src[i])
		end = hole
	}
}

// room makes room for n more bytes, which have arrived or will with the frame.
func (b *Body) room(n int) {
	if need := len(b.buf.b) + n; need > cap(b.buf.b) {
		b.grow(need)
	}
}

// Insert puts what was diverted back, at at of Bytes.
func (b *Body) Insert(at int, p []byte) {
	b.room(len(p))
	b.buf.b = slices.Insert(b.buf.b, b.start+at, p...)
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
