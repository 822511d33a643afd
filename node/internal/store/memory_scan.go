package store

import (
	"sync"

	"github.com/RaduBerinde/btreemap"
)

// memoryWalk walks over a snapshot. It takes entries out of the tree a chunk at
// a time, small at first: most partitions of most caches hold few rows.
type memoryWalk struct {
	view  *view
	from  btreemap.LowerBound[place]
	to    btreemap.UpperBound[place]
	chunk []entry
	at    int
	limit int // entries of the chunk to come
	bytes int // of the values of the chunk
	ended bool
	take  func(place, []byte) bool
	seen  byte // keeps warm from being optimised away
}

const (
	firstChunk = 8
	lastChunk  = 256
	chunkBytes = 1 << 20 // a chunk ends after so many; it outlives its snapshot
)

var memoryWalks = sync.Pool{New: func() any {
	w := &memoryWalk{}
	w.take = func(p place, value []byte) bool {
		w.chunk = append(w.chunk, entry{p, value})
		w.bytes += len(value)
		return len(w.chunk) < w.limit && w.bytes < chunkBytes
	}
	return w
}}

func (m *memory) scan(cache int32, lo, hi int) (walk, error) {
	w := memoryWalks.Get().(*memoryWalk)
	w.view = m.cache(cache).snapshot()
	w.from = btreemap.GE(place{order: partitionOrder(lo)})
	w.to = btreemap.LT(place{order: partitionOrder(hi)})
	w.at, w.limit, w.ended = 0, firstChunk, false
	return w, nil
}

func (w *memoryWalk) next(c *Cursor) (bool, error) {
	if w.at == len(w.chunk) && !w.refill() {
		return false, nil
	}
	e := &w.chunk[w.at]
	w.at++
	c.part, c.key, c.value = uint16(e.place.order>>32), e.place.key, e.value
	return true, nil
}

func (w *memoryWalk) refill() bool {
	if w.ended {
		return false
	}
	clear(w.chunk)
	w.chunk, w.at, w.bytes = w.chunk[:0], 0, 0
	for !w.read() {
		cache := w.view.cache
		w.view.release()
		w.view = cache.snapshot()
	}
	n := len(w.chunk)
	w.ended = n < w.limit && w.bytes < chunkBytes
	if n > 0 {
		w.from = btreemap.GT(w.chunk[n-1].place)
	}
	w.limit = min(2*w.limit, lastChunk)
	w.warm()
	return n > 0
}

// read takes the next chunk out of the snapshot, and reports whether that is still there.
func (w *memoryWalk) read() bool {
	w.view.mu.RLock()
	defer w.view.mu.RUnlock()
	if w.view.rows == nil {
		return false
	}
	w.view.rows.AscendFunc(w.from, w.to, w.take)
	return true
}

// park has nothing to do: rows stay as they are for as long as somebody has them.
func (*memoryWalk) park(*Cursor, bool) {}

// warm touches each value of the chunk. Rows lie scattered in memory, and loads
// that don't depend on each other wait for it together rather than in turn: for
// rows of some hundred bytes that was a third of the time of a scan.
func (w *memoryWalk) warm() {
	var seen byte
	for i := range w.chunk {
		if v := w.chunk[i].value; len(v) > 0 {
			seen ^= v[0]
		}
	}
	w.seen = seen
}

func (w *memoryWalk) close() error {
	// What is kept for the next walk must hold no values.
	clear(w.chunk[:min(cap(w.chunk), w.limit)]) // no chunk was longer
	w.chunk = w.chunk[:0]
	w.view.release()
	w.view, w.from, w.to = nil, btreemap.LowerBound[place]{}, btreemap.UpperBound[place]{}
	memoryWalks.Put(w)
	return nil
}
