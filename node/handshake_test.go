package node_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exchange sends raw bytes and returns the first frame that comes back.
func exchange(t *testing.T, n *node.Node, sent []byte) ([]byte, error) {
	t.Helper()
	nc := dialRaw(t, n)
	if _, err := nc.Write(sent); err != nil {
		t.Fatal(err)
	}
	return readFrame(nc)
}

func TestHandshakeGolden(t *testing.T) {
	n := start(t, node.Config{})
	id := n.ID()
	var uuid binary.Writer
	uuid.PutUUID(id)
	nodeID := "0a" + hex.EncodeToString(uuid.Buf)
	tests := []struct{ name, sent, want string }{
		{"1.7.0 offering everything", "10000000 01 0100 0700 0000 02 0c 03000000 fcff0b", "01 0c 03000000 cc2908" + nodeID},
		{"1.7.0 offering nothing", "0d000000 01 0100 0700 0000 02 0c 00000000", "01 0c 00000000" + nodeID},
		{"1.6.0", "08000000 01 0100 0600 0000 02", "01" + nodeID},
		{"1.4.0", "08000000 01 0100 0400 0000 02", "01" + nodeID},
		{"1.3.0", "08000000 01 0100 0300 0000 02", "01"},
		{"1.0.0", "08000000 01 0100 0000 0000 02", "01"},
		{
			"1.9.0", "0d000000 01 0100 0900 0000 02 0c 00000000",
			"00 0100 0700 0000 09 1a000000" + hex.EncodeToString([]byte("Unsupported version: 1.9.0")) + "01000000",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := exchange(t, n, unhex(t, tt.sent))
			if err != nil {
				t.Fatal(err)
			}
			if want := unhex(t, tt.want); !bytes.Equal(got, want) {
				t.Errorf("answer %x\nwant   %x", got, want)
			}
		})
	}
}

func TestHandshakeRefusesOtherProtocols(t *testing.T) {
	n := start(t, node.Config{})
	for name, sent := range map[string]string{
		"JDBC client":     "08000000 01 0100 0700 0000 01",
		"HTTP":            hex.EncodeToString([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
		"negative length": "ffffffff 01",
		"too long":        "00000005 01 0100",
		"cut short":       "04000000 01 0100 07",
		"empty":           "00000000",
	} {
		t.Run(name, func(t *testing.T) {
			if body, err := exchange(t, n, unhex(t, sent)); err == nil {
				t.Errorf("answered with %x", body)
			}
		})
	}
	dial(t, n) // the node lives on
}

func TestHandshakeTimeout(t *testing.T) {
	n := start(t, node.Config{HandshakeTimeout: 50 * time.Millisecond})
	c := dial(t, n)
	nc := dialRaw(t, n)
	if _, err := nc.Write([]byte{20, 0}); err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Read(make([]byte, 1)); err == nil {
		t.Error("a silent client is not cut off")
	}
	c.do(&wire.HeartbeatRequest{}, nil) // the timeout does not count after the handshake
}

func TestIdleTimeout(t *testing.T) {
	n := start(t, node.Config{IdleTimeout: 80 * time.Millisecond})
	c := dial(t, n)
	var p wire.LongResponse
	c.do(&wire.GetIdleTimeoutRequest{}, &p)
	if p.Value != 80 {
		t.Errorf("idle timeout = %d ms, want 80", p.Value)
	}
	if _, err := c.r.ReadByte(); err != io.EOF {
		t.Errorf("an idle client gets %v, want EOF", err)
	}
}

func TestAuthentication(t *testing.T) {
	n := start(t, node.Config{Users: map[string]string{"ignite": "secret", "empty": ""}})
	tests := []struct {
		user, password, refusal string
	}{
		{"ignite", "secret", ""},
		{"empty", "", ""},
		{"ignite", "Secret", "The user name or password is incorrect [userName=ignite]"},
		{"nobody", "", "The user name or password is incorrect [userName=nobody]"},
		{"", "", "The user name or password is incorrect [userName=null]"},
	}
	for _, tt := range tests {
		q := wire.HandshakeRequest{Features: wire.FeaturesClient, Username: tt.user, Password: tt.password}
		frame := wire.AppendFrame(nil, func(w *binary.Writer) { w.Buf = q.AppendTo(w.Buf) })
		body, err := exchange(t, n, frame)
		if err != nil {
			t.Fatal(err)
		}
		var p wire.HandshakeResponse
		if err := p.Decode(body); err != nil {
			t.Fatal(err)
		}
		if p.Accepted != (tt.refusal == "") || p.Message != tt.refusal {
			t.Errorf("user %q: accepted %t, message %q; want %q", tt.user, p.Accepted, p.Message, tt.refusal)
		}
		if !p.Accepted && (p.Status != wire.StatusAuthFailed || p.ServerVersion != wire.Version{}) {
			t.Errorf("user %q: status %v, version %v", tt.user, p.Status, p.ServerVersion)
		}
	}
}

// TestOldVersions holds the response layouts of before 1.4.0 and 1.7.0.
func TestOldVersions(t *testing.T) {
	n := start(t, node.Config{})
	for _, minor := range []byte{0, 3, 4, 6} {
		nc := dialRaw(t, n)
		r := bufio.NewReader(nc)
		if _, err := nc.Write([]byte{8, 0, 0, 0, 1, 1, 0, minor, 0, 0, 0, 2}); err != nil {
			t.Fatal(err)
		}
		if _, err := readFrame(r); err != nil {
			t.Fatal(err)
		}
		ask := func(q wire.Request) []byte {
			if _, err := nc.Write(wire.AppendRequest(nil, 7, q, 0)); err != nil {
				t.Fatal(err)
			}
			body, err := readFrame(r)
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
		bad := ask(&wire.CacheDestroyRequest{CacheID: 5})
		good := ask(&wire.HeartbeatRequest{})
		if minor < 4 {
			want := append([]byte{7, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0, 9, 35, 0, 0, 0}, "Cache does not exist [cacheId= 5]"...)
			want[13] = byte(len("Cache does not exist [cacheId= 5]"))
			if !bytes.Equal(bad, want) || !bytes.Equal(good, append([]byte{7}, make([]byte, 11)...)) {
				t.Errorf("1.%d.0: error %x, success %x", minor, bad, good)
			}
		} else if bad[8] != 3 || good[8] != 0 || len(good) != 10 { // error and topology; nothing
			t.Errorf("1.%d.0: error %x, success %x", minor, bad, good)
		}
	}
}
