package ignite_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// sink is a server that collects what is streamed to it.
type sink struct {
	mu    sync.Mutex
	rows  map[string]string
	flags []uint8 // of starts and adds, in order
	sizes []int   // entries of each add that has some
	hold  chan struct{}
	fail  bool
}

func (s *sink) handle(c *wiretest.Conn, id int64, req wire.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q := req.(type) {
	case *wire.DataStreamerStartRequest:
		s.flags = append(s.flags, q.Flags)
		c.Reply(id, &wire.LongResponse{Value: 11})
	case *wire.DataStreamerAddDataRequest:
		s.flags = append(s.flags, q.Flags)
		if len(q.Entries) > 0 {
			s.sizes = append(s.sizes, len(q.Entries))
		}
		for _, e := range q.Entries {
			if e.Value == nil {
				delete(s.rows, string(e.Key))
				continue
			}
			s.rows[string(e.Key)] = string(e.Value)
		}
		hold := s.hold
		go func() {
			if hold != nil {
				<-hold
			}
			if s.fail {
				c.Fail(id, wire.StatusFailed, "no space left")
				return
			}
			c.Reply(id, &wire.EmptyResponse{})
		}()
	case *wire.ResourceCloseRequest:
		c.Reply(id, &wire.EmptyResponse{})
	default:
		return false
	}
	return true
}

func TestStreamerBatches(t *testing.T) {
	s := &sink{rows: map[string]string{}}
	c, _ := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{AllowOverwrite: true, BatchRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 26 {
				if err := st.Add(t.Context(), int64(g*100+i), "value"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := st.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.rows) != 104 {
		t.Errorf("%d rows after Flush", len(s.rows))
	}
	if err := st.Add(t.Context(), int64(3), nil); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := st.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(s.rows) != 103 {
		t.Errorf("%d rows after a removal", len(s.rows))
	}
	probe := wire.StreamerKeepBinary | wire.StreamerAllowOverwrite | wire.StreamerClose
	last := s.flags[len(s.flags)-1]
	if s.flags[0] != probe || s.flags[1] != probe&^wire.StreamerClose || last != wire.StreamerClose || !bytes.Contains(s.flags, []byte{wire.StreamerFlush}) {
		t.Errorf("flags %v", s.flags)
	}
	if len(s.sizes) != 12 || s.sizes[0] != 10 {
		t.Errorf("batches of %v rows", s.sizes)
	}
	if err := st.Add(t.Context(), int64(1), "x"); !errors.Is(err, ignite.ErrClosed) {
		t.Errorf("Add after Close: %v", err)
	}
}

// TestStreamerSendsWhatItWasGiven: batches are written from where they are and are used
// again, so a row must not show in the place of another. Rows are small and large beside
// a batch, encoded by the streamer and by the caller, whose memory is used again too.
func TestStreamerSendsWhatItWasGiven(t *testing.T) {
	const goroutines, each = 3, 200
	s := &sink{rows: map[string]string{}}
	c, _ := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{BatchBytes: 40 << 10, InFlight: 3})
	if err != nil {
		t.Fatal(err)
	}
	row := func(dst []byte, key int64) []byte {
		for range (1 + key%5) * 4500 {
			dst = append(dst, byte(key), byte(key>>8))
		}
		return dst
	}
	var wg sync.WaitGroup
	for g := range int64(goroutines) {
		wg.Go(func() {
			var buf []byte
			for key := g * each; key < (g+1)*each; key++ {
				buf = row(buf[:0], key)
				if err := addEither(t.Context(), c, st, key, buf); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key := range int64(goroutines * each) {
		k, err := c.Encode(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.Encode(t.Context(), row(nil, key))
		if err != nil {
			t.Fatal(err)
		}
		if s.rows[string(k)] != string(v) {
			t.Fatalf("row %d is not what was added", key)
		}
	}
	if len(s.rows) != goroutines*each {
		t.Errorf("%d rows", len(s.rows))
	}
}

// addEither adds some rows by Add and some by AddRaw.
func addEither(ctx context.Context, c *ignite.Client, st *ignite.Streamer, key int64, value []byte) error {
	if key%3 != 0 {
		return st.Add(ctx, key, value)
	}
	k, err := c.Encode(ctx, key)
	if err != nil {
		return err
	}
	v, err := c.Encode(ctx, value)
	if err != nil {
		return err
	}
	return st.AddRaw(ctx, k, v)
}

func TestStreamerBoundsBytes(t *testing.T) {
	s := &sink{rows: map[string]string{}}
	c, _ := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{BatchBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(9) {
		if err := st.Add(t.Context(), i, make([]byte, 400)); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Add(t.Context(), int64(100), make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	if err := st.Add(t.Context(), int64(5), nil); err == nil || !strings.Contains(err.Error(), "AllowOverwrite") {
		t.Errorf("a removal without AllowOverwrite: %v", err)
	}
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.sizes) != 6 || len(s.rows) != 10 {
		t.Errorf("batches of %v rows", s.sizes)
	}
}

func TestStreamerWaitsForSlots(t *testing.T) {
	s := &sink{rows: map[string]string{}, hold: make(chan struct{})}
	c, srv := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{BatchRows: 1, InFlight: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(2) {
		if err := st.Add(t.Context(), i, "v"); err != nil {
			t.Fatal(err)
		}
	}
	third := make(chan error, 1)
	go func() { third <- st.Add(t.Context(), int64(2), "v") }()
	srv.Await(wire.OpDataStreamerAddData, 2)
	select {
	case err := <-third:
		t.Errorf("a third batch went through: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(s.hold)
	if err := <-third; err != nil {
		t.Error(err)
	}
	if err := st.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// ledger is a sink that notes what each of its streamers was sent.
type ledger struct {
	mu      sync.Mutex
	next    int64
	busy    map[int64]int // adds of a streamer that are not answered
	waiting int64         // bytes of entries that are not answered
	peak    int64
	unsaved map[int64]int64 // bytes of a streamer that no flush has followed
	held    int64           // the largest sum of unsaved
	shared  bool            // two adds were in one streamer at once
}

func (s *ledger) handle(c *wiretest.Conn, id int64, req wire.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q := req.(type) {
	case *wire.DataStreamerStartRequest:
		s.next++
		c.Reply(id, &wire.LongResponse{Value: s.next})
	case *wire.DataStreamerAddDataRequest:
		var n int64
		for _, e := range q.Entries {
			n += int64(len(e.Value))
		}
		s.busy[q.StreamerID]++
		s.shared = s.shared || s.busy[q.StreamerID] > 1
		s.waiting += n
		s.peak = max(s.peak, s.waiting)
		s.unsaved[q.StreamerID] += n
		var sum int64
		for _, n := range s.unsaved {
			sum += n
		}
		s.held = max(s.held, sum)
		go func() {
			s.mu.Lock()
			s.busy[q.StreamerID]--
			s.waiting -= n
			if q.Flags != 0 {
				s.unsaved[q.StreamerID] = 0
			}
			s.mu.Unlock()
			c.Reply(id, &wire.EmptyResponse{})
		}()
	default:
		return false
	}
	return true
}

// TestStreamerBoundsTheServer sends far more than a server may hold, in rows smaller and
// larger than a batch.
func TestStreamerBoundsTheServer(t *testing.T) {
	const inFlight, batchBytes = 3, 1 << 20
	for _, rowBytes := range []int{100 << 10, 13 << 20} {
		s := &ledger{busy: map[int64]int{}, unsaved: map[int64]int64{}}
		c, _ := open(t, s.handle)
		st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{InFlight: inFlight, BatchBytes: batchBytes})
		if err != nil {
			t.Fatal(err)
		}
		row := make([]byte, rowBytes)
		for i := range int64(160 << 20 / rowBytes) {
			if err := st.Add(t.Context(), i, row); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		const slack = 64 // type codes and lengths
		if limit := int64(max(inFlight*4<<20, rowBytes+slack)); s.peak > limit {
			t.Errorf("rows of %d: %d bytes in flight, at most %d are allowed", rowBytes, s.peak, limit)
		}
		if limit := int64(64<<20 + inFlight*4<<20 + rowBytes); s.held > limit {
			t.Errorf("rows of %d: the server holds %d bytes, at most %d are allowed", rowBytes, s.held, limit)
		}
		if s.shared {
			t.Errorf("rows of %d: a flush of one batch holds up another", rowBytes)
		}
		if s.next < 2 || s.next > 1+inFlight {
			t.Errorf("rows of %d: %d streamers were opened", rowBytes, s.next)
		}
	}
}

// TestStreamerClosedUnderAnAdd: the row of an Add that waits is stored or refused.
func TestStreamerClosedUnderAnAdd(t *testing.T) {
	s := &sink{rows: map[string]string{}, hold: make(chan struct{})}
	c, srv := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{BatchRows: 1, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Add(t.Context(), int64(0), "v"); err != nil {
		t.Fatal(err)
	}
	srv.Await(wire.OpDataStreamerAddData, 1)
	added := make(chan error, 1)
	go func() { added <- st.Add(t.Context(), int64(1), "v") }()
	closed := make(chan error, 1)
	go func() { closed <- st.Close(t.Context()) }()
	close(s.hold)
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	want := 1
	switch err := <-added; {
	case err == nil:
		want = 2
	case !errors.Is(err, ignite.ErrClosed):
		t.Errorf("Add: %v", err)
	}
	if len(s.rows) != want {
		t.Errorf("%d rows are there, %d were accepted", len(s.rows), want)
	}
}

func TestStreamerThatLosesABatch(t *testing.T) {
	s := &sink{rows: map[string]string{}, hold: make(chan struct{})}
	c, srv := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{BatchRows: 1, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Add(t.Context(), int64(1), "v"); err != nil {
		t.Fatal(err)
	}
	srv.Await(wire.OpDataStreamerAddData, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := st.Add(ctx, int64(2), "v"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := st.Add(t.Context(), int64(3), "v"); !errors.Is(err, context.Canceled) {
		t.Errorf("after a lost batch: %v", err)
	}
	if err := st.Close(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	srv.Await(wire.OpResourceClose, 1)
	close(s.hold)
}

func TestStreamerErrorsSurface(t *testing.T) {
	s := &sink{rows: map[string]string{}, fail: true}
	c, srv := open(t, s.handle)
	st, err := c.NewStreamer(t.Context(), "PEOPLE", ignite.StreamerConfig{BatchRows: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(2) {
		if err := st.Add(t.Context(), i, "v"); err != nil {
			t.Fatal(err)
		}
	}
	err = st.Flush(t.Context())
	if !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), "PEOPLE") || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Flush: %v", err)
	}
	if again := st.Add(t.Context(), int64(9), "v"); again == nil || again.Error() != err.Error() {
		t.Errorf("Add: %v", again)
	}
	if again := st.Close(t.Context()); again == nil || again.Error() != err.Error() {
		t.Errorf("Close: %v", again)
	}
	srv.Await(wire.OpResourceClose, 1)
}

func TestStreamerOfNoCache(t *testing.T) {
	c, _ := open(t, func(c *wiretest.Conn, id int64, _ wire.Request) bool {
		c.Fail(id, wire.StatusCacheDoesNotExist, "Cache does not exist")
		return true
	})
	if _, err := c.NewStreamer(t.Context(), "C", ignite.StreamerConfig{}); !errors.Is(err, wire.StatusCacheDoesNotExist) {
		t.Errorf("got %v", err)
	}
}
