package node

import (
	stdbinary "encoding/binary"
	"net"
	"slices"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/memory"
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
	page     bool  // counts among conn.pages
	taken    int64 // of the node's memory
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

// freeBytes is the size of a request or an answer up to which it is not counted
// in the node's memory: one for each connection, as its other buffers.
const freeBytes = readChunk

// count takes the bytes of a made answer from the node's memory. What is lent by
// the store counts, too: the client that is slow to take it keeps it from being freed.
func (b *buffer) count(budget *memory.Share) error {
	n := int64(cap(b.b) + b.borrowed)
	if n <= freeBytes {
		return nil
	}
	if err := budget.Take(n); err != nil {
		return err
	}
	b.taken = n
	return nil
}

// discount gives those bytes back.
func (b *buffer) discount(budget *memory.Share) {
	budget.Give(b.taken)
	b.taken = 0
}

// grow makes room for more of a frame that is to have n bytes: as much again as
// has arrived, but at least a chunk. It takes the bytes from the node's memory.
func (f *frame) grow(n int, budget *memory.Share) error {
	size := min(n, max(2*len(f.body), len(f.body)+readChunk))
	body := int64(size)
	if size <= freeBytes {
		body = 0
	}
	if err := budget.Take(body); err != nil {
		return err
	}
	old := f.taken
	f.body = slices.Grow(f.body, size-len(f.body))
	f.taken = body
	budget.Give(old)
	return nil
}

// newFrame returns an empty frame, with room from an earlier one if that may be taken.
func newFrame(budget *memory.Share) *frame {
	f := frames.Get().(*frame)
	f.body = f.body[:0]
	if n := int64(cap(f.body)); n > freeBytes {
		if budget.Take(n) != nil {
			return new(frame)
		}
		f.taken = n
	}
	return f
}

func (f *frame) recycle(budget *memory.Share) {
	budget.Give(f.taken)
	f.taken = 0
	if cap(f.body) <= keepBytes {
		frames.Put(f)
	}
}
