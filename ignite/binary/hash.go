package binary

import (
	"encoding/binary"
	"math"
	"unicode"
	"unicode/utf8"
)

// FNV-1a constants of BinaryUtils.
const (
	fnvBasis uint32 = 0x811C9DC5
	fnvPrime uint32 = 0x01000193
)

// HashString returns Java's String.hashCode, over UTF-16 units.
func HashString(s string) int32 {
	var h uint32
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			h = 31*h + uint32(c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		h = hashRune(h, r)
		i += n
	}
	return int32(h)
}

func hashRune(h uint32, r rune) uint32 {
	if r < 0x10000 {
		return 31*h + uint32(r)
	}
	r -= 0x10000
	h = 31*h + 0xD800 + uint32(r>>10)
	return 31*h + 0xDC00 + uint32(r&0x3FF)
}

// hashLower is HashString of the name with every UTF-16 unit in lower case
// (BinaryBasicIdMapper).
func hashLower(s string) int32 {
	var h uint32
	for _, r := range s {
		if r < 0x10000 {
			r = unicode.ToLower(r)
		}
		h = hashRune(h, r)
	}
	return int32(h)
}

// TypeID returns the type id of a type name: the hash of its lower case. The name is
// the one the cluster's name mapper gives, with BASIC_FULL the whole Java class name.
// A result of 0 can't be used as an id.
func TypeID(name string) int32 { return hashLower(name) }

// FieldID returns the id of a field name: the hash of its lower case.
func FieldID(name string) int32 { return hashLower(name) }

// CacheID returns the id of a cache name: its case-sensitive hash, 1 instead of 0
// (CacheUtils.cacheId).
func CacheID(name string) int32 {
	if h := HashString(name); h != 0 {
		return h
	}
	return 1
}

// SchemaID returns the id of a schema: FNV-1a over the field ids in order, low byte
// first, so 0x811C9DC5 without fields (BinaryUtils.schemaInitialId, updateSchemaId).
func SchemaID(fieldIDs []int32) int32 {
	h := fnvBasis
	for _, id := range fieldIDs {
		for v, i := uint32(id), 0; i < 4; i++ {
			h = (h ^ v&0xFF) * fnvPrime
			v >>= 8
		}
	}
	return int32(h)
}

// hashBytes is Java's Arrays.hashCode(byte[]).
func hashBytes(b []byte) int32 {
	h := uint32(1)
	for ; len(b) >= 4; b = b[4:] {
		h = h*(31*31*31*31) + uint32(int8(b[0]))*(31*31*31) + uint32(int8(b[1]))*(31*31) +
			uint32(int8(b[2]))*31 + uint32(int8(b[3]))
	}
	for _, c := range b {
		h = 31*h + uint32(int8(c))
	}
	return int32(h)
}

func fold(v uint64) int32 { return int32(uint32(v) ^ uint32(v>>32)) }

// HashCode returns the Java hashCode of a key, from which Ignite computes the partition
// (RendezvousAffinityFunction). Null, broken bytes and Java objects that only a JVM can
// read give 0.
func HashCode(raw Raw) int32 {
	end, bad := skipValue(raw, 0, skipDepth)
	if bad != nil {
		return 0
	}
	return hashValue(raw[:end])
}

func hashValue(raw Raw) int32 {
	t, b := raw.Type(), raw[1:]
	switch t {
	case TypeByte, TypeShort, TypeInt, TypeLong, TypeFloat, TypeDouble, TypeChar, TypeBool, TypeDate, TypeTime:
		return hashNumber(t, b)
	case TypeString:
		return hashUTF8(b[countBytes:])
	case TypeUUID:
		return fold(binary.LittleEndian.Uint64(b) ^ binary.LittleEndian.Uint64(b[8:]))
	case TypeTimestamp:
		nanos := int64(int32(binary.LittleEndian.Uint32(b[8:])))
		return fold(binary.LittleEndian.Uint64(b) + uint64(nanos/1e6))
	case TypeDecimal:
		return hashDecimal(b)
	case TypeObject, TypeWrapped:
		o, err := ParseObject(raw)
		if err != nil {
			return 0
		}
		return o.Hash()
	case TypeEnum, TypeBinaryEnum:
		id := binary.LittleEndian.Uint32(b)
		return int32(31*id + binary.LittleEndian.Uint32(raw[len(raw)-4:]))
	case TypeOptimized:
		if ms, ok := sqlDate(b[countBytes:]); ok {
			return fold(uint64(ms))
		}
		return 0
	}
	return hashArray(t, b)
}

// hashNumber hashes a scalar; b is at least as long as the type's width.
func hashNumber(t Type, b []byte) int32 {
	switch t {
	case TypeByte:
		return int32(int8(b[0]))
	case TypeShort:
		return int32(int16(binary.LittleEndian.Uint16(b)))
	case TypeChar:
		return int32(binary.LittleEndian.Uint16(b))
	case TypeInt:
		return int32(binary.LittleEndian.Uint32(b))
	case TypeBool:
		if b[0] != 0 {
			return 1231
		}
		return 1237
	case TypeFloat:
		v := binary.LittleEndian.Uint32(b)
		if math.IsNaN(float64(math.Float32frombits(v))) {
			v = 0x7fc00000
		}
		return int32(v)
	case TypeDouble:
		v := binary.LittleEndian.Uint64(b)
		if math.IsNaN(math.Float64frombits(v)) {
			v = 0x7ff8000000000000
		}
		return fold(v)
	}
	return fold(binary.LittleEndian.Uint64(b))
}

// hashArray hashes a primitive array as Arrays.hashCode; other types give 0.
func hashArray(t Type, b []byte) int32 {
	width := int(typeInfos[t].elem)
	if width == 0 {
		return 0
	}
	elem := t - TypeByteArray + TypeByte
	if t == TypeByteArray {
		return hashBytes(b[countBytes:])
	}
	h := uint32(1)
	for b = b[countBytes:]; len(b) >= width; b = b[width:] {
		h = 31*h + uint32(hashNumber(elem, b))
	}
	return int32(h)
}

func hashUTF8(b []byte) int32 {
	var h uint32
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			h = 31*h + uint32(c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		h = hashRune(h, r)
		i += n
	}
	return int32(h)
}

// hashDecimal is BigDecimal.hashCode: 31 * unscaled.hashCode() + scale, where the hash of
// the BigInteger runs over its 32-bit words, most significant first, times its sign.
func hashDecimal(b []byte) int32 {
	scale, mag := binary.LittleEndian.Uint32(b), b[8:]
	var h, word uint32
	for i, c := range mag {
		if i == 0 {
			c &= 0x7f
		}
		word = word<<8 | uint32(c)
		if left := len(mag) - 1 - i; left%4 == 0 {
			h, word = 31*h+word, 0
		}
	}
	if len(mag) > 0 && mag[0]&0x80 != 0 {
		h = -h
	}
	return int32(31*h + scale)
}
