package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// result is a batch with the position after it, or what ended the stream.
type result struct {
	batch *column.Batch
	after Position
	share int64 // of the budget
	err   error
}

func (r *result) free() {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

// feed is the assembler's side of a lane.
type feed struct {
	lane *lane
	item pageItem // the page being taken apart
	pos  int      // in its data
	left int      // rows of it not delivered
	done bool
}

// assembler takes the rows of the lanes in turn and builds batches. It runs in
// one goroutine.
type assembler struct {
	spec   Spec
	state  state
	feeds  []feed
	dec    *decoder   // nil when rows are only walked over
	place  *placement // nil: arrays are copied
	budget *budget
	rec    *recorder
	held   *share
	out    chan<- result

	listLens []int         // the longest of the batch, in rows mode
	wire     int           // bytes of the batch's rows as they came
	share    int64         // of the budget that the next batch takes: that of the last one
	waited   time.Duration // for pages, in this batch
	learned  bool          // place knows the first row
}

// batchesAhead bounds the batches that wait to be taken, beside their bytes: as
// many small ones as a consumer may take at a stroke.
const batchesAhead = 64

// reservedRows bounds the rows that a batch has memory for before it begins.
const reservedRows = 4096

const (
	// rowsModeFilledBytes bounds the arrays of a batch in rows mode when all are as long as
	// the longest, which is how they become tensors.
	rowsModeFilledBytes = 2 * RowsModeBytes
	// stringBytes is what a string counts for there.
	stringBytes = 8
)

// run builds batches until the rows, ctx or the first error ends them.
func (a *assembler) run(ctx context.Context) {
	defer a.free()
	for ok := true; ok; ok = a.reserve(ctx) { // the first one was reserved at the start
		ready := time.Now()
		a.waited = 0
		res := a.batch(ctx)
		if ctx.Err() != nil {
			res.free()
			return
		}
		if res.batch != nil {
			a.rec.decoded(res.batch.Rows, time.Since(ready)-a.waited)
		}
		a.budget.adjust(res.share - a.share)
		a.share = res.share
		a.out <- res // has room: the budget allows batchesAhead items
		if res.err != nil {
			return
		}
	}
}

// reserve takes a batch's share of the budget, what the last one took; false when
// ctx has ended.
func (a *assembler) reserve(ctx context.Context) bool {
	began := time.Now()
	if _, err := a.budget.acquire(ctx, a.held, batchesAhead, func() int64 { return a.share }); err != nil {
		return false
	}
	a.rec.consumer(time.Since(began))
	if a.place != nil {
		a.place.begin()
	}
	return true
}

// free gives back what was begun.
func (a *assembler) free() {
	if a.dec != nil {
		a.dec.builder.Reset()
	}
	for i := range a.feeds {
		a.feeds[i].item.free()
	}
}

// batch builds the next batch.
func (a *assembler) batch(ctx context.Context) result {
	a.wire = 0
	a.dec.builder.Reserve(min(max(a.spec.BatchRows, 1), reservedRows))
	for !a.full() {
		f, err := a.feed(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		var ended bool
		if err == nil {
			ended, err = a.rows(f)
		}
		if err != nil {
			return result{err: err}
		}
		if ended {
			break
		}
	}
	n := a.dec.builder.Rows()
	if n == 0 || a.spec.DropRemainder && n < a.spec.BatchRows {
		return result{err: io.EOF}
	}
	b := a.dec.builder.NewBatch()
	if a.place != nil {
		a.place.built(n)
	}
	return result{batch: b, after: a.state.position(), share: a.budget.charge(int64(b.Bytes()))}
}

// feed gives the lane whose turn it is, with at least one row; io.EOF when no
// lane has any.
func (a *assembler) feed(ctx context.Context) (*feed, error) {
	for {
		f := &a.feeds[a.state.turn]
		if f.left > 0 {
			return f, nil
		}
		ok, err := a.refill(ctx, f)
		if err != nil {
			return nil, err
		}
		if !ok && !a.nextLane() {
			return nil, io.EOF
		}
	}
}

// took counts rows of the lane whose turn it is, n bytes in all.
func (a *assembler) took(f *feed, rows, n int) {
	f.pos += n
	if f.left -= rows; f.left == 0 {
		a.drop(f)
	}
	a.state.lanes[a.state.turn].row += int64(rows)
	if a.state.rowsInTurn += rows; a.state.rowsInTurn == a.spec.QuantumRows {
		a.nextLane()
	}
}

// drop gives the lane's page back: at once when it has no more rows, for it may
// be large and the lane's next turn far.
func (a *assembler) drop(f *feed) {
	a.budget.adjust(-f.item.size)
	f.item.free()
	f.item.size = 0
}

// full says whether the batch needs no more rows.
func (a *assembler) full() bool {
	n := a.dec.builder.Rows()
	if a.spec.BatchRows > 0 {
		return n >= a.spec.BatchRows
	}
	return n >= RowsModeRows || n > 0 && a.wire >= RowsModeBytes
}

// nextLane gives the turn to the next lane that has not ended; false when all have.
func (a *assembler) nextLane() bool {
	a.state.rowsInTurn = 0
	for range a.feeds {
		a.state.turn = (a.state.turn + 1) % len(a.feeds)
		if !a.feeds[a.state.turn].done {
			return true
		}
	}
	return false
}

// refill waits for the lane's next page with rows to deliver; false when the
// lane has ended.
func (a *assembler) refill(ctx context.Context, f *feed) (bool, error) {
	a.drop(f)
	if f.done {
		return false, nil
	}
	s := &a.state.lanes[a.state.turn]
	item, open, err := a.receive(ctx, f.lane)
	if err != nil {
		return false, err
	}
	if !open {
		f.done = true
		a.stopPlacing()                   // the turns are others from here on
		for s.index < len(f.lane.parts) { // the first of this lane's that does not exist
			s.index += len(a.feeds)
		}
		s.row = 0
		return false, nil
	}
	if item.err != nil {
		f.done = true
		return false, item.err
	}
	a.budget.begin(&f.lane.held)
	f.item, f.pos, f.left = item, 0, item.rows
	for range f.item.skip {
		if f.pos = skipRow(f.item.data, f.pos); f.pos < 0 {
			return false, a.rowError(f, errBrokenPage)
		}
		f.left--
	}
	if f.item.index != s.index {
		s.index, s.row = f.item.index, 0
	}
	return true, nil
}

// receive takes the next page from a lane; open is false when the lane has ended.
func (a *assembler) receive(ctx context.Context, l *lane) (item pageItem, open bool, err error) {
	select {
	case item, open = <-l.out:
	default:
		began := time.Now()
		a.budget.want(&l.held, true)
		select {
		case item, open = <-l.out:
		case <-ctx.Done():
		}
		a.budget.want(&l.held, false)
		a.waited += time.Since(began)
	}
	if ctx.Err() != nil {
		item.free()
		return pageItem{}, false, context.Cause(ctx)
	}
	return item, open, nil
}

func (a *assembler) stopPlacing() {
	if a.place != nil {
		a.place.stop()
	}
}

// rows moves rows of the page into the batch until the page, the lane's turn or
// the batch ends. ended says that the next row does not belong to the batch.
func (a *assembler) rows(f *feed) (ended bool, err error) {
	n := min(f.left, a.spec.QuantumRows-a.state.rowsInTurn)
	if a.spec.BatchRows > 0 {
		n = min(n, a.spec.BatchRows-a.dec.builder.Rows())
	}
	a.dec.turnTo(f.item.placed)
	for n > 0 {
		if rows := a.several(f, n); rows > 0 {
			n -= rows
			continue
		}
		n--
		if a.spec.BatchRows == 0 && a.full() {
			return false, nil
		}
		if a.place != nil && a.place.elem != nil {
			a.place.room(a.dec.builder.Rows())
		}
		next, err := a.dec.row(f.item.data, f.pos)
		if err != nil {
			return false, a.rowError(f, err)
		}
		bytes := next - f.pos + a.dec.putBytes
		a.dec.putBytes = 0
		if a.spec.BatchRows == 0 {
			if !a.fits() {
				a.dec.builder.Truncate(a.dec.builder.Rows() - 1)
				return true, nil
			}
			a.wire += bytes
		}
		if a.place != nil && !a.learned {
			a.learned = true
			a.place.learn(a.dec.lists, bytes)
		}
		a.took(f, 1, next-f.pos)
	}
	return false, nil
}

// several moves up to n rows of one shape into the batch at once, and says how many.
func (a *assembler) several(f *feed, n int) int {
	if a.spec.BatchRows == 0 || f.item.placed != nil || a.place != nil && (a.place.elem != nil || !a.learned) {
		return 0
	}
	rows, end := a.dec.runOf(f.item.data, f.pos, n)
	if rows > 0 {
		a.took(f, rows, end-f.pos)
	}
	return rows
}

// fits says whether the batch may have the row just appended: whether its arrays, all made
// as long as the longest, stay within bounds. Lists that keep nulls are not filled up.
func (a *assembler) fits() bool {
	if a.spec.Nulls == NullsKeep {
		return true
	}
	rows := a.dec.builder.Rows()
	if rows == 1 {
		a.listLens = append(a.listLens[:0], make([]int, len(a.dec.lists))...)
	}
	filled := 0
	for i, l := range a.dec.lists {
		a.listLens[i] = max(a.listLens[i], l.app.LastListLen())
		width := l.app.Type().Elem.Kind.Width()
		if width == 0 {
			width = stringBytes
		}
		filled += a.listLens[i] * width
	}
	return rows == 1 || filled <= rowsModeFilledBytes/rows
}

var errBrokenPage = errors.New("the bytes of the page are broken")

// RowError says which row can't be read, and why.
type RowError struct {
	// Cache and Partition say where the row is; Partition is -1 when the cache is
	// scanned as a whole.
	Cache     string
	Partition int
	// Row counts the rows of the partition from 0, in the order of the scan.
	Row int64
	// Key is the row's key as text, "" when it can't be read.
	Key string
	// Path is the field, "" when the row as a whole is broken.
	Path string
	// Err is the reason.
	Err error
}

// Error implements error.
func (e *RowError) Error() string {
	key := ""
	if e.Key != "" {
		key = ", key " + e.Key
	}
	return fmt.Sprintf("dataset: cache %q, partition %d, row %d%s: %s", e.Cache, e.Partition, e.Row, key, e.Err)
}

// Unwrap gives the reason.
func (e *RowError) Unwrap() error { return e.Err }

func (a *assembler) rowError(f *feed, err error) error {
	out := &RowError{Cache: a.spec.Cache, Partition: f.lane.parts[f.item.index], Row: a.state.lanes[a.state.turn].row, Err: err}
	switch fe := err.(type) { //nolint:errorlint // the decoder's own errors, never wrapped
	case *fieldError:
		out.Path = fe.path
	case *nullError:
		out.Path = fe.path
	}
	if f.pos < 0 {
		return out
	}
	out.Key = a.keyText(binary.NewReader(f.item.data[f.pos:]).Raw())
	return out
}

// keyText is a key for people, such as "7" or "{A: 7, B: x}"; "" when it can't be read.
func (a *assembler) keyText(key binary.Raw) string {
	var names binary.Resolver
	if a.dec != nil {
		names = a.dec.resolver
	}
	v, err := binary.DecodeValue(key, names)
	if err != nil || v == nil {
		return ""
	}
	text := fmt.Sprint(v)
	if o, ok := v.(*binary.Object); ok {
		fields := make([]string, len(o.Fields))
		for i, f := range o.Fields {
			if f.Name == "" {
				return ""
			}
			fields[i] = fmt.Sprintf("%s: %v", f.Name, f.Value)
		}
		text = "{" + strings.Join(fields, ", ") + "}"
	}
	const most = 80
	return text[:min(len(text), most)]
}
