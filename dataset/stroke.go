package dataset

// strokeBytes bounds the rows that are read at a stroke before they were looked at: as
// much as one system call reads, and what is copied at most when they look otherwise.
const strokeBytes = 512 << 10

// mostMisses is after how many pages with other rows than was guessed, and none without
// between them, nothing is guessed any more.
const mostMisses = 3

// stroke is a run of rows that were read as if they looked like the one before them,
// all arrays straight into their places. Each is then gone over by the same walk as any
// other, within its own bytes.
type stroke struct {
	limit  int  // of what may be looked at: the row's hole, then its end; 0: no row of a stroke
	end    int  // of the row
	number int  // of its place
	hit    bool // its array was found at the hole
	made   bool // the page has had a stroke
	missed bool // and in it a row that looked otherwise
	dst    [][]byte
}

// alike reads the rows that look like the one before pos: with as many bytes before the
// array and behind it. It gives their number, at most left.
func (w *walk) alike(prefix, suffix, left int) (rows int) {
	size := prefix + w.width + suffix
	most := strokeBytes / size
	if most < 2 {
		return 0
	}
	for rows < left && w.ok() && !w.missed {
		n := w.readAlike(prefix, suffix, min(most, left-rows))
		if n == 0 {
			break
		}
		rows += n
	}
	return rows
}

// readAlike makes a stroke of at most n rows and gives the number of those that were
// what they were taken for. The others stand in the page as they came.
func (w *walk) readAlike(prefix, suffix, n int) int {
	stride := prefix + suffix
	here := len(w.in.Bytes()) - w.pos // of the first row
	if n = min(n, w.left()/(stride+w.width)); n <= 0 || here > prefix {
		return 0
	}
	first := len(w.got.places)
	w.got.places = w.p.take(w.lane, w.row, n, w.got.places)
	w.dst = w.dst[:0]
	for i := range w.got.places[first:] {
		w.dst = append(w.dst, w.got.places[first+i].mem(w.width))
	}
	if n = len(w.dst); n == 0 {
		return 0
	}
	if w.err = w.in.Scatter(n*stride-here, w.pos+prefix, stride, w.dst); w.err != nil {
		return 0
	}
	w.made = true
	for i := range n {
		if !w.confirm(prefix, suffix, first+i) {
			w.giveBack(prefix, stride, first, i)
			return i
		}
		w.row++
	}
	return n
}

// confirm goes over a row of a stroke; false when it is not what it was taken for, and
// then it has the bytes that it came with, but for its array.
func (w *walk) confirm(prefix, suffix, number int) bool {
	start := w.pos
	hole := start + prefix
	w.limit, w.end, w.number, w.hit = hole, hole+suffix, number, false
	if w.skip(); w.ok() {
		w.value()
	}
	w.limit = 0
	if w.ok() && w.hit && w.pos == w.end {
		return true
	}
	if w.hit {
		w.forget(hole)
	}
	w.pos, w.stop, w.behind = start, false, false
	return false
}

// found has the reference stand for the array at pos, if that is the one that was read
// into its place.
func (w *walk) found() bool {
	if w.hit || w.pos+placedStub != w.limit {
		return false
	}
	w.refer(w.number)
	w.limit, w.hit = w.end, true
	return true
}

// giveBack puts the arrays of a stroke's rows from the one at pos on, which has number i,
// back into the page, and gives up their places.
func (w *walk) giveBack(prefix, stride, first, i int) {
	w.in.Gather(w.pos+prefix, stride, w.dst[i:])
	w.p.done(w.got.places[first+i:])
	w.got.places = w.got.places[:first+i]
	w.missed, w.strokes = true, false
	w.stop = w.width < aloneBytes
}
