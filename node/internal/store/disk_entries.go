package store

import (
	"bytes"
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

var keyBuffers = sync.Pool{New: func() any { return new([]byte) }}

func (s *disk) get(k Key) (value []byte, closer io.Closer, ok bool, err error) {
	defer s.rescue(&err)
	buf := keyBuffers.Get().(*[]byte)
	*buf = k.appendTo((*buf)[:0])
	value, closer, err = s.db.Get(*buf)
	keyBuffers.Put(buf)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("store: get from cache %d: %w", k.Cache, damaged(err))
	}
	if len(value) == 0 { // no value is; pebble's Get says nothing of a large one that it can't read
		return nil, nil, false, errors.Join(fmt.Errorf("store: get from cache %d: %w: a file of large values can't be read", k.Cache, ErrDamaged), closer.Close())
	}
	return value, closer, true, nil
}

func (s *disk) update(k Key, f func(old []byte) Change) error {
	c, err := s.cache(k.Cache)
	if err != nil {
		return err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	stripe := &s.stripes[s.stripe(k)]
	stripe.Lock()
	defer stripe.Unlock()

	old, closer, found, err := s.get(k)
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

func (s *disk) write(cache int32, rows []Row, mode Mode) (diff int64, err error) {
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
	known, err := s.probe(len(rows))
	if err != nil {
		return 0, fmt.Errorf("store: cache %d: %w", cache, damaged(err))
	}
	defer func() { err = errors.Join(err, known.close()) }()
	seen := make(map[string]bool, len(rows)) // key bytes -> present after the rows so far
	for i := range rows {
		r := &rows[i]
		had, again := seen[string(r.Key.Bytes)]
		if !again {
			if had, err = known.has(r.Key); err != nil {
				return 0, fmt.Errorf("store: cache %d: %w", cache, damaged(err))
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

// probe answers which keys of a batch are there. One iterator asks the filters
// of every level; Get, which does for a single key, leaves out the last level's,
// and so would read a block from it for each new key.
type probe struct {
	store *disk
	it    *pebble.Iterator // nil for a single key
	buf   []byte
}

func (s *disk) probe(keys int) (*probe, error) {
	if keys == 1 {
		return &probe{store: s}, nil
	}
	it, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound: []byte{prefixEntry}, UpperBound: []byte{prefixEntry + 1}, UseL6Filters: true,
	})
	return &probe{it: it}, err
}

func (p *probe) has(k Key) (bool, error) {
	if p.it == nil {
		_, closer, ok, err := p.store.get(k)
		if !ok || err != nil {
			return ok, err
		}
		return true, closer.Close()
	}
	p.buf = k.appendTo(p.buf[:0])
	if p.it.SeekPrefixGE(p.buf) {
		return bytes.Equal(p.it.Key(), p.buf), nil
	}
	return false, p.it.Error()
}

func (p *probe) close() error {
	if p.it == nil {
		return nil
	}
	return p.it.Close()
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

func (s *disk) stripe(k Key) int {
	return int((maphash.Bytes(s.seed, k.Bytes) ^ uint64(uint32(k.Cache))) % stripeCount)
}

type stripeSet [stripeCount / 64]uint64

// lock takes the locks of all rows in ascending order, so that two batches
// can't wait for each other.
func (s *disk) lock(rows []Row) *stripeSet {
	set := new(stripeSet)
	for i := range rows {
		n := s.stripe(rows[i].Key)
		set[n/64] |= 1 << (n % 64)
	}
	set.each(func(n int) { s.stripes[n].Lock() })
	return set
}

func (s *disk) unlock(set *stripeSet) {
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
