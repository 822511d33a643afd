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

// TestScatter takes stretches of many sizes out of a body, in strokes, and puts some of
// them back: what is left and what was taken make the body, however it arrives.
func TestScatter(t *testing.T) {
	body := make([]byte, 40<<10)
	for i := range body {
		body[i] = byte(i*7 ^ i>>8)
	}
	for _, slow := range []bool{false, true} {
		for _, size := range []int{0, 1, 70, 2000, 5000} {
			for _, stride := range []int{0, 1, 14, 900} {
				for n := range 7 {
					scatterOnce(t, body, slow, size, stride, n)
				}
			}
		}
	}
}

// scatterOnce takes n stretches of size bytes out of a body, stride bytes apart, and puts
// the last half of them back.
func scatterOnce(t *testing.T, body []byte, slow bool, size, stride, n int) {
	t.Helper()
	const at = 100
	dst := make([][]byte, n)
	for i := range dst {
		dst[i] = make([]byte, size)
	}
	keep := n / 2
	f, err := sunk(t, body, slow, func(b *Body) error {
		have := len(b.Bytes())
		if err := b.Scatter(at-have+n*stride, at, stride, dst); err != nil {
			return err
		}
		for i, p := range dst {
			if from := at + i*(stride+size); !bytes.Equal(p, body[from:from+size]) {
				t.Errorf("stretch %d of %d bytes holds others", i, size)
			}
		}
		b.Gather(at+keep*stride, stride, dst[keep:])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	want := slices.Clone(body[:at])
	for i := range n {
		from := at + i*(stride+size)
		if i < keep {
			from += size
		}
		want = append(want, body[from:at+(i+1)*(stride+size)]...)
	}
	want = append(want, body[at+n*(stride+size):]...)
	if !bytes.Equal(f.Body, want) {
		t.Errorf("slow %v, %d stretches of %d bytes, %d apart: other bytes are left", slow, n, size, stride)
	}
}

// TestScatterRefuses what is not in the frame, or not in order.
func TestScatterRefuses(t *testing.T) {
	dst := [][]byte{make([]byte, 100), make([]byte, 100)}
	for name, scatter := range map[string]func(b *Body) error{
		"more than the frame has": func(b *Body) error { return b.Scatter(b.Left()-199, len(b.Bytes()), 1, dst) },
		"before the end":          func(b *Body) error { return b.Scatter(100, len(b.Bytes())-1, 1, dst) },
		"behind the end":          func(b *Body) error { return b.Scatter(10, len(b.Bytes()), 11, dst) },
		"backwards":               func(b *Body) error { return b.Scatter(10, len(b.Bytes())+5, -1, dst) },
		"too little":              func(b *Body) error { return b.Scatter(-1, len(b.Bytes()), 0, dst) },
	} {
		refused := false
		_, err := sunk(t, make([]byte, 500), false, func(b *Body) error {
			err := scatter(b)
			refused = err != nil
			return err
		})
		if err == nil || !refused {
			t.Errorf("%s: nothing is wrong", name)
		}
	}
}
