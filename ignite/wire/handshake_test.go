package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestHandshakeRequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		req    HandshakeRequest
		golden string
		whole  int // bytes that are a request too: one without credentials
	}{
		{"plain", HandshakeRequest{Version: Version170, Features: Features(0).With(FeatureClusterStates, FeatureAllAffinityMappings)}, `
			01 010007000000        # version 1.7.0
			02                     # thin client
			0c 02000000 0420       # features 2 and 13`, 0},
		{"no features", HandshakeRequest{Version: Version170}, "01 010007000000 02 0c 00000000", 0},
		{"credentials", HandshakeRequest{Version: Version170, Username: "u", Password: "p"}, `
			01 010007000000 02
			0c 00000000            # no features
			09 01000000 75         # user name
			09 01000000 70         # password`, 13},
		{"attributes", HandshakeRequest{Version: Version170, Features: 1, UserAttributes: map[string]string{"b": "2", "a": "1"}}, `
			01 010007000000 02
			0c 01000000 01         # feature 0
			19 02000000 01         # a HashMap of 2 entries
			09 01000000 61 09 01000000 31
			09 01000000 62 09 01000000 32`, 0},
		{"no attributes", HandshakeRequest{Version: Version170, Features: 1}, "01 010007000000 02 0c 01000000 01 65", 0},
		{"before features", HandshakeRequest{Version: Version{1, 6, 0}, Username: "u"}, `
			01 010006000000 02
			09 01000000 75
			09 00000000`, 8},
		{"before credentials", HandshakeRequest{Version: Version{1, 0, 0}}, "01 010000000000 02", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := fromHex(t, c.golden)
			if got := c.req.AppendTo(nil); !bytes.Equal(got, want) {
				t.Errorf("encodes to\n%x, want\n%x", got, want)
			}
			var got HandshakeRequest
			if err := got.Decode(want); err != nil || !reflect.DeepEqual(got, c.req) {
				t.Errorf("decodes to %+v, %v, want %+v", got, err, c.req)
			}
			for n := range want {
				if err := got.Decode(want[:n]); err == nil && n != c.whole {
					t.Errorf("no error for %d of %d bytes", n, len(want))
				}
			}
		})
	}
}

func TestHandshakeRequestDefaultVersion(t *testing.T) {
	if got, want := (&HandshakeRequest{}).AppendTo(nil), (&HandshakeRequest{Version: Version170}).AppendTo(nil); !bytes.Equal(got, want) {
		t.Errorf("zero version encodes to %x, want %x", got, want)
	}
}

func TestHandshakeRequestRejects(t *testing.T) {
	for name, b := range map[string]string{
		"HTTP":                       "47455420 2f204854",
		"JDBC":                       "01 010007000000 01 0c 00000000",
		"features of another type":   "01 010007000000 02 09 00000000",
		"more attributes than bytes": "01 010007000000 02 0c 01000000 01 19 00000040 01",
		"attributes of another type": "01 010007000000 02 0c 01000000 01 09 00000000",
	} {
		var q HandshakeRequest
		if err := q.Decode(fromHex(t, b)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHandshakeResponse(t *testing.T) {
	for _, c := range []struct {
		name   string
		resp   HandshakeResponse
		golden string
	}{
		{"accepted", HandshakeResponse{Accepted: true, Features: 4, NodeID: testNodeID}, `
			01
			0c 01000000 04                       # features
			0a 7766554433221100 ffeeddccbbaa9988 # node id`},
		{"version refused", HandshakeResponse{ServerVersion: Version170, Message: "no", Status: StatusFailed}, `
			00
			010007000000                         # version 1.7.0
			09 02000000 6e6f
			01000000`},
		{"credentials refused", HandshakeResponse{Message: "no", Status: StatusAuthFailed}, `
			00
			000000000000                         # version 0.0.0
			09 02000000 6e6f
			d0070000                             # status 2000`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := fromHex(t, c.golden)
			if got := c.resp.AppendTo(nil); !bytes.Equal(got, want) {
				t.Errorf("encodes to\n%x, want\n%x", got, want)
			}
			var got HandshakeResponse
			if err := got.Decode(want); err != nil || got != c.resp {
				t.Errorf("decodes to %+v, %v, want %+v", got, err, c.resp)
			}
			for n := range want {
				if err := got.Decode(want[:n]); err == nil {
					t.Errorf("no error for %d of %d bytes", n, len(want))
				}
			}
		})
	}
}

// A real server's refusal of a version it does not speak.
func TestHandshakeRefusedByServer(t *testing.T) {
	var p HandshakeResponse
	if err := p.Decode(golden(t, "refused.hex/handshake").response[FrameHeaderBytes:]); err != nil {
		t.Fatal(err)
	}
	err := p.Err()
	if p.Accepted || p.ServerVersion != Version170 || !errors.Is(err, StatusFailed) || !strings.Contains(err.Error(), "Unsupported version: 1.9.0") {
		t.Errorf("response %+v, error %v", p, err)
	}
}
