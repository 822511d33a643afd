package dataset

import "sync/atomic"

const (
	// pageBytes is the size that pages of small rows aim at: large enough that the server
	// does not notice the requests, small enough that a page of each lane is still in the
	// processor's second cache when its rows are decoded.
	pageBytes = 500 << 10
	// largePageBytes is that size for rows of placedBytes and more, most bytes of which
	// are not looked at: fewer requests are the better there. The server writes a page into
	// an array that doubles as it fills, so a page just below a power of two wastes least.
	largePageBytes = 2000 << 10
	// fewRows rows make a page up to fewBytes: of rows of 1 MiB, three fill three quarters of
	// the server's array, one or two only half. They are fewer where three such pages of each
	// lane would take more than 9/16 of the buffer: memory that is mapped anew costs more than
	// they save.
	fewRows  = 3
	fewBytes = 13 << 18
	// maxPageBytes is the size over which a page of several rows is too large: the
	// server keeps it on its heap.
	maxPageBytes = 4 << 20
	// maxPageRows bounds the page where rows seem to be tiny: enough to hide the
	// round trip, and no disaster for the server when they turn out to be large.
	maxPageRows = 4096
	// growPage is how many times larger the learned page must be for a scan that
	// began with a small page to begin again, once for a partition.
	growPage = 4
	// growBegun is that after a page that was small on purpose.
	growBegun = 2
)

// pageSizer learns the size of the rows. It is safe for several goroutines.
type pageSizer struct {
	fixed   int   // rows, 0 to learn
	share   int64 // of the buffer: no page aims at more
	few     int64 // bytes of fewRows rows, at most
	limit   int64
	rows    atomic.Int64
	bytes   atomic.Int64
	largest atomic.Int64 // mean row of a page
}

func newPageSizer(spec *Spec, lanes int) *pageSizer {
	each := max(spec.BufferBytes/int64(4*lanes), 1)
	p := &pageSizer{fixed: spec.PageRows, share: each, few: min(fewBytes, each*3/4), limit: spec.BufferBytes}
	if spec.Schema.RowBytes > 0 {
		p.add(1, int64(spec.Schema.RowBytes))
	}
	return p
}

// add tells of a page.
func (p *pageSizer) add(rows int, bytes int64) {
	if rows == 0 {
		return
	}
	p.rows.Add(int64(rows))
	p.bytes.Add(bytes)
	mean := bytes / int64(rows)
	for old := p.largest.Load(); mean > old && !p.largest.CompareAndSwap(old, mean); {
		old = p.largest.Load()
	}
}

// ask is the number of rows to ask for. It is one while nothing is known of them:
// nothing but their number limits a page.
func (p *pageSizer) ask() int {
	if p.fixed > 0 {
		return p.fixed
	}
	n, b := p.rows.Load(), p.bytes.Load()
	if n == 0 || b == 0 {
		return 1
	}
	target := min(pageBytes, p.share)
	if b/n >= placedBytes {
		target = min(largePageBytes, p.share)
	}
	rows := max(target*n/b, min(p.few*n/b, fewRows))
	return int(max(min(rows, maxPageBytes/max(p.largest.Load(), 1), maxPageRows), 1))
}

// begin is the number of rows of a lane's first page, where pages of so many rows will
// follow: a part of it, for there is no batch before all lanes have a page. After it the
// scan is begun again, which has the server read some hundred rows anew: they must be small.
func (p *pageSizer) begin(rows int) int {
	n, b := p.rows.Load(), p.bytes.Load()
	if p.fixed > 0 || rows < growPage || b >= n*placedBytes {
		return rows
	}
	return rows / growPage
}

// size is about what a page of so many rows takes. While nothing is known it may
// take everything, so that one page at a time is read.
func (p *pageSizer) size(rows int) int64 {
	n, b := p.rows.Load(), p.bytes.Load()
	if n == 0 || b == 0 {
		return p.limit
	}
	return int64(float64(rows) * float64(b) / float64(n))
}

// again says whether a scan in pages of so many rows is better begun again, after
// a page of it that was full: because pages may be so many times larger, 0 for never, or
// because this one was too large for the server.
func (p *pageSizer) again(rows int, bytes int64, times int) bool {
	if p.fixed > 0 {
		return false
	}
	want := p.ask()
	return want < rows && bytes > maxPageBytes || times > 0 && want >= times*rows
}
