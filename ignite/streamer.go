package ignite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Defaults of [StreamerConfig]. A server with a small heap has regions of 1 MiB, and
// garbage collection is dear for a frame that fills half of one.
const (
	DefaultBatchRows  = 1024
	DefaultBatchBytes = 384 << 10
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
	// rows, 384 KiB. A larger entry is a batch of its own.
	BatchRows, BatchBytes int
	// InFlight bounds the batches that are sent to one node and not answered; Add
	// waits when there are as many. An entry of more than 4 MiB counts as several.
	// Rows that wait for their answer thus take at most InFlight * BatchBytes for each
	// node, with entries larger than BatchBytes InFlight * 4 MiB or one entry; they are
	// sent from where they are. One batch for each node is being filled. 0: 4.
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
// A server holds at most 64 MiB of a streamer's rows that are not stored yet, and those
// that are in flight.
//
// It is safe for concurrent use. Entries with the same key from one goroutine
// arrive in no certain order.
type Streamer struct {
	c     *Client
	cache string
	cfg   StreamerConfig
	turn  *semaphore.Weighted // one place: who holds it waits for all batches

	ctx    context.Context //nolint:containedctx // The life of the streamer: it ends what is in flight after a failure.
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	scratch sync.Pool // *batch: one entry, encoded

	mu     sync.Mutex
	lanes  map[uuid.UUID]*lane
	free   []*batch // no more than were in use at once
	closed bool
}

// NewStreamer starts loading into a cache. The context bounds the opening only.
func (c *Client) NewStreamer(ctx context.Context, cache string, cfg StreamerConfig) (*Streamer, error) {
	s := &Streamer{c: c, cache: cache, cfg: cfg.withDefaults(), lanes: make(map[uuid.UUID]*lane)}
	// A streamer that is closed at once: a cache that is not there shows here.
	if err := c.ask(ctx, onCache(cache), s.startRequest(1, wire.StreamerClose), new(wire.LongResponse), nil); err != nil {
		return nil, err
	}
	s.turn = semaphore.NewWeighted(1)
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	s.scratch.New = func() any { return new(batch) }
	return s, nil
}

// Add encodes an entry and adds it to its node's batch. It waits while
// InFlight batches are on their way there. A nil value removes the key, for which
// AllowOverwrite must be set.
func (s *Streamer) Add(ctx context.Context, key, value any) error {
	entry := s.scratch.Get().(*batch)
	defer func() { s.scratch.Put(entry) }()
	var err error
	if entry.bytes, err = s.c.appendKey(ctx, entry.bytes[:0], s.cache, key); err != nil {
		return s.wrap("key", err)
	}
	n := len(entry.bytes)
	if value != nil {
		if entry.bytes, err = s.c.appendValue(ctx, entry.bytes, value); err != nil {
			return s.wrap("value", err)
		}
	}
	if len(entry.bytes) >= s.cfg.BatchBytes {
		entry, err = s.addWhole(ctx, entry, entry.bytes[:n:n])
		return err
	}
	return s.AddRaw(ctx, entry.bytes[:n:n], entry.bytes[n:])
}

// addWhole sends an entry that is a batch of its own, without copying it, and gives
// memory for another.
func (s *Streamer) addWhole(ctx context.Context, b *batch, key binary.Raw) (next *batch, err error) {
	if err := s.failure(); err != nil {
		return b, err
	}
	owner, _ := s.c.ownerOf(ctx, onKey(s.cache, key))
	s.mu.Lock()
	l, err := s.lane(owner)
	if err != nil {
		s.mu.Unlock()
		return b, err
	}
	b.rows = 1
	next = s.newBatch()
	s.mu.Unlock()
	return next, s.dispatch(ctx, l, b)
}

func (s *Streamer) wrap(what string, err error) error { return s.named(&decodeError{what, err}) }

// named says in an error what it was that failed.
func (s *Streamer) named(err error) error {
	return onCache(s.cache).wrap(&wire.DataStreamerAddDataRequest{}, "", err)
}

// AddRaw is Add of an encoded entry, whose bytes are copied. A nil or null value
// removes the key.
func (s *Streamer) AddRaw(ctx context.Context, key, value binary.Raw) error {
	if err := s.failure(); err != nil {
		return err
	}
	if len(value) == 0 || value.IsNull() {
		if !s.cfg.AllowOverwrite {
			return s.wrap("value", errors.New("null removes the key, which the streamer does with AllowOverwrite only"))
		}
		value = nullValue
	}
	owner, _ := s.c.ownerOf(ctx, onKey(s.cache, key))
	l, full, err := s.put(owner, key, value)
	for _, b := range full {
		if b != nil && err == nil {
			err = s.dispatch(ctx, l, b)
		}
	}
	return err
}

var nullValue = binary.Raw{byte(binary.TypeNull)}

// put adds an entry to the batch of its node and takes the batches that are full:
// the one before the entry, and the one with it.
func (s *Streamer) put(owner uuid.UUID, key, value binary.Raw) (l *lane, full [2]*batch, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, err = s.lane(owner); err != nil {
		return nil, full, err
	}
	if l.b != nil && len(l.b.bytes)+len(key)+len(value) > s.cfg.BatchBytes {
		full[0], l.b = l.b, nil
	}
	if l.b == nil {
		l.b = s.newBatch()
	}
	l.b.add(key, value)
	if l.b.rows >= s.cfg.BatchRows || len(l.b.bytes) >= s.cfg.BatchBytes {
		full[1], l.b = l.b, nil
	}
	return l, full, nil
}

// lane is the way to a node. It is called with mu held.
func (s *Streamer) lane(owner uuid.UUID) (*lane, error) {
	if s.closed {
		return nil, s.named(fmt.Errorf("streamer: %w", ErrClosed))
	}
	l := s.lanes[owner]
	if l == nil {
		l = &lane{node: owner, slots: semaphore.NewWeighted(int64(s.cfg.InFlight))}
		s.lanes[owner] = l
	}
	return l, nil
}

// failure is why the streamer takes no more, nil while it does.
func (s *Streamer) failure() error {
	if s.ctx.Err() == nil {
		return nil
	}
	return context.Cause(s.ctx)
}

// fail ends the streamer with its first error.
func (s *Streamer) fail(err error) { s.cancel(err) }

// Flush sends what has been added and returns when it is in the cache.
func (s *Streamer) Flush(ctx context.Context) error {
	release, err := s.finish(ctx, wire.StreamerFlush)
	release()
	return err
}

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
	release, err := s.finish(ctx, wire.StreamerClose)
	// The slots are given back only now, so that no batch of an Add that still waits
	// for one is sent to a streamer that is closed.
	s.mu.Lock()
	failed := s.failure()
	s.cancel(s.named(fmt.Errorf("streamer: %w", ErrClosed)))
	s.mu.Unlock()
	release()
	s.wg.Wait()
	if failed != nil {
		err = failed
	}
	if err != nil {
		s.abandon()
	}
	return err
}

// finish sends what is left, waits for all batches, then has each of the servers'
// streamers flush or close. No batch is sent until release is called.
func (s *Streamer) finish(ctx context.Context, flag uint8) (release func(), err error) {
	var held []*lane
	release = func() {
		for _, l := range held {
			l.slots.Release(int64(s.cfg.InFlight))
		}
	}
	if err := s.acquire(ctx, s.turn, 1); err != nil {
		return release, err
	}
	defer s.turn.Release(1)
	lanes, rest := s.takeRest()
	for i, l := range lanes {
		if rest[i] == nil {
			continue
		}
		if err := s.dispatch(ctx, l, rest[i]); err != nil {
			return release, err
		}
	}
	for _, l := range lanes {
		if err := s.acquire(ctx, l.slots, s.cfg.InFlight); err != nil {
			return release, err
		}
		held = append(held, l)
	}
	if err := s.failure(); err != nil {
		return release, err
	}
	return release, s.tell(ctx, flag)
}

// takeRest is all lanes, and the batches that they had begun to fill.
func (s *Streamer) takeRest() (lanes []*lane, rest []*batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		lanes, rest = append(lanes, l), append(rest, l.b)
		l.b = nil
	}
	return lanes, rest
}

// tell has all servers' streamers flush or close at once. No batch is under way.
func (s *Streamer) tell(ctx context.Context, flag uint8) error {
	ways := s.ways()
	errs := make([]error, len(ways))
	var wg sync.WaitGroup
	for i, w := range ways {
		if flag == wire.StreamerFlush && w.bytes == 0 {
			continue
		}
		w.bytes = 0
		wg.Go(func() { errs[i] = s.send(ctx, w, nil, flag) })
	}
	wg.Wait()
	err := errors.Join(errs...)
	if err != nil {
		s.fail(err)
	}
	return err
}

// abandon has the servers free the streamers without waiting.
func (s *Streamer) abandon() {
	for _, w := range s.ways() {
		w.cn.Send(&wire.ResourceCloseRequest{ID: w.id})
	}
}

// ways are all streamers that the servers have opened.
func (s *Streamer) ways() []*way {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*way
	for _, l := range s.lanes {
		all = append(all, l.ways...)
	}
	return all
}
