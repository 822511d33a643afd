package dataset

import (
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"
)

// appendUUID appends the canonical text of a UUID in Ignite's order: two
// little-endian longs.
func appendUUID(dst, b []byte) []byte {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:], binary.LittleEndian.Uint64(b))
	binary.BigEndian.PutUint64(u[8:], binary.LittleEndian.Uint64(b[8:]))
	start := 0
	for _, end := range []int{4, 6, 8, 10, 16} {
		if start > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, u[start:end])
		start = end
	}
	return dst
}

// plainZeros bounds the zeros that appendDecimal writes out: a decimal farther
// from its point is written with an exponent.
const plainZeros = 64

// appendDecimal appends the exact text of unscaled * 10^-scale, like Java's
// BigDecimal.toPlainString; magnitude is big-endian with the sign in its top bit.
func appendDecimal(dst []byte, scale int32, magnitude []byte) []byte {
	negative := len(magnitude) > 0 && magnitude[0]&0x80 != 0
	var digits []byte
	if len(magnitude) <= 8 {
		var u [8]byte
		copy(u[8-len(magnitude):], magnitude)
		if negative {
			u[8-len(magnitude)] &^= 0x80
		}
		var text [20]byte
		digits = strconv.AppendUint(text[:0], binary.BigEndian.Uint64(u[:]), 10)
	} else {
		m := append([]byte(nil), magnitude...)
		m[0] &^= 0x80
		digits = new(big.Int).SetBytes(m).Append(nil, 10)
	}
	if negative {
		dst = append(dst, '-')
	}
	places := int(scale)
	switch {
	case places == 0:
		return append(dst, digits...)
	case places < 0 && places >= -plainZeros:
		dst = append(dst, digits...)
		if len(digits) == 1 && digits[0] == '0' {
			return dst
		}
		return appendZeros(dst, -places)
	case places > 0 && places < len(digits):
		dst = append(dst, digits[:len(digits)-places]...)
		dst = append(dst, '.')
		return append(dst, digits[len(digits)-places:]...)
	case places > 0 && places-len(digits) <= plainZeros:
		dst = append(dst, "0."...)
		dst = appendZeros(dst, places-len(digits))
		return append(dst, digits...)
	}
	dst = append(dst, digits...)
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, -int64(scale), 10)
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// The value of an SQL DATE column is a java.sql.Date written by Java's
// OptimizedMarshaller: length, 0x66, hash code of the class name, checksum,
// milliseconds.
const (
	sqlDateBytes   = 15
	sqlDateMarker  = 0x66
	sqlDateClassID = 0x40d5de3a
)

func sqlDate(p []byte) (ms int64, ok bool) {
	if n, ok := countAt(p, 0); !ok || n != sqlDateBytes || len(p) < countBytes+sqlDateBytes {
		return 0, false
	}
	p = p[countBytes:]
	if p[0] != sqlDateMarker || binary.LittleEndian.Uint32(p[1:]) != sqlDateClassID {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint64(p[7:])), true
}
