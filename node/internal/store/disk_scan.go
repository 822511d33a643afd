package store

import (
	"bytes"
	"errors"
	"math"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// diskWalk walks with an iterator of pebble.
type diskWalk struct {
	store        *disk
	lower, upper []byte
	opened       int64  // the bytes that had been written when the iterator was made
	age          uint64 // of the state that the iterator shows
	started      bool
	broken       bool

	mu     sync.Mutex // held by changes of parked and, while it is parked, of the rest
	it     *pebble.Iterator
	parked *Cursor // the cursor, while nobody uses it
	last   []byte  // the key that it stands on, once it has no iterator any more
}

func (s *disk) lasting() bool { return false }

func (s *disk) scan(cache int32, lo, hi int) (walk, error) {
	lower, upper := appendPartition(nil, cache, lo), appendPartition(nil, cache, hi)
	w, age := s.idle.take()
	if w != nil {
		w.it.SetBounds(lower, upper)
		w.lower, w.upper, w.started = lower, upper, false
	} else {
		it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
		if err != nil {
			return nil, err
		}
		w = &diskWalk{store: s, lower: lower, upper: upper, it: it, age: age}
	}
	w.opened = s.walks.add(w)
	return w, nil
}

func (w *diskWalk) next(c *Cursor) (ok bool, err error) {
	w.broken = true // until this has gone well
	defer w.store.rescue(&err)
	if w.it == nil {
		if err := w.reopen(); err != nil {
			return false, err
		}
	}
	if w.started {
		ok = w.it.Next()
	} else {
		w.started = true
		ok = w.it.First()
	}
	if ok {
		c.part, c.key, err = parseEntryKey(w.it.Key())
	} else {
		err = w.it.Error()
	}
	if ok && err == nil {
		c.value, err = w.it.ValueAndErr()
	}
	w.broken = err != nil
	return ok, err
}

// reopen goes on behind the last key, in the entries as they are now.
func (w *diskWalk) reopen() error {
	lower := w.lower
	if w.last != nil {
		lower = append(w.last, 0)
	}
	it, err := w.store.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: w.upper})
	if err != nil {
		return err
	}
	w.it, w.started, w.last = it, false, nil
	w.age = ageless
	w.opened = w.store.walks.add(w)
	return nil
}

func (w *diskWalk) park(c *Cursor, parked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.parked = nil; parked {
		w.parked = c
	}
}

// drop closes the iterator of a walk that nobody uses, and keeps the entry that it
// stands on. It reports whether it did.
func (w *diskWalk) drop() (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.parked
	if c == nil || w.it == nil {
		return false, nil
	}
	if w.started && w.it.Valid() {
		w.last = bytes.Clone(w.it.Key())
		c.key, c.value = w.last[len(w.last)-len(c.key):], bytes.Clone(c.value)
	}
	err := w.it.Close()
	w.it = nil
	return true, err
}

func (w *diskWalk) close() error {
	w.store.walks.remove(w)
	w.parked = nil // the next cursor that takes the walk is in use; nobody else has it now
	if w.it == nil {
		return nil
	}
	if !w.broken && w.store.idle.put(w) {
		return nil
	}
	return w.it.Close()
}

// openWalks are the walks that cursors use. An iterator keeps the tables in memory
// that were there when it was made, so those that nobody has used for long are
// dropped when much was written since.
type openWalks struct {
	bound   int64 // bytes written since an iterator was made
	mu      sync.Mutex
	set     map[*diskWalk]struct{}
	written int64
	swept   int64 // written at the last look
}

// add puts a walk among the open ones and returns the bytes written so far.
func (o *openWalks) add(w *diskWalk) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.set[w] = struct{}{}
	return o.written
}

func (o *openWalks) remove(w *diskWalk) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.set, w)
}

// wrote counts bytes of a commit, and drops what is too old for that.
func (o *openWalks) wrote(n int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written += n
	if o.written-o.swept < o.bound/4 {
		return nil
	}
	o.swept = o.written
	var errs error
	for w := range o.set {
		if o.written-w.opened < o.bound {
			continue
		}
		dropped, err := w.drop()
		if errs = errors.Join(errs, err); dropped {
			delete(o.set, w)
		}
	}
	return errs
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
