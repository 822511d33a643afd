// Package wiretest has a scripted server for the tests of the client: it speaks
// the thin protocol through package wire and does nothing but what a test says.
//
//	srv := wiretest.Start(t, wiretest.Options{Handle: func(c *wiretest.Conn, id int64, req wire.Request) bool {
//		c.Reply(id, &wire.LongResponse{Value: 42})
//		return true
//	}})
package wiretest

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/google/uuid"

	bin "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Options is the script of a [Server].
type Options struct {
	// TLS makes the server speak TLS.
	TLS *tls.Config
	// NodeID is told in the handshake; zero: a random one.
	NodeID uuid.UUID
	// Handshake decides about a client; nil accepts every one, with the features
	// that the client offers.
	Handshake func(*wire.HandshakeRequest) wire.HandshakeResponse
	// Handle is called for each request of a connection, one after the other, in
	// the connection's goroutine. It may answer at once, later, or never. When it
	// returns false the server answers INVALID_OP_CODE. The request's bytes are
	// valid during the call only.
	Handle func(c *Conn, id int64, req wire.Request) bool
	// Raw takes a connection over as it is, before any handshake.
	Raw func(net.Conn)
}

// Server is a scripted server on a free port of 127.0.0.1.
type Server struct {
	Addr   string
	NodeID uuid.UUID

	o  Options
	t  testing.TB
	ln net.Listener
	wg sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	counts map[wire.Op]int
	seen   *sync.Cond
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		Addr: ln.Addr().String(), NodeID: o.NodeID, o: o, t: t, ln: ln,
		conns: make(map[net.Conn]bool), counts: make(map[wire.Op]int),
	}
	s.seen = sync.NewCond(&s.mu)
	if s.NodeID == uuid.Nil {
		s.NodeID = uuid.New()
	}
	s.wg.Add(1)
	go s.accept()
	t.Cleanup(s.Stop)
	return s
}

// Stop ends the server and its connections, and waits for them.
func (s *Server) Stop() {
	_ = s.ln.Close()
	s.Disconnect()
	s.wg.Wait()
}

// Disconnect ends all connections; the server accepts new ones.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

// Count is the number of requests of an operation so far.
func (s *Server) Count(op wire.Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[op]
}

// Await returns when there have been n requests of an operation.
func (s *Server) Await(op wire.Op, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.counts[op] < n {
		s.seen.Wait()
	}
}

// Connections is the number of connections that stand.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *Server) accept() {
	defer s.wg.Done()
	for {
		nc, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[nc] = true
		s.mu.Unlock()
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.serve(nc)
			_ = nc.Close()
			s.mu.Lock()
			delete(s.conns, nc)
			s.mu.Unlock()
		}()
	}
}

func (s *Server) serve(nc net.Conn) {
	if s.o.Raw != nil {
		s.o.Raw(nc)
		return
	}
	if s.o.TLS != nil {
		tc := tls.Server(nc, s.o.TLS)
		if tc.HandshakeContext(s.t.Context()) != nil {
			return
		}
		nc = tc
	}
	Serve(nc, s.NodeID, s.o, func(op wire.Op) {
		s.mu.Lock()
		s.counts[op]++
		s.seen.Broadcast()
		s.mu.Unlock()
	})
}

// Serve speaks the protocol on one connection until it ends. It is for
// connections that do not come from a listener, such as one end of a net.Pipe.
// count, when not nil, is told of each request before it is handled.
func Serve(nc net.Conn, node uuid.UUID, o Options, count func(wire.Op)) {
	body, err := ReadFrame(nc)
	if err != nil {
		return
	}
	var hello wire.HandshakeRequest
	if hello.Decode(body) != nil {
		return
	}
	res := wire.HandshakeResponse{Accepted: true, Features: hello.Features, NodeID: node}
	if o.Handshake != nil {
		res = o.Handshake(&hello)
	}
	c := &Conn{nc: nc, Features: res.Features}
	out := res.AppendTo(nil)
	if c.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), out...)) != nil || !res.Accepted {
		return
	}
	for {
		body, err := ReadFrame(nc)
		if err != nil {
			return
		}
		r := bin.NewReader(body)
		op, id := wire.DecodeRequestHeader(r)
		req := wire.NewRequest(op)
		if req == nil {
			c.Fail(id, wire.StatusInvalidOpCode, "Invalid request op code: "+op.String())
			continue
		}
		req.Decode(r, c.Features)
		if err := r.Finish(); err != nil {
			c.Fail(id, wire.StatusFailed, "the request can't be read: "+err.Error())
			continue
		}
		if count != nil {
			count(op)
		}
		if o.Handle == nil || !o.Handle(c, id, req) {
			c.Fail(id, wire.StatusInvalidOpCode, "not in the script: "+op.String())
		}
	}
}

// ReadFrame reads one frame's body.
func ReadFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > 64<<20 {
		return nil, errors.New("frame too long for a test")
	}
	body := make([]byte, n)
	_, err := io.ReadFull(r, body)
	return body, err
}

// Conn is the server's end of a connection. It is safe for concurrent use.
type Conn struct {
	Features wire.Features

	mu sync.Mutex
	nc net.Conn
}

// Reply answers a request.
func (c *Conn) Reply(id int64, body wire.Response) {
	c.ReplyHeader(wire.ResponseHeader{RequestID: id}, body)
}

// ReplyHeader answers with a header of its own.
func (c *Conn) ReplyHeader(h wire.ResponseHeader, body wire.Response) {
	_ = c.Write(wire.AppendResponse(nil, h, body, c.Features))
}

// Fail answers a request with an error status.
func (c *Conn) Fail(id int64, status wire.Status, message string) {
	c.ReplyHeader(wire.ResponseHeader{RequestID: id, Status: status, Message: message}, nil)
}

// Write sends bytes as they are.
func (c *Conn) Write(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.nc.Write(b)
	return err
}

// Close ends the connection.
func (c *Conn) Close() { _ = c.nc.Close() }
