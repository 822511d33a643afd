package conn

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// sunk reads an answer with body through a sink; the reader gives one byte at a time when slow is set.
func sunk(t *testing.T, body []byte, slow bool, sink Sink) (*Frame, error) {
	t.Helper()
	whole := frame(append(wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 7}, nil, 0)[4:], body...))
	var r io.Reader = bytes.NewReader(whole)
	if slow {
		r = iotest.OneByteReader(r)
	}
	c := readerConn(r, 512<<20)
	c.calls = map[int64]*call{7: {id: 7, sink: sink}}
	return c.readFrame()
}

// TestSinkDivertsAndPutsBack takes stretches out of a body: what is left and what
// was taken make the body, however it arrives.
func TestSinkDivertsAndPutsBack(t *testing.T) {
	body := make([]byte, 200<<10)
	for i := range body {
		body[i] = byte(i*7 ^ i>>8)
	}
	const at, n = 1000, 150 << 10
	for _, slow := range []bool{false, true} {
		for _, putBack := range []bool{false, true} {
			released := 0
			dst := make([]byte, n)
			f, err := sunk(t, body, slow, func(b *Body) error {
				b.OnRelease(func() { released++ })
				if err := b.More(at - len(b.Bytes()) + 3); err != nil { // three bytes too far
					return err
				}
				if err := b.Divert(at, dst); err != nil {
					return err
				}
				if putBack {
					b.Insert(at, dst)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Delete(slices.Clone(body), at, at+n)
			if putBack {
				want = body
			}
			if !bytes.Equal(dst, body[at:at+n]) || !bytes.Equal(f.Body, want) {
				t.Errorf("slow %v, put back %v: other bytes", slow, putBack)
			}
			f.Release()
			if released != 1 {
				t.Errorf("released %d times", released)
			}
		}
	}
}

// TestSinkOfABrokenAnswer cuts an answer off at every place near what a sink reads:
// an error, and the memory comes back.
func TestSinkOfABrokenAnswer(t *testing.T) {
	body := make([]byte, 300)
	for cut := range 290 {
		whole := frame(append(wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 7}, nil, 0)[4:], body...))
		released := false
		c := readerConn(bytes.NewReader(whole[:4+cut]), 512<<20)
		c.calls = map[int64]*call{7: {id: 7, sink: func(b *Body) error {
			b.OnRelease(func() { released = true })
			return b.Divert(20, make([]byte, 250))
		}}}
		if _, err := c.readFrame(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if cut >= minFrame+headBytes && !released {
			t.Fatalf("cut at %d: not released", cut)
		}
	}
}

// TestSinkWantsTooMuch asks for more than the frame has.
func TestSinkWantsTooMuch(t *testing.T) {
	for _, sink := range []Sink{
		func(b *Body) error { return b.More(b.Left() + 1) },
		func(b *Body) error { return b.Divert(0, make([]byte, 1<<20)) },
	} {
		if _, err := sunk(t, make([]byte, 500), false, sink); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	}
}
