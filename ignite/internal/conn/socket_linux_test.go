//go:build !386 && !s390x

package conn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// pair is a TCP connection within this machine; buffer is the reader's, 0 for the system's.
func pair(t *testing.T, buffer int) (reader, writer *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	reader, writer = out.(*net.TCPConn), in.(*net.TCPConn)
	if buffer > 0 {
		if err := reader.SetReadBuffer(buffer); err != nil {
			t.Fatal(err)
		}
	}
	return reader, writer
}

// TestMarkedReads has large and small frames come in pieces of all sizes, into buffers
// of all sizes, to a reader that sleeps at times: each is read when it is there, whatever
// mark the one before has left.
func TestMarkedReads(t *testing.T) {
	sizes := []int{2 << 20, 11, 300 << 10, 5000, minFrame, markBytes, 64 << 10, 4 << 20, leastMark + 1}
	for _, buffer := range []int{0, 64 << 10, 400 << 10, 4 << 20} {
		for _, piece := range []int{700, 1448, 40_000, 8 << 20} {
			t.Run(fmt.Sprintf("buffer %d, pieces of %d", buffer, piece), func(t *testing.T) {
				t.Parallel()
				reader, writer := pair(t, buffer)
				in := newSocket(reader).(*socket)
				c := readerConn(in, 64<<20)
				c.readFrom(in)
				marks, longest := 0, time.Duration(0)
				for round := range 3 {
					for _, n := range sizes {
						answer := make([]byte, n)
						binary.LittleEndian.PutUint64(answer, uint64(round))
						sent := make(chan error, 1)
						began := time.Now()
						go func() { sent <- writePieces(writer, frame(answer), piece) }()
						if err := reader.SetReadDeadline(began.Add(20 * time.Second)); err != nil {
							t.Fatal(err)
						}
						if round == 1 {
							<-time.After(5 * time.Millisecond) // the window closes
						}
						f, err := c.readFrame()
						if err != nil {
							t.Fatalf("round %d, a frame of %d bytes: %v, with a mark of %d", round, n, err, in.mark)
						}
						longest = max(longest, time.Since(began))
						if f.Header.RequestID != int64(round) || len(f.Body) != n-minFrame {
							t.Fatalf("a frame of %d bytes has %d", n, len(f.Body))
						}
						f.Release()
						if err := <-sent; err != nil {
							t.Fatal(err)
						}
						if in.mark > 1 {
							marks++
						}
					}
				}
				t.Logf("%d marks, longest wait %v", marks, longest)
				if big := buffer == 0 || buffer > 1<<20; big && marks == 0 {
					t.Error("no mark was ever set")
				}
			})
		}
	}
}

func writePieces(w io.Writer, b []byte, piece int) error {
	for len(b) > 0 {
		n := min(piece, len(b))
		if _, err := w.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// TestMarkedReadOfABrokenConnection: who waits for much is told at once that no more comes.
func TestMarkedReadOfABrokenConnection(t *testing.T) {
	reader, writer := pair(t, 4<<20)
	in := newSocket(reader).(*socket)
	c := readerConn(in, 64<<20)
	c.readFrom(in)
	if _, err := writer.Write(frame(make([]byte, 1<<20))[:100<<10]); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = writer.Close() })
	if err := reader.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.readFrame(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if in.mark != markBytes {
		t.Errorf("the mark is %d", in.mark)
	}
}

// TestSocketErrors: a read that can't go on says what the connection's own would say.
func TestSocketErrors(t *testing.T) {
	for name, spoil := range map[string]func(reader, writer *net.TCPConn) error{
		"closed":   func(reader, _ *net.TCPConn) error { return reader.Close() },
		"deadline": func(reader, _ *net.TCPConn) error { return reader.SetReadDeadline(time.Now()) },
		"end":      func(_, writer *net.TCPConn) error { return writer.Close() },
		"reset": func(_, writer *net.TCPConn) error {
			return errors.Join(writer.SetLinger(0), writer.Close())
		},
	} {
		for _, waiting := range []bool{false, true} {
			var got [2]error
			for i := range got {
				reader, writer := pair(t, 0)
				in := []net.Conn{reader, newSocket(reader)}[i]
				done := make(chan error, 1)
				if waiting {
					time.AfterFunc(20*time.Millisecond, func() { done <- spoil(reader, writer) })
				} else {
					done <- spoil(reader, writer)
				}
				var n int
				for got[i] == nil {
					n, got[i] = in.Read(make([]byte, 100))
				}
				if err := <-done; n != 0 || err != nil {
					t.Fatal(n, err)
				}

			}
			if text := [2]string{withoutPorts(got[0]), withoutPorts(got[1])}; text[0] != text[1] {
				t.Errorf("%s, waiting %v: %q, the connection says %q", name, waiting, text[1], text[0])
			}
			for _, target := range []error{io.EOF, net.ErrClosed, os.ErrDeadlineExceeded, syscall.ECONNRESET} {
				if errors.Is(got[0], target) != errors.Is(got[1], target) {
					t.Errorf("%s, waiting %v: %v and %v are not the same %v", name, waiting, got[0], got[1], target)
				}
			}
		}
	}
}

func withoutPorts(err error) string {
	return regexp.MustCompile(`:\d+`).ReplaceAllString(err.Error(), "")
}

// TestSocketReadsAllocateNothing, whether they wait or not.
func TestSocketReadsAllocateNothing(t *testing.T) {
	reader, writer := pair(t, 0)
	in := newSocket(reader)
	p := make([]byte, 100)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := writer.Write(p); err != nil {
			t.Error(err)
		}
		if _, err := in.Read(p); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestScatterFromASocket has frames come in pieces of all sizes, and most of each go
// elsewhere: more stretches, and larger ones, than one system call fills.
func TestScatterFromASocket(t *testing.T) {
	for _, piece := range []int{1, 700, 40_000, 8 << 20} {
		for _, shape := range [][3]int{{3, 1, 2}, {14, 4096, 200}, {0, 1, 1500}, {9, 300 << 10, 5}, {5000, 2048, 20}, {14, 100, 3000}} {
			stride, size, n := shape[0], shape[1], shape[2]
			if piece == 1 && n*(stride+size) > 10_000 {
				continue
			}
			t.Run(fmt.Sprintf("pieces of %d, %v", piece, shape), func(t *testing.T) {
				t.Parallel()
				reader, writer := pair(t, 0)
				in := newSocket(reader).(*socket)
				c := readerConn(in, 64<<20)
				c.readFrom(in)
				for round := range 3 {
					scatterFrame(t, c, writer, piece, stride, size, n, round == 2)
				}
				if in.owed != 1 {
					t.Errorf("%d bytes are owed, and one is missing", in.owed)
				}
			})
		}
	}
}

// scatterFrame sends a frame of n stretches and reads it; with cut its last byte is
// missing.
func scatterFrame(t *testing.T, c *Conn, writer *net.TCPConn, piece, stride, size, n int, cut bool) {
	t.Helper()
	const rest = 77
	body := make([]byte, n*(stride+size)+rest)
	for i := range body {
		body[i] = byte(i*7 ^ i>>8)
	}
	whole := frame(append(wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 7}, nil, 0)[4:], body...))
	dst := make([][]byte, n)
	memory := make([]byte, n*size)
	for i := range dst {
		dst[i] = memory[i*size : (i+1)*size]
	}
	c.calls = map[int64]*call{7: {id: 7, sink: func(b *Body) error {
		if !b.Scatters() {
			t.Error("a socket does not scatter")
		}
		return b.Scatter(n*stride+rest-(headBytes-minFrame), len(b.Bytes())+stride, stride, dst)
	}}}
	sent := make(chan error, 1)
	go func() {
		if cut {
			whole = whole[:len(whole)-1]
		}
		err := writePieces(writer, whole, piece)
		if cut {
			err = errors.Join(err, writer.CloseWrite())
		}
		sent <- err
	}()
	f, err := c.readFrame()
	if cut {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a frame that is cut short: %v", err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		return
	}
	if err = errors.Join(err, <-sent); err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	at := headBytes - minFrame
	var left []byte
	for i := range n {
		left, at = append(left, body[at:at+stride]...), at+stride
		if !bytes.Equal(dst[i], body[at:at+size]) {
			t.Fatalf("stretch %d holds other bytes", i)
		}
		at += size
	}
	if left = append(left, body[at:]...); !bytes.Equal(f.Body[headBytes-minFrame:], left) {
		t.Fatal("other bytes are left")
	}
}
