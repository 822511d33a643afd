package dataset

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
)

// Streams keeps readers open between the steps of pure reads: a step is (spec,
// position) -> (batch, next position), and the reader that stands at the
// position is only a cache of who can go on at once. Two streams at the same
// position simply have two readers. A reader that is not asked for within the
// spec's idle timeout (DefaultIdleTimeout) is closed; the next step opens
// another one at its position, with the same result.
//
// Clients are shared by all readers of the same addresses and credentials, and
// closed when none has been used for the idle timeout. Streams is safe for
// several goroutines; the zero value is not usable: call NewStreams.
type Streams struct {
	cfg     StreamsConfig
	life    context.Context //nolint:containedctx // ends what Streams opened, in Close
	end     context.CancelFunc
	wg      sync.WaitGroup
	clients clients
	ledger  ledger
	// opener opens a reader and says what to call when it is closed; a test has its own.
	opener func(ctx context.Context, spec Spec, pos Position) (r *Reader, release func(), err error)

	mu     sync.Mutex
	idle   map[streamKey][]*stream
	open   int
	closed bool
}

// StreamsConfig says how Streams works. The zero value is useful.
type StreamsConfig struct {
	// Allocator gives the memory of the batches; nil is a pool on the Go heap.
	Allocator column.Allocator
	// Getenv reads the environment; nil is os.Getenv.
	Getenv func(string) string
	// Client completes the configuration of each client that is opened, for
	// instance with a Logger; nil leaves it.
	Client func(*ignite.Config)
	// Hooks are called for the pages and batches of all readers.
	Hooks Hooks
	// HandedShare says that the caller holds batches that Next has given, up to one part in
	// so many of BufferBytes: the readers keep within the rest. With 0 they have all of it.
	// Who takes batches from such a caller may wait when it does not, and the other way
	// round: Waits.Starved is then what it tells with Streams.Starved.
	HandedShare int64
}

type streamKey struct {
	spec [32]byte
	pos  string
}

// stream is a reader, or one that is being opened.
type stream struct {
	ready   chan struct{} // closed when reader or err is there
	reader  *Reader
	account [32]byte // of the ledger
	free    func()   // gives the client back, after the reader is closed
	err     error
	idle    *time.Timer
}

// NewStreams makes an empty store of readers.
func NewStreams(cfg StreamsConfig) *Streams {
	if cfg.Allocator == nil {
		cfg.Allocator = batchMemory
	}
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	life, end := context.WithCancel(context.Background())
	s := &Streams{cfg: cfg, life: life, end: end, idle: make(map[streamKey][]*stream)}
	s.opener = s.openReader
	return s
}

// Next gives the batch at a position and the position after it, io.EOF at the
// end. The caller releases the batch. When ctx ends first the stream is not
// lost: the same call finds it again.
func (s *Streams) Next(ctx context.Context, spec Spec, pos Position) (*column.Batch, Position, error) {
	st, key, err := s.take(spec, pos)
	if err != nil {
		return nil, nil, err
	}
	if err := st.wait(ctx); err != nil {
		return nil, nil, s.failed(st, key, &spec, err)
	}
	b, err := st.reader.Next(ctx)
	if err != nil {
		return nil, nil, s.failed(st, key, &spec, err)
	}
	next := st.reader.Position()
	s.put(st, streamKey{key.spec, next.bytes()}, &spec)
	return b, next, nil
}

// NextWithin is Next that waits for at most d, also for a reader to open, and
// then gives ErrNotReady.
func (s *Streams) NextWithin(ctx context.Context, spec Spec, pos Position, d time.Duration) (*column.Batch, Position, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d, ErrNotReady)
	defer cancel()
	return s.Next(ctx, spec, pos)
}

// Ready waits for at most d until Next will not wait at this position: true when
// a batch, the end or an error is there.
func (s *Streams) Ready(ctx context.Context, spec Spec, pos Position, d time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d, ErrNotReady)
	defer cancel()
	st, key, err := s.take(spec, pos)
	if err != nil {
		return false, err
	}
	if err = st.wait(ctx); err == nil {
		err = st.reader.wait(ctx)
	}
	// What ended the stream is for Next to tell.
	s.put(st, key, &spec)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		if errors.Is(err, ErrNotReady) {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

// failed puts a stream back that the caller only could not wait for, and closes
// one that has ended.
func (s *Streams) failed(st *stream, key streamKey, spec *Spec, err error) error {
	if errors.Is(err, ErrNotReady) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if st.usable() {
			s.put(st, key, spec)
			return err
		}
	}
	s.discard(st)
	return err
}

// usable says whether the stream may still give a batch.
func (st *stream) usable() bool {
	select {
	case <-st.ready:
		return st.err == nil && st.reader.err == nil
	default:
		return true
	}
}

func (st *stream) wait(ctx context.Context) error {
	select {
	case <-st.ready:
		return st.err
	default:
	}
	select {
	case <-st.ready:
		return st.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take finds the reader that stands at the position or begins to open one.
func (s *Streams) take(spec Spec, pos Position) (*stream, streamKey, error) {
	key := streamKey{spec.Hash(), pos.bytes()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, key, ErrClosed
	}
	if l := s.idle[key]; len(l) > 0 {
		st := l[len(l)-1]
		s.forget(key, st)
		st.idle.Stop()
		return st, key, nil
	}
	st := &stream{ready: make(chan struct{})}
	s.open++
	s.wg.Go(func() { s.start(st, spec, pos) })
	return st, key, nil
}

// start opens the stream's reader.
func (s *Streams) start(st *stream, spec Spec, pos Position) {
	defer close(st.ready)
	st.account = spec.account()
	spec, err := ApplyEnv(spec, s.cfg.Getenv)
	if err != nil {
		st.err = err
		return
	}
	ctx, cancel := context.WithTimeout(s.life, 2*spec.requestTimeout())
	defer cancel()
	if st.reader, st.free, st.err = s.opener(ctx, spec, pos); st.err == nil {
		st.reader.patient = s.cfg.HandedShare > 0
		s.ledger.add(st.account, st.reader.rec)
	}
}

// openReader is the opener: a reader on a shared client.
func (s *Streams) openReader(ctx context.Context, spec Spec, pos Position) (*Reader, func(), error) {
	c, err := s.clients.acquire(ctx, &spec, &s.cfg)
	if err != nil {
		return nil, nil, err
	}
	if s.cfg.HandedShare > 0 {
		spec.BufferBytes = spec.BufferLimit() - spec.BufferLimit()/s.cfg.HandedShare
	}
	r, err := openReader(ctx, &clusterSource{c: c.Client, spec: &spec}, spec, pos, s.cfg.Allocator, s.cfg.Hooks)
	if err != nil {
		s.clients.release(c)
		return nil, nil, err
	}
	return r, func() { s.clients.release(c) }, nil
}

// put keeps the stream for the step that asks for the position.
func (s *Streams) put(st *stream, key streamKey, spec *Spec) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.discard(st)
		return
	}
	s.idle[key] = append(s.idle[key], st)
	st.idle = time.AfterFunc(spec.IdleTimeout(), func() {
		s.mu.Lock()
		found := s.forget(key, st)
		if found {
			s.wg.Add(1)
		}
		s.mu.Unlock()
		if found {
			s.discard(st)
			s.wg.Done()
		}
	})
	s.mu.Unlock()
}

// forget takes an idle stream out of the store; false when somebody has it. The
// lock is held.
func (s *Streams) forget(key streamKey, st *stream) bool {
	l := s.idle[key]
	for i := range l {
		if l[i] == st {
			l[i] = l[len(l)-1]
			l[len(l)-1] = nil
			if s.idle[key] = l[:len(l)-1]; len(l) == 1 {
				delete(s.idle, key)
			}
			return true
		}
	}
	return false
}

// Drop closes one reader that waits for the step at a position, if there is one:
// for a caller who knows that the step will not come. It does not wait for the
// reader to close; CloseAll does.
func (s *Streams) Drop(spec Spec, pos Position) {
	key := streamKey{spec.Hash(), pos.bytes()}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.idle[key]
	if len(l) == 0 {
		return
	}
	st := l[len(l)-1]
	s.forget(key, st)
	st.idle.Stop()
	s.wg.Go(func() { s.discard(st) })
}

// discard closes a stream for good.
func (s *Streams) discard(st *stream) {
	<-st.ready
	if st.reader != nil {
		_ = st.reader.Close() // its own errors were told by Next
		s.ledger.done(st.account, st.reader.rec)
	}
	if st.free != nil {
		st.free()
	}
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
}

// Count is the number of rows in what the spec reads, -1 when it can't be told
// without reading.
func (s *Streams) Count(ctx context.Context, spec Spec) (n int64, err error) {
	err = s.WithClient(ctx, spec, func(ctx context.Context, c *ignite.Client, spec Spec) error {
		n, err = (&clusterSource{c: c, spec: &spec}).count(ctx)
		return err
	})
	return n, err
}

// Discover finds the schema of the spec's cache, with the spec's addresses,
// credentials and the environment's overrides.
func (s *Streams) Discover(ctx context.Context, spec Spec, o DiscoverOptions) (schema *Schema, err error) {
	err = s.WithClient(ctx, spec, func(ctx context.Context, c *ignite.Client, spec Spec) error {
		o.Cache = spec.Cache
		schema, err = Discover(ctx, c, o)
		return err
	})
	return schema, err
}

// WithClient calls do with the shared client of the spec, and the spec as the
// environment overrides it.
func (s *Streams) WithClient(ctx context.Context, spec Spec, do func(context.Context, *ignite.Client, Spec) error) error {
	spec, err := ApplyEnv(spec, s.cfg.Getenv)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.wg.Add(1)
	s.mu.Unlock()
	defer s.wg.Done()
	c, err := s.clients.acquire(ctx, &spec, &s.cfg)
	if err != nil {
		return err
	}
	defer s.clients.release(c)
	return do(ctx, c.Client, spec)
}

// Open is the number of readers that are open or being opened, for tests and
// metrics.
func (s *Streams) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// Stats is the sum over all readers, open and closed, of a spec: for the specs
// that were used last, 256 of them, and zero for others. The environment's
// overrides make no other spec, and neither does a Part that was put in after
// Spec.Prepare.
func (s *Streams) Stats(spec Spec) Stats { return s.ledger.stats(spec.account()) }

// Starved counts a wait for a batch of a spec, for a caller with a HandedShare. It
// counts from the first reader of the spec on.
func (s *Streams) Starved(spec Spec, took time.Duration) { s.ledger.starved(spec.account(), took) }

// CacheStats is the sum over all readers, open and closed, for each cache, in the
// order of their names. It has no Partitions.
func (s *Streams) CacheStats() []CacheStats { return s.ledger.byCache() }

// Track counts a reader that Open or OpenWith has given in Stats and CacheStats.
// The caller calls done once, after the reader's Close.
func (s *Streams) Track(spec Spec, r *Reader) (done func()) {
	account := spec.account()
	s.ledger.add(account, r.rec)
	return func() { s.ledger.done(account, r.rec) }
}

// CloseIdle closes the readers that wait for their next step, and the clients
// that nobody uses.
func (s *Streams) CloseIdle() {
	s.mu.Lock()
	var all []*stream
	for _, l := range s.idle {
		all = append(all, l...)
	}
	clear(s.idle)
	s.mu.Unlock()
	for _, st := range all {
		st.idle.Stop()
		s.discard(st)
	}
	s.clients.closeIdle()
}

// CloseAll closes every reader and client and refuses further steps. It waits
// for what it closes; batches that were given out stay valid.
func (s *Streams) CloseAll() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	s.CloseIdle()
	s.wg.Wait()
	s.clients.closeIdle()
	return nil
}

// bytes is the position as a key of a map.
func (p Position) bytes() string {
	b := make([]byte, 0, 8*len(p))
	for _, v := range p {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return string(b)
}
