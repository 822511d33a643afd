package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/kindling-ml/kindling/column"
)

// ErrNotReady says that the next batch did not come within the time that the
// caller wanted to wait. Nothing is lost: ask again.
var ErrNotReady = errors.New("dataset: the next batch is not ready yet")

// ErrClosed says that the Reader or the Streams was closed.
var ErrClosed = errors.New("dataset: closed")

// Reader is an open stream of batches. Its pages and batches are read ahead in
// goroutines of its own, within the Spec's BufferBytes. The methods are for one
// goroutine; Close may be called from any, once Next has returned.
type Reader struct {
	scan
	src  source
	out  chan result
	held share
	hand int64 // what the batch that the consumer has in hand takes of the budget

	patient bool // whoever calls Next is not who is starved

	after Position
	ahead *result // taken from out and not given away
	err   error   // ended: io.EOF or the error
}

// scan is the lanes at work on a spec.
type scan struct {
	spec   Spec // with the defaults filled in
	parts  []int
	lanes  []*lane
	place  *placement
	budget *budget
	rec    *recorder
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
}

// openReader starts a reader on a source. ctx bounds the opening only; the
// reader lives until Close.
func openReader(ctx context.Context, src source, spec Spec, pos Position, alloc column.Allocator, hooks Hooks) (*Reader, error) {
	r := &Reader{src: src, out: make(chan result, batchesAhead)}
	st, err := r.plan(ctx, src, spec, pos)
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r.prepare(cancel, hooks)
	if r.place = r.newPlacement(&st, alloc); r.place != nil {
		alloc = r.place
	}
	dec, err := newDecoder(&r.spec.Schema, r.spec.Nulls, src.resolver(life), alloc)
	if err != nil {
		cancel(err)
		return nil, err
	}
	r.after = st.position()
	r.held.wanted = true // without a batch nothing goes on
	a := r.start(life, src, st, &r.held)
	dec.place = r.place
	a.dec, a.out = dec, r.out
	r.wg.Go(func() { a.run(life) })
	return r, nil
}

// prepare makes what counts and bounds the reading.
func (sc *scan) prepare(cancel context.CancelCauseFunc, hooks Hooks) {
	partitions := 0
	if len(sc.parts) > 0 {
		partitions = slices.Max(sc.parts) + 1
	}
	sc.cancel = cancel
	sc.rec = newRecorder(sc.spec.Cache, partitions, hooks)
	sc.budget = newBudget(sc.spec.BufferBytes, sc.rec)
}

// newPlacement foretells where arrays will stand; nil where nothing can be
// foretold: a lane has no rows any more.
func (sc *scan) newPlacement(st *state, alloc column.Allocator) *placement {
	for _, s := range st.lanes {
		if s.index >= len(sc.parts) {
			return nil
		}
	}
	return newPlacement(&sc.spec, st, sc.budget, alloc)
}

// plan finds out what is to be read, without beginning.
func (sc *scan) plan(ctx context.Context, src source, spec Spec, pos Position) (state, error) {
	resolved, err := spec.resolve()
	if err != nil {
		return state{}, err
	}
	parts, err := choosePartitions(ctx, src, &resolved)
	if err != nil {
		return state{}, err
	}
	st, err := stateOf(pos, len(parts))
	if err == nil {
		err = st.lay(ctx, src, &resolved, parts)
	}
	if err != nil {
		return state{}, err
	}
	resolved.Lanes, resolved.QuantumRows = len(st.lanes), st.quantum
	sc.spec, sc.parts = resolved, epochOrder(parts, st.seed, st.owners)
	return st, nil
}

// start sets the lanes to work and gives the assembler of their rows. Its first
// batch has its share of the budget before they have theirs.
func (sc *scan) start(ctx context.Context, src source, st state, held *share) *assembler {
	sizer := newPageSizer(&sc.spec, len(st.lanes))
	a := &assembler{spec: sc.spec, state: st, held: held, share: firstShare(&sc.spec, sizer, sc.budget), place: sc.place, budget: sc.budget, rec: sc.rec}
	a.state.lanes = slices.Clone(st.lanes)
	a.reserve(ctx)
	ahead := pagesAhead
	if st.owners != nil {
		ahead = pagesAheadOfNodes
	}
	for i, s := range st.lanes {
		l := &lane{
			src: src, parts: sc.parts, stride: len(st.lanes), start: s, sizer: sizer, budget: sc.budget, rec: sc.rec,
			ahead: ahead, out: make(chan pageItem, ahead+1),
		}
		if sc.place != nil {
			l.placer = &placer{p: sc.place, lane: i}
		}
		sc.lanes = append(sc.lanes, l)
		a.feeds = append(a.feeds, feed{lane: l, done: s.index >= len(sc.parts)})
		sc.wg.Go(func() { l.run(ctx) })
	}
	return a
}

// firstShare is about what the first batch will take of the budget.
func firstShare(spec *Spec, sizer *pageSizer, b *budget) int64 {
	if spec.Schema.RowBytes == 0 {
		return 0
	}
	rows := min(int64(max(spec.BatchRows, 1)), b.limit) // a row has a byte or more
	return b.charge(sizer.size(int(rows)))
}

// stop ends the lanes, waits for them and frees what they hold.
func (sc *scan) stop() {
	sc.cancel(ErrClosed)
	sc.wg.Wait()
	for _, l := range sc.lanes {
		for item := range l.out {
			item.free()
		}
	}
	if sc.place != nil {
		sc.place.stop()
	}
}

// choosePartitions lists the partitions that the spec wants, in their own order.
func choosePartitions(ctx context.Context, src source, spec *Spec) ([]int, error) {
	have, err := src.partitions(ctx)
	if err != nil {
		return nil, err
	}
	want := spec.Parts
	if spec.Part >= 0 {
		want = []int{spec.Part}
	}
	if len(want) == 0 {
		return have, nil
	}
	if spec.Local || len(have) == 1 && have[0] == AllPartitions { // which there are is not known here: the server judges
		return want, nil
	}
	for _, p := range want {
		if !slices.Contains(have, p) {
			return nil, fmt.Errorf("dataset: cache %q has no partition %d to read: it has %d, numbered 0 to %d", spec.Cache, p, len(have), slices.Max(have))
		}
	}
	return want, nil
}

// Spec is the spec with the defaults filled in.
func (r *Reader) Spec() Spec { return r.spec }

// Next gives the next batch, io.EOF after the last one. The caller releases the
// batch. After an error other than ctx's every call gives the same error.
func (r *Reader) Next(ctx context.Context) (*column.Batch, error) {
	if err := r.wait(ctx); err != nil {
		return nil, err
	}
	res := *r.ahead
	r.ahead = nil
	// A batch counts while the consumer has it in hand: until it takes the next one.
	r.budget.release(&r.held, r.hand)
	r.hand = res.share
	if res.err != nil {
		r.err = res.err
		return nil, r.err
	}
	r.rec.batch(res.batch.Rows, int64(res.batch.Bytes()))
	r.after = res.after
	return res.batch, nil
}

// Stats says what the reader has done so far. Any goroutine may ask.
func (r *Reader) Stats() Stats { return r.rec.snapshot() }

// NextWithin is Next that waits for at most d and then gives ErrNotReady. The
// stream goes on undisturbed.
func (r *Reader) NextWithin(ctx context.Context, d time.Duration) (*column.Batch, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d, ErrNotReady)
	defer cancel()
	return r.Next(ctx)
}

// wait returns nil when r.ahead is there: a batch or what ended the stream.
func (r *Reader) wait(ctx context.Context) error {
	switch {
	case r.err != nil:
		return r.err
	case r.ahead != nil:
		return nil
	}
	select {
	case res := <-r.out:
		r.ahead = &res
		return nil
	default:
	}
	if !r.patient {
		began := time.Now()
		defer func() { r.rec.starved(time.Since(began)) }()
	}
	select {
	case res := <-r.out:
		r.ahead = &res
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Position is where the stream stands after the last batch that Next gave. It
// belongs to the caller.
func (r *Reader) Position() Position { return slices.Clone(r.after) }

// Count is the number of rows in what the spec reads, before any batch is
// dropped; -1 when the server can't tell.
func (r *Reader) Count(ctx context.Context) (int64, error) { return r.src.count(ctx) }

// Close ends all scans, frees their cursors and the batches that were not taken,
// and waits for the goroutines. It is safe to call it twice.
func (r *Reader) Close() error {
	r.stop()
	if r.ahead != nil {
		r.ahead.free()
	}
	r.ahead = nil
	for len(r.out) > 0 { // nobody sends any more
		res := <-r.out
		res.free()
	}
	if r.err == nil || errors.Is(r.err, io.EOF) {
		r.err = ErrClosed
	}
	return nil
}
