package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// The number of entries of each cache is stored as a sum to which every write
// batch adds its difference, so it is right after a crash without a scan.

var sumMerger = &pebble.Merger{
	Name: "kindling.sum.1",
	Merge: func(_, value []byte) (pebble.ValueMerger, error) {
		m := new(sum)
		return m, m.add(value)
	},
}

type sum struct{ n int64 }

func (m *sum) add(v []byte) error {
	if len(v) != 8 {
		return errors.New("store: broken count record")
	}
	m.n += int64(binary.BigEndian.Uint64(v))
	return nil
}

func (m *sum) MergeNewer(v []byte) error { return m.add(v) }
func (m *sum) MergeOlder(v []byte) error { return m.add(v) }

func (m *sum) Finish(bool) ([]byte, io.Closer, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(m.n)), nil, nil
}

// commit applies b together with its difference in entries.
func (s *disk) commit(b *pebble.Batch, c *cacheState, cache int32, diff int64) error {
	if diff != 0 {
		if err := b.Merge(countKey(cache), binary.BigEndian.AppendUint64(nil, uint64(diff)), nil); err != nil {
			return fmt.Errorf("store: cache %d: %w", cache, damaged(err))
		}
	}
	if b.Empty() {
		return nil
	}
	if err := s.idle.commit(func() error { return b.Commit(s.commits) }); err != nil {
		return fmt.Errorf("store: cache %d: %w", cache, damaged(err))
	}
	if err := s.walks.wrote(int64(b.Len())); err != nil {
		return fmt.Errorf("store: cache %d: %w", cache, damaged(err))
	}
	c.count.Add(diff)
	return nil
}

func (s *disk) size(cache int32) (int64, error) {
	c, err := s.cache(cache)
	if err != nil {
		return 0, err
	}
	return c.count.Load(), nil
}

func (s *disk) clear(cache int32) error {
	c, err := s.cache(cache)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := s.db.NewBatch()
	defer func() { _ = b.Close() }()
	lo := appendPartition(nil, cache, 0)
	hi := appendPartition(nil, cache, 1<<16)
	if err := errors.Join(b.DeleteRange(lo, hi, nil), b.Delete(countKey(cache), nil)); err != nil {
		return fmt.Errorf("store: clear cache %d: %w", cache, damaged(err))
	}
	if err := s.idle.commit(func() error { return b.Commit(s.commits) }); err != nil {
		return fmt.Errorf("store: clear cache %d: %w", cache, damaged(err))
	}
	c.count.Store(0)
	return nil
}
