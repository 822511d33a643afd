package ignite

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// A server's streamer answers a batch as soon as it has gathered it, so what it holds
// must be bounded from here. It gathers at three places (DataStreamerImpl in Ignite):
//
//   - for each thread that serves clients, perThreadBufferSize rows, 4096 by default:
//     with rows of 1 MiB this ended a server with a heap of 2 GiB;
//   - for each of its stripes (8 and more), perNodeBufferSize rows;
//   - and 8 such buffers for each stripe may be on their way into the cache.
//
// So the first is turned off, the second is so small that rows are in the processor's
// cache still when they are stored, and the streamer is told to flush
// when serverBytes are there. A flush locks a streamer until all is stored; others of
// the same node work on meanwhile, which is why each batch in flight has its own.
const (
	serverBytes       = 64 << 20 // of one node, not flushed
	serverBufferBytes = 64 << 10 // of one stripe
	serverBufferRows  = 512      // of one stripe, at most
)

// placeBytes is what a place among the batches in flight stands for where single
// entries are larger than BatchBytes: a larger one takes several places.
const placeBytes = 4 << 20

// lane is the way of rows to one node.
type lane struct {
	node  uuid.UUID           // Nil: whichever can be reached
	slots *semaphore.Weighted // InFlight places

	// Guarded by Streamer.mu.
	b    *batch // being filled
	ways []*way
	idle []*way // those that no batch uses
}

// way is one streamer of a server. One batch at a time goes through it.
type way struct {
	cn    *conn.Conn
	id    int64
	bytes int // sent since the last flush
}

// batch is encoded entries, as they stand in a frame.
type batch struct {
	bytes   []byte
	rows    int
	written atomic.Bool // the connection has no more use for bytes
}

func (b *batch) add(key, value binary.Raw) {
	b.bytes = append(append(b.bytes, key...), value...)
	b.rows++
}

// newBatch is called with Streamer.mu held. The garbage collector would empty a
// sync.Pool with every few frames. A batch that the server answered before it had read
// all of it may still be on its way, and stays.
func (s *Streamer) newBatch() *batch {
	i := slices.IndexFunc(s.free, func(b *batch) bool { return b.written.Load() })
	if i < 0 {
		return new(batch)
	}
	b := s.free[i]
	s.free = slices.Delete(s.free, i, i+1)
	b.bytes, b.rows = b.bytes[:0], 0
	b.written.Store(false)
	return b
}

// dispatch sends a batch in the background once there is room for it. When it fails
// a batch is lost, so the load can't be whole any more.
func (s *Streamer) dispatch(ctx context.Context, l *lane, b *batch) error {
	each := max(s.cfg.BatchBytes, placeBytes)
	places := min(max(1, (len(b.bytes)+each-1)/each), s.cfg.InFlight)
	if err := s.acquire(ctx, l.slots, places); err != nil {
		s.fail(err)
		return err
	}
	s.mu.Lock()
	if err := s.failure(); err != nil {
		s.mu.Unlock()
		l.slots.Release(int64(places))
		return err
	}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		defer l.slots.Release(int64(places))
		if err := s.deliver(l, b); err != nil {
			s.fail(err)
		}
	}()
	return nil
}

// acquire waits for places, the end of the streamer, or that of the context.
func (s *Streamer) acquire(ctx context.Context, from *semaphore.Weighted, places int) error {
	if from.TryAcquire(int64(places)) {
		return nil
	}
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	if from.Acquire(both, int64(places)) == nil {
		return nil
	}
	if err := s.failure(); err != nil {
		return err
	}
	return s.named(context.Cause(ctx))
}

// deliver sends a batch through a streamer of its node that nobody else uses.
func (s *Streamer) deliver(l *lane, b *batch) error {
	w, err := s.way(l, len(b.bytes)/b.rows)
	if err != nil {
		return err
	}
	var flags uint8
	if w.bytes += len(b.bytes); w.bytes >= serverBytes/s.cfg.InFlight {
		w.bytes = 0
		flags = wire.StreamerFlush
	}
	if err := s.send(s.ctx, w, b, flags); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.idle = append(l.idle, w)
	if cap(b.bytes) <= max(2*s.cfg.BatchBytes, placeBytes) { // not one that a large entry made large
		s.free = append(s.free, b)
	}
	return nil
}

// way is an idle streamer of the node, or a new one for rows of about this size.
func (s *Streamer) way(l *lane, rowBytes int) (*way, error) {
	s.mu.Lock()
	if last := len(l.idle) - 1; last >= 0 {
		w := l.idle[last]
		l.idle = l.idle[:last]
		s.mu.Unlock()
		return w, nil
	}
	s.mu.Unlock()
	w, err := s.open(l.node, rowBytes)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.ways = append(l.ways, w)
	return w, nil
}

func (s *Streamer) startRequest(rowBytes int, flags uint8) *wire.DataStreamerStartRequest {
	req := &wire.DataStreamerStartRequest{
		CacheID: binary.CacheID(s.cache), Flags: flags | wire.StreamerKeepBinary,
		PerNodeBufferSize:   int32(min(max(serverBufferBytes/max(rowBytes, 1), 1), serverBufferRows)),
		PerThreadBufferSize: 1,
	}
	if s.cfg.AllowOverwrite {
		req.Flags |= wire.StreamerAllowOverwrite
	}
	if s.cfg.SkipStore {
		req.Flags |= wire.StreamerSkipStore
	}
	return req
}

// open opens a streamer at a node if that can be reached, else at any, which passes
// the rows on.
func (s *Streamer) open(node uuid.UUID, rowBytes int) (*way, error) {
	t := onCache(s.cache)
	t.late = lateStreamer
	if node != uuid.Nil {
		if cn, err := s.c.pool.Node(s.ctx, node, false); err == nil {
			t.conn = cn
		}
	}
	req := s.startRequest(rowBytes, 0)
	f, cn, err := s.c.send(s.ctx, t, req)
	if err != nil {
		return nil, err
	}
	defer f.Release()
	var res wire.LongResponse
	if err := f.Decode(&res, cn.Features()); err != nil {
		return nil, t.wrap(req, cn.Addr(), err)
	}
	return &way{cn: cn, id: res.Value}, nil
}

// lateStreamer closes a streamer that was opened for a caller who had gone.
func lateStreamer(f *conn.Frame) wire.Request {
	var res wire.LongResponse
	if f.Header.Status != wire.StatusSuccess || f.Decode(&res, 0) != nil || res.Value == 0 {
		return nil
	}
	return &wire.ResourceCloseRequest{ID: res.Value}
}

// send sends a batch, or only flags when it is nil.
func (s *Streamer) send(ctx context.Context, w *way, b *batch, flags uint8) error {
	t := onCache(s.cache)
	t.conn = w.cn
	req := &wire.DataStreamerAddDataRequest{StreamerID: w.id, Flags: flags}
	if b != nil {
		req.Encoded, req.EncodedRows = b.bytes, b.rows
		t.written = &b.written
	}
	return s.c.ask(ctx, t, req, &wire.EmptyResponse{}, nil)
}
