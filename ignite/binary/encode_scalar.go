package binary

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

func (s *encodeState) typed(t Type)  { s.b = append(s.b, byte(t)) }
func (s *encodeState) int32(v int32) { s.b = binary.LittleEndian.AppendUint32(s.b, uint32(v)) }
func (s *encodeState) int64(v int64) { s.b = binary.LittleEndian.AppendUint64(s.b, uint64(v)) }

func (s *encodeState) typed16(t Type, v uint16) {
	s.typed(t)
	s.b = binary.LittleEndian.AppendUint16(s.b, v)
}

func (s *encodeState) typed32(t Type, v uint32) {
	s.typed(t)
	s.int32(int32(v))
}

func (s *encodeState) typed64(t Type, v uint64) {
	s.typed(t)
	s.int64(int64(v))
}

// count writes a type code and a count.
func (s *encodeState) count(t Type, n int) { s.typed32(t, uint32(n)) }

func (s *encodeState) typeID(t Type, id int32, name string) {
	s.typed(t)
	s.idOrName(id, name)
}

func (s *encodeState) idOrName(id int32, name string) {
	if s.int32(id); id == 0 {
		s.text(name)
	}
}

func (s *encodeState) text(v string) {
	s.count(TypeString, len(v))
	s.b = append(s.b, v...)
}

func (s *encodeState) bool(v bool) {
	s.typed(TypeBool)
	s.b = append(s.b, boolByte(v))
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func (s *encodeState) str(v string) error {
	if !utf8.ValidString(v) {
		return fmt.Errorf("binary: string %.40q is not valid UTF-8 (use []byte for bytes)", v)
	}
	s.text(v)
	return nil
}

// scalar writes null and values without elements; false when v is of another kind.
func (s *encodeState) scalar(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		s.typed(TypeNull)
	case typedNull:
		s.typed(TypeNull)
	case Raw:
		return true, s.raw(v)
	case bool:
		s.bool(v)
	case int8:
		s.b = append(s.b, byte(TypeByte), byte(v))
	case int16:
		s.typed16(TypeShort, uint16(v))
	case int32:
		s.typed32(TypeInt, uint32(v))
	case int64:
		s.typed64(TypeLong, uint64(v))
	case int:
		s.typed64(TypeLong, uint64(v))
	case float32:
		s.typed32(TypeFloat, math.Float32bits(v))
	case float64:
		s.typed64(TypeDouble, math.Float64bits(v))
	case Char:
		s.typed16(TypeChar, uint16(v))
	case string:
		return true, s.str(v)
	default:
		return s.scalarObject(v)
	}
	return true, nil
}

func (s *encodeState) raw(v Raw) error {
	if v == nil {
		return s.nullIf(true)
	}
	if end, bad := skipValue(v, 0, skipDepth); bad != nil || end != len(v) {
		return fmt.Errorf("binary: Raw of %d bytes is not one encoded value", len(v))
	}
	s.b = append(s.b, v...)
	return nil
}

// scalarObject writes the scalars that are objects in Java.
func (s *encodeState) scalarObject(v any) (bool, error) {
	switch v := v.(type) {
	case uuid.UUID:
		s.uuid(v)
	case time.Time:
		return true, s.timestamp(v)
	case Date:
		s.typed64(TypeDate, uint64(v))
	case TimeOfDay:
		s.typed64(TypeTime, uint64(v))
	case *apd.Decimal:
		if v == nil {
			s.typed(TypeNull)
			return true, nil
		}
		return true, s.decimal(v)
	case apd.Decimal:
		return true, s.decimal(&v)
	case SQLDate:
		s.count(TypeOptimized, sqlDateBytes)
		s.b = append(s.b, sqlDatePrefix[:]...)
		s.int64(int64(v))
	case Opaque:
		s.count(TypeOptimized, len(v.Bytes))
		s.b = append(s.b, v.Bytes...)
	case Enum:
		s.typeID(TypeEnum, v.TypeID, v.TypeName)
		s.int32(v.Ordinal)
	case BinaryEnum:
		s.typeID(TypeBinaryEnum, v.TypeID, v.TypeName)
		s.int32(v.Ordinal)
	case Class:
		s.typeID(TypeClass, v.TypeID, v.TypeName)
	default:
		return false, nil
	}
	return true, nil
}

func (s *encodeState) uuid(v uuid.UUID) {
	s.typed(TypeUUID)
	s.int64(int64(binary.BigEndian.Uint64(v[:8])))
	s.int64(int64(binary.BigEndian.Uint64(v[8:])))
}

func (s *encodeState) timestamp(v time.Time) error {
	if sec := v.Unix(); sec > math.MaxInt64/1000-1 || sec < math.MinInt64/1000+1 {
		return fmt.Errorf("binary: time %v does not fit into 64-bit milliseconds", v)
	}
	s.typed64(TypeTimestamp, uint64(v.UnixMilli()))
	s.int32(int32(v.Nanosecond() % 1e6))
	return nil
}

// decimal writes scale, length and magnitude with the sign in its top bit, the shortest
// form that keeps that bit free, as BinaryWriterExImpl does.
func (s *encodeState) decimal(v *apd.Decimal) error {
	if v.Form != apd.Finite {
		return fmt.Errorf("binary: decimal %v has no counterpart in Ignite", v)
	}
	if v.Exponent == math.MinInt32 {
		return errors.New("binary: decimal exponent out of range")
	}
	mag := v.Coeff.Bytes()
	if len(mag) == 0 || mag[0]&0x80 != 0 {
		mag = append([]byte{0}, mag...)
	}
	if v.Negative && v.Coeff.Sign() != 0 {
		mag[0] |= 0x80
	}
	s.typed32(TypeDecimal, uint32(-v.Exponent))
	s.int32(int32(len(mag)))
	s.b = append(s.b, mag...)
	return nil
}

// array writes the arrays of primitives, nil ones as null; false when v is none.
func (s *encodeState) array(v any) bool {
	switch v := v.(type) {
	case []byte:
		if s.arrayHead(TypeByteArray, len(v), v == nil) {
			s.b = append(s.b, v...)
		}
	case []int16:
		each(s, TypeShortArray, v, func(b []byte, v int16) []byte { return binary.LittleEndian.AppendUint16(b, uint16(v)) })
	case []int32:
		each(s, TypeIntArray, v, func(b []byte, v int32) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) })
	case []int64:
		each(s, TypeLongArray, v, func(b []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) })
	case []float32:
		each(s, TypeFloatArray, v, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		})
	case []float64:
		each(s, TypeDoubleArray, v, func(b []byte, v float64) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		})
	case []Char:
		each(s, TypeCharArray, v, func(b []byte, v Char) []byte { return binary.LittleEndian.AppendUint16(b, uint16(v)) })
	case []bool:
		each(s, TypeBoolArray, v, func(b []byte, v bool) []byte { return append(b, boolByte(v)) })
	default:
		return false
	}
	return true
}

// arrayHead writes type and count and tells that elements follow, or writes null.
func (s *encodeState) arrayHead(t Type, n int, null bool) bool {
	if null {
		s.typed(TypeNull)
		return false
	}
	s.count(t, n)
	return true
}

func each[T any](s *encodeState, t Type, items []T, put func([]byte, T) []byte) {
	if !s.arrayHead(t, len(items), items == nil) {
		return
	}
	for _, v := range items {
		s.b = put(s.b, v)
	}
}

// nullables writes the arrays whose elements carry their own type byte.
func (s *encodeState) nullables(v any) (bool, error) {
	switch v := v.(type) {
	case []string:
		return true, eachValue(s, TypeStringArray, v, s.str)
	case []*string:
		return true, eachPointer(s, TypeStringArray, v, s.str)
	case []uuid.UUID:
		return true, eachValue(s, TypeUUIDArray, v, func(v uuid.UUID) error { s.uuid(v); return nil })
	case []*uuid.UUID:
		return true, eachPointer(s, TypeUUIDArray, v, func(v uuid.UUID) error { s.uuid(v); return nil })
	case []Date:
		return true, eachValue(s, TypeDateArray, v, func(v Date) error { s.typed64(TypeDate, uint64(v)); return nil })
	case []*Date:
		return true, eachPointer(s, TypeDateArray, v, func(v Date) error { s.typed64(TypeDate, uint64(v)); return nil })
	case []TimeOfDay:
		return true, eachValue(s, TypeTimeArray, v, func(v TimeOfDay) error { s.typed64(TypeTime, uint64(v)); return nil })
	case []*TimeOfDay:
		return true, eachPointer(s, TypeTimeArray, v, func(v TimeOfDay) error { s.typed64(TypeTime, uint64(v)); return nil })
	case []time.Time:
		return true, eachValue(s, TypeTimestampArray, v, s.timestamp)
	case []*time.Time:
		return true, eachPointer(s, TypeTimestampArray, v, s.timestamp)
	case []apd.Decimal:
		return true, eachValue(s, TypeDecimalArray, v, func(v apd.Decimal) error { return s.decimal(&v) })
	case []*apd.Decimal:
		return true, eachPointer(s, TypeDecimalArray, v, func(v apd.Decimal) error { return s.decimal(&v) })
	}
	return false, nil
}

func eachValue[T any](s *encodeState, t Type, items []T, put func(T) error) error {
	if !s.arrayHead(t, len(items), items == nil) {
		return nil
	}
	for i, v := range items {
		if err := put(v); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

func eachPointer[T any](s *encodeState, t Type, items []*T, put func(T) error) error {
	if !s.arrayHead(t, len(items), items == nil) {
		return nil
	}
	for i, v := range items {
		if v == nil {
			s.typed(TypeNull)
			continue
		}
		if err := put(*v); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}
