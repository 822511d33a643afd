package dataset

import (
	"encoding/binary"

	"github.com/kindling-ml/kindling/ignite"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// typePlaced stands in a page where an array was that has been placed: the code,
// and the number of the place in 4 bytes. No type of Ignite has this code.
const typePlaced = ignitebinary.Type(0xf0)

const placedRef = 1 + countBytes

// placer puts the large arrays of a lane's pages into their places while the pages
// arrive. It is an ignite.PageSink.
type placer struct {
	p     *placement
	lane  int
	first int64 // the lane's number of the next page's first row; rows before 0 are not delivered
	got   *placed
}

// placed are the places of a page.
type placed struct {
	p      *placement
	places []place
	bytes  int // that were diverted
}

func (p *placed) free() {
	for i := range p.places {
		p.p.done(p.places[i].slab)
	}
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
	if code == 0 || (in.Left()+len(in.Bytes()))/in.Rows < width {
		return nil
	}
	w := walk{in: in, code: code, width: width}
	got := &placed{p: s.p}
	in.OnRelease(got.free)
	s.got = got
	for row := range int64(in.Rows) {
		if w.skip(); w.ok() && s.first+row >= 0 { // the key
			w.value(func() (place, bool) { return s.p.take(s.lane, s.first+row) }, got)
		} else {
			w.skip()
		}
		if !w.ok() {
			break
		}
	}
	return w.err
}

// walk goes through the values of a page that is arriving. It stops at whatever is
// not plain: the decoder will see it.
type walk struct {
	in    *ignite.IncomingPage
	code  ignitebinary.Type
	width int
	pos   int
	// behind says that an array of the object has been placed. Nothing behind it may
	// refer to what is before it: only values that can't are passed over.
	behind bool
	stop   bool
	err    error
}

func (w *walk) ok() bool { return !w.stop && w.err == nil }

// need reads until n bytes are there from pos on.
func (w *walk) need(n int) bool {
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

// skip goes over a value. Its length must show in its first bytes.
func (w *walk) skip() {
	if !w.need(1) {
		return
	}
	switch ignitebinary.Type(w.in.Bytes()[w.pos]) {
	case ignitebinary.TypeObject, ignitebinary.TypeWrapped:
		w.stop = w.behind
	default:
	}
	left := len(w.in.Bytes()) - w.pos + w.in.Left()
	if !w.need(min(left, ignitebinary.SizeBytes)) {
		return
	}
	size := ignitebinary.Size(w.in.Bytes()[w.pos:])
	if size > 0 && w.need(size) {
		w.pos += size
	} else {
		w.stop = true
	}
}

// value goes over the value of a row and places its array: the value itself, or a
// field of the object that it is.
func (w *walk) value(take func() (place, bool), got *placed) {
	if !w.need(placedRef) {
		return
	}
	switch ignitebinary.Type(w.in.Bytes()[w.pos]) {
	case w.code:
		if w.divert(take, got) {
			return
		}
	case ignitebinary.TypeWrapped:
		if w.object(take, got) {
			return
		}
	}
	if w.ok() {
		w.skip()
	}
}

// divert places the array at pos and goes over what stands for it then; false
// when it is to stay.
func (w *walk) divert(take func() (place, bool), got *placed) bool {
	b := w.in.Bytes()
	n, ok := countAt(b, w.pos+1)
	if !ok || n*fixedWidth(elemOf(w.code)) != w.width || len(b)-w.pos-placedRef > w.width ||
		w.width-(len(b)-w.pos-placedRef) > w.in.Left() {
		return false
	}
	at, ok := take()
	if !ok {
		return false
	}
	got.places = append(got.places, at)
	got.bytes += w.width
	b[w.pos] = byte(typePlaced)
	binary.LittleEndian.PutUint32(b[w.pos+1:], uint32(len(got.places)-1))
	w.pos += placedRef
	w.err = w.in.Divert(w.pos, at.mem)
	return true
}

// putBack undoes the last divert, at pos.
func (w *walk) putBack(pos int, got *placed) {
	last := len(got.places) - 1
	at := got.places[last]
	got.places = got.places[:last]
	got.bytes -= w.width
	b := w.in.Bytes()
	b[pos] = byte(w.code)
	binary.LittleEndian.PutUint32(b[pos+1:], uint32(w.width/fixedWidth(elemOf(w.code))))
	w.in.Insert(pos+placedRef, at.mem)
	got.p.done(at.slab)
}

// object places the array among the fields of the wrapped object at pos, and mends
// the lengths and offsets around it; false when nothing was placed and pos stands
// where it stood.
func (w *walk) object(take func() (place, bool), got *placed) bool {
	start := w.pos
	if !w.need(placedRef + headerBytes) {
		return false
	}
	b := w.in.Bytes()
	total, ok := countAt(b, start+1)
	h := b[start+placedRef:]
	length, _ := countAt(h, atLength)
	footer, _ := countAt(h, atFooter)
	flags := binary.LittleEndian.Uint16(h[atFlags:])
	plain := ok && total == length && ignitebinary.Type(h[0]) == ignitebinary.TypeObject && binary.LittleEndian.Uint32(h[atTypeID:]) != 0 &&
		flags&ignitebinary.FlagHasSchema != 0 && flags&ignitebinary.FlagHasRaw == 0 && footer >= headerBytes && footer <= length
	if !plain || length+countBytes > len(h)+w.in.Left() {
		return false
	}
	w.pos += placedRef + headerBytes
	hole := -1
	for end := start + placedRef + footer; w.pos < end && w.need(placedRef); {
		at := w.pos
		if hole < 0 && ignitebinary.Type(w.in.Bytes()[at]) == w.code && w.divert(take, got) {
			hole, w.behind, end = at, true, end-w.width
			continue
		}
		w.skip()
	}
	plain, w.behind = w.ok(), false
	w.pos = start
	w.stop = false
	if hole >= 0 && w.err == nil {
		w.mend(obj{start, hole, length, footer}, plain, got)
	}
	return hole >= 0
}

// obj is a wrapped object with a placed array.
type obj struct{ start, hole, length, footer int }

// shorten changes the object's lengths by n bytes less.
func (o obj) shorten(b []byte, n int) {
	put := func(at, v int) { binary.LittleEndian.PutUint32(b[at:], uint32(v)) }
	put(o.start+1, o.length-n)
	put(o.start+placedRef+atLength, o.length-n)
	put(o.start+placedRef+atFooter, o.footer-n)
}

// mend reads the rest of the object and takes the array's bytes off its lengths
// and off the offsets of the fields behind it; where that is not possible the
// array comes back.
func (w *walk) mend(o obj, plain bool, got *placed) {
	size := placedRef + o.length + countBytes - w.width
	if !w.need(size) {
		return
	}
	b := w.in.Bytes()[:o.start+size-countBytes]
	first, _ := countAt(w.in.Bytes(), len(b))
	var l layout
	o.shorten(b, w.width)
	if !plain || first != 0 || l.parse(b, o.start+placedRef) != "" {
		o.shorten(b, 0)
		w.putBack(o.hole, got)
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
