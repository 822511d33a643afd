package conn

import (
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	batchBytes = 64 << 10 // small frames are joined up to this size into one write
	pieceBytes = 1 << 20  // a large frame is written in pieces, each with its own deadline
)

// writeLoop writes queued frames; those that wait together go out together.
func (c *Conn) writeLoop() {
	defer c.wg.Done()
	batch := make([]byte, 0, batchBytes)
	for {
		var k *call
		select {
		case <-c.done:
			return
		case <-c.wake:
		case k = <-c.queue:
		}
		c.writing.Lock()
		err := c.writeQueued(batch[:0], k)
		c.writing.Unlock()
		if err != nil {
			c.failWrite(err)
			return
		}
	}
}

// writeQueued writes what a direct write has left over, the urgent frames, and k,
// nil for none, with all that wait behind it. The lock writing is held.
func (c *Conn) writeQueued(batch []byte, k *call) (err error) {
	if rest := c.rest; rest != nil {
		c.rest = nil
		if err := c.write(rest); err != nil {
			return err
		}
	}
	for _, u := range c.takeUrgent() {
		if batch, err = c.add(batch, u); err != nil {
			return err
		}
	}
	for more := k != nil; more; {
		if batch, err = c.add(batch, k); err != nil {
			return err
		}
		select {
		case k = <-c.queue:
		default:
			more = false
		}
	}
	return c.write(batch)
}

// directBytes bounds the frames that a caller may write itself.
const directBytes = 4 << 10

// writeDirect writes a small frame in the caller's goroutine, which saves waking
// the writer, where nothing waits and the socket takes it at once. It never blocks;
// false means that the frame must be queued.
func (c *Conn) writeDirect(k *call) bool {
	if len(k.out.b) > directBytes || k.tail != nil || len(c.queue) > 0 || !c.writing.TryLock() {
		return false
	}
	defer c.writing.Unlock()
	if c.rest != nil || !k.state.CompareAndSwap(stateQueued, stateSent) {
		return false
	}
	n := c.direct.write(k.out.b)
	if n < 0 {
		k.state.Store(stateQueued)
		return false
	}
	if n < len(k.out.b) {
		c.rest = append([]byte(nil), k.out.b[n:]...)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
	k.out.put()
	return true
}

func (c *Conn) failWrite(err error) {
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		err = fmt.Errorf("the server took no data for %v: %w", c.o.WriteTimeout, err)
	}
	c.fail(ReasonBroken, err)
}

func (c *Conn) takeUrgent() []*call {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.urgent
	c.urgent = nil
	return u
}

// add joins the call's frame to the batch, writing the batch first when the
// frame does not fit. From here on the server may see the request.
func (c *Conn) add(batch []byte, k *call) ([]byte, error) {
	if !k.state.CompareAndSwap(stateQueued, stateSent) {
		k.out.put()
		k.tailDone()
		return batch, nil
	}
	if k.tail != nil {
		return batch[:0], c.writeTailed(batch, k)
	}
	frame := k.out.b
	if len(batch)+len(frame) > batchBytes {
		if err := c.write(batch); err != nil {
			return batch, err
		}
		batch = batch[:0]
	}
	if len(frame) > batchBytes {
		err := c.write(frame)
		k.out.put()
		return batch, err
	}
	batch = append(batch, frame...)
	k.out.put()
	return batch, nil
}

// writeTailed writes the batch, the head of a frame and the beginning of its tail at
// once, then the rest of the tail.
func (c *Conn) writeTailed(batch []byte, k *call) error {
	if err := c.extendDeadline(); err != nil {
		return err
	}
	n := min(len(k.tail), pieceBytes)
	pieces := net.Buffers{batch, k.out.b, k.tail[:n]}
	if _, err := pieces.WriteTo(c.nc); err != nil {
		return err
	}
	k.out.put()
	err := c.write(k.tail[n:])
	k.tailDone()
	return err
}

func (c *Conn) write(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), pieceBytes)
		if err := c.extendDeadline(); err != nil {
			return err
		}
		if _, err := c.nc.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// extendDeadline gives the next piece its time.
func (c *Conn) extendDeadline() error {
	if c.o.WriteTimeout <= 0 {
		return nil
	}
	return c.nc.SetWriteDeadline(time.Now().Add(c.o.WriteTimeout))
}
