package ignite

import (
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
)

// PageSink takes part in the reading of a page: it sees the rows while they
// arrive and may have large values read straight into memory of its own, which
// saves copying them. Page runs in the goroutine that reads the connection, so it
// must not block, and must not keep in after it has returned. What it has not
// read is read afterwards; an error of it ends the connection.
//
// A page may be offered twice when its connection was lost in between, and may
// be dropped when nobody waits for it any more: see OnRelease.
type PageSink interface {
	Page(in *IncomingPage) error
}

// IncomingPage is a page while it arrives.
type IncomingPage struct {
	// Rows is the number of rows.
	Rows int

	body *conn.Body
	at   int // where the rows begin in the body
}

const (
	cursorIDBytes = 8
	rowCountBytes = 4
	moreFlagBytes = 1
)

// sinkOf offers the pages of an answer to a sink; the page begins after skip bytes.
func sinkOf(s PageSink, skip int) conn.Sink {
	if s == nil {
		return nil
	}
	return func(body *conn.Body) error {
		in := IncomingPage{body: body, at: skip + rowCountBytes}
		if missing := in.at - len(body.Bytes()); missing > 0 {
			if missing > body.Left() {
				return nil // the decoder says what is wrong with it
			}
			if err := body.More(missing); err != nil {
				return err
			}
		}
		in.Rows = int(binary.NewReader(body.Bytes()[skip:]).Int32())
		if in.Rows <= 0 {
			return nil
		}
		return s.Page(&in)
	}
}

// Bytes is what is here of the rows: key, value, key, value and so on, without
// what was diverted. The sink may change it; it moves with the next call.
func (p *IncomingPage) Bytes() []byte { return p.body.Bytes()[p.at:] }

// Left is the number of bytes of rows that are still to come; it may be off by
// one, and negative then, for the byte after the rows.
func (p *IncomingPage) Left() int { return p.body.Left() - moreFlagBytes }

// More reads n more bytes to the end of Bytes; n must not be over Left.
func (p *IncomingPage) More(n int) error { return p.body.More(n) }

// Divert fills dst with the bytes of the rows from at of Bytes on: with those that
// are in Bytes, which ends at at afterwards, and with those that come next. Bytes
// must not reach further than dst does.
func (p *IncomingPage) Divert(at int, dst []byte) error { return p.body.Divert(p.at+at, dst) }

// Scatters says that Scatter costs one system call for many arrays. Otherwise, in TLS for
// one, it is no better than Divert.
func (p *IncomingPage) Scatters() bool { return p.body.Scatters() }

// Scatter reads n more bytes to the end of Bytes, 4 MiB at most, and between them what
// goes elsewhere: into dst[0] before the byte that will be at first in Bytes, into dst[1]
// before the one stride bytes further, and so on. first must not be before the end of
// Bytes, nor the last behind its end afterwards, and all of it not over Left.
func (p *IncomingPage) Scatter(n, first, stride int, dst [][]byte) error {
	return p.body.Scatter(n, p.at+first, stride, dst)
}

// Gather puts what was scattered back where it was: src[0] before the byte at first of
// Bytes, src[1] before the one stride bytes further, and so on.
func (p *IncomingPage) Gather(first, stride int, src [][]byte) {
	p.body.Gather(p.at+first, stride, src)
}

// Insert puts bytes back that were diverted from at of Bytes.
func (p *IncomingPage) Insert(at int, b []byte) { p.body.Insert(p.at+at, b) }

// OnRelease has f called when the page's memory is given back: by Page.Release, or
// because nobody took the page.
func (p *IncomingPage) OnRelease(f func()) { p.body.OnRelease(f) }
