package dataset

import (
	"context"
	"slices"
	"sync"
)

// budget bounds the bytes that are read ahead: pages, batches that wait to be
// taken, and the one that the consumer has in hand. Whoever waits is woken when it
// is its turn, not before.
type budget struct {
	mu      sync.Mutex
	limit   int64
	used    int64
	waiters []*waiter // in the order in which they came
	rec     *recorder
}

// share is what one holder has taken; it belongs to the budget's lock.
type share struct {
	items int
	// wanted says that nothing goes on without this holder: it may take one item
	// whatever the limit is, so the reader never comes to a standstill.
	wanted bool
}

// waiter is somebody who wants an item.
type waiter struct {
	share *share
	most  int
	size  func() int64
	took  chan int64 // one place: the size that it got
}

func newBudget(limit int64, rec *recorder) *budget { return &budget{limit: limit, rec: rec} }

// acquire takes an item of about size bytes as soon as s has fewer than most and
// the bytes fit, and gives the size that was taken. size may be called until then
// and must not block.
func (b *budget) acquire(ctx context.Context, s *share, most int, size func() int64) (int64, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	w := &waiter{share: s, most: most, size: size}
	b.mu.Lock()
	if n, ok := b.take(w); ok {
		b.mu.Unlock()
		return n, nil
	}
	w.took = make(chan int64, 1)
	b.waiters = append(b.waiters, w)
	b.mu.Unlock()
	select {
	case n := <-w.took:
		return n, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.waiters, w); i >= 0 {
		b.waiters = slices.Delete(b.waiters, i, i+1)
	} else {
		b.put(s, <-w.took)
	}
	return 0, context.Cause(ctx)
}

// take gives the waiter its item if it may have it; the lock is held.
func (b *budget) take(w *waiter) (int64, bool) {
	s, n := w.share, w.size()
	// As much again stays free for who will be wanted next.
	if (!s.wanted || s.items > 0) && (s.items >= w.most || b.used+2*n > b.limit) {
		return 0, false
	}
	s.items++
	b.change(n)
	return n, true
}

// serve gives waiters what they may have now; the lock is held.
func (b *budget) serve() {
	for i := 0; i < len(b.waiters); {
		w := b.waiters[i]
		n, ok := b.take(w)
		if !ok {
			i++
			continue
		}
		b.waiters = slices.Delete(b.waiters, i, i+1)
		w.took <- n
	}
}

func (b *budget) change(n int64) {
	b.used += n
	b.rec.buffered(b.used)
}

func (b *budget) put(s *share, n int64) {
	s.items--
	b.change(-n)
	b.serve()
}

// charge is what a batch of n bytes is counted as. The batch in hand and the one
// that is being built are as large as the consumer has asked for; they leave a
// quarter of the budget to the pages however large that is.
func (b *budget) charge(n int64) int64 { return min(n, b.limit-b.limit*5/8) }

// adjust corrects the size of an item that was taken.
func (b *budget) adjust(delta int64) {
	if delta == 0 {
		return
	}
	b.mu.Lock()
	b.change(delta)
	if delta < 0 {
		b.serve()
	}
	b.mu.Unlock()
}

// begin counts an item as none any more, so that the next one may be read, while
// its bytes are still held: adjust gives them back.
func (b *budget) begin(s *share) {
	b.mu.Lock()
	b.put(s, 0)
	b.mu.Unlock()
}

// release gives an item of n bytes back.
func (b *budget) release(s *share, n int64) {
	b.mu.Lock()
	b.put(s, n)
	b.mu.Unlock()
}

// want says whether nothing goes on without s.
func (b *budget) want(s *share, wanted bool) {
	b.mu.Lock()
	if s.wanted = wanted; wanted {
		b.serve()
	}
	b.mu.Unlock()
}
