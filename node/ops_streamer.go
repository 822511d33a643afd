package node

import (
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// streamer is an open data streamer. It has no buffer: entries are written when
// they come, so flush has nothing left to do and errors show at once.
type streamer struct {
	cacheID int32
	mode    store.Mode
}

func (*streamer) close() error { return nil }

func (c *conn) dataStreamerStart(q *wire.DataStreamerStartRequest) (wire.Response, error) {
	if len(q.Receiver) > 0 {
		return nil, unsupported("a stream receiver")
	}
	for _, size := range []int32{q.PerNodeBufferSize, q.PerThreadBufferSize} {
		if size <= 0 && size != wire.StreamerDefaultBuffer {
			return nil, failed("Ouch! Argument is invalid: bufSize > 0")
		}
	}
	s := &streamer{cacheID: q.CacheID, mode: store.Absent}
	if q.Flags&wire.StreamerAllowOverwrite != 0 {
		s.mode = store.Overwrite
	}
	if err := c.stream(s, q.Entries); err != nil {
		return nil, err
	}
	if q.Flags&wire.StreamerClose != 0 {
		return &wire.LongResponse{}, nil
	}
	return &wire.LongResponse{Value: c.resources.add(s)}, nil
}

func (c *conn) dataStreamerAddData(q *wire.DataStreamerAddDataRequest) (wire.Response, error) {
	res, err := c.resources.get(q.StreamerID)
	if err != nil {
		return nil, err
	}
	s, ok := res.(*streamer)
	if !ok {
		return nil, failed("Resource %d is not a data streamer", q.StreamerID)
	}
	if err := c.stream(s, q.Entries); err != nil {
		return nil, err
	}
	if q.Flags&wire.StreamerClose != 0 {
		return done, c.resources.close(q.StreamerID)
	}
	return done, nil
}

// stream writes entries: with Overwrite values are replaced and null removes,
// else only keys without a value get one.
func (c *conn) stream(s *streamer, entries []wire.StreamerEntry) error {
	return c.use(&wire.CacheInfo{CacheID: s.cacheID}, len(entries) > 0, func(ch *cache) error {
		rows := make([]store.Row, 0, len(entries))
		for _, e := range entries {
			r, err := c.row(ch, e.Key, e.Value)
			if err == nil && r.Value != nil && s.mode == store.Overwrite {
				err = c.fits(ch, r.Key, r.Value) // Ignite lets an initial load pass unchecked
			}
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		_, err := c.node.store.Write(ch.id, rows, s.mode)
		return err
	})
}
