package wire

import (
	stdbinary "encoding/binary"
	"fmt"
	"math"

	"github.com/kindling-ml/kindling/ignite/binary"
)

const (
	// FrameHeaderBytes is the size of the length that starts every frame.
	FrameHeaderBytes = 4
	// MaxHandshakeBytes is the longest first message an Ignite server reads.
	MaxHandshakeBytes = 64 << 20
	// MaxFrameBytes is the longest body a frame can announce.
	MaxFrameBytes = math.MaxInt32
)

// FrameLengthError says that a frame announced a length that is negative or
// over the limit. The connection can't be read on after it.
type FrameLengthError struct {
	Length int32 // as announced, bytes
	Max    int   // the limit it was held against, bytes
}

// Error implements error.
func (e *FrameLengthError) Error() string {
	if e.Length < 0 {
		return fmt.Sprintf("wire: frame announces a negative length %d; is this an Ignite thin client port?", e.Length)
	}
	return fmt.Sprintf("wire: frame of %d bytes is over the limit of %d bytes", e.Length, e.Max)
}

// FrameLength reads the length of a frame's body from its first four bytes.
// maxBytes bounds what is accepted; 0 means [MaxFrameBytes]. The error is a
// *[FrameLengthError].
func FrameLength(header [FrameHeaderBytes]byte, maxBytes int) (int, error) {
	if maxBytes <= 0 {
		maxBytes = MaxFrameBytes
	}
	n := int32(stdbinary.LittleEndian.Uint32(header[:]))
	if n < 0 || int64(n) > int64(maxBytes) {
		return 0, &FrameLengthError{Length: n, Max: maxBytes}
	}
	return int(n), nil
}

// AppendFrame appends to dst an int32 length and the body that the function
// writes. The caller keeps the body below [MaxFrameBytes].
func AppendFrame(dst []byte, body func(*binary.Writer)) []byte {
	w := binary.Writer{Buf: append(dst, 0, 0, 0, 0)}
	start := len(w.Buf)
	body(&w)
	stdbinary.LittleEndian.PutUint32(w.Buf[start-FrameHeaderBytes:], uint32(len(w.Buf)-start))
	return w.Buf
}

// AppendRequest appends a whole request frame to dst: length, operation code,
// request id and body.
func AppendRequest(dst []byte, id int64, req Request, f Features) []byte {
	return AppendFrame(dst, func(w *binary.Writer) {
		w.PutInt16(int16(req.Op()))
		w.PutInt64(id)
		req.Encode(w, f)
	})
}

// TailedRequest is a request that ends with bytes which are there already. They can
// follow its frame's head from where they are, in place of being copied behind it.
type TailedRequest interface {
	Request
	// EncodeHead is Encode without the tail.
	EncodeHead(w *binary.Writer, f Features)
	// Tail is the rest. It must stay as it is until it has been sent.
	Tail() []byte
}

// AppendRequestHead is AppendRequest without the request's tail, which the frame's
// length counts all the same.
func AppendRequestHead(dst []byte, id int64, req TailedRequest, f Features) []byte {
	start := len(dst)
	dst = AppendFrame(dst, func(w *binary.Writer) {
		w.PutInt16(int16(req.Op()))
		w.PutInt64(id)
		req.EncodeHead(w, f)
	})
	n := len(dst) - start - FrameHeaderBytes + len(req.Tail())
	stdbinary.LittleEndian.PutUint32(dst[start:], uint32(n))
	return dst
}

// DecodeRequestHeader reads operation code and request id, which start the
// body of every request frame. Check the Reader's error afterwards.
func DecodeRequestHeader(r *binary.Reader) (op Op, id int64) {
	op = Op(r.Int16())
	return op, r.Int64()
}

// DecodeRequest reads the body of a request frame. For an operation this
// package has no message for, the request is nil and so is the error: the
// server then answers [StatusInvalidOpCode] with the id. Values in the request
// alias body.
func DecodeRequest(body []byte, f Features) (op Op, id int64, req Request, err error) {
	r := binary.NewReader(body)
	op, id = DecodeRequestHeader(r)
	if err := r.Err(); err != nil {
		return op, id, nil, fmt.Errorf("wire: request header: %w", err)
	}
	if req = NewRequest(op); req == nil {
		return op, id, nil, nil
	}
	req.Decode(r, f)
	if err := r.Finish(); err != nil {
		return op, id, nil, fmt.Errorf("wire: request %s: %w", op, err)
	}
	return op, id, req, nil
}
