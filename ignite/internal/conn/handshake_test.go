package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func dialError(ctx context.Context, t *testing.T, o Options) *Error {
	t.Helper()
	if o.HandshakeTimeout == 0 {
		o.HandshakeTimeout = 5 * time.Second
	}
	c, err := Dial(ctx, o)
	if err == nil {
		c.Close()
		t.Fatal("connected")
	}
	var ce *Error
	if !errors.As(err, &ce) {
		t.Fatalf("got %T: %v", err, err)
	}
	if ce.Addr != o.Addr || !strings.Contains(err.Error(), o.Addr) {
		t.Errorf("the address is missing in %v", err)
	}
	return ce
}

func TestRefusedUser(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handshake: func(q *wire.HandshakeRequest) wire.HandshakeResponse {
		if q.Username != "bob" || q.Password != "s3cret-word" {
			t.Errorf("the server got user %q", q.Username)
		}
		return wire.HandshakeResponse{Status: wire.StatusAuthFailed, Message: "The user name or password is incorrect"}
	}})
	err := dialError(t.Context(), t, Options{Addr: srv.Addr, Username: "bob", Password: "s3cret-word"})
	if err.Reason != ReasonRefused || !errors.Is(err, wire.StatusAuthFailed) {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "s3cret-word") {
		t.Errorf("the password is in the error: %v", err)
	}
}

func TestRefusedVersion(t *testing.T) {
	srv := wiretest.Start(t, wiretest.Options{Handshake: func(*wire.HandshakeRequest) wire.HandshakeResponse {
		return wire.HandshakeResponse{ServerVersion: wire.Version{Major: 1, Minor: 2}, Status: wire.StatusFailed, Message: "Unsupported version."}
	}})
	err := dialError(t.Context(), t, Options{Addr: srv.Addr})
	for _, want := range []string{"1.7.0", "1.2.0", "Unsupported version."} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

// answers lets a test say what a peer does with the handshake.
func answers(t *testing.T, reply string) string {
	return wiretest.Start(t, wiretest.Options{Raw: func(nc net.Conn) {
		if _, err := wiretest.ReadFrame(nc); err != nil {
			return
		}
		_, _ = io.WriteString(nc, reply)
	}}).Addr
}

func TestPeersThatAreNotIgnite(t *testing.T) {
	for _, c := range []struct {
		name, reply string
		reason      Reason
		text        string
	}{
		{"closes at once", "", ReasonNeedsTLS, "TLS"},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", ReasonNotIgnite, "HTTP"},
		{"Ignite 3", "IGNI\x00\x00\x00\x05\x03\x00\x00\x00\x00", ReasonNotIgnite, "Ignite 3"},
		{"TLS alert", "\x15\x03\x03\x00\x02\x02\x46", ReasonNeedsTLS, "set TLS"},
		{"garbage", "SSH-2.0-OpenSSH_9.6\r\n", ReasonNotIgnite, "SSH-"},
		{"two bytes", "ab", ReasonNotIgnite, "ab"},
		{"negative length", "\xff\xff\xff\xff", ReasonNotIgnite, "thin client port"},
		{"short body", "\x10\x00\x00\x00\x01", ReasonNotIgnite, "1 bytes into a reply of 16"},
		{"broken body", "\x02\x00\x00\x00\x01\x2a", ReasonNotIgnite, "can't be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := dialError(t.Context(), t, Options{Addr: answers(t, c.reply)})
			if err.Reason != c.reason || !strings.Contains(err.Error(), c.text) {
				t.Errorf("reason %s: %v", err.Reason, err)
			}
		})
	}
}

func TestEveryTruncationOfTheHandshake(t *testing.T) {
	res := wire.HandshakeResponse{Accepted: true, Features: wire.FeaturesClient, NodeID: uuid.New()}
	body := res.AppendTo(nil)
	for n := range body {
		err := dialError(t.Context(), t, Options{Addr: answers(t, string(frame(body[:n])))})
		if err.Reason != ReasonNotIgnite {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestSilentPeer(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	srv := wiretest.Start(t, wiretest.Options{Raw: func(net.Conn) { <-done }})
	err := dialError(t.Context(), t, Options{Addr: srv.Addr, HandshakeTimeout: 30 * time.Millisecond})
	if err.Reason != ReasonTimeout || !strings.Contains(err.Error(), "30ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = dialError(ctx, t, Options{Addr: srv.Addr})
	if err.Reason != ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a context: %v", err)
	}
}

func TestNothingListens(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	if err := dialError(t.Context(), t, Options{Addr: addr}); err.Reason != ReasonDial {
		t.Errorf("got %v", err)
	}
}
