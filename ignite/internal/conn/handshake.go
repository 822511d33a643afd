package conn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// maxHandshakeBytes bounds the reply to a handshake: an id, a feature mask or a message.
const maxHandshakeBytes = 1 << 20

// greet performs TLS and the Ignite handshake on c.nc.
func (c *Conn) greet(ctx context.Context) error {
	var probe *tlsProbe
	if c.o.TLS != nil {
		tc, p, err := startTLS(ctx, c.nc, c.o)
		if err != nil {
			return err
		}
		c.nc, probe = tc, p
	}
	c.readFrom(newSocket(c.nc))
	c.direct = newDirectWriter(c.nc)
	err := c.handshake()
	if err != nil && probe != nil {
		// In TLS 1.3 the server judges the client's certificate after the client's
		// side of the handshake is over: its alert comes with the first read.
		if ce := probe.clientCertError(err); ce != nil {
			return ce
		}
	}
	return err
}

func (c *Conn) handshake() error {
	req := wire.HandshakeRequest{
		Version: wire.Version170, Features: c.o.Features,
		Username: c.o.Username, Password: c.o.Password,
	}
	out := make([]byte, 4, 256)
	out = req.AppendTo(out)
	w := binary.Writer{Buf: out[:0]}
	w.PutInt32(int32(len(out) - 4)) // writes over the first four bytes
	if _, err := c.nc.Write(out); err != nil {
		return err
	}
	body, err := c.readHandshake()
	if err != nil {
		return err
	}
	var res wire.HandshakeResponse
	if err := res.Decode(body); err != nil {
		return c.notIgnite(fmt.Errorf("its reply to the handshake can't be read: %w", err))
	}
	if !res.Accepted {
		return &Error{Addr: c.o.Addr, Reason: ReasonRefused, Err: &RefusedError{
			Asked: wire.Version170, Server: res.ServerVersion, Status: res.Status, Message: res.Message,
		}}
	}
	c.features = res.Features.Intersect(c.o.Features)
	c.nodeID = res.NodeID
	return nil
}

func (c *Conn) readHandshake() ([]byte, error) {
	var head [4]byte
	switch n, err := io.ReadFull(c.br, head[:]); {
	case err == nil:
	case n > 0 && errors.Is(err, io.ErrUnexpectedEOF):
		return nil, c.notIgnite(fmt.Errorf("it sent %q and closed the connection", head[:n]))
	case closedByPeer(err) && c.o.TLS == nil:
		return nil, &Error{Addr: c.o.Addr, Reason: ReasonNeedsTLS, Err: errors.New(
			"the server closed the connection without a reply to the handshake: it may want TLS (set TLS), or this is not the thin client port")}
	default:
		return nil, err
	}
	if err := c.judge(head); err != nil {
		return nil, err
	}
	n := binary.NewReader(head[:]).Int32()
	body := make([]byte, 0, min(n, 4096))
	buf := bytes.NewBuffer(body)
	if _, err := io.CopyN(buf, c.br, int64(n)); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, c.notIgnite(fmt.Errorf("it closed the connection %d bytes into a reply of %d", buf.Len(), n))
		}
		return nil, err
	}
	return buf.Bytes(), nil
}

// judge looks at the first four bytes of the reply: a length, or the beginning
// of some other protocol.
func (c *Conn) judge(head [4]byte) error {
	n := binary.NewReader(head[:]).Int32()
	switch {
	case string(head[:]) == "IGNI":
		return c.notIgnite(errors.New("it is an Apache Ignite 3 node; this client speaks the thin protocol of Ignite 2"))
	case string(head[:]) == "HTTP":
		return c.notIgnite(errors.New("it speaks HTTP; the thin client port of Ignite is 10800 unless configured"))
	case (head[0] == 0x15 || head[0] == 0x16) && head[1] == 3:
		return &Error{Addr: c.o.Addr, Reason: ReasonNeedsTLS, Err: errors.New("the server speaks TLS: set TLS")}
	case n <= 0 || n > maxHandshakeBytes:
		return c.notIgnite(fmt.Errorf("its reply begins with %q", head[:]))
	}
	return nil
}

func (c *Conn) notIgnite(err error) *Error {
	return &Error{
		Addr: c.o.Addr, Reason: ReasonNotIgnite,
		Err: fmt.Errorf("the peer is not an Ignite 2 thin client port: %w", err),
	}
}
