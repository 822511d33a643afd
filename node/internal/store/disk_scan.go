package store

import (
	"errors"
	"math"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// diskWalk walks with an iterator of pebble.
type diskWalk struct {
	idle    *idleWalks
	it      *pebble.Iterator
	age     uint64 // of the state that the iterator shows
	started bool
	broken  bool
}

func (s *disk) lasting() bool { return false }

func (s *disk) scan(cache int32, lo, hi int) (walk, error) {
	lower, upper := appendPartition(nil, cache, lo), appendPartition(nil, cache, hi)
	w, age := s.idle.take()
	if w != nil {
		w.it.SetBounds(lower, upper)
		w.started = false
		return w, nil
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, err
	}
	return &diskWalk{idle: &s.idle, it: it, age: age}, nil
}

func (w *diskWalk) next(c *Cursor) (bool, error) {
	var ok bool
	if w.started {
		ok = w.it.Next()
	} else {
		w.started = true
		ok = w.it.First()
	}
	var err error
	if ok {
		c.part, c.key, err = parseEntryKey(w.it.Key())
	} else {
		err = w.it.Error()
	}
	if ok && err == nil {
		c.value, err = w.it.ValueAndErr()
	}
	w.broken = w.broken || err != nil
	return ok, err
}

func (w *diskWalk) close() error {
	if !w.broken && w.idle.put(w) {
		return nil
	}
	return w.it.Close()
}

// maxIdleWalks bounds what is kept for the next scans.
const maxIdleWalks = 32

// idleWalks keeps the iterators of closed cursors for as long as nothing is
// written: until then they show what a new one would. To make one costs more
// than to read a small partition, and a scan of a whole cache makes 1,024.
type idleWalks struct {
	mu      sync.Mutex
	list    []*diskWalk // all of the present age
	age     uint64      // the number of commits that have begun
	commits int         // under way
}

// ageless is the age of an iterator made while a commit was under way: whether
// it shows the commit can't be told, so it is used once.
const ageless = math.MaxUint64

// take returns a walk, or nil and the age that a new one will have.
func (i *idleWalks) take() (*diskWalk, uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.commits > 0 {
		return nil, ageless
	}
	n := len(i.list)
	if n == 0 {
		return nil, i.age
	}
	w := i.list[n-1]
	i.list[n-1] = nil
	i.list = i.list[:n-1]
	return w, w.age
}

// put keeps a walk, or reports that it is of no more use.
func (i *idleWalks) put(w *diskWalk) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if w.age != i.age || len(i.list) == maxIdleWalks {
		return false
	}
	i.list = append(i.list, w)
	return true
}

// commit surrounds a change of the store.
func (i *idleWalks) commit(change func() error) error {
	i.mu.Lock()
	i.age++
	i.commits++
	i.mu.Unlock()
	dropped := i.drop()
	err := change()
	i.mu.Lock()
	i.commits--
	i.mu.Unlock()
	return errors.Join(err, dropped)
}

// drop closes what is kept.
func (i *idleWalks) drop() error {
	i.mu.Lock()
	list := i.list
	i.list = nil
	i.mu.Unlock()
	var err error
	for _, w := range list {
		err = errors.Join(err, w.it.Close())
	}
	return err
}
