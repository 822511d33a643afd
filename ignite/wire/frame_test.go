package wire

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestFrameLength(t *testing.T) {
	for _, c := range []struct {
		header string
		limit  int
		want   int
		ok     bool
	}{
		{"00000000", 0, 0, true},
		{"0a000000", 10, 10, true},
		{"0b000000", 10, 0, false},
		{"ffffff7f", 0, MaxFrameBytes, true},
		{"00000080", 0, 0, false},
		{"ffffffff", 10, 0, false},
	} {
		got, err := FrameLength([FrameHeaderBytes]byte(fromHex(t, c.header)), c.limit)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("FrameLength(%s, %d) = %d, %v, want %d", c.header, c.limit, got, err, c.want)
		}
		var tooLong *FrameLengthError
		if err != nil && !errors.As(err, &tooLong) {
			t.Errorf("FrameLength(%s, %d): error is a %T", c.header, c.limit, err)
		}
	}
}

func TestAppendFrame(t *testing.T) {
	got := AppendFrame([]byte{0xaa}, func(w *binary.Writer) { w.PutInt16(0x0102) })
	if want := fromHex(t, "aa 02000000 0201"); !bytes.Equal(got, want) {
		t.Errorf("frame %x, want %x", got, want)
	}
}

func TestAppendRequest(t *testing.T) {
	got := AppendRequest(nil, 5, &CacheDestroyRequest{CacheID: 1}, 0)
	want := fromHex(t, `
		0e000000           # length
		2004               # operation 1056
		0500000000000000   # request id
		01000000           # body: cache id`)
	if !bytes.Equal(got, want) {
		t.Errorf("frame %x, want %x", got, want)
	}
}

func TestDecodeRequest(t *testing.T) {
	frame := fromHex(t, "2004 0500000000000000 01000000")
	op, id, q, err := DecodeRequest(frame, 0)
	if err != nil || op != OpCacheDestroy || id != 5 || q.(*CacheDestroyRequest).CacheID != 1 {
		t.Errorf("decoded %s, %d, %+v, %v", op, id, q, err)
	}
	for n := range frame {
		if _, _, _, err := DecodeRequest(frame[:n], 0); err == nil {
			t.Errorf("no error for %d of %d bytes", n, len(frame))
		}
	}
	if _, _, _, err := DecodeRequest(append(frame, 0), 0); err == nil {
		t.Error("no error for a byte too many")
	}
	op, id, q, err = DecodeRequest(fromHex(t, "9210 0500000000000000 01"), 0)
	if err != nil || op != 4242 || id != 5 || q != nil {
		t.Errorf("unknown operation decoded to %s, %d, %+v, %v", op, id, q, err)
	}
}
