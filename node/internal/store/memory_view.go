package store

import (
	"errors"
	"sync"
	"unsafe"

	budget "github.com/kindling-ml/kindling/node/internal/memory"
)

// view is a snapshot of a cache that cursors read.
type view struct {
	cache *memoryCache

	// Guarded by the lock of the cache:
	users    int
	replaced []entry // what is in this snapshot, and neither in a newer one nor in the cache
	held     int64   // the bytes of replaced

	mu   sync.RWMutex
	rows *tree // nil once the snapshot was dropped: its cursors go on in a new one
}

// snapshot returns the rows as they are, for reading. Scans between two writes
// share one. release ends its use.
func (c *memoryCache) snapshot() *view {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == nil {
		c.view = &view{cache: c, rows: c.rows.Clone()}
	}
	if c.view.users++; c.view.users == 1 {
		c.open = append(c.open, c.view)
	}
	return c.view
}

func (v *view) release() {
	c := v.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.users--; v.users == 0 {
		c.forget(v)
	}
}

// forget takes a snapshot out of those that hold on to entries.
func (c *memoryCache) forget(v *view) {
	for i, o := range c.open {
		if o == v {
			c.open = append(c.open[:i], c.open[i+1:]...)
			for _, e := range v.replaced {
				c.replaced(i, e)
			}
			v.replaced, v.held = nil, 0
			return
		}
	}
}

// replaced counts an entry for the newest of the first n open snapshots when it
// has it, and gives its bytes back when none does: an older one has it only if
// that one has it, too.
func (c *memoryCache) replaced(n int, e entry) {
	if n > 0 {
		v := c.open[n-1]
		if _, value, ok := v.rows.Get(e.place); ok && unsafe.SliceData(value) == unsafe.SliceData(e.value) {
			v.replaced = append(v.replaced, e)
			v.held += e.bytes()
			return
		}
	}
	c.budget.Give(e.bytes())
}

// makeRoom calls take until it finds room, and drops snapshots for that: those
// that hold most of what is there no more come first.
func (m *memory) makeRoom(take func() error) error {
	for {
		err := take()
		if !errors.Is(err, budget.ErrOver) || !m.dropSnapshot() {
			return err
		}
	}
}

func (m *memory) dropSnapshot() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var worst *view
	var held int64
	for _, c := range m.caches {
		c.mu.RLock()
		for _, v := range c.open {
			if v.held > held {
				worst, held = v, v.held
			}
		}
		c.mu.RUnlock()
	}
	if worst == nil {
		return false
	}
	c := worst.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(worst)
	worst.mu.Lock()
	worst.rows = nil
	worst.mu.Unlock()
	return true
}
