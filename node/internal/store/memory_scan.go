package store

import (
	"sync"

	"github.com/RaduBerinde/btreemap"
)

// memoryWalk walks over a snapshot. It takes entries out of the tree a chunk at
// a time, small at first: most partitions of most caches hold few rows.
type memoryWalk struct {
	rows  *tree
	from  btreemap.LowerBound[place]
	to    btreemap.UpperBound[place]
	chunk []entry
	at    int
	limit int // entries of the chunk to come
	ended bool
	take  func(place, []byte) bool
	seen  byte // keeps warm from being optimised away
}

const (
	firstChunk = 8
	lastChunk  = 256
)

var memoryWalks = sync.Pool{New: func() any {
	w := &memoryWalk{}
	w.take = func(p place, value []byte) bool {
		w.chunk = append(w.chunk, entry{p, value})
		return len(w.chunk) < w.limit
	}
	return w
}}

func (m *memory) scan(cache int32, lo, hi int) (walk, error) {
	w := memoryWalks.Get().(*memoryWalk)
	w.rows = m.cache(cache).snapshot()
	w.from = btreemap.GE(place{order: partitionOrder(lo)})
	w.to = btreemap.LT(place{order: partitionOrder(hi)})
	w.at, w.limit, w.ended = 0, firstChunk, false
	return w, nil
}

// snapshot returns the rows as they are, for reading. Scans between two writes
// share one.
func (c *memoryCache) snapshot() *tree {
	c.mu.RLock()
	view := c.view
	c.mu.RUnlock()
	if view != nil {
		return view
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == nil {
		c.view = c.rows.Clone()
	}
	return c.view
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
	w.chunk, w.at = w.chunk[:0], 0
	w.rows.AscendFunc(w.from, w.to, w.take)
	n := len(w.chunk)
	w.ended = n < w.limit
	if n > 0 {
		w.from = btreemap.GT(w.chunk[n-1].place)
	}
	w.limit = min(2*w.limit, lastChunk)
	w.warm()
	return n > 0
}

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
	w.rows, w.from, w.to = nil, btreemap.LowerBound[place]{}, btreemap.UpperBound[place]{}
	memoryWalks.Put(w)
	return nil
}
