package store

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Cursor walks over the entries of a range of partitions as they were when it
// was opened: later writes don't show. It holds on to that state, so close it.
type Cursor struct {
	it      *pebble.Iterator
	cache   int32
	started bool
	part    uint16
	key     []byte
	value   []byte
	err     error
}

// Scan opens a cursor over partitions [lo, hi) of a cache.
func (s *Store) Scan(cache int32, lo, hi int) (*Cursor, error) {
	it, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound: appendPartition(nil, cache, lo),
		UpperBound: appendPartition(nil, cache, hi),
	})
	if err != nil {
		return nil, fmt.Errorf("store: scan of cache %d: %w", cache, err)
	}
	return &Cursor{it: it, cache: cache}, nil
}

// Next moves to the next entry and reports whether there is one; see Err.
func (c *Cursor) Next() bool {
	if c.err != nil || c.it == nil {
		return false
	}
	var ok bool
	if c.started {
		ok = c.it.Next()
	} else {
		c.started = true
		ok = c.it.First()
	}
	if !ok {
		c.err = c.it.Error()
		return false
	}
	if c.part, c.key, c.err = parseEntryKey(c.it.Key()); c.err != nil {
		return false
	}
	c.value, c.err = c.it.ValueAndErr()
	return c.err == nil
}

// Partition returns the partition of the current entry.
func (c *Cursor) Partition() int { return int(c.part) }

// Key returns the encoded key of the current entry, valid until Next or Close.
func (c *Cursor) Key() []byte { return c.key }

// Value returns the value of the current entry, valid until Next or Close.
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
	if c.it == nil {
		return nil
	}
	it := c.it
	c.it, c.key, c.value = nil, nil, nil
	return errors.Join(c.Err(), it.Close())
}
