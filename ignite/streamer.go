package ignite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Defaults of [StreamerConfig].
const (
	DefaultBatchRows  = 1024
	DefaultBatchBytes = 1 << 20
	DefaultInFlight   = 4
)

// StreamerConfig says how a [Streamer] groups and sends entries. The zero value is useful.
type StreamerConfig struct {
	// AllowOverwrite replaces the values of keys that exist. Without it they keep
	// the value they have, and loading is faster.
	AllowOverwrite bool
	// SkipStore does not write through to the cache's store.
	SkipStore bool
	// BatchRows and BatchBytes bound a batch, whichever is reached first. 0: 1024
	// rows, 1 MiB. A larger entry is a batch of its own.
	BatchRows, BatchBytes int
	// InFlight bounds the batches that are sent and not answered; Add waits when
	// there are as many. Memory is bounded by (InFlight + nodes) * BatchBytes. 0: 4.
	InFlight int
}

func (s StreamerConfig) withDefaults() StreamerConfig {
	if s.BatchRows <= 0 {
		s.BatchRows = DefaultBatchRows
	}
	if s.BatchBytes <= 0 {
		s.BatchBytes = DefaultBatchBytes
	}
	if s.InFlight <= 0 {
		s.InFlight = DefaultInFlight
	}
	return s
}

// Streamer loads many entries into a cache through Ignite's data streamer. Rows
// are grouped by the node that owns them and sent in batches; they are certain to
// be in the cache when Flush or Close has returned without an error. An error of
// any batch ends the streamer: every later call returns it, and rows since the
// last Flush may or may not be there.
//
// It is safe for concurrent use. Entries with the same key from one goroutine
// arrive in no certain order.
type Streamer struct {
	c     *Client
	cache string
	cfg   StreamerConfig
	slots chan struct{} // one for each batch in flight
	turn  chan struct{} // one place: who holds it waits for all slots

	ctx    context.Context //nolint:containedctx // The life of the streamer: it ends what is in flight after a failure.
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	free   sync.Pool // *batch

	mu     sync.Mutex
	lanes  map[uuid.UUID]*lane
	closed bool
}

// lane is the way to one node: a streamer there, and the batch that is being filled.
type lane struct {
	opening sync.Mutex // held while the server's streamer is opened
	cn      *conn.Conn
	id      int64
	b       *batch
	bytes   int // sent since the server was last told to flush
}

// serverBytes is how much a server's streamer may hold before it is told to flush.
// It answers a batch as soon as it has gathered it, so nothing else bounds its heap:
// 768 rows of 1 MiB ended a server with a heap of 2 GiB.
const serverBytes = 64 << 20

// batch is entries and the memory they lie in.
type batch struct {
	entries []wire.StreamerEntry
	arena   []byte
}

// NewStreamer starts loading into a cache. The context bounds the opening only.
func (c *Client) NewStreamer(ctx context.Context, cache string, cfg StreamerConfig) (*Streamer, error) {
	s := &Streamer{c: c, cache: cache, cfg: cfg.withDefaults(), lanes: make(map[uuid.UUID]*lane)}
	s.slots = make(chan struct{}, s.cfg.InFlight)
	s.turn = make(chan struct{}, 1)
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	s.free.New = func() any { return new(batch) }
	// The first streamer is opened now: a cache that is not there shows here.
	if _, err := s.lane(ctx, uuid.Nil, 0); err != nil {
		s.cancel(err)
		return nil, err
	}
	return s, nil
}

// Add encodes an entry and adds it to its node's batch. It waits while
// InFlight batches are on their way. A nil value removes the key, for which
// AllowOverwrite must be set.
func (s *Streamer) Add(ctx context.Context, key, value any) error {
	k, err := s.c.Encode(ctx, key)
	if err != nil {
		return s.wrap("key", err)
	}
	if value == nil {
		return s.AddRaw(ctx, k, nil)
	}
	v, err := s.c.Encode(ctx, value)
	if err != nil {
		return s.wrap("value", err)
	}
	return s.AddRaw(ctx, k, v)
}

func (s *Streamer) wrap(what string, err error) error {
	return onCache(s.cache).wrap(&wire.DataStreamerAddDataRequest{}, "", &decodeError{what, err})
}

// AddRaw is Add of an encoded entry, whose bytes are copied. A nil or null value
// removes the key.
func (s *Streamer) AddRaw(ctx context.Context, key, value binary.Raw) error {
	if err := s.failure(); err != nil {
		return err
	}
	if !s.cfg.AllowOverwrite && (len(value) == 0 || value.IsNull()) {
		return s.wrap("value", errors.New("null removes the key, which the streamer does with AllowOverwrite only"))
	}
	owner, _ := s.c.ownerOf(ctx, onKey(s.cache, key))
	l, err := s.lane(ctx, owner, len(key)+len(value))
	if err != nil {
		return err
	}
	full := s.put(l, key, value)
	if full == nil {
		return nil
	}
	return s.dispatch(ctx, l, full)
}

// failure is why the streamer takes no more, nil while it does.
func (s *Streamer) failure() error {
	if s.ctx.Err() == nil {
		return nil
	}
	return context.Cause(s.ctx)
}

// put adds an entry to the lane's batch and takes the batch when it is full.
func (s *Streamer) put(l *lane, key, value binary.Raw) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var full *batch
	if l.b != nil && len(l.b.arena)+len(key)+len(value) > s.cfg.BatchBytes {
		full, l.b = l.b, nil
	}
	if l.b == nil {
		l.b = s.free.Get().(*batch)
	}
	l.b.add(key, value)
	if full == nil && len(l.b.entries) >= s.cfg.BatchRows {
		full, l.b = l.b, nil
	}
	return full
}

func (b *batch) add(key, value binary.Raw) {
	start := len(b.arena)
	b.arena = append(b.arena, key...)
	middle := len(b.arena)
	e := wire.StreamerEntry{Key: b.arena[start:middle:middle]}
	if len(value) > 0 && !value.IsNull() {
		// When append moves the arena, earlier entries keep their bytes in the old one.
		b.arena = append(b.arena, value...)
		e.Value = b.arena[middle:len(b.arena):len(b.arena)]
	}
	b.entries = append(b.entries, e)
}

func (s *Streamer) recycle(b *batch) {
	clear(b.entries)
	b.entries, b.arena = b.entries[:0], b.arena[:0]
	s.free.Put(b)
}

// lane returns the way to a node, opening a streamer there the first time; rowBytes
// is the size of the row that needs it, 0 when none is known.
func (s *Streamer) lane(ctx context.Context, owner uuid.UUID, rowBytes int) (*lane, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, onCache(s.cache).wrap(&wire.DataStreamerAddDataRequest{}, "", fmt.Errorf("streamer: %w", ErrClosed))
	}
	l := s.lanes[owner]
	if l == nil {
		l = new(lane)
		s.lanes[owner] = l
	}
	s.mu.Unlock()

	l.opening.Lock()
	defer l.opening.Unlock()
	if l.cn != nil {
		return l, nil
	}
	if err := s.open(ctx, l, owner, rowBytes); err != nil {
		return nil, err
	}
	return l, nil
}

// serverBufferRows is how many rows the server's streamer may gather for a node
// before it sends them on. Ignite counts rows only, 512 by default, and keeps several
// such buffers on its heap: with rows of 1 MiB they fill it.
func serverBufferRows(rowBytes int) int32 {
	const most, unknown, bufferBytes = 512, 64, 4 << 20
	if rowBytes <= 0 {
		return unknown
	}
	return int32(min(max(bufferBytes/rowBytes, 1), most))
}

func (s *Streamer) open(ctx context.Context, l *lane, owner uuid.UUID, rowBytes int) error {
	t := onCache(s.cache)
	t.late = lateStreamer
	req := &wire.DataStreamerStartRequest{
		CacheID: binary.CacheID(s.cache), Flags: wire.StreamerKeepBinary,
		PerNodeBufferSize: serverBufferRows(rowBytes), PerThreadBufferSize: wire.StreamerDefaultBuffer,
	}
	if s.cfg.AllowOverwrite {
		req.Flags |= wire.StreamerAllowOverwrite
	}
	if s.cfg.SkipStore {
		req.Flags |= wire.StreamerSkipStore
	}
	if owner != uuid.Nil {
		// The owner if it can be reached, else any node, which passes the rows on.
		if cn, err := s.c.pool.Node(ctx, owner, false); err == nil {
			t.conn = cn
		}
	}
	f, cn, err := s.c.send(ctx, t, req)
	if err != nil {
		return err
	}
	defer f.Release()
	var res wire.LongResponse
	if err := f.Decode(&res, cn.Features()); err != nil {
		return t.wrap(req, cn.Addr(), err)
	}
	s.mu.Lock()
	l.cn, l.id = cn, res.Value
	s.mu.Unlock()
	return nil
}

// lateStreamer closes a streamer that was opened for a caller who had gone.
func lateStreamer(f *conn.Frame) wire.Request {
	var res wire.LongResponse
	if f.Header.Status != wire.StatusSuccess || f.Decode(&res, 0) != nil || res.Value == 0 {
		return nil
	}
	return &wire.ResourceCloseRequest{ID: res.Value}
}

// dispatch sends a batch in the background once there is a slot for it.
func (s *Streamer) dispatch(ctx context.Context, l *lane, b *batch) error {
	if err := s.slot(ctx); err != nil {
		return err
	}
	flags := s.flushFlag(l, len(b.arena))
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		defer func() { <-s.slots }()
		if err := s.send(s.ctx, l, b.entries, flags); err != nil {
			s.fail(err)
			return
		}
		s.recycle(b)
	}()
	return nil
}

// flushFlag counts the bytes sent to a node, and asks it to flush when they are many.
func (s *Streamer) flushFlag(l *lane, bytes int) uint8 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.bytes += bytes; l.bytes < serverBytes {
		return 0
	}
	l.bytes = 0
	return wire.StreamerFlush
}

// slot waits for a place among the batches in flight. When it fails a batch is
// lost, so the load can't be whole any more.
func (s *Streamer) slot(ctx context.Context) error {
	if err := s.enter(ctx, s.slots); err != nil {
		s.fail(err)
		return err
	}
	return nil
}

// enter puts itself into a bounded place.
func (s *Streamer) enter(ctx context.Context, place chan struct{}) error {
	select {
	case place <- struct{}{}:
		return nil
	case <-s.ctx.Done():
		return s.failure()
	case <-ctx.Done():
		return onCache(s.cache).wrap(&wire.DataStreamerAddDataRequest{}, "", context.Cause(ctx))
	}
}

func (s *Streamer) send(ctx context.Context, l *lane, entries []wire.StreamerEntry, flags uint8) error {
	t := onCache(s.cache)
	t.conn = l.cn
	req := &wire.DataStreamerAddDataRequest{StreamerID: l.id, Flags: flags, Entries: entries}
	return s.c.ask(ctx, t, req, &wire.EmptyResponse{}, nil)
}

// fail ends the streamer with its first error.
func (s *Streamer) fail(err error) {
	s.cancel(err)
}

// Flush sends what has been added and returns when it is in the cache.
func (s *Streamer) Flush(ctx context.Context) error { return s.finish(ctx, wire.StreamerFlush) }

// Close flushes, closes the streamer and waits for everything it started. When
// the streamer has failed it returns that error. A second Close does nothing.
func (s *Streamer) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	err := s.finish(ctx, wire.StreamerClose)
	failed := s.failure()
	s.cancel(fmt.Errorf("ignite: streamer of cache %q: %w", s.cache, ErrClosed))
	s.wg.Wait()
	if failed != nil {
		err = failed
	}
	if err != nil {
		s.abandon()
	}
	return err
}

// abandon has the servers free the streamers without waiting.
func (s *Streamer) abandon() {
	for _, l := range s.all() {
		l.cn.Send(&wire.ResourceCloseRequest{ID: l.id})
	}
}

// finish sends what is left, waits for all batches, then has each node's
// streamer flush or close.
func (s *Streamer) finish(ctx context.Context, flag uint8) error {
	if err := s.failure(); err != nil {
		return err
	}
	if err := s.enter(ctx, s.turn); err != nil {
		return err
	}
	defer func() { <-s.turn }()
	for _, l := range s.all() {
		s.mu.Lock()
		b := l.b
		l.b = nil
		s.mu.Unlock()
		if b == nil {
			continue
		}
		if err := s.dispatch(ctx, l, b); err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	var errs []error
	for _, l := range s.all() {
		errs = append(errs, s.send(ctx, l, nil, flag))
	}
	if err := errors.Join(errs...); err != nil {
		s.fail(err)
		return err
	}
	return s.failure()
}

// settle waits until nothing is in flight: it holds every slot for a moment.
func (s *Streamer) settle(ctx context.Context) error {
	held := 0
	defer func() {
		for range held {
			<-s.slots
		}
	}()
	for range s.cfg.InFlight {
		if err := s.enter(ctx, s.slots); err != nil {
			return err
		}
		held++
	}
	return s.failure()
}

// all are the lanes that are open.
func (s *Streamer) all() []*lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*lane, 0, len(s.lanes))
	for _, l := range s.lanes {
		if l.cn != nil {
			out = append(out, l)
		}
	}
	return out
}
