package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

const (
	// pageBytes is the size that pages aim at: the server is fastest there.
	pageBytes = 768 << 10
	// firstPageRows is asked for while nothing is known of the rows.
	firstPageRows = 64
	// maxPageRows bounds the page where rows seem to be tiny: enough to hide the
	// round trip, and no disaster for the server when they turn out to be large.
	maxPageRows = 4096
	// pagesAhead is how many pages a lane may hold that were not begun.
	pagesAhead = 2
	// growPage is how many times larger the learned page must be for a scan that
	// began with a small page to begin again.
	growPage = 4
)

// pageSizer learns the size of the rows. It is safe for several goroutines.
type pageSizer struct {
	fixed  int // rows, 0 to learn
	target int64
	rows   atomic.Int64
	bytes  atomic.Int64
}

func newPageSizer(spec *Spec, lanes int) *pageSizer {
	p := &pageSizer{fixed: spec.PageRows, target: min(pageBytes, max(spec.BufferBytes/int64(4*lanes), 1))}
	if spec.Schema.RowBytes > 0 {
		p.add(1, spec.Schema.RowBytes)
	}
	return p
}

func (p *pageSizer) add(rows, bytes int) {
	p.rows.Add(int64(rows))
	p.bytes.Add(int64(bytes))
}

// next is the number of rows to ask for and about how many bytes they will be.
func (p *pageSizer) next() (rows int, bytes int64) {
	n, b := p.rows.Load(), p.bytes.Load()
	if n == 0 || b == 0 {
		return orDefault(p.fixed, firstPageRows), p.target
	}
	if rows = p.fixed; rows == 0 {
		rows = int(min(max(p.target*n/b, 1), maxPageRows))
	}
	return rows, int64(float64(rows) * float64(b) / float64(n))
}

// pageItem is a page on its way from a lane to the assembler.
type pageItem struct {
	page
	index int   // of its partition in the epoch's order
	skip  int   // rows at its start that were delivered before
	size  int64 // what it took of the budget
	err   error // instead of a page: what ended the lane
}

// lane reads its partitions one after the other, pages ahead of the assembler.
type lane struct {
	src    source
	parts  []int // the epoch's order
	stride int   // number of lanes
	start  laneState
	sizer  *pageSizer
	budget *budget
	held   share
	out    chan pageItem
}

// run reads until the partitions or ctx end, and closes out.
func (l *lane) run(ctx context.Context) {
	defer close(l.out)
	skip := l.start.row
	for index := l.start.index; index < len(l.parts); index += l.stride {
		if err := l.partition(ctx, index, skip); err != nil {
			if ctx.Err() == nil {
				l.out <- pageItem{index: index, err: err} // out has room for it
			}
			return
		}
		skip = 0
	}
}

// partition reads one partition but for the first skip rows of it.
func (l *lane) partition(ctx context.Context, index int, skip int64) error {
	done := skip // rows of the partition that need not be sent
	for grown := false; ; grown = true {
		seen, again, err := l.scan(ctx, index, done, grown)
		if err != nil || !again {
			return err
		}
		done = max(done, seen)
	}
}

// scan reads the partition from its start and sends the rows after the first
// skip ones. again says that a scan with larger pages should go on after seen rows.
func (l *lane) scan(ctx context.Context, index int, skip int64, grown bool) (seen int64, again bool, err error) {
	rows, size := l.sizer.next()
	if err := l.budget.acquire(ctx, &l.held, pagesAhead, size); err != nil {
		return 0, false, err
	}
	cur, err := l.src.open(ctx, l.parts[index], rows)
	if err != nil {
		l.budget.release(&l.held, size)
		return 0, false, err
	}
	defer cur.close()
	for {
		p, err := cur.next(ctx)
		if err != nil {
			l.budget.release(&l.held, size)
			if !errors.Is(err, io.EOF) {
				return seen, false, err
			}
			if seen < skip {
				return seen, false, fmt.Errorf("dataset: partition %d has %d rows, the position to go on from stands after row %d: the cache has changed",
					l.parts[index], seen, skip)
			}
			return seen, false, nil
		}
		l.sizer.add(p.rows, len(p.data))
		l.budget.adjust(int64(len(p.data)) - size)
		n, before := p.rows, max(skip-seen, 0)
		seen += int64(n)
		l.send(pageItem{page: p, index: index, size: int64(len(p.data))}, before)
		if want, _ := l.sizer.next(); !grown && n == rows && want >= growPage*rows {
			return seen, true, nil
		}
		_, size = l.sizer.next()
		if err := l.budget.acquire(ctx, &l.held, pagesAhead, size); err != nil {
			return seen, false, err
		}
	}
}

// send hands the page on but for the first skip rows of it.
func (l *lane) send(item pageItem, skip int64) {
	if skip >= int64(item.rows) {
		item.free()
		l.budget.release(&l.held, item.size)
		return
	}
	item.skip = int(skip)
	l.out <- item // has room: the budget allows pagesAhead items
}

// take gives the item's share of the budget back.
func (l *lane) take(item *pageItem) {
	l.budget.release(&l.held, item.size)
}
