package node

import (
	"sync"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// resource is something a connection opened: a cursor or a streamer.
type resource interface{ close() error }

// resources are the open ones of a connection, by the id the client got.
type resources struct {
	mu         sync.Mutex
	last       int64
	open       map[int64]resource
	cursors    int
	maxCursors int
}

func (r *resources) init(maxCursors int) {
	r.open = make(map[int64]resource)
	r.maxCursors = maxCursors
}

// reserveCursor counts a cursor before it is opened; giveBack undoes it.
func (r *resources) reserveCursor() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cursors >= r.maxCursors {
		return fail(wire.StatusTooManyCursors, textTooManyCursors, r.maxCursors, r.cursors)
	}
	r.cursors++
	return nil
}

func (r *resources) giveBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cursors--
}

// add registers a resource; of a cursor, reserveCursor comes first.
func (r *resources) add(res resource) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.open[r.last] = res
	return r.last
}

func (r *resources) get(id int64) (resource, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if res, ok := r.open[id]; ok {
		return res, nil
	}
	return nil, noSuchResource(id)
}

// cursor is get for operations on cursors, with the words of Ignite's queries.
func (r *resources) cursor(id int64) (*cursor, error) {
	res, err := r.get(id)
	if err != nil {
		return nil, fail(wire.StatusResourceDoesNotExist, "50000: Failed to find resource with id: %d", id)
	}
	cur, ok := res.(*cursor)
	if !ok {
		return nil, failed("Resource %d is not a cursor", id)
	}
	return cur, nil
}

// close takes a resource out and closes it.
func (r *resources) close(id int64) error {
	r.mu.Lock()
	res, ok := r.open[id]
	delete(r.open, id)
	if _, isCursor := res.(*cursor); isCursor {
		r.cursors--
	}
	r.mu.Unlock()
	if !ok {
		return noSuchResource(id)
	}
	return res.close()
}

// closeAll ends what the client left open.
func (r *resources) closeAll() {
	r.mu.Lock()
	open := r.open
	r.open = make(map[int64]resource)
	r.cursors = 0
	r.mu.Unlock()
	for _, res := range open {
		_ = res.close()
	}
}

func (c *conn) resourceClose(q *wire.ResourceCloseRequest) (wire.Response, error) {
	return done, c.resources.close(q.ID)
}
