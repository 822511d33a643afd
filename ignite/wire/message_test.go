package wire

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// fromHex reads hex digits, skipping white space and what follows a # on a
// line.
func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(s) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encodeBody(m Response, f Features) []byte {
	var w binary.Writer
	m.Encode(&w, f)
	return w.Buf
}

// decodeBody decodes all of b, and walks through the rows of a page.
func decodeBody(m Response, b []byte, f Features) error {
	r := binary.NewReader(b)
	m.Decode(r, f)
	if err := r.Finish(); err != nil {
		return err
	}
	switch p := m.(type) {
	case *QueryScanResponse:
		return p.Check(2)
	case *QuerySQLResponse:
		return p.Check(2)
	case *QuerySQLFieldsResponse:
		return p.Check(int(p.ColumnCount))
	case *PageResponse:
		return p.Check(2)
	}
	return nil
}

// checkBody holds a message against its bytes: m encodes to them, empty
// decodes from them and encodes to them again, every truncation of them and a
// byte too many are errors.
func checkBody(t *testing.T, f Features, m, empty Response, golden string) {
	t.Helper()
	want := fromHex(t, golden)
	if got := encodeBody(m, f); !bytes.Equal(got, want) {
		t.Errorf("%T encodes to\n%x, want\n%x", m, got, want)
	}
	if err := decodeBody(empty, want, f); err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	if got := encodeBody(empty, f); !bytes.Equal(got, want) {
		t.Errorf("%T decoded and encoded again is\n%x, want\n%x", m, got, want)
	}
	for n := range want {
		if err := decodeBody(empty, want[:n], f); err == nil {
			t.Errorf("%T: no error for %d of %d bytes", m, n, len(want))
		}
	}
	if err := decodeBody(empty, append(bytes.Clone(want), 0), f); err == nil {
		t.Errorf("%T: no error for a byte too many", m)
	}
}

func checkRequest(t *testing.T, f Features, q Request, golden string) {
	t.Helper()
	empty := NewRequest(q.Op())
	if empty == nil || fmt.Sprintf("%T", empty) != fmt.Sprintf("%T", q) {
		t.Fatalf("NewRequest(%s) is %T, want %T", q.Op(), empty, q)
	}
	checkBody(t, f, q, empty, golden)
}

func checkResponse(t *testing.T, f Features, op Op, p Response, golden string) {
	t.Helper()
	empty := NewResponse(op)
	if empty == nil || fmt.Sprintf("%T", empty) != fmt.Sprintf("%T", p) {
		t.Fatalf("NewResponse(%s) is %T, want %T", op, empty, p)
	}
	checkBody(t, f, p, empty, golden)
}

// value encodes a Go value.
func value(t testing.TB, v any) binary.Raw {
	t.Helper()
	b, err := binary.AppendValue(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMessagesMatchTheirOperations(t *testing.T) {
	for op := range messages {
		if got := NewRequest(op).Op(); got != op {
			t.Errorf("NewRequest(%s) is a request of %s", op, got)
		}
		if NewResponse(op) == nil {
			t.Errorf("%s has no response", op)
		}
		if !op.Known() {
			t.Errorf("%s is not in the table of operations", op)
		}
	}
	if q, p := NewRequest(4242), NewResponse(4242); q != nil || p != nil {
		t.Errorf("unknown operation: %v, %v, want nil", q, p)
	}
	if q := NewRequest(OpComputeTaskExecute); q != nil {
		t.Errorf("operation without a message: %v, want nil", q)
	}
}

// A count that the bytes can't hold must fail before anything is allocated.
func TestCountsAreHeldAgainstTheBytes(t *testing.T) {
	huge := fromHex(t, "ffffff7f")
	for op := range messages {
		for _, m := range []Response{NewRequest(op), NewResponse(op)} {
			for prefix := range 24 {
				body := append(make([]byte, prefix), huge...)
				if n := allocated(func() { _ = decodeBody(m, body, FeaturesClient) }); n > allocCeiling(len(body)) {
					t.Errorf("%T: %d bytes allocated for a body of %d", m, n, len(body))
				}
			}
		}
	}
}

// allocated returns how many heap bytes fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// allocCeiling is what decoding a body may allocate: the widest element for
// its size on the wire is a null key, 1 byte to 24, in a slice that grew.
func allocCeiling(n int) uint64 { return uint64(n)*24*4 + 64<<10 }
