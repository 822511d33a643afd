package conn

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// tailed is a request with one entry of n bytes, each of them b.
func tailed(t *testing.T, n int, b byte) *wire.DataStreamerAddDataRequest {
	t.Helper()
	row, err := ignitebinary.AppendValue(nil, int64(b))
	if err == nil {
		row, err = ignitebinary.AppendValue(row, bytes.Repeat([]byte{b}, n))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &wire.DataStreamerAddDataRequest{StreamerID: int64(n), Encoded: row, EncodedRows: 1}
}

// TestTailsFollowTheirHeads sends tails that are copied, tails that are not, and small
// requests over one connection at once.
func TestTailsFollowTheirHeads(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
		q, ok := req.(*wire.DataStreamerAddDataRequest)
		if !ok {
			return echo(c, id, req)
		}
		value := q.Entries[0].Value[5:] // behind the type and the length
		want := bytes.Repeat([]byte{q.Entries[0].Key[1]}, int(q.StreamerID))
		if len(q.Entries) != 1 || !bytes.Equal(value, want) {
			c.Fail(id, wire.StatusFailed, "the tail is another's")
			return true
		}
		c.Reply(id, &wire.EmptyResponse{})
		return true
	}})
	c := dialTest(t, Options{Addr: srv.Addr, WriteTimeout: 10 * time.Second})
	var wg sync.WaitGroup
	for i, n := range []int{0, 100, copiedBytes - 14, copiedBytes - 13, copiedBytes, batchBytes + 1, pieceBytes, 2*pieceBytes + 7} {
		for range 3 {
			request := tailed(t, n, byte(i+1))
			wg.Go(func() {
				var written atomic.Bool
				f, err := c.Do(t.Context(), request, Call{Written: &written})
				if err != nil {
					t.Error(err)
					return
				}
				defer f.Release()
				if f.Header.Status != wire.StatusSuccess {
					t.Errorf("%d bytes: %s", n, f.Header.Message)
				}
				awaitTail(t, &written)
			})
			wg.Go(func() {
				f, err := c.Do(t.Context(), sizeRequest(int32(n)), Call{})
				if got := long(t, c, f, err); got != int64(n) {
					t.Errorf("a small request between tails: %d, want %d", got, n)
				}
			})
		}
	}
	wg.Wait()
}

// TestTailAnsweredBeforeItIsRead: the answer does not give the tail back.
func TestTailAnsweredBeforeItIsRead(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	read := make(chan struct{})
	go func() {
		if _, err := wiretest.ReadFrame(server); err != nil {
			return
		}
		reply := func(body []byte) {
			_, _ = server.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...))
		}
		res := wire.HandshakeResponse{Accepted: true}
		reply(res.AppendTo(nil))
		head := make([]byte, 100)
		_, _ = server.Read(head[:1])
		reply(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint64(nil, 1), 0)) // request 1, no flags
		<-read
		for {
			if _, err := server.Read(head); err != nil {
				return
			}
		}
	}()
	c := dialTest(t, Options{Addr: "pipe:1", Dialer: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
	var written atomic.Bool
	f, err := c.Do(t.Context(), tailed(t, 2*copiedBytes, 1), Call{Written: &written})
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	if written.Load() {
		t.Error("the tail was given back before it was written")
	}
	close(read)
	awaitTail(t, &written)
}

func awaitTail(t *testing.T, written *atomic.Bool) {
	t.Helper()
	late := time.After(5 * time.Second)
	for !written.Load() {
		select {
		case <-time.After(time.Millisecond):
		case <-late:
			t.Error("the tail was never given back")
			return
		}
	}
}

// TestTailWithdrawnBeforeItIsSent: it is given back when the writer comes to it.
func TestTailWithdrawnBeforeItIsSent(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handle: echo})
	c := dialTest(t, Options{Addr: srv.Addr})
	c.writing.Lock()
	var written atomic.Bool
	_, err := c.Do(t.Context(), tailed(t, 2*copiedBytes, 1), Call{Timeout: 10 * time.Millisecond, Written: &written})
	if err == nil || written.Load() {
		t.Errorf("given back: %v; %v", written.Load(), err)
	}
	c.writing.Unlock()
	awaitTail(t, &written)
	f, err := c.Do(t.Context(), sizeRequest(5), Call{})
	if got := long(t, c, f, err); got != 5 {
		t.Errorf("the next request: %d", got)
	}
	if n := srv.Count(wire.OpDataStreamerAddData); n != 0 {
		t.Errorf("%d withdrawn requests were sent", n)
	}
}
