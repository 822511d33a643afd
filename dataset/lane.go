package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// pagesAhead is how many pages a lane may hold that were not begun.
	pagesAhead = 2
	// pagesAheadOfNodes is that for several nodes, which go on while the reader waits for
	// the slowest.
	pagesAheadOfNodes = 4
)

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
	rec    *recorder
	placer *placer // nil: arrays are copied
	held   share
	ahead  int   // pages
	given  int64 // rows handed on
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
	for times := growPage; ; times = 0 {
		seen, again, err := l.scan(ctx, index, done, times)
		if err != nil || !again {
			return err
		}
		done = max(done, seen)
	}
}

// scan reads the partition from its start and sends the rows after the first
// skip ones. again says that a scan with other pages, larger by so many times, should go
// on after seen rows.
func (l *lane) scan(ctx context.Context, index int, skip int64, times int) (seen int64, again bool, err error) {
	var rows int
	size, err := l.budget.acquire(ctx, &l.held, l.ahead, func() int64 {
		rows = l.sizer.ask()
		if few := l.sizer.begin(rows); few < rows && index == l.start.index && skip == 0 {
			rows, times = few, growBegun
		}
		return l.sizer.size(rows)
	})
	if err != nil {
		return 0, false, err
	}
	l.expect(skip)
	cur, err := l.src.open(ctx, l.parts[index], rows, l.placer)
	if err != nil {
		l.budget.release(&l.held, size)
		return 0, false, err
	}
	defer cur.close()
	for {
		l.expect(skip - seen)
		p, err := cur.next(ctx)
		if err != nil {
			l.budget.release(&l.held, size)
			if !errors.Is(err, io.EOF) {
				return seen, false, err
			}
			return seen, false, l.ended(index, seen, skip)
		}
		l.rec.page(cur.node(), l.parts[index], p.rows, p.bytes(), p.server, p.network)
		l.sizer.add(p.rows, int64(p.bytes()))
		l.budget.adjust(int64(len(p.data)) - size)
		n, bytes, before := p.rows, int64(p.bytes()), max(skip-seen, 0)
		seen += int64(n)
		l.send(pageItem{page: p, index: index, size: int64(len(p.data))}, before)
		if n == rows && l.sizer.again(rows, bytes, times) {
			return seen, true, nil
		}
		if size, err = l.budget.acquire(ctx, &l.held, l.ahead, func() int64 { return l.sizer.size(rows) }); err != nil {
			return seen, false, err
		}
	}
}

// expect tells the placer which row of the lane is the next; the first skip rows of the
// next page are not handed on.
func (l *lane) expect(skip int64) {
	if l.placer != nil {
		l.placer.first, l.placer.skip = l.given, int(max(skip, 0))
	}
}

// ended is the end of a partition of so many rows.
func (l *lane) ended(index int, seen, skip int64) error {
	if seen < skip {
		return fmt.Errorf("dataset: partition %d has %d rows, the position to go on from stands after row %d: the cache has changed",
			l.parts[index], seen, skip)
	}
	return nil
}

// send hands the page on but for the first skip rows of it.
func (l *lane) send(item pageItem, skip int64) {
	if skip >= int64(item.rows) {
		l.budget.release(&l.held, item.size)
		item.free()
		return
	}
	item.skip = int(skip)
	l.given += int64(item.rows) - skip
	l.out <- item // has room: the budget allows so many items
}
