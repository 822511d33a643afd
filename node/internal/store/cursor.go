package store

import "fmt"

// Cursor walks over the entries of a range of partitions as they were when it
// was opened: later writes don't show. It holds on to that state, so close it.
//
// Where that state takes more memory than there is, the cursor goes on in that of
// the present: of the entries that it has still to read it then gives those that are
// there, each once, as Ignite's cursors always do.
type Cursor struct {
	walk  walk // nil once closed
	cache int32
	part  uint16
	key   []byte
	value []byte
	err   error
}

// walk is a cursor of an engine.
type walk interface {
	// next moves to the next entry and puts it into the cursor.
	next(c *Cursor) (bool, error)
	// park says that the cursor is left alone until it is parked with false.
	park(c *Cursor, parked bool)
	close() error
}

// Scan opens a cursor over partitions [lo, hi) of a cache.
func (s *Store) Scan(cache int32, lo, hi int) (*Cursor, error) {
	w, err := s.engine.scan(cache, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("store: scan of cache %d: %w", cache, damaged(err))
	}
	return &Cursor{walk: w, cache: cache}, nil
}

// Next moves to the next entry and reports whether there is one; see Err.
func (c *Cursor) Next() bool {
	if c.err != nil || c.walk == nil {
		return false
	}
	var ok bool
	ok, c.err = c.walk.next(c)
	return ok && c.err == nil
}

// Park says that nobody looks at the current entry until Unpark, so that the store
// may let go of what it holds for the cursor. Key and Value may differ in their
// place, not in their bytes, after Unpark.
func (c *Cursor) Park() {
	if c.walk != nil {
		c.walk.park(c, true)
	}
}

// Unpark takes the cursor back into use.
func (c *Cursor) Unpark() {
	if c.walk != nil {
		c.walk.park(c, false)
	}
}

// Partition returns the partition of the current entry.
func (c *Cursor) Partition() int { return int(c.part) }

// Key returns the encoded key of the current entry, valid until Next or Close.
func (c *Cursor) Key() []byte { return c.key }

// Value returns the value of the current entry, valid until Next or Close, or
// as Store.Lasting says. It must not be changed.
func (c *Cursor) Value() []byte { return c.value }

// Err returns what ended the walk early, nil at its natural end.
func (c *Cursor) Err() error {
	if c.err != nil {
		return fmt.Errorf("store: scan of cache %d: %w", c.cache, damaged(c.err))
	}
	return nil
}

// Close releases the snapshot. It may be called more than once.
func (c *Cursor) Close() error {
	if c.walk == nil {
		return nil
	}
	err := c.Err()
	closed := c.walk.close()
	c.walk, c.key, c.value = nil, nil, nil
	if err == nil && closed != nil {
		err = fmt.Errorf("store: scan of cache %d: %w", c.cache, closed)
	}
	return err
}
