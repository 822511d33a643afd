package ignite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// DefaultPageRows is the page of a scan or query that does not state one. A page
// is bounded in rows only, so large rows want fewer: aim at 0.5 to 2 MiB.
const DefaultPageRows = 256

// closeTimeout bounds how long closing a cursor waits for the server.
const closeTimeout = 5 * time.Second

// RawScan asks for the entries of a cache, or of one of its partitions, as encoded bytes.
type RawScan struct {
	Cache     string
	Partition int       // [NoPartition] for all. The zero value is partition 0.
	PageRows  int       // 0: [DefaultPageRows]
	Local     bool      // only what the asked node is primary or, for a partition, backup of
	Node      uuid.UUID // the node to ask; zero: the partition's owner when known, else any
	// Sink sees each page while it arrives; nil: none.
	Sink PageSink
}

// Page is a page of rows in encoded form: key, value, key, value and so on for a
// scan, one value a column for a query. Data is valid until Release.
type Page struct {
	Rows int
	Data []byte
	// Server is the time from the request to the first byte of its answer, Network
	// from there to the last byte. The page that came with the cursor has both, too.
	Server, Network time.Duration

	frame *conn.Frame
}

// Release gives the page's memory back. Everything that aliases Data is invalid
// then. Further calls do nothing.
func (p *Page) Release() {
	f := p.frame
	p.frame, p.Data = nil, nil
	f.Release()
}

// Cursor reads a scan or query page by page. It belongs to one connection; when
// that breaks the cursor is gone. Next must not be called by two goroutines at
// once, which is refused; Close may be called at any time.
type Cursor struct {
	c    *Client
	t    target
	cn   *conn.Conn
	id   int64
	page func(id int64) wire.Request

	mu     sync.Mutex
	first  *Page // came with the answer that opened the cursor
	more   bool  // the server still holds the cursor
	err    error // what ended it before its end
	closed bool
	stop   context.CancelFunc // of the Next under way, nil for none
}

// OpenScan opens a cursor over encoded entries. The first page comes with it.
// The server closes the cursor with its last page; before that, Close does.
func (c *Client) OpenScan(ctx context.Context, s RawScan) (*Cursor, error) {
	if s.PageRows == 0 {
		s.PageRows = DefaultPageRows
	}
	t := target{cache: s.Cache, partition: max(s.Partition, NoPartition), node: s.Node, late: lateScan}
	t.sink = sinkOf(s.Sink, cursorIDBytes)
	req := &wire.QueryScanRequest{
		CacheInfo: cacheInfo(s.Cache), PageRows: int32(min(s.PageRows, 1<<31-1)),
		Partition: int32(t.partition), Local: s.Local,
	}
	f, cn, err := c.send(ctx, t, req)
	if err != nil {
		return nil, err
	}
	var res wire.QueryScanResponse
	if err := f.Decode(&res, cn.Features()); err != nil {
		f.Release()
		return nil, t.wrap(req, cn.Addr(), err)
	}
	t.sink = sinkOf(s.Sink, 0)
	return c.newCursor(t, cn, res.CursorID, newPage(res.Page, f), res.More,
		func(id int64) wire.Request { return &wire.QueryScanPageRequest{CursorID: id} }), nil
}

// lateScan closes a cursor that was opened for a caller who had gone.
func lateScan(f *conn.Frame) wire.Request {
	var res wire.QueryScanResponse
	if f.Header.Status != wire.StatusSuccess || f.Decode(&res, 0) != nil || !res.More {
		return nil
	}
	return &wire.ResourceCloseRequest{ID: res.CursorID}
}

func newPage(p wire.Page, f *conn.Frame) *Page {
	return &Page{Rows: int(p.Rows), Data: p.Data, Server: f.First.Sub(f.Asked), Network: f.Last.Sub(f.First), frame: f}
}

func (c *Client) newCursor(t target, cn *conn.Conn, id int64, first *Page, more bool, page func(int64) wire.Request) *Cursor {
	t.late, t.conn = nil, cn
	if more {
		cn.AddLoad(1)
	}
	return &Cursor{c: c, t: t, cn: cn, id: id, page: page, first: first, more: more}
}

// Addr is the server that holds the cursor.
func (cur *Cursor) Addr() string { return cur.cn.Addr() }

// Node is the id of the node that holds the cursor.
func (cur *Cursor) Node() uuid.UUID { return cur.cn.NodeID() }

// Next returns the next page, or io.EOF after the last. The caller releases the
// page. A page may be empty only when the cursor's rows are. When the context
// ends while the server is at work the cursor is lost with that page, and freed
// on the server as soon as the late answer is there.
func (cur *Cursor) Next(ctx context.Context) (*Page, error) {
	for {
		p, err := cur.next(ctx)
		if err != nil || p.Rows > 0 {
			return p, err
		}
		p.Release()
	}
}

func (cur *Cursor) next(ctx context.Context) (*Page, error) {
	req := cur.page(cur.id)
	cur.mu.Lock()
	switch {
	case cur.closed:
		cur.mu.Unlock()
		return nil, cur.t.wrap(req, cur.cn.Addr(), fmt.Errorf("cursor: %w", ErrClosed))
	case cur.stop != nil:
		cur.mu.Unlock()
		return nil, cur.t.wrap(req, cur.cn.Addr(), ErrCursorBusy)
	case cur.err != nil:
		defer cur.mu.Unlock()
		return nil, cur.err
	case cur.first != nil:
		p := cur.first
		cur.first = nil
		cur.mu.Unlock()
		return p, nil
	case !cur.more:
		cur.mu.Unlock()
		return nil, io.EOF
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cur.stop = stop
	cur.mu.Unlock()

	t := cur.t
	t.late = cur.latePage
	f, _, err := cur.c.send(ctx, t, req)
	return cur.arrived(req, f, err)
}

// arrived takes the answer to a page request.
func (cur *Cursor) arrived(req wire.Request, f *conn.Frame, err error) (*Page, error) {
	cur.mu.Lock()
	defer cur.mu.Unlock()
	cur.stop = nil
	if err != nil {
		return nil, cur.failed(req, err)
	}
	var res wire.PageResponse
	if err := f.Decode(&res, cur.cn.Features()); err != nil {
		f.Release()
		cur.err = cur.t.wrap(req, cur.cn.Addr(), err)
		cur.letGo(true)
		return nil, cur.err
	}
	if !res.More {
		cur.letGo(false)
	}
	if cur.closed {
		f.Release()
		cur.letGo(true)
		return nil, cur.t.wrap(req, cur.cn.Addr(), fmt.Errorf("cursor: %w", ErrClosed))
	}
	return newPage(res.Page, f), nil
}

// failed notes what a failed page request means for the cursor.
func (cur *Cursor) failed(req wire.Request, err error) error {
	var (
		gone *conn.WithdrawnError
		se   *ServerError
	)
	switch {
	case errors.As(err, &gone) && !gone.Sent && !cur.closed:
		return err // the server never heard of it: the cursor stands where it was
	case errors.As(err, &gone) && !gone.Sent:
		cur.letGo(true)
	case errors.As(err, &gone):
		cur.letGo(false) // latePage will close it
	case errors.As(err, &se):
		cur.letGo(se.Status != wire.StatusResourceDoesNotExist)
	default:
		cur.letGo(false) // the connection is gone, and the cursor with it
	}
	if cur.closed {
		return cur.t.wrap(req, cur.cn.Addr(), fmt.Errorf("cursor: %w", ErrClosed))
	}
	cur.err = err
	return err
}

// latePage closes the cursor after a page that nobody waited for.
func (cur *Cursor) latePage(f *conn.Frame) wire.Request {
	var res wire.PageResponse
	if f.Header.Status == wire.StatusResourceDoesNotExist ||
		f.Header.Status == wire.StatusSuccess && f.Decode(&res, 0) == nil && !res.More {
		return nil
	}
	return &wire.ResourceCloseRequest{ID: cur.id}
}

// letGo notes that the cursor reads no more, and with tell has the server free
// it without waiting. It is called with the lock held.
func (cur *Cursor) letGo(tell bool) {
	if !cur.more {
		return
	}
	cur.more = false
	cur.cn.AddLoad(-1)
	if tell {
		cur.cn.Send(&wire.ResourceCloseRequest{ID: cur.id})
	}
}

// Close frees the cursor on the server, unless the server has done so with the
// last page, and waits up to five seconds for it. A Next under way ends with
// [ErrClosed]. Pages that were handed out stay valid until their Release.
func (cur *Cursor) Close() error {
	cur.mu.Lock()
	if cur.closed {
		cur.mu.Unlock()
		return nil
	}
	cur.closed = true
	if cur.first != nil {
		cur.first.Release()
		cur.first = nil
	}
	if cur.stop != nil {
		cur.stop() // the Next, or its late answer, frees the cursor
		cur.mu.Unlock()
		return nil
	}
	held := cur.more
	cur.letGo(false)
	cur.mu.Unlock()
	if !held {
		return nil
	}
	return cur.release()
}

func (cur *Cursor) release() error {
	t := cur.t
	t.timeout, t.sink = closeTimeout, nil
	err := cur.c.ask(context.Background(), t, &wire.ResourceCloseRequest{ID: cur.id}, &wire.EmptyResponse{}, nil)
	var (
		ce *ConnectError
		se *ServerError
	)
	if errors.Is(err, ErrClosed) || errors.As(err, &ce) || errors.As(err, &se) && se.Status == wire.StatusResourceDoesNotExist {
		return nil // gone with its connection, or by itself
	}
	return err
}

// splitPage cuts a page into rows of so many encoded values and calls row for
// each. The values alias the page.
func splitPage(p *Page, columns int, row func([]binary.Raw) (bool, error)) (bool, error) {
	r := binary.NewReader(p.Data)
	values := make([]binary.Raw, columns)
	for range p.Rows {
		for i := range values {
			values[i] = r.Raw()
		}
		if err := r.Err(); err != nil {
			return false, err
		}
		if more, err := row(values); !more || err != nil {
			return false, err
		}
	}
	return true, r.Finish()
}
