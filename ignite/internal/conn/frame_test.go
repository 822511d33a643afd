package conn

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"testing"

	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func frame(b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// readerConn is a Conn that only reads frames, from bytes.
func readerConn(r io.Reader, limit int) *Conn {
	return &Conn{o: Options{Addr: "test:1", MaxFrameBytes: limit, Logger: slog.New(slog.DiscardHandler)}, br: bufio.NewReader(r)}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileLengths(t *testing.T) {
	for _, n := range []uint32{0, 9, 1 << 31, 0xffffffff, 600 << 20, 0x7fffffff} {
		c := readerConn(bytes.NewReader(binary.LittleEndian.AppendUint32(nil, n)), 512<<20)
		var pe *protocolError
		got := allocated(func() {
			if _, err := c.readFrame(); !errors.As(err, &pe) {
				t.Errorf("length %d: %v", n, err)
			}
		})
		if got > 64<<10 {
			t.Errorf("length %d: %d bytes were claimed", n, got)
		}
	}
}

func TestMemoryFollowsWhatArrives(t *testing.T) {
	// 400 MiB are announced, 100 bytes come.
	b := append(binary.LittleEndian.AppendUint32(nil, 400<<20), make([]byte, 100)...)
	c := readerConn(bytes.NewReader(b), 512<<20)
	got := allocated(func() {
		if _, err := c.readFrame(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	})
	if got > 2*trustedBytes {
		t.Errorf("%d bytes were claimed for 100", got)
	}
}

func TestLargeFrameArrivesWhole(t *testing.T) {
	want := make([]byte, 9<<20+5)
	for i := range want {
		want[i] = byte(i * 7 >> 3)
	}
	res := &wire.QueryScanResponse{CursorID: 9, Page: wire.Page{Rows: 1, Data: want}}
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, _ wire.Request) bool {
		c.Reply(id, res)
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	for range 3 {
		f, err := c.Do(t.Context(), &wire.QueryScanRequest{PageRows: 1}, Call{})
		if err != nil {
			t.Fatal(err)
		}
		var got wire.QueryScanResponse
		if err := f.Decode(&got, c.Features()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Data, want) {
			t.Fatal("the bytes have changed on the way")
		}
		f.Release()
		f.Release()
	}
}

func TestLargeRequestArrivesWhole(t *testing.T) {
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(i >> 5)
	}
	raw := append([]byte{12}, binary.LittleEndian.AppendUint32(nil, uint32(len(want)))...)
	raw = append(raw, want...)
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		q, ok := req.(*wire.CachePutRequest)
		c.Reply(id, &wire.BoolResponse{Value: ok && bytes.Equal(q.Value, raw)})
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	f, err := c.Do(t.Context(), &wire.CachePutRequest{Key: []byte{101}, Value: raw}, Call{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	var res wire.BoolResponse
	if err := f.Decode(&res, 0); err != nil || !res.Value {
		t.Errorf("the server got other bytes (%v)", err)
	}
}

func TestEveryTruncationOfAFrame(t *testing.T) {
	whole := wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 1, Topology: &wire.AffinityVersion{Major: 1}}, &wire.LongResponse{Value: 5}, 0)
	for n := range whole {
		c := readerConn(bytes.NewReader(whole[:n]), 1<<20)
		if _, err := c.readFrame(); err == nil {
			t.Errorf("%d of %d bytes were taken for a frame", n, len(whole))
		}
	}
	if f, err := readerConn(bytes.NewReader(whole), 1<<20).readFrame(); err != nil || f.Header.RequestID != 1 {
		t.Errorf("the whole frame: %v", err)
	}
}

func TestAnswerNobodyAskedFor(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, _ wire.Request) bool {
		c.Reply(id+1000, &wire.LongResponse{})
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	_, err := c.Do(t.Context(), sizeRequest(1), Call{})
	var ce *Error
	if !errors.As(err, &ce) || ce.Reason != ReasonProtocol {
		t.Errorf("got %v", err)
	}
}

func TestNotificationsAreDropped(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		c.ReplyHeader(wire.ResponseHeader{RequestID: 12345, NotificationOp: wire.OpQueryContinuousEventNotification}, &wire.LongResponse{})
		return echo(c, id, req)
	}})
	c := dialTest(t, Options{Addr: srv.Addr})
	f, err := c.Do(t.Context(), sizeRequest(4), Call{})
	if long(t, c, f, err) != 4 {
		t.Error("no answer beside a notification")
	}
}

func TestBufferClasses(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 5120, 5121, 1<<20 - 1, 1 << 20, 1<<20 + 1, 2<<20 + 100, 7 << 20, 1<<26 - 1, 1 << 26, 1<<26 + 1} {
		b := getBuffer(n)
		if len(b.b) != n || cap(b.b) > max(n+n/4+1, 1<<minBits) || b.class >= 0 && cap(b.b) != classSize(b.class) {
			t.Errorf("%d: length %d, capacity %d, class %d", n, len(b.b), cap(b.b), b.class)
		}
		b.put()
	}
	for c := range lastClass + 1 {
		size := classSize(c)
		if classOf(size) != c || classBelow(size) != c || classBelow(size+1) != c || c > 0 && classOf(size-1) != c {
			t.Errorf("class %d of %d bytes: %d, %d, %d", c, size, classOf(size), classBelow(size), classBelow(size+1))
		}
	}
	if c := classBelow(1<<minBits - 1); c != -1 {
		t.Errorf("a buffer below the smallest class is of class %d", c)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 7}, &wire.LongResponse{Value: 5}, 0))
	f.Add(wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 7, Status: wire.StatusFailed, Message: "no"}, nil, 0))
	f.Add(frame([]byte("0123456789")))
	f.Add([]byte{0xff, 0xff, 0xff, 0x1f, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := readerConn(bytes.NewReader(b), 1<<30)
		if got := allocated(func() {
			for {
				fr, err := c.readFrame()
				if err != nil {
					return
				}
				fr.Release()
			}
		}); got > 4*trustedBytes+uint64(64*len(b)) {
			t.Errorf("%d bytes were claimed for %d", got, len(b))
		}
	})
}
