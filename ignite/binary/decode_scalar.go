package binary

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

// scalar reads what follows the type byte of a value without elements; false when t is
// of another shape.
func (r *Reader) scalar(t Type) (any, bool) {
	switch t {
	case TypeByte:
		return r.Int8(), true
	case TypeShort:
		return r.Int16(), true
	case TypeInt:
		return r.Int32(), true
	case TypeLong:
		return r.Int64(), true
	case TypeFloat:
		return r.Float32(), true
	case TypeDouble:
		return r.Float64(), true
	case TypeChar:
		return Char(r.Uint16()), true
	case TypeBool:
		return r.Bool(), true
	case TypeString:
		s, _ := r.strBody()
		return s, true
	case TypeUUID:
		return r.UUID(), true
	case TypeDate:
		return Date(r.Int64()), true
	case TypeTime:
		return TimeOfDay(r.Int64()), true
	case TypeTimestamp:
		return r.timestamp(), true
	case TypeDecimal:
		return r.decimal(), true
	case TypeOptimized:
		return r.optimized(), true
	case TypeEnum:
		return r.enum(), true
	case TypeBinaryEnum:
		return BinaryEnum(r.enum()), true
	case TypeClass:
		id, name := r.typeID()
		return Class{id, name}, true
	case TypeNull:
		return nil, true
	}
	return nil, false
}

// timestamp reads milliseconds and the nanoseconds that go on top of them, as
// java.sql.Timestamp is written.
func (r *Reader) timestamp() time.Time {
	at := r.pos
	ms, nanos := r.Int64(), r.Int32()
	if nanos < 0 || nanos >= 1e9 {
		r.failAt(at+8, "Timestamp", "nanoseconds outside of 0..999999999")
		return time.Time{}
	}
	return time.UnixMilli(ms).Add(time.Duration(nanos)).UTC()
}

// decimal reads a BigDecimal: scale, length, magnitude with the sign in its top bit.
func (r *Reader) decimal() *apd.Decimal {
	at := r.pos
	scale := r.Int32()
	mag := r.next(r.Count(1), "Decimal")
	if r.err != nil {
		return nil
	}
	if len(mag) == 0 || scale == math.MinInt32 {
		r.failAt(at, "Decimal", "without digits, or scale out of range")
		return nil
	}
	d := &apd.Decimal{Exponent: -scale, Negative: mag[0]&0x80 != 0}
	if d.Negative {
		mag = append([]byte{mag[0] & 0x7f}, mag[1:]...)
	}
	d.Coeff.SetBytes(mag)
	d.Negative = d.Negative && d.Coeff.Sign() != 0
	return d
}

// java.sql.Date as OptimizedMarshaller writes it: 'f', hashCode of the class name, a
// checksum over its fields, milliseconds.
const (
	sqlDateBytes    = 15
	optimizedObject = 0x66
)

var sqlDatePrefix = [...]byte{optimizedObject, 0x3a, 0xde, 0xd5, 0x40, 0x97, 0x66}

func sqlDate(b []byte) (SQLDate, bool) {
	if len(b) != sqlDateBytes || [7]byte(b[:7]) != sqlDatePrefix {
		return 0, false
	}
	return SQLDate(binary.LittleEndian.Uint64(b[7:])), true
}

func (r *Reader) optimized() any {
	b := r.next(r.Count(1), "OptimizedMarshaller")
	if ms, ok := sqlDate(b); ok {
		return ms
	}
	return Opaque{append([]byte{}, b...)}
}

// typeID reads a type id; id 0 means not registered, the class name follows.
func (r *Reader) typeID() (int32, string) {
	id := r.Int32()
	if id != 0 || r.err != nil {
		return id, ""
	}
	at := r.pos
	name, ok := r.OptStr()
	if !ok {
		r.failAt(at, "type name", "is null")
	}
	return 0, name
}

func (r *Reader) enum() Enum {
	id, name := r.typeID()
	return Enum{TypeID: id, TypeName: name, Ordinal: r.Int32()}
}

// array reads what follows the type byte of an array of scalars; false when t is none.
func (r *Reader) array(t Type) (any, bool) {
	switch t {
	case TypeByteArray:
		return append([]byte{}, r.next(r.Count(1), "byte[]")...), true
	case TypeShortArray:
		return fixed(r, 2, func(b []byte) int16 { return int16(binary.LittleEndian.Uint16(b)) }), true
	case TypeIntArray:
		return fixed(r, 4, func(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }), true
	case TypeLongArray:
		return fixed(r, 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }), true
	case TypeFloatArray:
		return fixed(r, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }), true
	case TypeDoubleArray:
		return fixed(r, 8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }), true
	case TypeCharArray:
		return fixed(r, 2, func(b []byte) Char { return Char(binary.LittleEndian.Uint16(b)) }), true
	case TypeBoolArray:
		return r.bools(), true
	case TypeStringArray:
		return nullable(r, TypeString, func(r *Reader) string { s, _ := r.strBody(); return s }), true
	case TypeUUIDArray:
		return nullable(r, TypeUUID, func(r *Reader) uuid.UUID { return r.UUID() }), true
	case TypeDateArray:
		return nullable(r, TypeDate, func(r *Reader) Date { return Date(r.Int64()) }), true
	case TypeTimeArray:
		return nullable(r, TypeTime, func(r *Reader) TimeOfDay { return TimeOfDay(r.Int64()) }), true
	case TypeTimestampArray:
		return nullable(r, TypeTimestamp, (*Reader).timestamp), true
	case TypeDecimalArray:
		return r.decimals(), true
	}
	return nil, false
}

func fixed[T any](r *Reader, width int, get func([]byte) T) []T {
	b := r.next(r.Count(width)*width, "array")
	out := make([]T, len(b)/width)
	for i := range out {
		out[i] = get(b[i*width:])
	}
	return out
}

func (r *Reader) bools() []bool {
	b := r.next(r.Count(1), "boolean[]")
	out := make([]bool, len(b))
	for i, v := range b {
		if v > 1 {
			r.failAt(r.pos-len(b)+i, "boolean[]", "value is neither 0 nor 1")
		}
		out[i] = v == 1
	}
	return out
}

// nullable reads an array whose elements carry their own type byte and may be null.
func nullable[T any](r *Reader, want Type, get func(*Reader) T) []*T {
	n := r.Count(nullBytes)
	out := make([]*T, 0, min(n, firstItems))
	for ; n > 0 && r.err == nil; n-- {
		if !r.element(want) {
			out = append(out, nil)
			continue
		}
		v := get(r)
		out = append(out, &v)
	}
	return out
}

func (r *Reader) decimals() []*apd.Decimal {
	n := r.Count(nullBytes)
	out := make([]*apd.Decimal, 0, min(n, firstItems))
	for ; n > 0 && r.err == nil; n-- {
		if !r.element(TypeDecimal) {
			out = append(out, nil)
			continue
		}
		out = append(out, r.decimal())
	}
	return out
}

// element reads the type byte of an array element; false for null.
func (r *Reader) element(want Type) bool {
	switch t := Type(r.Uint8()); {
	case r.err != nil, t == TypeNull:
		return false
	case t != want:
		r.failAt(r.pos-1, want.String()+"[]", "element is a "+t.String())
		return false
	}
	return true
}
