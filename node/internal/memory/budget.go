// Package memory counts the bytes that a node holds, so that they stay below one limit
// however many connections, requests and cursors hold them.
//
// The smallest use:
//
//	budget := memory.NewBudget(1 << 30)
//	if err := budget.Requests.Take(n); err != nil { ... } // memory.ErrOver
//	defer budget.Requests.Give(n)
package memory

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrOver is the target of the errors of Take.
var ErrOver = errors.New("out of memory")

// The parts of the limit, in eighths, that one share may fill. Each leaves something
// to the other: a node full of data can still be read, and requests that are never sent
// to their end do not keep others from writing.
const (
	dataEighths    = 7
	requestEighths = 6
)

// Budget is a number of bytes and its two shares.
type Budget struct {
	limit int64 // 0: none
	used  atomic.Int64

	Data     *Share // what is stored, and old rows that cursors have still to read
	Requests *Share // requests that arrive, answers that wait for their client
}

// Share is one use of a Budget. Its methods are safe for concurrent use. A nil Share
// counts nothing and has no limit.
type Share struct {
	budget *Budget
	limit  int64
	used   atomic.Int64
}

// NewBudget makes a budget of limit bytes; 0 is no limit.
func NewBudget(limit int64) *Budget {
	b := &Budget{limit: limit}
	if limit > 0 {
		b.Data = &Share{budget: b, limit: limit / 8 * dataEighths}
		b.Requests = &Share{budget: b, limit: limit / 8 * requestEighths}
	}
	return b
}

// Take takes n bytes, or fails with ErrOver and takes nothing.
func (s *Share) Take(n int64) error {
	if s == nil || n <= 0 {
		return nil
	}
	all, own := s.budget.used.Add(n), s.used.Add(n)
	if all <= s.budget.limit && own <= s.limit {
		return nil
	}
	s.Give(n)
	return fmt.Errorf("%w: %d bytes more are over what the node may hold (--memory %d; %d are held)", ErrOver, n, s.budget.limit, all-n)
}

// Give gives n bytes back.
func (s *Share) Give(n int64) {
	if s != nil {
		s.used.Add(-n)
		s.budget.used.Add(-n)
	}
}

// Used returns the bytes that are taken.
func (s *Share) Used() int64 {
	if s == nil {
		return 0
	}
	return s.used.Load()
}
