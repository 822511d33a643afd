package node

import (
	stdbinary "encoding/binary"
	"net"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const (
	// keepBytes is the largest buffer that is kept for the next frame.
	keepBytes = 8 << 20
	// borrowBytes is the size of a value from which on it costs less to send it
	// from where it lies than to copy it into the frame.
	borrowBytes = 2 << 10
)

// buffer holds an answer while it is made and sent: bytes of its own, and
// between them values of the store that are sent from where they lie.
type buffer struct {
	b        []byte
	mayLend  bool   // the store's values last, and the connection is plain TCP
	loans    []loan // in the order of their places
	borrowed int    // bytes in loans
	pieces   [][]byte
	page     bool // counts among conn.pages
}

// loan is a value that stands before b[at].
type loan struct {
	at    int
	value []byte
}

var (
	buffers = sync.Pool{New: func() any { return new(buffer) }}
	frames  = sync.Pool{New: func() any { return new(frame) }}
)

func (b *buffer) recycle() {
	b.reset()
	b.page = false
	if cap(b.b) <= keepBytes {
		buffers.Put(b)
	}
}

// reset forgets the answer, with every value that it held on to.
func (b *buffer) reset() {
	clear(b.loans)
	clear(b.pieces)
	b.b, b.loans, b.pieces = b.b[:0], b.loans[:0], b.pieces[:0]
	b.borrowed = 0
}

// put appends bytes of the store to the answer, which w writes into b. A nil
// buffer copies.
func (b *buffer) put(w *binary.Writer, v []byte) {
	if b == nil || !b.mayLend || len(v) < borrowBytes {
		w.PutBytes(v)
		return
	}
	b.loans = append(b.loans, loan{at: len(w.Buf), value: v})
	b.borrowed += len(v)
}

// finish makes the buffer, which holds one frame, ready to be sent.
func (b *buffer) finish() net.Buffers {
	if b.borrowed > 0 {
		stdbinary.LittleEndian.PutUint32(b.b, uint32(len(b.b)-wire.FrameHeaderBytes+b.borrowed))
	}
	sent := 0
	for _, l := range b.loans {
		if l.at > sent {
			b.pieces = append(b.pieces, b.b[sent:l.at])
		}
		b.pieces = append(b.pieces, l.value)
		sent = l.at
	}
	b.pieces = append(b.pieces, b.b[sent:])
	return b.pieces
}

func (f *frame) recycle() {
	if cap(f.body) <= keepBytes {
		frames.Put(f)
	}
}
