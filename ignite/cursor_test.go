package ignite_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// paged is a server with one cursor of several pages, one row each: keys 0, 1, 2...
type paged struct {
	t      *testing.T
	pages  int
	next   int
	closed chan int64
	hold   chan struct{} // not nil: pages after the first wait for it
	fail   wire.Status   // not zero: pages after the first fail
}

func (p *paged) page(n int) wire.Page {
	return wire.Page{Rows: 1, Data: encoded(p.t, int64(n), "value"), More: n < p.pages-1}
}

func (p *paged) handle(c *wiretest.Conn, id int64, req wire.Request) bool {
	switch q := req.(type) {
	case *wire.QueryScanRequest:
		p.next = 1
		c.Reply(id, &wire.QueryScanResponse{CursorID: 42, Page: p.page(0)})
	case *wire.QueryScanPageRequest:
		if q.CursorID != 42 {
			p.t.Errorf("page of cursor %d", q.CursorID)
		}
		page, hold := p.page(p.next), p.hold
		p.next++
		go func() {
			if hold != nil {
				<-hold
			}
			if p.fail != 0 {
				c.Fail(id, p.fail, "the page is broken")
				return
			}
			c.Reply(id, &wire.PageResponse{Page: page})
		}()
	case *wire.ResourceCloseRequest:
		p.closed <- q.ID
		c.Reply(id, &wire.EmptyResponse{})
	default:
		return false
	}
	return true
}

func startPaged(t *testing.T, pages int) (*paged, *ignite.Client, *wiretest.Server) {
	t.Helper()
	p := &paged{t: t, pages: pages, closed: make(chan int64, 10)}
	c, srv := open(t, p.handle)
	return p, c, srv
}

func scan(t *testing.T, c *ignite.Client) *ignite.Cursor {
	t.Helper()
	cur, err := c.OpenScan(t.Context(), ignite.RawScan{Cache: "C", Partition: ignite.NoPartition, PageRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	return cur
}

func TestCursorReadsToTheEnd(t *testing.T) {
	_, c, srv := startPaged(t, 3)
	cur := scan(t, c)
	for i := range 3 {
		p, err := cur.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if k := binary.NewReader(p.Data).Value(); k != int64(i) || p.Rows != 1 {
			t.Errorf("page %d has key %v", i, k)
		}
		p.Release()
	}
	for range 2 {
		if _, err := cur.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
	if err := cur.Close(); err != nil {
		t.Error(err)
	}
	if n := srv.Count(wire.OpResourceClose); n != 0 {
		t.Errorf("%d closes of a cursor that the server had closed", n)
	}
}

func TestCloseFreesTheCursor(t *testing.T) {
	p, c, _ := startPaged(t, 3)
	cur := scan(t, c)
	for range 2 {
		if err := cur.Close(); err != nil {
			t.Error(err)
		}
	}
	if id := <-p.closed; id != 42 || len(p.closed) != 0 {
		t.Errorf("cursor %d closed, %d further closes", id, len(p.closed))
	}
	if _, err := cur.Next(t.Context()); !errors.Is(err, ignite.ErrClosed) {
		t.Errorf("Next after Close: %v", err)
	}
}

func TestSecondNextIsRefused(t *testing.T) {
	p, c, srv := startPaged(t, 3)
	p.hold = make(chan struct{})
	cur := scan(t, c)
	first, err := cur.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	done := make(chan error, 1)
	go func() {
		page, err := cur.Next(t.Context())
		if err == nil {
			page.Release()
		}
		done <- err
	}()
	srv.Await(wire.OpQueryScanCursorGetPage, 1)
	if _, err := cur.Next(t.Context()); !errors.Is(err, ignite.ErrCursorBusy) {
		t.Errorf("second Next: %v", err)
	}
	close(p.hold)
	if err := <-done; err != nil {
		t.Errorf("first Next: %v", err)
	}
	if n := srv.Count(wire.OpQueryScanCursorGetPage); n != 1 {
		t.Errorf("%d page requests", n)
	}
	if err := cur.Close(); err != nil {
		t.Error(err)
	}
}

func TestCancelledNextFreesTheCursorLater(t *testing.T) {
	p, c, srv := startPaged(t, 3)
	p.hold = make(chan struct{})
	cur := scan(t, c)
	first, err := cur.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := cur.Next(ctx)
		done <- err
	}()
	srv.Await(wire.OpQueryScanCursorGetPage, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := cur.Next(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("Next of a lost cursor: %v", err)
	}
	if err := cur.Close(); err != nil {
		t.Error(err)
	}
	if len(p.closed) != 0 {
		t.Error("the cursor was closed while its page was under way")
	}
	close(p.hold)
	if id := <-p.closed; id != 42 {
		t.Errorf("cursor %d closed", id)
	}
}

func TestCloseDuringNext(t *testing.T) {
	p, c, srv := startPaged(t, 3)
	p.hold = make(chan struct{})
	cur := scan(t, c)
	first, err := cur.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	done := make(chan error, 1)
	go func() {
		_, err := cur.Next(t.Context())
		done <- err
	}()
	srv.Await(wire.OpQueryScanCursorGetPage, 1)
	if err := cur.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, ignite.ErrClosed) {
		t.Errorf("got %v", err)
	}
	close(p.hold)
	if id := <-p.closed; id != 42 {
		t.Errorf("cursor %d closed", id)
	}
}

func TestCancelledOpenFreesTheCursorLater(t *testing.T) {
	answer, closed := make(chan struct{}), make(chan int64, 1)
	c, srv := open(t, func(c *wiretest.Conn, id int64, req wire.Request) bool {
		switch q := req.(type) {
		case *wire.QueryScanRequest:
			go func() {
				<-answer
				c.Reply(id, &wire.QueryScanResponse{CursorID: 7, Page: wire.Page{More: true}})
			}()
		case *wire.ResourceCloseRequest:
			closed <- q.ID
			c.Reply(id, &wire.EmptyResponse{})
		default:
			return false
		}
		return true
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.OpenScan(ctx, ignite.RawScan{Cache: "C", Partition: 3})
		done <- err
	}()
	srv.Await(wire.OpQueryScan, 1)
	cancel()
	err := <-done
	var oe *ignite.OpError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &oe) || oe.Partition != 3 || oe.Cache != "C" {
		t.Errorf("got %v", err)
	}
	close(answer)
	if id := <-closed; id != 7 {
		t.Errorf("cursor %d closed", id)
	}
}

func TestPageThatFails(t *testing.T) {
	p, c, _ := startPaged(t, 3)
	p.fail = wire.StatusFailed
	cur := scan(t, c)
	first, err := cur.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	_, err = cur.Next(t.Context())
	var se *ignite.ServerError
	if !errors.As(err, &se) || !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), "the page is broken") {
		t.Errorf("got %v", err)
	}
	if _, again := cur.Next(t.Context()); !errors.Is(again, err) {
		t.Errorf("again: %v", again)
	}
	if id := <-p.closed; id != 42 {
		t.Errorf("cursor %d closed", id)
	}
}

func TestScanOfTypedEntries(t *testing.T) {
	p, c, _ := startPaged(t, 4)
	cache := ignite.NewCache[int64, string](c, "C")
	for range 2 { // ranging again is a new scan
		var keys []int64
		for e, err := range cache.Scan(t.Context(), ignite.ScanQuery{PageRows: 1}) {
			if err != nil || e.Value != "value" {
				t.Fatalf("%v, %v", e, err)
			}
			keys = append(keys, e.Key)
		}
		if len(keys) != 4 || keys[3] != 3 {
			t.Errorf("keys %v", keys)
		}
	}
	for _, err := range cache.Scan(t.Context(), ignite.ScanQuery{PageRows: 1}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if id := <-p.closed; id != 42 {
		t.Errorf("cursor %d closed after break", id)
	}
	wrong := ignite.NewCache[string, string](c, "C")
	n := 0
	for _, err := range wrong.Scan(t.Context(), ignite.ScanQuery{}) {
		n++
		if err == nil || !strings.Contains(err.Error(), "key") {
			t.Errorf("a long read as a string: %v", err)
		}
	}
	if n != 1 {
		t.Errorf("%d pairs", n)
	}
}

func TestBrokenPage(t *testing.T) {
	c, _ := open(t, func(c *wiretest.Conn, id int64, req wire.Request) bool {
		c.Reply(id, &wire.QueryScanResponse{CursorID: 1, Page: wire.Page{Rows: 2, Data: encoded(t, int64(1), "x", int64(2))}})
		return true
	})
	var last error
	for _, err := range ignite.NewCache[int64, string](c, "C").Scan(t.Context(), ignite.ScanQuery{}) {
		last = err
	}
	var fe *binary.FormatError
	if !errors.As(last, &fe) {
		t.Errorf("got %v", last)
	}
}

func TestTooManyCursors(t *testing.T) {
	c, _ := open(t, func(c *wiretest.Conn, id int64, req wire.Request) bool {
		c.Fail(id, wire.StatusTooManyCursors, "Too many open cursors")
		return true
	})
	_, err := c.OpenScan(t.Context(), ignite.RawScan{Cache: "C"})
	if !errors.Is(err, wire.StatusTooManyCursors) || !strings.Contains(err.Error(), "ConnectionsPerNode") {
		t.Errorf("got %v", err)
	}
}
