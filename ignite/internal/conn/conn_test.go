package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dialTest(t *testing.T, o Options) *Conn {
	t.Helper()
	o.Features = wire.FeaturesClient
	if o.HandshakeTimeout == 0 {
		o.HandshakeTimeout = 5 * time.Second
	}
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func sizeRequest(cache int32) *wire.CacheGetSizeRequest {
	return &wire.CacheGetSizeRequest{CacheInfo: wire.CacheInfo{CacheID: cache}}
}

func long(t *testing.T, c *Conn, f *Frame, err error) int64 {
	t.Helper()
	if err != nil {
		t.Error(err)
		return noLong
	}
	defer f.Release()
	var res wire.LongResponse
	if err := f.Decode(&res, c.Features()); err != nil {
		t.Error(err)
		return noLong
	}
	return res.Value
}

// noLong is what long gives after an error; no test wants it.
const noLong = math.MinInt64

// echo answers every size request with its cache id.
func echo(c *wiretest.Conn, id int64, req wire.Request) bool {
	q, ok := req.(*wire.CacheGetSizeRequest)
	if ok {
		c.Reply(id, &wire.LongResponse{Value: int64(q.CacheID)})
	}
	return ok
}

func TestManyRequestsShareOneConnection(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: echo})
	c := dialTest(t, Options{Addr: srv.Addr})
	if c.NodeID() != srv.NodeID {
		t.Errorf("node id %v, want %v", c.NodeID(), srv.NodeID)
	}
	var wg sync.WaitGroup
	for i := range int32(500) {
		wg.Go(func() {
			f, err := c.Do(t.Context(), sizeRequest(i), Call{})
			if got := long(t, c, f, err); got != int64(i) {
				t.Errorf("request %d got the answer of %d", i, got)
			}
		})
	}
	wg.Wait()
	if srv.Connections() != 1 {
		t.Errorf("%d connections", srv.Connections())
	}
}

func TestAnswersOutOfOrder(t *testing.T) {
	var held []int64
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		held = append(held, id)
		if len(held) == 3 {
			for i := len(held) - 1; i >= 0; i-- {
				c.Reply(held[i], &wire.LongResponse{Value: 100 + held[i]})
			}
		}
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	var wg sync.WaitGroup
	answers := make(chan int64, 3)
	for range 3 {
		wg.Go(func() {
			f, err := c.Do(t.Context(), sizeRequest(1), Call{})
			answers <- long(t, c, f, err)
		})
	}
	wg.Wait()
	close(answers)
	seen := map[int64]bool{}
	for a := range answers {
		seen[a] = true
	}
	if len(seen) != 3 {
		t.Errorf("answers %v", seen)
	}
}

func TestCancelEndsTheRequestOnly(t *testing.T) {
	answer := make(chan struct{})
	closed := make(chan int64, 1)
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		switch q := req.(type) {
		case *wire.QueryScanRequest:
			go func() {
				<-answer
				c.Reply(id, &wire.QueryScanResponse{CursorID: 77, Page: wire.Page{More: true}})
			}()
			return true
		case *wire.ResourceCloseRequest:
			closed <- q.ID
			c.Reply(id, &wire.EmptyResponse{})
			return true
		}
		return echo(c, id, req)
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user pressed a key")
	late := func(f *Frame) wire.Request {
		var res wire.QueryScanResponse
		if err := f.Decode(&res, c.Features()); err != nil {
			t.Error(err)
		}
		return &wire.ResourceCloseRequest{ID: res.CursorID}
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.Do(ctx, &wire.QueryScanRequest{PageRows: 1}, Call{Late: late})
		done <- err
	}()
	srv.Await(wire.OpQueryScan, 1)
	cancel(why)
	err := <-done
	var gone *WithdrawnError
	if !errors.Is(err, why) || !errors.As(err, &gone) || !gone.Sent {
		t.Fatalf("got %v", err)
	}
	f, err := c.Do(t.Context(), sizeRequest(5), Call{})
	if long(t, c, f, err) != 5 {
		t.Error("the connection does not work after a cancel")
	}
	close(answer)
	if id := <-closed; id != 77 {
		t.Errorf("cursor %d was closed", id)
	}
	if c.Load() != 0 {
		t.Errorf("load %d", c.Load())
	}
}

func TestRequestTimeout(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		if req.Op() == wire.OpCacheGetNames {
			return true // never answered
		}
		return echo(c, id, req)
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	_, err := c.Do(t.Context(), &wire.CacheGetNamesRequest{}, Call{Timeout: 20 * time.Millisecond})
	var te *TimeoutError
	if !errors.As(err, &te) || !te.Timeout() || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), srv.Addr) {
		t.Fatalf("got %v", err)
	}
	f, err := c.Do(t.Context(), sizeRequest(6), Call{Timeout: 5 * time.Second})
	if long(t, c, f, err) != 6 {
		t.Error("the connection does not work after a timeout")
	}
}

func TestWithdrawnBeforeSent(t *testing.T) {
	client, server := net.Pipe()
	stop, begun := make(chan struct{}), make(chan struct{})
	go func() {
		// The server greets, reads one byte of the first request and nothing more.
		if _, err := wiretest.ReadFrame(server); err != nil {
			return
		}
		res := wire.HandshakeResponse{Accepted: true}
		out := res.AppendTo(nil)
		_, _ = server.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), out...))
		_, _ = server.Read(make([]byte, 1))
		close(begun)
		<-stop
		_ = server.Close()
	}()
	c := dialTest(t, Options{Addr: "pipe:1", Dialer: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
	blocked := make(chan error, 1)
	go func() {
		_, err := c.Do(t.Context(), sizeRequest(1), Call{})
		blocked <- err
	}()
	// The writer is stuck with the first request now: a second stays in the queue.
	<-begun
	_, err := c.Do(t.Context(), sizeRequest(2), Call{Timeout: 10 * time.Millisecond})
	var gone *WithdrawnError
	if !errors.As(err, &gone) || gone.Sent {
		t.Errorf("second request: %v", err)
	}
	close(stop)
	var ce *Error
	if err := <-blocked; !errors.As(err, &ce) || ce.Reason != ReasonBroken || !ce.Sent {
		t.Errorf("first request: %v", err)
	}
	_, err = c.Do(t.Context(), sizeRequest(3), Call{})
	if !errors.As(err, &ce) || ce.Sent {
		t.Errorf("request on a lost connection: %v", err)
	}
}

func TestServerThatTakesNoData(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	go func() {
		if _, err := wiretest.ReadFrame(server); err != nil {
			return
		}
		res := wire.HandshakeResponse{Accepted: true}
		out := res.AppendTo(nil)
		_, _ = server.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), out...))
	}()
	c := dialTest(t, Options{
		Addr: "pipe:1", WriteTimeout: 20 * time.Millisecond,
		Dialer: func(context.Context, string, string) (net.Conn, error) { return client, nil },
	})
	_, err := c.Do(t.Context(), sizeRequest(1), Call{})
	var ce *Error
	if !errors.As(err, &ce) || ce.Reason != ReasonBroken || !strings.Contains(err.Error(), "took no data") {
		t.Errorf("got %v", err)
	}
}

func TestCloseFailsWhatWaits(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(*wiretest.Conn, int64, wire.Request) bool { return true }})
	c := dialTest(t, Options{Addr: srv.Addr})
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			_, err := c.Do(t.Context(), sizeRequest(1), Call{})
			errs <- err
		}()
	}
	srv.Await(wire.OpCacheGetSize, 4)
	c.Close()
	for range 4 {
		if err := <-errs; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if !errors.Is(c.Err(), ErrClosed) {
		t.Errorf("Err is %v", c.Err())
	}
}

func TestBrokenConnectionNamesTheAddress(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, _ int64, _ wire.Request) bool {
		c.Close()
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	_, err := c.Do(t.Context(), sizeRequest(1), Call{})
	var ce *Error
	if !errors.As(err, &ce) || ce.Addr != srv.Addr || !ce.Sent || ce.Reason != ReasonBroken {
		t.Errorf("got %#v", err)
	}
	<-c.Done()
}

func TestTopologyIsObserved(t *testing.T) {
	got := make(chan wire.AffinityVersion, 1)
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, _ wire.Request) bool {
		c.ReplyHeader(wire.ResponseHeader{RequestID: id, Topology: &wire.AffinityVersion{Major: 3, Minor: 7}}, &wire.LongResponse{Value: 1})
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr, OnTopology: func(v wire.AffinityVersion) { got <- v }})
	f, err := c.Do(t.Context(), sizeRequest(1), Call{})
	long(t, c, f, err)
	if v := <-got; v != (wire.AffinityVersion{Major: 3, Minor: 7}) {
		t.Errorf("version %v", v)
	}
}

func TestErrorStatusIsAFrame(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{})
	c := dialTest(t, Options{Addr: srv.Addr})
	f, err := c.Do(t.Context(), sizeRequest(1), Call{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if f.Header.Status != wire.StatusInvalidOpCode || f.Addr() != srv.Addr {
		t.Errorf("header %+v", f.Header)
	}
}
