package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func decodeHeader(b []byte) (ResponseHeader, error) {
	var h ResponseHeader
	r := binary.NewReader(b)
	h.Decode(r)
	return h, r.Finish()
}

func TestResponseHeader(t *testing.T) {
	for _, c := range []struct {
		name   string
		header ResponseHeader
		golden string
	}{
		{"success", ResponseHeader{RequestID: 5}, "0500000000000000 0000"},
		{"topology", ResponseHeader{RequestID: 5, Flags: 2, Topology: &AffinityVersion{3, 7}}, `
			0500000000000000 0200
			0300000000000000 07000000   # version 3.7`},
		{"error", ResponseHeader{RequestID: 5, Flags: 1, Status: StatusCacheDoesNotExist, Message: "no"}, `
			0500000000000000 0100
			e8030000 09 02000000 6e6f   # 1000, "no"`},
		{"topology and error", ResponseHeader{RequestID: 5, Flags: 3, Topology: &AffinityVersion{-1, 0}, Status: StatusFailed, Message: "no"}, `
			0500000000000000 0300
			ffffffffffffffff 00000000
			01000000 09 02000000 6e6f`},
		{"notification", ResponseHeader{RequestID: 5, Flags: 4, NotificationOp: OpComputeTaskFinished}, `
			0500000000000000 0400
			7117                        # operation 6001`},
		{"failed notification", ResponseHeader{RequestID: 5, Flags: 5, NotificationOp: OpComputeTaskFinished, Status: StatusFailed, Message: "no"}, `
			0500000000000000 0500
			7117
			01000000 09 02000000 6e6f`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := fromHex(t, c.golden)
			if got := c.header.AppendTo(nil); !bytes.Equal(got, want) {
				t.Errorf("encodes to %x, want %x", got, want)
			}
			got, err := decodeHeader(want)
			if err != nil || !reflect.DeepEqual(got, c.header) {
				t.Errorf("decodes to %+v, %v, want %+v", got, err, c.header)
			}
			for n := range want {
				if _, err := decodeHeader(want[:n]); err == nil {
					t.Errorf("no error for %d of %d bytes", n, len(want))
				}
			}
		})
	}
}

func TestResponseHeaderRejects(t *testing.T) {
	for name, b := range map[string]string{
		"unknown flag":         "0500000000000000 0800",
		"error without status": "0500000000000000 0100 00000000 65",
	} {
		if _, err := decodeHeader(fromHex(t, b)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestResponseHeaderErr(t *testing.T) {
	h := ResponseHeader{Status: StatusCacheDoesNotExist, Message: "Cache does not exist [cacheId= 7]"}
	if err := h.Err(); !errors.Is(err, StatusCacheDoesNotExist) || !strings.Contains(err.Error(), "[cacheId= 7]") {
		t.Errorf("error %v", err)
	}
	if err := (&ResponseHeader{}).Err(); err != nil {
		t.Errorf("success is %v", err)
	}
}

func TestAppendResponse(t *testing.T) {
	h := ResponseHeader{RequestID: 5}
	got := AppendResponse(nil, h, &BoolResponse{Value: true}, 0)
	if want := fromHex(t, "0b000000 0500000000000000 0000 01"); !bytes.Equal(got, want) {
		t.Errorf("frame %x, want %x", got, want)
	}
	h.Status = StatusFailed
	got = AppendResponse(nil, h, &BoolResponse{Value: true}, 0)
	if want := fromHex(t, "13000000 0500000000000000 0100 01000000 09 00000000"); !bytes.Equal(got, want) {
		t.Errorf("failure %x, want %x", got, want)
	}
}

func TestAffinityVersionCompare(t *testing.T) {
	ordered := []AffinityVersion{{-1, 0}, {1, 0}, {1, 3}, {2, 0}}
	for i, a := range ordered {
		for j, b := range ordered {
			want := min(max(i-j, -1), 1)
			if got := a.Compare(b); got != want {
				t.Errorf("%s against %s is %d, want %d", a, b, got, want)
			}
		}
	}
}
