package conn

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// Late gets the answer to a request whose caller has gone. The request that it
// returns, nil for none, is sent without waiting for its answer: it releases what
// the server opened, such as a cursor. It runs in the reader goroutine, must not
// block, and must not keep the frame.
type Late func(*Frame) wire.Request

// Call is how one request is to be carried.
type Call struct {
	Timeout time.Duration // time for the answer; 0: no limit but the context's
	Late    Late          // nil: a late answer is dropped
	Sink    Sink          // nil: the answer's body goes into one buffer
	// Written, if not nil, is set once the connection has no more use for the tail of
	// the request, a [wire.TailedRequest]. Until then nobody may change the tail: it may
	// be on its way even when Do has returned.
	Written *atomic.Bool
}

// TimeoutError says that a request was not answered in its time. The connection
// lives on. errors.Is finds [context.DeadlineExceeded].
type TimeoutError struct {
	Addr  string
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: no answer within the request timeout of %v", e.Addr, e.After)
}

// Timeout is true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap returns context.DeadlineExceeded.
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// WithdrawnError is returned when the caller's time was over before the answer came:
// its context ended, or the request timeout ran out.
type WithdrawnError struct {
	Sent bool // the server may have seen the request
	Err  error
}

func (e *WithdrawnError) Error() string { return e.Err.Error() }

// Unwrap returns the context's cause or a *[TimeoutError].
func (e *WithdrawnError) Unwrap() error { return e.Err }

const (
	stateQueued int32 = iota
	stateSent         // handed to the writer: the server may see it
	stateGone         // withdrawn before it was sent
)

type result struct {
	frame *Frame
	err   error
}

// call is a request under way. The map of calls and the fields below the line
// are guarded by Conn.mu.
type call struct {
	id      int64
	out     *buffer
	tail    []byte // follows out; the writer's, once the call is queued
	written *atomic.Bool
	state   atomic.Int32
	late    Late
	sink    Sink
	done    chan result // one place: deliver never blocks

	abandoned bool
}

func (k *call) deliver(r result) {
	select {
	case k.done <- r:
	default:
		r.frame.Release()
	}
}

// Do sends a request and waits for its answer, the context, the timeout or the
// end of the connection, whichever comes first. The caller releases the frame.
// An answer with an error status is a frame, not an error.
func (c *Conn) Do(ctx context.Context, req wire.Request, how Call) (*Frame, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, &WithdrawnError{Err: err}
	}
	c.load.Add(1)
	defer c.load.Add(-1)
	asked := time.Now()
	k, err := c.register(req, how)
	if err != nil {
		return nil, err
	}
	var expired <-chan time.Time
	if how.Timeout > 0 {
		t := time.NewTimer(how.Timeout)
		defer t.Stop()
		expired = t.C
	}
	queue := c.queue
	if c.writeDirect(k) {
		queue = nil
	}
	for {
		select {
		case queue <- k:
			queue = nil // sent to the writer: now only the answer is awaited
		case r := <-k.done:
			if r.frame != nil {
				r.frame.Asked = asked
			}
			return r.frame, r.err
		case <-ctx.Done():
			return c.withdraw(k, context.Cause(ctx))
		case <-expired:
			return c.withdraw(k, &TimeoutError{Addr: c.o.Addr, After: how.Timeout})
		}
	}
}

// register gives the request an id and encodes it.
func (c *Conn) register(req wire.Request, how Call) (*call, error) {
	k := &call{late: how.Late, sink: how.Sink, written: how.Written, done: make(chan result, 1)}
	c.mu.Lock()
	if c.err != nil {
		e := *c.err
		c.mu.Unlock()
		e.Sent = false
		return nil, &e
	}
	c.nextID++
	k.id = c.nextID
	c.mu.Unlock()

	// Encoded outside the lock: a large request must not hold up the reader.
	k.encode(req, c.features)

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		e := *c.err
		e.Sent = false
		return nil, &e
	}
	c.calls[k.id] = k
	return k, nil
}

// copiedBytes is how long a tail may be to be copied behind its head all the same.
const copiedBytes = 16 << 10

// encode makes the frame, leaving a long tail where it is.
func (k *call) encode(req wire.Request, f wire.Features) {
	k.out = getBuffer(0)
	if q, ok := req.(wire.TailedRequest); ok && len(q.Tail()) > copiedBytes {
		k.out.b = wire.AppendRequestHead(k.out.b, k.id, q, f)
		k.tail = q.Tail()
		return
	}
	k.out.b = wire.AppendRequest(k.out.b, k.id, req, f)
	k.tailDone()
}

// tailDone gives the tail back.
func (k *call) tailDone() {
	k.tail = nil
	if k.written != nil {
		k.written.Store(true)
	}
}

// withdraw ends a request whose caller waits no longer. Three cases: the answer
// is there already (the caller gets it), the request was never written (it is
// forgotten), or the answer will come later (its call stays in the map).
func (c *Conn) withdraw(k *call, cause error) (*Frame, error) {
	c.mu.Lock()
	if c.err != nil || c.calls[k.id] != k {
		c.mu.Unlock()
		r := <-k.done
		return r.frame, r.err
	}
	if k.state.CompareAndSwap(stateQueued, stateGone) {
		delete(c.calls, k.id)
		c.mu.Unlock()
		return nil, &WithdrawnError{Err: cause}
	}
	k.abandoned = true
	c.abandoned++
	hung := c.abandoned > maxAbandoned
	c.mu.Unlock()
	if hung {
		c.fail(ReasonBroken, fmt.Errorf("the server owes answers to more than %d requests", maxAbandoned))
	}
	return nil, &WithdrawnError{Sent: true, Err: cause}
}

// take removes the call that a frame answers.
func (c *Conn) take(id int64) (k *call, abandoned bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k = c.calls[id]
	if k == nil {
		return nil, false
	}
	delete(c.calls, id)
	if k.abandoned {
		c.abandoned--
	}
	return k, k.abandoned
}

// sinkOf is the sink of the call that a frame answers, nil for none.
func (c *Conn) sinkOf(id int64) Sink {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.calls[id]; k != nil && !k.abandoned {
		return k.sink
	}
	return nil
}

// Send queues a request whose answer nobody waits for. It never blocks. It is
// for releasing what the server holds.
func (c *Conn) Send(req wire.Request) {
	k, err := c.register(req, Call{})
	if err != nil {
		return // the server releases everything with the connection
	}
	c.mu.Lock()
	if c.err == nil {
		k.abandoned = true
		c.abandoned++
		c.urgent = append(c.urgent, k)
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
