package store

import "fmt"

// Cursor walks over the entries of a range of partitions as they were when it
// was opened: later writes don't show. It holds on to that state, so close it.
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
	close() error
}

// Scan opens a cursor over partitions [lo, hi) of a cache.
func (s *Store) Scan(cache int32, lo, hi int) (*Cursor, error) {
	w, err := s.engine.scan(cache, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("store: scan of cache %d: %w", cache, err)
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
		return fmt.Errorf("store: scan of cache %d: %w", c.cache, c.err)
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
