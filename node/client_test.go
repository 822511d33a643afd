package node_test

import (
	"bufio"
	stdbinary "encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a node for a test.
func start(t testing.TB, cfg node.Config) *node.Node {
	t.Helper()
	if cfg.Address == "" {
		cfg.Address = "127.0.0.1:0"
	}
	n, err := node.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// client speaks the protocol by hand: one request, one answer.
type client struct {
	t        testing.TB
	nc       net.Conn
	r        *bufio.Reader
	id       int64
	features wire.Features
	topology *wire.AffinityVersion // last told
}

const testTimeout = 30 * time.Second

func dialRaw(t testing.TB, n *node.Node) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(testTimeout)); err != nil {
		t.Fatal(err)
	}
	return nc
}

func dial(t testing.TB, n *node.Node) *client {
	t.Helper()
	c := &client{t: t, nc: dialRaw(t, n), features: wire.FeaturesClient}
	c.r = bufio.NewReader(c.nc)
	c.send((&wire.HandshakeRequest{Features: wire.FeaturesClient}).AppendTo(nil))
	var p wire.HandshakeResponse
	if err := p.Decode(c.frame()); err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *client) send(body []byte) {
	c.t.Helper()
	frame := stdbinary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	if _, err := c.nc.Write(append(frame, body...)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) frame() []byte {
	c.t.Helper()
	body, err := readFrame(c.r)
	if err != nil {
		c.t.Fatal(err)
	}
	return body
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, stdbinary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(r, body)
	return body, err
}

// post sends a request and returns its id.
func (c *client) post(q wire.Request) int64 {
	c.t.Helper()
	c.id++
	if _, err := c.nc.Write(wire.AppendRequest(nil, c.id, q, c.features)); err != nil {
		c.t.Fatal(err)
	}
	return c.id
}

// next reads an answer.
func (c *client) next() (wire.ResponseHeader, *binary.Reader) {
	c.t.Helper()
	r := binary.NewReader(c.frame())
	var h wire.ResponseHeader
	h.Decode(r)
	if err := r.Err(); err != nil {
		c.t.Fatal(err)
	}
	if h.Topology != nil {
		c.topology = h.Topology
	}
	return h, r
}

// try sends a request and reads the answer into p, nil for an empty one.
func (c *client) try(q wire.Request, p wire.Response) error {
	c.t.Helper()
	id := c.post(q)
	h, r := c.next()
	if h.RequestID != id {
		c.t.Fatalf("answer to request %d, want %d", h.RequestID, id)
	}
	if h.Status != wire.StatusSuccess {
		return h.Err()
	}
	if p == nil {
		p = &wire.EmptyResponse{}
	}
	if err := wire.DecodeResponse(r, q.Op(), p, c.features); err != nil {
		c.t.Fatal(err)
	}
	return nil
}

// do is try for requests that must succeed.
func (c *client) do(q wire.Request, p wire.Response) {
	c.t.Helper()
	if err := c.try(q, p); err != nil {
		c.t.Fatalf("%s: %v", q.Op(), err)
	}
}

// refused is try for requests that must fail with a status and a text.
func (c *client) refused(q wire.Request, status wire.Status, text string) {
	c.t.Helper()
	err := c.try(q, nil)
	if !errors.Is(err, status) || errText(err, status) != text {
		c.t.Errorf("%s: got error %v\nwant status %d, %q", q.Op(), err, status, text)
	}
}

// errText strips what ResponseHeader.Err adds to the server's message.
func errText(err error, s wire.Status) string {
	if err == nil {
		return ""
	}
	suffix := ": " + s.Error()
	text := err.Error()
	if len(text) < len(suffix) {
		return text
	}
	return text[:len(text)-len(suffix)]
}

// cacheNamed makes a cache and returns its id.
func (c *client) cacheNamed(name string) wire.CacheInfo {
	c.t.Helper()
	c.do(&wire.CacheGetOrCreateWithNameRequest{Name: name}, nil)
	return info(name)
}

func info(name string) wire.CacheInfo {
	return wire.CacheInfo{CacheID: binary.CacheID(name), Flags: wire.FlagKeepBinary}
}

// enc encodes a plain Go value.
func enc(v any) binary.Raw {
	b, err := binary.AppendValue(nil, v)
	if err != nil {
		panic(err)
	}
	return b
}

// dec decodes a plain Go value.
func (c *client) dec(raw binary.Raw) any {
	c.t.Helper()
	v, err := binary.DecodeValue(raw, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

func (c *client) put(ci wire.CacheInfo, k, v any) {
	c.t.Helper()
	c.do(&wire.CachePutRequest{CacheInfo: ci, Key: enc(k), Value: enc(v)}, nil)
}

func (c *client) get(ci wire.CacheInfo, k any) any {
	c.t.Helper()
	var p wire.ObjectResponse
	c.do(&wire.CacheGetRequest{CacheInfo: ci, Key: enc(k)}, &p)
	return c.dec(p.Value)
}

func (c *client) size(ci wire.CacheInfo) int64 {
	c.t.Helper()
	var p wire.LongResponse
	c.do(&wire.CacheGetSizeRequest{CacheInfo: ci}, &p)
	return p.Value
}

// fill puts rows keys 0..n-1 with their decimal number as values.
func (c *client) fill(ci wire.CacheInfo, n int, value func(int) any) {
	c.t.Helper()
	q := &wire.CachePutAllRequest{CacheInfo: ci}
	for i := range n {
		q.Entries = append(q.Entries, wire.Entry{Key: enc(int64(i)), Value: enc(value(i))})
	}
	c.do(q, nil)
}

// rows decodes a page of keys and values.
func rows(t testing.TB, p *wire.Page) (keys []int64, values []binary.Raw) {
	t.Helper()
	r := binary.NewReader(p.Data)
	for range p.Rows {
		k, ok := r.Value().(int64)
		if !ok {
			t.Fatalf("a key is no long: %v", r.Err())
		}
		keys = append(keys, k)
		values = append(values, r.Raw())
	}
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	return keys, values
}

// closeSoon ends a node, which may take 10 s whatever its clients do.
func closeSoon(t *testing.T, n *node.Node) {
	t.Helper()
	begin := time.Now()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(begin); d > 10*time.Second {
		t.Errorf("close took %v", d)
	}
}
