package ignite

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// maxAttempts bounds how often one call is sent, over several nodes.
const maxAttempts = 3

// NoPartition stands for all partitions, or for none in particular.
const NoPartition = -1

// target says where a request should go, and how it is named in errors.
type target struct {
	cache     string
	partition int        // NoPartition, else its owner is asked
	key       binary.Raw // not nil: the owner of its partition is asked
	node      uuid.UUID  // not zero: this node and no other
	conn      *conn.Conn // not nil: this connection and no other
	late      conn.Late
	sink      conn.Sink
	written   *atomic.Bool  // see conn.Call
	timeout   time.Duration // not zero: in place of Config.RequestTimeout
}

func onCache(name string) target { return target{cache: name, partition: NoPartition} }

func onKey(name string, key binary.Raw) target {
	return target{cache: name, partition: NoPartition, key: key}
}

var anywhere = target{partition: NoPartition}

func onConn(cn *conn.Conn) target { return target{partition: NoPartition, conn: cn} }

// send sends a request to its target and returns the successful answer, whose
// frame the caller releases, and the connection that it came over. It goes to
// another node when the first can't be reached, or when the connection broke and
// asking again is harmless.
func (c *Client) send(ctx context.Context, t target, req wire.Request) (*conn.Frame, *conn.Conn, error) {
	how := c.call
	how.Late, how.Sink, how.Written = t.late, t.sink, t.written
	if t.timeout != 0 {
		how.Timeout = t.timeout
	}
	for attempt := 1; ; attempt++ {
		cn, err := c.choose(ctx, t)
		if err != nil {
			return nil, nil, t.wrap(req, "", connectError(err))
		}
		f, err := cn.Do(ctx, req, how)
		if err == nil {
			if f.Header.Status == wire.StatusSuccess {
				return f, cn, nil
			}
			err = &ServerError{Status: f.Header.Status, Message: f.Header.Message, Addr: f.Addr(), Op: req.Op()}
			f.Release()
			return nil, nil, t.wrap(req, cn.Addr(), err)
		}
		var ce *conn.Error
		again := errors.As(err, &ce) && (!ce.Sent || repeatable(req.Op())) && ce.Reason != conn.ReasonProtocol
		if !again || t.conn != nil || attempt == maxAttempts || ctx.Err() != nil {
			return nil, nil, t.wrap(req, cn.Addr(), connectError(err))
		}
		c.log.Debug("ignite: asking again", "op", req.Op(), "lost", cn.Addr(), "cause", err)
	}
}

// wrap names the operation in an error.
func (t target) wrap(req wire.Request, addr string, err error) error {
	var (
		ce *ConnectError
		te *conn.TimeoutError
	)
	if errors.As(err, &ce) && ce.Addr == addr || errors.As(err, &te) {
		addr = "" // the text has it already
	}
	return &OpError{Op: req.Op(), Cache: t.cache, Partition: t.partition, Addr: addr, Err: err}
}

// ask sends a request and decodes its answer. What res has of the answer's bytes
// must be copied in use, which may be nil: after it they are gone.
func (c *Client) ask(ctx context.Context, t target, req wire.Request, res wire.Response, use func() error) error {
	f, cn, err := c.send(ctx, t, req)
	if err != nil {
		return err
	}
	defer f.Release()
	if err := f.Decode(res, cn.Features()); err != nil {
		return t.wrap(req, cn.Addr(), err)
	}
	if use == nil {
		return nil
	}
	if err := use(); err != nil {
		return t.wrap(req, cn.Addr(), err)
	}
	return nil
}

// choose picks the connection for a request.
func (c *Client) choose(ctx context.Context, t target) (*conn.Conn, error) {
	switch {
	case t.conn != nil:
		return t.conn, nil
	case t.node != uuid.Nil:
		return c.toNode(ctx, t.node)
	case t.key != nil || t.partition >= 0:
		if owner, ok := c.ownerOf(ctx, t); ok {
			cn, err := c.pool.Node(ctx, owner, false)
			if err == nil || ctx.Err() != nil {
				return cn, err
			}
			c.log.Debug("ignite: owner not reached, going through another node", "cache", t.cache, "node", owner, "cause", err)
		}
	}
	return c.pool.Any(ctx)
}

// toNode connects to a certain node, which it looks up when it is not known yet.
func (c *Client) toNode(ctx context.Context, id uuid.UUID) (*conn.Conn, error) {
	if !c.pool.Knows(id) {
		if err := c.refreshNodes(ctx, true); err != nil {
			return nil, err
		}
	}
	return c.pool.Node(ctx, id, true)
}
