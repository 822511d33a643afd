package wire

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// Flags of a response, as in Ignite's ClientFlag.
const (
	ResponseError           uint16 = 1 // status and message follow, no body
	ResponseTopologyChanged uint16 = 2 // the new affinity version follows
	ResponseNotification    uint16 = 4 // not an answer: RequestID is a resource id, an operation code follows

	responseFlagsKnown = ResponseError | ResponseTopologyChanged | ResponseNotification
)

// AffinityVersion is a version of the affinity topology: it grows with every
// node that joins or leaves (Major) and with every cache that is created or
// destroyed (Minor). An inactive cluster has (-1, 0).
type AffinityVersion struct {
	Major int64
	Minor int32
}

// Compare returns -1, 0 or 1 as v is older than, equal to or newer than o.
func (v AffinityVersion) Compare(o AffinityVersion) int {
	switch {
	case v == o:
		return 0
	case v.Major < o.Major, v.Major == o.Major && v.Minor < o.Minor:
		return -1
	}
	return 1
}

// String returns the version as "3.7".
func (v AffinityVersion) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

func (v AffinityVersion) encode(w *binary.Writer) {
	w.PutInt64(v.Major)
	w.PutInt32(v.Minor)
}

func readAffinityVersion(r *binary.Reader) AffinityVersion {
	return AffinityVersion{Major: r.Int64(), Minor: r.Int32()}
}

// ResponseHeader starts every response and notification from protocol 1.4.0
// on. The zero value with a RequestID is the header of a success.
type ResponseHeader struct {
	// RequestID is the id of the request answered; in a notification the id
	// of the resource it belongs to.
	RequestID int64
	// Flags is what Decode found. Encoding derives the flags from the fields
	// below and does not look at it.
	Flags uint16
	// Topology is the server's affinity version, sent once after it changed;
	// else nil.
	Topology *AffinityVersion
	// Status is StatusSuccess or why there is no body.
	Status Status
	// Message is the server's words for a Status that is no success.
	Message string
	// NotificationOp is the operation code of a notification, else 0.
	NotificationOp Op
}

// Err returns nil for a success, else an error that wraps the Status and
// carries the server's message.
func (h *ResponseHeader) Err() error {
	if h.Status == StatusSuccess {
		return nil
	}
	return fmt.Errorf("%s: %w", h.Message, h.Status)
}

// AppendTo appends the header to dst, without the frame's length.
func (h *ResponseHeader) AppendTo(dst []byte) []byte {
	w := binary.Writer{Buf: dst}
	h.encode(&w)
	return w.Buf
}

func (h *ResponseHeader) encode(w *binary.Writer) {
	var flags uint16
	if h.Status != StatusSuccess {
		flags |= ResponseError
	}
	if h.Topology != nil {
		flags |= ResponseTopologyChanged
	}
	if h.NotificationOp != 0 {
		flags |= ResponseNotification
	}
	w.PutInt64(h.RequestID)
	w.PutUint16(flags)
	if h.Topology != nil {
		h.Topology.encode(w)
	}
	if h.NotificationOp != 0 {
		w.PutInt16(int16(h.NotificationOp))
	}
	if h.Status != StatusSuccess {
		w.PutInt32(int32(h.Status))
		w.PutStr(h.Message)
	}
}

// Decode reads the header; the body, if the status is a success, follows in
// the Reader. Check the Reader's error afterwards.
func (h *ResponseHeader) Decode(r *binary.Reader) {
	*h = ResponseHeader{RequestID: r.Int64(), Flags: r.Uint16()}
	if h.Flags&^responseFlagsKnown != 0 {
		r.Fail("response flags", fmt.Sprintf("unknown flags %#x", h.Flags))
		return
	}
	if h.Flags&ResponseTopologyChanged != 0 {
		v := readAffinityVersion(r)
		h.Topology = &v
	}
	if h.Flags&ResponseNotification != 0 {
		h.NotificationOp = Op(r.Int16())
	}
	if h.Flags&ResponseError != 0 {
		h.Status = Status(r.Int32())
		h.Message = r.Str()
		if h.Status == StatusSuccess {
			r.Fail("response status", "error flag with status 0")
		}
	}
}

// AppendResponse appends a whole response frame to dst: length, header and
// body. A nil body, and any body when the status is no success, adds nothing.
func AppendResponse(dst []byte, h ResponseHeader, body Response, f Features) []byte {
	return AppendFrame(dst, func(w *binary.Writer) {
		h.encode(w)
		if body != nil && h.Status == StatusSuccess {
			body.Encode(w, f)
		}
	})
}

// DecodeResponse reads the body that follows a header without an error into
// resp, and reports bytes that are missing or too many. Byte slices in resp
// alias the Reader's input.
func DecodeResponse(r *binary.Reader, op Op, resp Response, f Features) error {
	resp.Decode(r, f)
	if err := r.Finish(); err != nil {
		return fmt.Errorf("wire: response to %s: %w", op, err)
	}
	return nil
}
