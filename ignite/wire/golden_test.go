package wire

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// exchange is a request frame and the response frame of a real server.
type exchange struct {
	name              string
	handshake         bool
	features          Features // that held
	request, response []byte
}

// goldenExchanges reads testdata: lines of a name and the hex of a frame,
// each name once with .request and once with .response. Every file is one
// connection and starts with its handshake.
func goldenExchanges(t testing.TB) []exchange {
	t.Helper()
	files, err := filepath.Glob("testdata/ignite-*/*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	var all []exchange
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var features Features
		sc := bufio.NewScanner(bytes.NewReader(data))
		for sc.Scan() {
			name, digits, _ := strings.Cut(sc.Text(), " ")
			frame := fromHex(t, digits)
			if base, ok := strings.CutSuffix(name, ".request"); ok {
				all = append(all, exchange{name: filepath.Base(file) + "/" + base, handshake: base == "handshake", request: frame})
				continue
			}
			x := &all[len(all)-1]
			if x.name != filepath.Base(file)+"/"+strings.TrimSuffix(name, ".response") {
				t.Fatalf("%s: response %s follows request %s", file, name, x.name)
			}
			x.response = frame
			if x.handshake {
				var h HandshakeResponse
				if err := h.Decode(frame[FrameHeaderBytes:]); err != nil {
					t.Fatalf("%s: %v", x.name, err)
				}
				features = h.Features
			}
			x.features = features
		}
		if err := sc.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// What a real server read and wrote decodes, and encodes to the same bytes.
func TestGoldenExchanges(t *testing.T) {
	ops := map[Op]bool{}
	for _, x := range goldenExchanges(t) {
		t.Run(x.name, func(t *testing.T) {
			if x.handshake {
				checkGoldenHandshake(t, x)
				return
			}
			op, id, q, err := DecodeRequest(x.request[FrameHeaderBytes:], x.features)
			if err != nil {
				t.Fatal(err)
			}
			if q == nil {
				checkGoldenUnknown(t, x, id)
				return
			}
			ops[op] = true
			if got := AppendRequest(nil, id, q, x.features); !bytes.Equal(got, x.request) {
				t.Errorf("request\n%x became\n%x", x.request, got)
			}
			checkGoldenResponse(t, x, q)
		})
	}
	for op := range messages {
		if !ops[op] && op != OpQueryIndexCursorGetPage {
			t.Errorf("no exchange with %s in testdata", op)
		}
	}
}

func checkGoldenHandshake(t *testing.T, x exchange) {
	t.Helper()
	var q HandshakeRequest
	if err := q.Decode(x.request[FrameHeaderBytes:]); err != nil {
		t.Fatal(err)
	}
	if got := AppendFrame(nil, func(w *binary.Writer) { w.Buf = q.AppendTo(w.Buf) }); !bytes.Equal(got, x.request) {
		t.Errorf("request\n%x became\n%x", x.request, got)
	}
	var p HandshakeResponse
	if err := p.Decode(x.response[FrameHeaderBytes:]); err != nil {
		t.Fatal(err)
	}
	if got := AppendFrame(nil, func(w *binary.Writer) { w.Buf = p.AppendTo(w.Buf) }); !bytes.Equal(got, x.response) {
		t.Errorf("response\n%x became\n%x", x.response, got)
	}
}

// checkGoldenUnknown checks the answer to an operation that no server knows.
func checkGoldenUnknown(t *testing.T, x exchange, id int64) {
	t.Helper()
	r := binary.NewReader(x.response[FrameHeaderBytes:])
	var h ResponseHeader
	h.Decode(r)
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	if h.RequestID != id || !errors.Is(h.Err(), StatusInvalidOpCode) || h.Topology == nil {
		t.Errorf("header %+v", h)
	}
	if got := AppendResponse(nil, h, nil, x.features); !bytes.Equal(got, x.response) {
		t.Errorf("response\n%x became\n%x", x.response, got)
	}
}

func checkGoldenResponse(t *testing.T, x exchange, q Request) {
	t.Helper()
	r := binary.NewReader(x.response[FrameHeaderBytes:])
	var h ResponseHeader
	h.Decode(r)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	var p Response
	if h.Status == StatusSuccess {
		p = NewResponse(q.Op())
		if s, ok := q.(*QuerySQLFieldsRequest); ok {
			p.(*QuerySQLFieldsResponse).WithoutNames = !s.IncludeFieldNames
		}
		if err := DecodeResponse(r, q.Op(), p, x.features); err != nil {
			t.Fatal(err)
		}
	} else if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	if got := AppendResponse(nil, h, p, x.features); !bytes.Equal(got, x.response) {
		t.Errorf("response\n%x became\n%x", x.response, got)
	}
}

// golden returns one recorded exchange.
func golden(t testing.TB, name string) exchange {
	t.Helper()
	for _, x := range goldenExchanges(t) {
		if x.name == name {
			return x
		}
	}
	t.Fatalf("no exchange %s in testdata", name)
	return exchange{}
}

// goldenResponse decodes a recorded response.
func goldenResponse(t testing.TB, name string, p Response) {
	t.Helper()
	x := golden(t, name)
	r := binary.NewReader(x.response[FrameHeaderBytes:])
	var h ResponseHeader
	h.Decode(r)
	if err := h.Err(); err != nil {
		t.Fatal(err)
	}
	p.Decode(r, x.features)
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
}
