package binary

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"
)

// Writer appends little-endian fields and encoded values to Buf. The zero value is
// ready; set Buf to a slice of length 0 to reuse its memory. A Writer must not be used
// by two goroutines at once.
type Writer struct{ Buf []byte }

// PutUint8 appends one byte.
func (w *Writer) PutUint8(v uint8) { w.Buf = append(w.Buf, v) }

// PutBool appends 1 or 0.
func (w *Writer) PutBool(v bool) {
	if v {
		w.PutUint8(1)
		return
	}
	w.PutUint8(0)
}

// PutInt8 appends one signed byte.
func (w *Writer) PutInt8(v int8) { w.PutUint8(uint8(v)) }

// PutInt16 appends a 2-byte signed integer.
func (w *Writer) PutInt16(v int16) { w.PutUint16(uint16(v)) }

// PutUint16 appends a 2-byte unsigned integer.
func (w *Writer) PutUint16(v uint16) { w.Buf = binary.LittleEndian.AppendUint16(w.Buf, v) }

// PutInt32 appends a 4-byte signed integer.
func (w *Writer) PutInt32(v int32) { w.Buf = binary.LittleEndian.AppendUint32(w.Buf, uint32(v)) }

// PutInt64 appends an 8-byte signed integer.
func (w *Writer) PutInt64(v int64) { w.Buf = binary.LittleEndian.AppendUint64(w.Buf, uint64(v)) }

// PutFloat32 appends a 4-byte IEEE number.
func (w *Writer) PutFloat32(v float32) { w.PutInt32(int32(math.Float32bits(v))) }

// PutFloat64 appends an 8-byte IEEE number.
func (w *Writer) PutFloat64(v float64) { w.PutInt64(int64(math.Float64bits(v))) }

// PutBytes appends the bytes as they are, without type or length.
func (w *Writer) PutBytes(b []byte) { w.Buf = append(w.Buf, b...) }

// PutStr appends a typed string.
func (w *Writer) PutStr(s string) {
	w.PutUint8(uint8(TypeString))
	w.PutInt32(int32(len(s)))
	w.Buf = append(w.Buf, s...)
}

// PutOptStr appends a typed string, or null when ok is false: the counterpart of [Reader.OptStr].
func (w *Writer) PutOptStr(s string, ok bool) {
	if !ok {
		w.PutNull()
		return
	}
	w.PutStr(s)
}

// PutNull appends the type code of null.
func (w *Writer) PutNull() { w.PutUint8(uint8(TypeNull)) }

// PutUUID appends 16 bytes without a type byte in Ignite's order: two little-endian longs.
func (w *Writer) PutUUID(u uuid.UUID) {
	w.Buf = binary.LittleEndian.AppendUint64(w.Buf, binary.BigEndian.Uint64(u[:8]))
	w.Buf = binary.LittleEndian.AppendUint64(w.Buf, binary.BigEndian.Uint64(u[8:]))
}

// PutTypedUUID appends a UUID with its type byte.
func (w *Writer) PutTypedUUID(u uuid.UUID) {
	w.PutUint8(uint8(TypeUUID))
	w.PutUUID(u)
}

// PutRaw appends an encoded value; an empty Raw is null.
func (w *Writer) PutRaw(v Raw) {
	if len(v) == 0 {
		w.PutNull()
		return
	}
	w.Buf = append(w.Buf, v...)
}
