package binary

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/google/uuid"
)

// FormatError says where and why bytes are not Ignite's binary format. Test for it
// with errors.As.
type FormatError struct {
	Offset int    // byte offset in the input of the Reader
	Field  string // what was being read
	Reason string
	cause  error
}

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("binary: %s at byte %d: %s", e.Field, e.Offset, e.Reason)
}

// Unwrap returns the error of a [Resolver], if one was the cause.
func (e *FormatError) Unwrap() error { return e.cause }

// Reader reads little-endian fields and encoded values from a byte slice. It never
// reads outside of it, never panics on what it finds, and never allocates more than
// a fixed multiple of what is there.
//
// The first error sticks: everything read afterwards is zero, so a caller checks
// [Reader.Err] once at the end. A Reader must not be used by two goroutines at once.
type Reader struct {
	b   []byte
	pos int
	err *FormatError
}

// NewReader returns a Reader at the start of b. The Reader keeps b and never writes to it.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Err returns the first error, a *[FormatError], or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Pos returns the offset of the next byte.
func (r *Reader) Pos() int { return r.pos }

// Len returns the number of bytes that remain; 0 after an error.
func (r *Reader) Len() int {
	if r.err != nil {
		return 0
	}
	return len(r.b) - r.pos
}

// Fail records an error of the caller at the current position, unless there is one already.
func (r *Reader) Fail(field, reason string) { r.failAt(r.pos, field, reason) }

func (r *Reader) failAt(pos int, field, reason string) {
	if r.err == nil {
		r.err = &FormatError{Offset: pos, Field: field, Reason: reason}
	}
}

// Finish returns the first error, or one of its own when bytes remain unread.
func (r *Reader) Finish() error {
	if n := r.Len(); n > 0 {
		r.Fail("end", fmt.Sprintf("%d bytes too many", n))
	}
	return r.Err()
}

// next returns the next n bytes, or nil after recording an error.
func (r *Reader) next(n int, field string) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.b)-r.pos {
		r.short(n, field)
		return nil
	}
	b := r.b[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

func (r *Reader) short(n int, field string) {
	if n < 0 {
		r.Fail(field, fmt.Sprintf("negative length %d", n))
		return
	}
	r.Fail(field, fmt.Sprintf("needs %d bytes, %d remain", n, len(r.b)-r.pos))
}

// Uint8 reads one byte.
func (r *Reader) Uint8() uint8 {
	if b := r.next(1, "byte"); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads one byte that must be 0 or 1.
func (r *Reader) Bool() bool {
	v := r.Uint8()
	if v > 1 {
		r.failAt(r.pos-1, "boolean", fmt.Sprintf("value %d is neither 0 nor 1", v))
	}
	return v == 1
}

// Int8 reads one signed byte.
func (r *Reader) Int8() int8 { return int8(r.Uint8()) }

// Int16 reads a 2-byte signed integer.
func (r *Reader) Int16() int16 { return int16(r.Uint16()) }

// Uint16 reads a 2-byte unsigned integer.
func (r *Reader) Uint16() uint16 {
	if b := r.next(2, "short"); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// Int32 reads a 4-byte signed integer.
func (r *Reader) Int32() int32 {
	if b := r.next(4, "int"); b != nil {
		return int32(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// Int64 reads an 8-byte signed integer.
func (r *Reader) Int64() int64 {
	if b := r.next(8, "long"); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// Float32 reads a 4-byte IEEE number.
func (r *Reader) Float32() float32 { return math.Float32frombits(uint32(r.Int32())) }

// Float64 reads an 8-byte IEEE number.
func (r *Reader) Float64() float64 { return math.Float64frombits(uint64(r.Int64())) }

// Take returns the next n bytes. They alias the input and can't be appended into it.
func (r *Reader) Take(n int) []byte { return r.next(n, "bytes") }

// Count reads an int32 count of elements that take at least minElemBytes each. It
// fails when the count is negative or when the remaining bytes can't hold so many.
func (r *Reader) Count(minElemBytes int) int {
	n := int(r.Int32())
	if r.err != nil {
		return 0
	}
	if n < 0 {
		r.failAt(r.pos-countBytes, "count", fmt.Sprintf("negative count %d", n))
		return 0
	}
	if minElemBytes > 0 && n > r.Len()/minElemBytes {
		r.failAt(r.pos-countBytes, "count", fmt.Sprintf("%d elements can't fit into %d bytes", n, r.Len()))
		return 0
	}
	return n
}

// Str reads a typed string; null gives "". See [Reader.OptStr] to tell them apart.
func (r *Reader) Str() string {
	s, _ := r.OptStr()
	return s
}

// OptStr reads a typed string; the second result is false for null (and after an error).
func (r *Reader) OptStr() (string, bool) {
	switch t := Type(r.Uint8()); {
	case r.err != nil, t == TypeNull:
		return "", false
	case t != TypeString:
		r.failAt(r.pos-1, "String", "found "+t.String())
		return "", false
	}
	return r.strBody()
}

// strBody reads what follows the type byte of a string.
func (r *Reader) strBody() (string, bool) {
	b := r.next(r.Count(1), "String")
	return string(b), r.err == nil
}

// UUID reads 16 bytes without a type byte in Ignite's order: two little-endian longs.
func (r *Reader) UUID() uuid.UUID {
	var u uuid.UUID
	if b := r.next(uuidBytes, "UUID"); b != nil {
		binary.BigEndian.PutUint64(u[:8], binary.LittleEndian.Uint64(b))
		binary.BigEndian.PutUint64(u[8:], binary.LittleEndian.Uint64(b[8:]))
	}
	return u
}

// TypedUUID reads a UUID with its type byte; null gives the zero UUID.
func (r *Reader) TypedUUID() uuid.UUID {
	switch t := Type(r.Uint8()); {
	case r.err != nil, t == TypeNull:
		return uuid.UUID{}
	case t != TypeUUID:
		r.failAt(r.pos-1, "UUID", "found "+t.String())
		return uuid.UUID{}
	}
	return r.UUID()
}

// Raw returns the next encoded value with its type byte, whatever its type. The bytes
// alias the input. An object is stepped over by its length, not looked into.
func (r *Reader) Raw() Raw {
	if r.err != nil {
		return nil
	}
	end, bad := skipValue(r.b, r.pos, skipDepth)
	if bad != nil {
		r.failAt(end, bad.field, bad.reason)
		return nil
	}
	raw := Raw(r.b[r.pos:end:end])
	r.pos = end
	return raw
}

// Value decodes the next value. Null gives nil, and so does an error. Objects are
// decoded without field names; see [DecodeValue] for names.
func (r *Reader) Value() any {
	if r.err != nil {
		return nil
	}
	d := decoder{r: *r, lo: r.pos}
	v := d.value()
	r.pos, r.err = d.r.pos, d.r.err
	if r.err != nil {
		return nil
	}
	return v
}
