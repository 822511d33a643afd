package dataset

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

const (
	// placedBytes is the size from which on an array is read from the socket straight
	// into the memory of its batch. Below, a copy costs no more than to tell the kernel of
	// one more stretch of memory, and to check afterwards what came between.
	placedBytes = 2 << 10
	// aloneBytes is that size for an array that is read by a system call of its own: when
	// what comes before it and behind it can't be told from the row before.
	aloneBytes = 32 << 10
)

// placement foretells in which batch, and where in it, each row of each lane will
// stand: while no lane has ended, the order of the rows is plain arithmetic. With
// arrays of one size that gives the address of each array before it has arrived.
// When the foretelling fails, for instance because a lane has ended, it stops for
// good, and arrays are copied out of where they were put.
//
// It is also the Allocator of the batches' builder: memory that is foretold for
// rows still on their way is not freed under them.
type placement struct {
	column.Allocator
	lanes, quantum, turn, skew int   // as the reader began
	batchRows                  int   // 0: rows mode
	limit                      int64 // bytes of a batch that is placed
	budget                     *budget

	mu    sync.Mutex
	code  ignitebinary.Type // of the arrays that are placed; 0: not known yet
	width int               // of such an array in bytes
	rows  int               // in a batch
	off   bool
	held  int64           // bytes of slabs that no batch has been made of
	begun bool            // the batch that is being built has its share of the budget
	next  map[int64]*slab // by number of the batch
	all   map[*byte]*slab // by first byte

	batch int64 // the number of the batch that is being built

	misses atomic.Int32 // pages whose rows looked otherwise than was guessed, one after the other

	// For the assembler only: the column of the placed arrays' elements, and the slab's
	// memory in which the batch is being built.
	elem   *column.Appender
	memory []byte
	mine   *slab // that memory's; nil once it may be somebody else's
	placed int64 // arrays that were found in their place
}

// slab is the memory of the arrays of one batch.
type slab struct {
	mem     []byte
	batch   int64
	users   int   // places in it that somebody writes or has not read yet
	adopted bool  // a builder or a batch owns it
	share   int64 // of the budget; 0 when the batch that is being built has it
	settled bool  // it does not count as held
}

// place is a stretch of a slab, taken for one array.
type place struct {
	slab *slab
	off  int
	pos  int // in the page, of what is left of the array; noPosition until it was found there
}

// noPosition is before all of a page.
const noPosition = -1

func (at place) mem(width int) []byte { return at.slab.mem[at.off : at.off+width : at.off+width] }

func newPlacement(spec *Spec, st *state, b *budget, alloc column.Allocator) *placement {
	return &placement{
		Allocator: alloc, lanes: len(st.lanes), quantum: spec.QuantumRows, turn: st.turn, skew: st.rowsInTurn,
		batchRows: spec.BatchRows, limit: spec.BufferBytes, budget: b,
		next: make(map[int64]*slab), all: make(map[*byte]*slab),
	}
}

// learn is told of the first row: its largest array, if it is large enough, is
// what will be placed.
func (p *placement) learn(lists []*node, rowBytes int) {
	var largest *node
	width := placedBytes - 1
	for _, n := range lists {
		if n.elem == 0 || n.typ == ignitebinary.TypeBoolArray {
			continue
		}
		if w := n.app.LastListLen() * n.app.Type().Elem.Kind.Width(); w > width {
			largest, width = n, w
		}
	}
	if largest == nil {
		return
	}
	for _, n := range lists {
		if n != largest && n.typ == largest.typ {
			return // the code must name the field
		}
	}
	rows := p.batchRows
	if rows == 0 {
		rows = min(RowsModeRows, (RowsModeBytes+rowBytes-1)/rowBytes)
	}
	if int64(rows) > p.limit/int64(width) {
		return // the cache may have fewer rows than such a batch
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.elem, p.code, p.width, p.rows = largest.app.Elem(), largest.typ, width, rows
}

// wants says what to look for: the code of arrays and their bytes; 0 for nothing.
func (p *placement) wants() (code ignitebinary.Type, width int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return 0, 0
	}
	return p.code, p.width
}

// take appends the places of the arrays of n rows to list, from one on that is counted in
// the lane from the reader's beginning: of fewer rows when the next is better copied.
func (p *placement) take(lane int, row int64, n int, list []place) []place {
	q, rows := int64(p.quantum), int64(p.rows)
	lap := int64(p.lanes) * q
	turn := int64((lane - p.turn + p.lanes) % p.lanes)
	if turn == 0 {
		row += int64(p.skew)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off || p.rows == 0 {
		return list
	}
	in := row % q
	at := row/q*lap + turn*q + in - int64(p.skew)
	batch, at := at/rows, at%rows
	var s *slab
	for ; n > 0; n-- {
		if s == nil {
			if s = p.slab(batch); s == nil {
				break
			}
		}
		s.users++
		list = append(list, place{slab: s, off: int(at) * p.width, pos: noPosition})
		at++
		if in++; in == q {
			in, at = 0, at+lap-q
		}
		if at >= rows {
			batch, at, s = batch+at/rows, at%rows, nil
		}
	}
	return list
}

// slab gives the memory of a batch, nil when there is none to spare.
func (p *placement) slab(batch int64) *slab {
	if s := p.next[batch]; s != nil {
		return s
	}
	size := int64(p.rows) * int64(p.width)
	if p.held > 0 && p.held+size > p.limit/2 {
		return nil
	}
	s := &slab{mem: p.Allocator.Alloc(int(size)), batch: batch}
	p.next[batch], p.all[unsafe.SliceData(s.mem)] = s, s
	p.held += size
	if !p.begun || batch != p.batch {
		s.share = p.budget.charge(size)
		p.budget.adjust(s.share)
	}
	return s
}

// begin is told that the batch that is built next has its share of the budget,
// and its slab with it.
func (p *placement) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun = true
	if s := p.next[p.batch]; s != nil {
		p.discharge(s)
	}
}

// commit appends a placed array to the column of its elements.
func (p *placement) commit(elem *column.Appender, at *place) {
	have := len(elem.Data())
	if at.slab == p.mine && at.off == have && elem == p.elem && p.stands(elem.Data()) {
		elem.Extend(p.memory[: have+p.width : have+p.width])
		p.placed++
		return
	}
	p.mu.Lock()
	fits := !p.off && elem == p.elem && at.slab.batch == p.batch && at.off == have
	var adopt []byte
	if fits && !at.slab.adopted {
		at.slab.adopted = true
		adopt = at.slab.mem
	}
	p.mu.Unlock()
	if !fits {
		p.stop()
		elem.AppendFixed(at.mem(p.width))
		return
	}
	if adopt != nil {
		elem.Adopt(adopt)
		p.memory, p.mine = adopt, at.slab
	}
	if !p.stands(elem.Data()) {
		elem.AppendFixed(at.mem(p.width))
		return
	}
	elem.Extend(at.slab.mem[: have+p.width : have+p.width])
	p.placed++
}

// room makes room for one array and no more in the memory of the batch that has so
// many rows, for a row that is copied: behind it others may be on their way.
func (p *placement) room(rows int) {
	if have := len(p.elem.Data()); have == rows*p.width && p.stands(p.elem.Data()) {
		p.elem.Extend(p.memory[:have:min(have+p.width, len(p.memory))])
	}
}

// stands says whether a column's memory is that of the batch's slab.
func (p *placement) stands(data []byte) bool {
	return cap(data) > 0 && p.memory != nil && unsafe.SliceData(data[:1]) == unsafe.SliceData(p.memory)
}

// stop ends the foretelling. The batch that is being built may stand in memory
// where rows are still to come: it moves out.
func (p *placement) stop() {
	p.mu.Lock()
	move := p.elem != nil && !p.off && p.written(p.elem.Data())
	p.turnOff()
	p.mu.Unlock()
	if move {
		p.elem.Adopt(p.Alloc(len(p.memory)))
	}
	p.memory, p.mine = nil, nil
}

// written says whether somebody may still write into a column's memory; the lock is held.
func (p *placement) written(data []byte) bool {
	if cap(data) == 0 {
		return false
	}
	s := p.all[unsafe.SliceData(data[:1])]
	return s != nil && s.users > 0
}

// turnOff places nothing any more; the lock is held.
func (p *placement) turnOff() {
	p.off = true
	for _, s := range p.next {
		p.letGo(s)
	}
}

// built is told that a batch of so many rows was made; its memory belongs to it now.
func (p *placement) built(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.memory, p.mine = nil, nil
	s := p.next[p.batch]
	delete(p.next, p.batch)
	p.batch, p.begun = p.batch+1, false
	if s != nil && s.adopted {
		p.settle(s)
	} else if s != nil {
		p.letGo(s)
	}
	if p.rows > 0 && rows != p.rows {
		p.turnOff()
	}
}

// done gives places back, after they were read or because they never will be.
func (p *placement) done(places []place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last *slab
	for _, at := range places {
		if last != nil && last != at.slab {
			p.letGo(last)
		}
		at.slab.users--
		last = at.slab
	}
	if last != nil {
		p.letGo(last)
	}
}

// guesses says whether rows may be read as if they looked like the one before them.
func (p *placement) guesses() bool { return p.misses.Load() < mostMisses }

// guessed is told what came of it in a page.
func (p *placement) guessed(made, missed bool) {
	switch {
	case missed:
		p.misses.Add(1)
	case made && p.misses.Load() > 0:
		p.misses.Store(0)
	}
}

// Free implements column.Allocator: a slab waits for those who write into it.
func (p *placement) Free(b []byte) {
	p.mu.Lock()
	s := p.all[unsafe.SliceData(b[:1])]
	if s != nil {
		s.adopted = false
		if p.next[s.batch] == s {
			delete(p.next, s.batch)
		}
		p.letGo(s)
	}
	p.mu.Unlock()
	if s == nil {
		p.Allocator.Free(b)
	}
}

// letGo frees a slab that nobody uses and nobody will; the lock is held.
func (p *placement) letGo(s *slab) {
	if s.users > 0 || s.adopted || !p.off && p.next[s.batch] == s {
		return
	}
	key := unsafe.SliceData(s.mem)
	if p.all[key] != s {
		return
	}
	delete(p.all, key)
	p.settle(s)
	p.Allocator.Free(s.mem)
}

// settle counts a slab as held no more; the lock is held.
func (p *placement) settle(s *slab) {
	if !s.settled {
		s.settled = true
		p.held -= int64(len(s.mem))
		p.discharge(s)
	}
}

// discharge gives a slab's share of the budget back; the lock is held.
func (p *placement) discharge(s *slab) {
	p.budget.adjust(-s.share)
	s.share = 0
}

// of gives the place of the array of the row at pos; where that was not placed, one of a row
// behind it, or nil. Rows are asked for in their order, the same one several times perhaps.
func (p *placed) of(pos int) *place {
	for p.next < len(p.places) && p.places[p.next].pos < pos {
		p.next++
	}
	if p.next == len(p.places) {
		return nil
	}
	return &p.places[p.next]
}

// turnTo says which arrays were placed of the page that the next rows are of; nil for none.
func (d *decoder) turnTo(placed *placed) { d.placed, d.at, d.stub = placed, nil, nil }

// seek looks for the array of the row at pos of b among those that were placed. What it finds
// may be a later row's: no value of this row reaches as far.
func (d *decoder) seek(b []byte, pos int) {
	if d.at, d.stub = d.placed.of(pos), nil; d.at != nil && d.at.pos < len(b) {
		d.stub = &b[d.at.pos]
	}
}

// isPlaced says whether the value at pos of b is what is left of the row's placed array.
func (d *decoder) isPlaced(b []byte, pos int) bool { return d.stub != nil && &b[pos] == d.stub }

// placedArray appends an array that is not in the page but in its place.
func (d *decoder) placedArray(n *node) error {
	if d.place.code != n.typ {
		return n.mismatch(d.place.code)
	}
	if c := d.place.width / n.app.Type().Elem.Kind.Width(); !n.mayHave(c) {
		return n.otherLength(c)
	}
	d.place.commit(n.app.Elem(), d.at)
	n.app.EndList()
	d.putBytes += d.place.width
	return nil
}
