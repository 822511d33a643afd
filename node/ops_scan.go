package node

import (
	"io"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

func (c *conn) queryScan(q *wire.QueryScanRequest) (wire.Response, error) {
	var src *scan
	err := c.use(&q.CacheInfo, false, func(ch *cache) (err error) {
		src, err = c.openScan(ch, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.openCursor(q.PageRows, src, (*binary.Writer).PutInt64), nil
}

func (c *conn) openScan(ch *cache, q *wire.QueryScanRequest) (*scan, error) {
	if len(q.Filter) > 0 {
		return nil, unsupported("a scan filter")
	}
	if q.PageRows <= 0 {
		return nil, failed("Page size must be above zero.")
	}
	lo, hi := 0, ch.partitions
	if q.Partition >= 0 {
		if int(q.Partition) >= ch.partitions {
			return nil, failed("class org.apache.ignite.IgniteCheckedException: Invalid partition number: %d", q.Partition)
		}
		lo, hi = int(q.Partition), int(q.Partition)+1
	}
	if err := c.resources.reserveCursor(); err != nil {
		return nil, err
	}
	rows, err := c.node.store.Scan(ch.id, lo, hi)
	if err != nil {
		c.resources.giveBack()
		return nil, err
	}
	return &scan{cache: ch, rows: rows}, nil
}

func (c *conn) queryScanPage(q *wire.QueryScanPageRequest) (wire.Response, error) {
	return c.nextPage(q.CursorID)
}

// scan is the source of a scan query: the entries as they were when it began, unless
// that takes more memory than there is; see store.Cursor.
type scan struct {
	cache *cache
	rows  *store.Cursor
}

func (s *scan) next() error {
	if s.cache.gone.Load() {
		return failed(textCursorInvalidated)
	}
	if s.rows.Next() {
		return nil
	}
	if err := s.rows.Err(); err != nil {
		return err
	}
	return io.EOF
}

func (s *scan) put(w *binary.Writer, out *buffer) {
	putValue(w, s.rows.Key(), out)
	putValue(w, s.rows.Value(), out)
}

func (s *scan) park(parked bool) {
	if parked {
		s.rows.Park()
		return
	}
	s.rows.Unpark()
}

func (s *scan) close() error { return s.rows.Close() }
