package wire

import (
	"bytes"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func FuzzRequest(f *testing.F) {
	for _, x := range goldenExchanges(f) {
		if !x.handshake {
			f.Add(uint64(x.features), x.request[FrameHeaderBytes:])
		}
	}
	f.Fuzz(func(t *testing.T, bits uint64, body []byte) {
		features := Features(bits)
		var q Request
		var err error
		if n := allocated(func() { _, _, q, err = DecodeRequest(body, features) }); n > allocCeiling(len(body)) {
			t.Fatalf("%d bytes allocated for a body of %d", n, len(body))
		}
		if err != nil || q == nil {
			return
		}
		checkStable(t, q, NewRequest(q.Op()), features)
	})
}

func FuzzResponse(f *testing.F) {
	for _, x := range goldenExchanges(f) {
		if !x.handshake {
			r := binary.NewReader(x.request[FrameHeaderBytes:])
			op, _ := DecodeRequestHeader(r)
			f.Add(int16(op), uint64(x.features), x.response[FrameHeaderBytes:])
		}
	}
	f.Fuzz(func(t *testing.T, op int16, bits uint64, body []byte) {
		features := Features(bits)
		p := NewResponse(Op(op))
		if p == nil {
			return
		}
		var h ResponseHeader
		var err error
		n := allocated(func() {
			r := binary.NewReader(body)
			h.Decode(r)
			if err = r.Err(); err == nil && h.Status == StatusSuccess {
				err = DecodeResponse(r, Op(op), p, features)
			}
		})
		if n > allocCeiling(len(body)) {
			t.Fatalf("%d bytes allocated for a body of %d", n, len(body))
		}
		if err == nil && h.Status == StatusSuccess {
			checkStable(t, p, NewResponse(Op(op)), features)
		}
	})
}

func FuzzHandshake(f *testing.F) {
	for _, x := range goldenExchanges(f) {
		if x.handshake {
			f.Add(x.request[FrameHeaderBytes:])
			f.Add(x.response[FrameHeaderBytes:])
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var q, q2 HandshakeRequest
		if q.Decode(body) == nil {
			if err := q2.Decode(q.AppendTo(nil)); err != nil {
				t.Fatalf("%+v encodes to what fails: %v", q, err)
			}
			if !bytes.Equal(q.AppendTo(nil), q2.AppendTo(nil)) {
				t.Fatalf("%+v became %+v", q, q2)
			}
		}
		var p, p2 HandshakeResponse
		if p.Decode(body) == nil {
			if err := p2.Decode(p.AppendTo(nil)); err != nil {
				t.Fatalf("%+v encodes to what fails: %v", p, err)
			}
			if p != p2 {
				t.Fatalf("%+v became %+v", p, p2)
			}
		}
	})
}

// checkStable encodes a decoded message, decodes that and encodes it again:
// the bytes must be the same.
func checkStable(t *testing.T, m, empty Response, f Features) {
	t.Helper()
	once := encodeBody(m, f)
	r := binary.NewReader(once)
	empty.Decode(r, f)
	if err := r.Finish(); err != nil {
		t.Fatalf("%T encodes to what fails: %v\n%x", m, err, once)
	}
	if twice := encodeBody(empty, f); !bytes.Equal(once, twice) {
		t.Fatalf("%T encodes to\n%x, then to\n%x", m, once, twice)
	}
}
