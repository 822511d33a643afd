package node

import "sync"

// keepBytes is the largest buffer that is kept for the next frame.
const keepBytes = 8 << 20

// buffer holds an answer while it is made and sent.
type buffer struct{ b []byte }

var (
	buffers = sync.Pool{New: func() any { return new(buffer) }}
	frames  = sync.Pool{New: func() any { return new(frame) }}
)

func (b *buffer) recycle() {
	if cap(b.b) <= keepBytes {
		buffers.Put(b)
	}
}

func (f *frame) recycle() {
	if cap(f.body) <= keepBytes {
		frames.Put(f)
	}
}
