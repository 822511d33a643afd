package dataset

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/kindling-ml/kindling/ignite"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// typePlaced stands in a page where an array was that has been placed, so that the byte is
// no type that anybody takes for a value. It means nothing by itself: which array it was,
// and that it was one, the place says, which has the position. No type of Ignite has this
// code; a byte that a server sends with it is of no type.
const typePlaced = ignitebinary.Type(0xf0)

// placedStub is the length of what is left of such an array: its code and its count.
const placedStub = 1 + countBytes

// placer puts the large arrays of a lane's pages into their places while the pages
// arrive. It is an ignite.PageSink.
type placer struct {
	p     *placement
	lane  int
	first int64 // the lane's number of the next page's first row that is delivered
	skip  int   // rows before it that are not
	got   *placed
}

// placed are the places of a page, in the order of their positions in it.
type placed struct {
	p      *placement
	places []place
	next   int // the first of a row that was not gone over yet
	bytes  int // that were diverted
}

func (p *placed) free() {
	p.p.done(p.places)
	p.places = nil
}

// taken gives what was placed of the page that has arrived.
func (s *placer) taken() *placed {
	if s == nil {
		return nil
	}
	got := s.got
	s.got = nil
	return got
}

// Page implements ignite.PageSink.
func (s *placer) Page(in *ignite.IncomingPage) error {
	s.got = nil
	code, width := s.p.wants()
	bytes := in.Left() + len(in.Bytes())
	if code == 0 || bytes/in.Rows < width || s.skip >= in.Rows {
		return nil
	}
	strokes := in.Scatters() && s.p.guesses()
	if width < aloneBytes && !strokes {
		return nil
	}
	w := walks.Get().(*walk)
	defer w.recycle()
	*w = walk{
		in: in, p: s.p, lane: s.lane, row: s.first, skipped: s.skip, code: code, width: width, count: width / fixedWidth(elemOf(code)),
		got:    &placed{p: s.p, places: make([]place, 0, min(in.Rows-s.skip, bytes/width))},
		starts: w.starts, strokes: strokes, stroke: stroke{dst: w.dst},
	}
	in.OnRelease(w.got.free)
	s.got = w.got
	for left := in.Rows; left > 0 && w.ok(); {
		left -= w.next(left)
	}
	s.p.guessed(w.made, w.missed)
	return w.err
}

// walk goes through the values of a page that is arriving. It stops at whatever is
// not plain: the decoder will see it.
type walk struct {
	in   *ignite.IncomingPage
	p    *placement
	lane int
	row  int64 // the lane's number of the row at pos, if it is delivered
	// skipped is how many rows from pos on are not delivered.
	skipped int
	code    ignitebinary.Type
	width   int // of an array that is placed, in bytes
	count   int // and in elements
	got     *placed
	pos     int
	hole    int // where the array was that was placed last
	// starts is where the values of the object at hand begin.
	starts []int
	// behind says that an array of the object has been placed. Nothing behind it may
	// refer to what is before it: only values that can't are passed over.
	behind bool
	stop   bool
	err    error

	strokes bool // rows may be read before they were looked at
	stroke
}

// walks are walks that have ended, for their slices.
var walks = sync.Pool{New: func() any { return new(walk) }}

// recycle keeps the walk for another page.
func (w *walk) recycle() {
	clear(w.dst[:cap(w.dst)]) // it holds memory that may be let go
	*w = walk{starts: w.starts[:0], stroke: stroke{dst: w.dst[:0]}}
	walks.Put(w)
}

func (w *walk) ok() bool { return !w.stop && w.err == nil }

// next goes over a row, and over those that look like it if its array was placed; it
// gives their number, at most left.
func (w *walk) next(left int) int {
	start, places := w.pos, len(w.got.places)
	w.skip() // the key
	if w.skipped > 0 {
		w.skipped--
		w.skip()
		return 1
	}
	if w.ok() {
		w.value()
	}
	w.row++
	switch {
	case len(w.got.places) > places && w.strokes && w.ok():
		return 1 + w.alike(w.hole-start, w.pos-w.hole, left-1)
	case w.width < aloneBytes:
		w.stop = true // one after the other they cost more than a copy
	}
	return 1
}

// need reads until n bytes are there from pos on.
func (w *walk) need(n int) bool {
	if w.limit > 0 {
		w.stop = w.stop || w.pos+n > w.limit
		return w.ok()
	}
	missing := w.pos + n - len(w.in.Bytes())
	if missing <= 0 {
		return w.ok()
	}
	if missing > w.in.Left() {
		w.stop = true
		return false
	}
	if w.ok() {
		w.err = w.in.More(missing)
	}
	return w.ok()
}

// bytes is what may be looked at.
func (w *walk) bytes() []byte {
	if w.limit > 0 {
		return w.in.Bytes()[:w.limit]
	}
	return w.in.Bytes()
}

// left is the number of bytes that may be looked at from pos on, or read and looked at.
func (w *walk) left() int {
	if w.limit > 0 {
		return w.limit - w.pos
	}
	return len(w.in.Bytes()) - w.pos + w.in.Left()
}

// skip goes over a value. Its length must show in its first bytes.
func (w *walk) skip() {
	if !w.need(1) {
		return
	}
	switch ignitebinary.Type(w.bytes()[w.pos]) {
	case ignitebinary.TypeObject, ignitebinary.TypeWrapped, ignitebinary.TypeHandle:
		w.stop = w.behind
	default:
	}
	if !w.need(min(w.left(), ignitebinary.SizeBytes)) {
		return
	}
	size := ignitebinary.Size(w.bytes()[w.pos:])
	if size > 0 && w.need(size) {
		w.pos += size
	} else {
		w.stop = true
	}
}

// value goes over the value of a row and places its array: the value itself, or a
// field of the object that it is.
func (w *walk) value() {
	if !w.need(placedStub) {
		return
	}
	switch ignitebinary.Type(w.bytes()[w.pos]) {
	case w.code:
		if w.divert() {
			return
		}
	case ignitebinary.TypeWrapped:
		if w.object() {
			return
		}
	}
	if w.ok() {
		w.skip()
	}
}

// divert places the array at pos and goes over what stands for it then; false
// when it is to stay.
func (w *walk) divert() bool {
	b := w.bytes()
	if n, ok := countAt(b, w.pos+1); !ok || n != w.count {
		return false
	}
	if w.limit > 0 {
		return w.found()
	}
	here := len(b) - w.pos - placedStub
	if here > w.width || w.width-here > w.in.Left() {
		return false
	}
	places := len(w.got.places)
	w.got.places = w.p.take(w.lane, w.row, 1, w.got.places)
	if len(w.got.places) == places {
		return false
	}
	w.refer(places)
	w.err = w.in.Divert(w.pos, w.got.places[places].mem(w.width))
	return true
}

// refer notes that the array at pos is in the place of that number, and goes over what is
// left of it. The position stays: only what is behind it will still move.
func (w *walk) refer(number int) {
	w.got.places[number].pos = w.pos
	w.in.Bytes()[w.pos] = byte(typePlaced)
	w.got.bytes += w.width
	w.pos += placedStub
	w.hole = w.pos
}

// forget undoes refer for the array that was at hole; its place is given up.
func (w *walk) forget(hole int) {
	w.in.Bytes()[hole-placedStub] = byte(w.code)
	w.got.bytes -= w.width
}

// putBack undoes the last divert, at pos.
func (w *walk) putBack(pos int) {
	last := len(w.got.places) - 1
	at := w.got.places[last]
	w.got.places = w.got.places[:last]
	w.forget(pos + placedStub)
	w.in.Insert(pos+placedStub, at.mem(w.width))
	w.p.done([]place{at})
}

// object places the array among the fields of the wrapped object at pos, and mends
// the lengths and offsets around it; false when nothing was placed and pos stands
// where it stood.
func (w *walk) object() bool {
	start := w.pos
	if !w.need(placedStub + headerBytes) {
		return false
	}
	b := w.bytes()
	total, ok := countAt(b, start+1)
	h := b[start+placedStub:]
	length, _ := countAt(h, atLength)
	footer, _ := countAt(h, atFooter)
	flags := binary.LittleEndian.Uint16(h[atFlags:])
	plain := ok && total == length && ignitebinary.Type(h[0]) == ignitebinary.TypeObject && binary.LittleEndian.Uint32(h[atTypeID:]) != 0 &&
		flags&ignitebinary.FlagHasSchema != 0 && flags&ignitebinary.FlagHasRaw == 0 && footer >= headerBytes && footer <= length
	if !plain || !w.holds(placedStub+length+countBytes) {
		return false
	}
	w.pos += placedStub + headerBytes
	hole := -1
	w.starts = w.starts[:0]
	for end := start + placedStub + footer; w.pos < end && w.need(placedStub); {
		at := w.pos
		w.starts = append(w.starts, at)
		if hole < 0 && ignitebinary.Type(w.bytes()[at]) == w.code && w.divert() {
			hole, w.behind, end = at, true, end-w.width
			continue
		}
		w.skip()
	}
	plain, w.behind = w.ok(), false
	w.pos = start
	w.stop = false
	if hole >= 0 && w.err == nil {
		w.mend(obj{start, hole, length, footer}, plain)
	}
	return hole >= 0
}

// holds says whether the n bytes from pos on, the array among them, are in the page, or
// are just the rest of the row in a stroke.
func (w *walk) holds(n int) bool {
	if w.limit > 0 {
		return w.pos+n-w.width == w.end
	}
	return n <= w.left()
}

// obj is a wrapped object with a placed array.
type obj struct{ start, hole, length, footer int }

// shorten changes the object's lengths by n bytes less.
func (o obj) shorten(b []byte, n int) {
	put := func(at, v int) { binary.LittleEndian.PutUint32(b[at:], uint32(v)) }
	put(o.start+1, o.length-n)
	put(o.start+placedStub+atLength, o.length-n)
	put(o.start+placedStub+atFooter, o.footer-n)
}

// mend reads the rest of the object and takes the array's bytes off its lengths
// and off the offsets of the fields behind it; where that is not possible the
// array comes back.
func (w *walk) mend(o obj, plain bool) {
	size := placedStub + o.length + countBytes - w.width
	if !w.need(size) {
		return
	}
	b := w.in.Bytes()[:o.start+size-countBytes]
	first, _ := countAt(w.in.Bytes(), len(b))
	var l layout
	o.shorten(b, w.width)
	if !plain || first != 0 || l.parse(b, o.start+placedStub) != "" || !w.moves(&l, b, o.hole) {
		o.shorten(b, 0)
		if w.limit > 0 {
			w.stop = true
			return
		}
		w.putBack(o.hole)
		w.pos = o.start
		w.skip()
		return
	}
	for i := range l.fields {
		if at := l.field(b, i) - l.start; at > o.hole-l.start {
			l.setField(b, i, at-w.width)
		}
	}
	w.pos = o.start + size
}

// moves says whether each offset is that of a value which the walk went over: a value
// that begins inside of another could reach over the hole at which an array was.
func (w *walk) moves(l *layout, b []byte, hole int) bool {
	for i := range l.fields {
		at := l.field(b, i)
		if at > hole {
			if at -= w.width; at <= hole {
				return false
			}
		}
		if _, ok := slices.BinarySearch(w.starts, at); !ok {
			return false
		}
	}
	return true
}

// setField writes the offset of field i.
func (l *layout) setField(b []byte, i, offset int) {
	p := l.footer + i*(l.idWidth+l.offWidth) + l.idWidth
	switch l.offWidth {
	case 1:
		b[p] = byte(offset)
	case 2:
		binary.LittleEndian.PutUint16(b[p:], uint16(offset))
	default:
		binary.LittleEndian.PutUint32(b[p:], uint32(offset))
	}
}
