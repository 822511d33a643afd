package dataset

import (
	"context"
	"sync"
)

// budget bounds the bytes that are read ahead. A holder that has nothing
// may always take something, so the reader never comes to a standstill.
type budget struct {
	mu    sync.Mutex
	wake  sync.Cond
	limit int64
	used  int64
}

// share is what one holder has taken; it belongs to the budget's lock.
type share struct{ items int }

func newBudget(limit int64) *budget {
	b := &budget{limit: limit}
	b.wake.L = &b.mu
	return b
}

// acquire takes an item of about n bytes: at once when s has none, else as soon
// as s has fewer than most and the bytes fit. Something must wake the budget
// when ctx ends.
func (b *budget) acquire(ctx context.Context, s *share, most int, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ctx.Err() == nil && s.items > 0 && (s.items >= most || b.used+n > b.limit) {
		b.wake.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.items++
	b.used += n
	return nil
}

// adjust corrects the size of an item that was taken.
func (b *budget) adjust(delta int64) {
	b.mu.Lock()
	b.used += delta
	b.mu.Unlock()
	if delta < 0 {
		b.wake.Broadcast()
	}
}

// release gives an item of n bytes back.
func (b *budget) release(s *share, n int64) {
	b.mu.Lock()
	s.items--
	b.used -= n
	b.mu.Unlock()
	b.wake.Broadcast()
}

func (b *budget) wakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wake.Broadcast()
}
