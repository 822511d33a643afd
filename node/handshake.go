package node

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Versions of the protocol at which what the node writes changed.
var (
	version100 = wire.Version{Major: 1}
	version110 = wire.Version{Major: 1, Minor: 1} // a refusal has a status
	version120 = wire.Version{Major: 1, Minor: 2} // precision and scale in a query entity
	version140 = wire.Version{Major: 1, Minor: 4} // node id, response flags
	version160 = wire.Version{Major: 1, Minor: 6} // expiry policy in a cache configuration
)

// handshake reads the first message and answers it. An error ends the
// connection.
func (c *conn) handshake() error {
	if err := c.nc.SetDeadline(time.Now().Add(c.node.cfg.HandshakeTimeout)); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	var f frame
	if err := c.readFrame(&f, min(c.node.cfg.MaxFrameBytes, wire.MaxHandshakeBytes)); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	var q wire.HandshakeRequest
	if err := q.Decode(f.body); err != nil {
		return err // not a thin client: no answer that it could read
	}
	if refusal := c.check(&q); refusal != nil {
		if err := c.refuse(q.Version, refusal); err != nil {
			return err
		}
		return fmt.Errorf("handshake refused: %s", refusal.Message)
	}
	c.version = q.Version
	c.features = layouts(c.version, q.Features)
	if _, err := c.nc.Write(c.accepted()); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if err := c.nc.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	return nil
}

// layouts are the features of a connection: what decides the layout of messages.
func layouts(v wire.Version, offered wire.Features) wire.Features {
	switch {
	case v.Compare(version120) < 0:
		return wire.Features(0).With(wire.LayoutBefore120, wire.LayoutBefore160)
	case v.Compare(version160) < 0:
		return wire.Features(0).With(wire.LayoutBefore160)
	case v.Compare(wire.Version170) < 0:
		return 0
	}
	return features.Intersect(offered)
}

// check returns nil or the refusal of a handshake.
func (c *conn) check(q *wire.HandshakeRequest) *wire.HandshakeResponse {
	v := q.Version
	if v.Compare(version100) < 0 || v.Compare(wire.Version170) > 0 || v.Patch != 0 {
		return &wire.HandshakeResponse{
			ServerVersion: wire.Version170,
			Message:       fmt.Sprintf("Unsupported version: %s", v),
			Status:        wire.StatusFailed,
		}
	}
	if c.node.cfg.Users != nil && !authenticated(c.node.cfg.Users, q.Username, q.Password) {
		user := q.Username
		if user == "" {
			user = "null"
		}
		return &wire.HandshakeResponse{
			Message: fmt.Sprintf("The user name or password is incorrect [userName=%s]", user),
			Status:  wire.StatusAuthFailed,
		}
	}
	return nil
}

// authenticated takes the same time for a wrong name as for a wrong password.
func authenticated(users map[string]string, name, password string) bool {
	want, known := users[name]
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && known
}

func (c *conn) refuse(asked wire.Version, p *wire.HandshakeResponse) error {
	_, err := c.nc.Write(wire.AppendFrame(nil, func(w *binary.Writer) {
		w.Buf = p.AppendTo(w.Buf)
		if asked.Compare(version110) < 0 { // no status
			w.Buf = w.Buf[:len(w.Buf)-4]
		}
	}))
	return err
}

// accepted is the frame of an accepted handshake in the layout of its version.
func (c *conn) accepted() []byte {
	return wire.AppendFrame(nil, func(w *binary.Writer) {
		switch {
		case c.version.Compare(wire.Version170) >= 0:
			p := wire.HandshakeResponse{Accepted: true, Features: c.features, NodeID: c.node.id}
			w.Buf = p.AppendTo(w.Buf)
		case c.version.Compare(version140) >= 0:
			w.PutBool(true)
			w.PutTypedUUID(c.node.id)
		default:
			w.PutBool(true)
		}
	})
}
