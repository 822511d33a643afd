package node

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// source yields the rows of a query.
type source interface {
	// next moves to the next row; io.EOF after the last.
	next() error
	// put writes the current row's values to w, which writes into out.
	put(w *ignite.Writer, out *buffer)
	close() error
}

// parker is a source that wants to know when nobody looks at its row.
type parker interface{ park(parked bool) }

// maxPageBytes ends a page early, whatever the client asks for: what a client
// that does not read can make the node hold is a few pages of this.
const maxPageBytes = 8 << 20

// cursor is an open query of a connection. Ignite has no lock here and breaks
// when two requests ask for pages of one cursor at once; this node serves them
// one after the other.
type cursor struct {
	pageRows int32
	ofStore  bool // a page is made quickly: not a query that may still have to run

	mu     sync.Mutex
	src    source
	primed bool // the source stands on a row that was not sent yet
	ended  bool
	size   int // bytes of the last page
}

// page writes rows, at most pageRows and about limit bytes, and reports whether
// there are more.
func (q *cursor) page(w *ignite.Writer, out *buffer, limit int) (more bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return false, errCursorEnded
	}
	if p, ok := q.src.(parker); ok {
		p.park(false)
		defer p.park(true)
	}
	w.Buf = slices.Grow(w.Buf, q.size)
	start := len(w.Buf)
	count := reserveCount(w)
	var n int32
	for {
		if !q.primed {
			if err := q.src.next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return false, err
			}
			q.primed = true
		}
		if n == q.pageRows || n > 0 && len(w.Buf)-start+out.borrowed >= limit {
			break
		}
		q.src.put(w, out)
		q.primed = false
		n++
	}
	setCount(w, count, n)
	w.PutBool(q.primed)
	q.size = min(len(w.Buf)-start, keepBytes/2)
	return q.primed, nil
}

var errCursorEnded = errors.New("the cursor was closed")

func (q *cursor) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return nil
	}
	q.ended = true
	return q.src.close()
}

// pageResponse answers with a page of a cursor, made while it is encoded, so
// that values go from the store into the frame and nowhere else.
type pageResponse struct {
	conn   *conn
	id     int64
	cur    *cursor
	header func(w *ignite.Writer, id int64) // of the first page
	out    *buffer
	fault  error
}

func (p *pageResponse) err() error { return p.fault }

func (p *pageResponse) into(out *buffer) { p.out = out }

// Encode implements wire.Response. The cursor is closed after its last page,
// and when its first page fails: then the client does not know its id.
func (p *pageResponse) Encode(w *ignite.Writer, _ wire.Features) {
	if p.header != nil {
		p.header(w, p.id)
	}
	more, err := p.cur.page(w, p.out, min(p.conn.node.cfg.MaxFrameBytes/2, maxPageBytes))
	if errors.Is(err, errCursorEnded) {
		p.fault = fail(wire.StatusResourceDoesNotExist, "50000: Failed to find resource with id: %d", p.id)
		return
	}
	p.fault = err
	if !more && (err == nil || p.header != nil) {
		if err := p.conn.resources.close(p.id); err != nil && p.fault == nil && statusIsNot(err, wire.StatusResourceDoesNotExist) {
			p.fault = err
		}
	}
}

// Decode implements wire.Response; the node only writes responses.
func (*pageResponse) Decode(r *ignite.Reader, _ wire.Features) { r.Fail("page", "write only") }

func statusIsNot(err error, s wire.Status) bool { return !errors.Is(err, s) }

// openCursor registers a query and answers with its first page.
func (c *conn) openCursor(pageRows int32, src source, header func(*ignite.Writer, int64)) wire.Response {
	_, ofStore := src.(*scan)
	cur := &cursor{pageRows: pageRows, ofStore: ofStore, src: src}
	return &pageResponse{conn: c, id: c.resources.add(cur), cur: cur, header: header}
}

func (c *conn) nextPage(id int64) (wire.Response, error) {
	cur, err := c.resources.cursor(id)
	if err != nil {
		return nil, err
	}
	return &pageResponse{conn: c, id: id, cur: cur}, nil
}

// reserveCount leaves room for an int32 that setCount fills in.
func reserveCount(w *ignite.Writer) (at int) {
	at = len(w.Buf)
	w.PutInt32(0)
	return at
}

func setCount(w *ignite.Writer, at int, n int32) {
	binary.LittleEndian.PutUint32(w.Buf[at:], uint32(n))
}
