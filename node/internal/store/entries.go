package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/bits"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// stripeCount is the number of locks that order the writes of equal keys.
const stripeCount = 1024

// Mode says what Write does where a key already has a value.
type Mode uint8

const (
	// Overwrite replaces values; a row with a nil value removes its key.
	Overwrite Mode = iota
	// Absent leaves existing values alone; a row with a nil value is ignored.
	Absent
)

// Row is an entry to write.
type Row struct {
	Key   Key
	Value []byte // nil removes
}

// Change is the outcome of an Update function.
type Change struct {
	Write bool   // false leaves the entry as it is
	Value []byte // with Write: the new value, nil removes
}

var keyBuffers = sync.Pool{New: func() any { return new([]byte) }}

// View calls f with the value of a key and reports whether there is one. The
// bytes are valid until f returns.
func (s *Store) View(k Key, f func(value []byte)) (bool, error) {
	v, closer, ok, err := s.Get(k)
	if !ok || err != nil {
		return ok, err
	}
	f(v)
	return true, closer.Close()
}

// Get returns the value of a key without a copy: it is valid until the closer
// is closed, which is nil when there is no value.
func (s *Store) Get(k Key) (value []byte, closer io.Closer, ok bool, err error) {
	buf := keyBuffers.Get().(*[]byte)
	*buf = k.appendTo((*buf)[:0])
	value, closer, err = s.db.Get(*buf)
	keyBuffers.Put(buf)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("store: get from cache %d: %w", k.Cache, err)
	}
	return value, closer, true, nil
}

// Has reports whether a key has a value.
func (s *Store) Has(k Key) (bool, error) {
	return s.View(k, func([]byte) {})
}

// Update reads the value of a key, asks f for a change and writes it, with no
// other write of that key in between. old is nil when there is no value and
// valid until f returns; f must not call the store.
func (s *Store) Update(k Key, f func(old []byte) Change) error {
	c, err := s.cache(k.Cache)
	if err != nil {
		return err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	stripe := &s.stripes[s.stripe(k)]
	stripe.Lock()
	defer stripe.Unlock()

	old, closer, found, err := s.Get(k)
	if err != nil {
		return err
	}
	ch := f(old)
	if found {
		err = closer.Close()
	}
	if err != nil || !ch.Write || (ch.Value == nil && !found) {
		return err
	}
	b := s.db.NewBatch()
	defer func() { _ = b.Close() }()
	if err := put(b, k, ch.Value); err != nil {
		return err
	}
	return s.commit(b, c, k.Cache, difference(found, ch.Value != nil))
}

// Write writes rows of one cache in one batch: after a crash either all of them
// are there or none. Of rows with equal keys the last counts (the first, with
// Absent). It returns the number of entries added minus those removed.
//
// In a directory the batch has been handed to the operating system when Write
// returns, and with Options.Sync it is on the disk. Without, as with Ignite's
// WAL mode LOG_ONLY, it outlives the process but perhaps not the machine.
func (s *Store) Write(cache int32, rows []Row, mode Mode) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	c, err := s.cache(cache)
	if err != nil {
		return 0, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	locks := s.lock(rows)
	defer s.unlock(locks)

	size := 0
	for i := range rows {
		size += rows[i].Key.size() + len(rows[i].Value) + 16
	}
	b := s.db.NewBatchWithSize(size)
	defer func() { _ = b.Close() }()
	seen := make(map[string]bool, len(rows)) // key bytes -> present after the rows so far
	var diff int64
	for i := range rows {
		r := &rows[i]
		had, again := seen[string(r.Key.Bytes)]
		if !again {
			if had, err = s.Has(r.Key); err != nil {
				return 0, err
			}
		}
		if mode == Absent && (had || r.Value == nil) || r.Value == nil && !had {
			continue
		}
		if err := put(b, r.Key, r.Value); err != nil {
			return 0, err
		}
		if i+1 < len(rows) {
			seen[string(r.Key.Bytes)] = r.Value != nil
		}
		diff += difference(had, r.Value != nil)
	}
	return diff, s.commit(b, c, cache, diff)
}

// put adds one write to a batch, copying the bytes straight into it.
func put(b *pebble.Batch, k Key, value []byte) error {
	if value == nil {
		op := b.DeleteDeferred(k.size())
		k.appendTo(op.Key[:0])
		return op.Finish()
	}
	op := b.SetDeferred(k.size(), len(value))
	k.appendTo(op.Key[:0])
	copy(op.Value, value)
	return op.Finish()
}

func difference(had, has bool) int64 {
	switch {
	case had && !has:
		return -1
	case !had && has:
		return 1
	}
	return 0
}

func (s *Store) stripe(k Key) int {
	return int((maphash.Bytes(s.seed, k.Bytes) ^ uint64(uint32(k.Cache))) % stripeCount)
}

type stripeSet [stripeCount / 64]uint64

// lock takes the locks of all rows in ascending order, so that two batches
// can't wait for each other.
func (s *Store) lock(rows []Row) *stripeSet {
	set := new(stripeSet)
	for i := range rows {
		n := s.stripe(rows[i].Key)
		set[n/64] |= 1 << (n % 64)
	}
	set.each(func(n int) { s.stripes[n].Lock() })
	return set
}

func (s *Store) unlock(set *stripeSet) {
	set.each(func(n int) { s.stripes[n].Unlock() })
}

func (set *stripeSet) each(f func(n int)) {
	for i, word := range set {
		for word != 0 {
			f(i*64 + bits.TrailingZeros64(word))
			word &= word - 1
		}
	}
}
