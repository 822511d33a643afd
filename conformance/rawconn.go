package conformance

import (
	"bufio"
	stdbinary "encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// dialRaw opens a connection for operations that package ignite does not offer. It goes with the subtest.
func (e *env) dialRaw() *rawConn {
	e.Helper()
	var d net.Dialer
	nc, err := d.DialContext(e.ctx, "tcp", e.target.Server.Addr)
	e.noError(err)
	e.Cleanup(func() { _ = nc.Close() })
	e.noError(nc.SetDeadline(time.Now().Add(testTimeout)))
	c := &rawConn{nc: nc, r: bufio.NewReader(nc)}
	hello := (&wire.HandshakeRequest{Features: wire.FeaturesClient}).AppendTo(nil)
	_, err = nc.Write(append(stdbinary.LittleEndian.AppendUint32(nil, uint32(len(hello))), hello...))
	e.noError(err)
	body, err := c.frame()
	e.noError(err)
	var welcome wire.HandshakeResponse
	e.noError(welcome.Decode(body))
	e.noError(welcome.Err())
	return c
}

// rawConn is a connection that sends one request at a time.
type rawConn struct {
	nc net.Conn
	r  *bufio.Reader
	id int64
}

func (c *rawConn) frame() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, stdbinary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(c.r, body)
	return body, err
}

func (c *rawConn) call(q wire.Request, p wire.Response) error {
	c.id++
	if _, err := c.nc.Write(wire.AppendRequest(nil, c.id, q, wire.FeaturesClient)); err != nil {
		return err
	}
	body, err := c.frame()
	if err != nil {
		return err
	}
	r := binary.NewReader(body)
	var h wire.ResponseHeader
	h.Decode(r)
	if h.Status != 0 {
		return errors.Join(h.Status, errors.New(h.Message))
	}
	p.Decode(r, wire.FeaturesClient)
	return r.Finish()
}
