package main

import "sync"

// handles keeps Go values for C, which knows them by number. Numbers start at 1
// and are never used twice. It is safe for several goroutines.
type handles struct {
	mu   sync.Mutex
	last int64
	held map[int64]any
}

// put keeps a value and gives its number.
func (h *handles) put(v any) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = make(map[int64]any)
	}
	h.last++
	h.held[h.last] = v
	return h.last
}

// take gives the value and forgets it.
func (h *handles) take(n int64) (any, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.held[n]
	delete(h.held, n)
	return v, ok
}

// size is the number of values held.
func (h *handles) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}

// held gives the value of a number if it is a T.
func held[T any](h *handles, n int64) (T, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.held[n].(T)
	return v, ok
}
