package wire

import (
	"bytes"
	"testing"
)

func TestDataStreamerStartRequest(t *testing.T) {
	entries := []StreamerEntry{{Key: value(t, int32(7)), Value: value(t, true)}, {Key: value(t, int32(8))}}
	checkRequest(t, 0, &DataStreamerStartRequest{
		CacheID: 0x12345678, Flags: StreamerAllowOverwrite | StreamerClose,
		PerNodeBufferSize: StreamerDefaultBuffer, PerThreadBufferSize: 64, Entries: entries,
	}, `
		78563412 11         # cache id, flags
		ffffffff 40000000   # entries buffered for a node, for a thread
		65                  # no receiver
		02000000            # 2 entries
		03 07000000 08 01   # 7 is true
		03 08000000 65      # 8 is removed`)
	checkRequest(t, 0, &DataStreamerStartRequest{Receiver: value(t, "r"), ReceiverPlatform: PlatformJava}, `
		00000000 00 00000000 00000000
		09 01000000 72 01   # receiver and its platform
		00000000            # no entries`)
	checkResponse(t, 0, OpDataStreamerStart, &LongResponse{Value: 1}, "0100000000000000")
}

func TestDataStreamerAddDataRequest(t *testing.T) {
	checkRequest(t, 0, &DataStreamerAddDataRequest{
		StreamerID: 5, Flags: StreamerFlush, Entries: []StreamerEntry{{Key: value(t, true), Value: value(t, true)}},
	}, "0500000000000000 08 01000000 08 01 08 01")
	split := DataStreamerAddDataRequest{StreamerID: 5, Entries: []StreamerEntry{{Key: value(t, true), Value: value(t, false)}, {Key: value(t, false)}}}
	joined := DataStreamerAddDataRequest{StreamerID: 5, Entries: split.Entries[:1], Encoded: []byte{8, 0, 101}, EncodedRows: 1}
	want := AppendRequest(nil, 1, &split, 0)
	if got := AppendRequest(nil, 1, &joined, 0); !bytes.Equal(got, want) {
		t.Errorf("encoded entries give % x, want % x", got, want)
	}
	const before = 3 // bytes that were in dst
	head := AppendRequestHead(make([]byte, before), 1, &joined, 0)[before:]
	if got := append(head, joined.Tail()...); !bytes.Equal(got, want) {
		t.Errorf("head and tail give % x, want % x", got, want)
	}
	var q DataStreamerAddDataRequest
	if err := decodeBody(&q, fromHex(t, "0500000000000000 00 01000000 08 01 65"), 0); err != nil || q.Entries[0].Value != nil {
		t.Errorf("removal decodes to %+v, %v", q, err)
	}
}
