package binary

import "encoding/binary"

// Raw is one encoded value: its first byte is the type code. A Raw from a [Reader] or an
// [ObjectView] aliases their input. A value from inside of an object may hold handles to
// values outside of itself; only the whole object can follow them.
type Raw []byte

// Type returns the type code, 0 (which no value has) for an empty Raw.
func (v Raw) Type() Type {
	if len(v) == 0 {
		return 0
	}
	return Type(v[0])
}

// IsNull reports whether the value is null. An empty Raw is no value at all.
func (v Raw) IsNull() bool { return v.Type() == TypeNull }

// SizeBytes is how many bytes of a value [Size] may need.
const SizeBytes = posLength + countBytes

// Size is the length of the value that b begins with, type code included, where its
// first bytes tell: of numbers and other types of a fixed size, strings, arrays of
// numbers, objects, wrapped objects, null. It is 0 for values of other types, and where
// b ends before that. Whether so many bytes are there, or make sense, is not looked at.
func Size(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	s := &sizes[b[0]]
	at := int(s.at)
	if at == 0 {
		return int(s.beside) // of a type whose size is fixed, or 0
	}
	if len(b) < at+countBytes {
		return 0
	}
	n := int(int32(binary.LittleEndian.Uint32(b[at:])))
	if n < int(s.least) {
		return 0
	}
	return n*int(s.item) + int(s.beside)
}

// sizeRule says how the size of a type's values is found: beside, and item bytes for
// each of the count at offset at, when that is not 0.
type sizeRule struct{ beside, at, item, least uint8 }

var sizes = func() (s [256]sizeRule) {
	for t, info := range typeInfos {
		switch {
		case info.size > 0:
			s[t] = sizeRule{beside: 1 + uint8(info.size)}
		case info.elem > 0:
			s[t] = sizeRule{at: 1, item: uint8(info.elem), beside: 1 + countBytes}
		}
	}
	s[TypeNull] = sizeRule{beside: 1}
	s[TypeString] = sizeRule{at: 1, item: 1, beside: 1 + countBytes}
	s[TypeOptimized] = s[TypeString]
	s[TypeWrapped] = sizeRule{at: 1, item: 1, beside: 1 + countBytes + countBytes}
	s[TypeObject] = sizeRule{at: posLength, item: 1, least: headerBytes}
	return s
}()

// skipError is a reason why a value can't be stepped over. The values are static, so
// that skipping does not allocate.
type skipError struct{ field, reason string }

var (
	errSkipShort   = &skipError{"value", "ends too early"}
	errSkipType    = &skipError{"value", "unknown type code"}
	errSkipDepth   = &skipError{"value", "nested too deeply"}
	errSkipCount   = &skipError{"count", "negative, or more than the bytes can hold"}
	errSkipLength  = &skipError{"length", "negative, or more than the bytes that remain"}
	errSkipName    = &skipError{"type name", "is not a string"}
	errSkipObject  = &skipError{"Object", "length shorter than the header or longer than the bytes"}
	errSkipElement = &skipError{"element", "has another type than its array"}
)

// skipDepth lets a scalar stand inside of maxDepth containers.
const skipDepth = maxDepth + 1

// skipValue returns the offset after the value at pos, or the offset of the defect.
func skipValue(b []byte, pos, depth int) (int, *skipError) {
	if pos >= len(b) {
		return pos, errSkipShort
	}
	if depth <= 0 {
		return pos, errSkipDepth
	}
	t := Type(b[pos])
	info := &typeInfos[t]
	p := pos + 1
	switch {
	case info.size > 0:
		if int(info.size) > len(b)-p {
			return p, errSkipShort
		}
		return p + int(info.size), nil
	case info.elem > 0:
		return skipBlock(b, p, int(info.elem))
	}
	switch t {
	case TypeNull:
		return p, nil
	case TypeString, TypeOptimized:
		return skipBlock(b, p, 1)
	case TypeObject:
		return skipObject(b, pos)
	case TypeDecimal:
		if len(b)-p < 4 {
			return p, errSkipShort
		}
		return skipBlock(b, p+4, 1)
	case TypeWrapped:
		return skipWrapped(b, p)
	case TypeStringArray, TypeUUIDArray, TypeDateArray, TypeDecimalArray, TypeTimestampArray, TypeTimeArray:
		return skipTyped(b, p, t, depth)
	default:
		return skipNested(b, p, t, depth)
	}
}

// skipNested steps over the types that hold a type id or values of any type.
func skipNested(b []byte, p int, t Type, depth int) (int, *skipError) {
	var bad *skipError
	switch t {
	case TypeEnum, TypeBinaryEnum:
		if p, bad = skipTypeID(b, p); bad != nil {
			return p, bad
		}
		return skipFixed(b, p, 4)
	case TypeClass:
		return skipTypeID(b, p)
	case TypeEnumArray, TypeObjectArray:
		if p, bad = skipTypeID(b, p); bad != nil {
			return p, bad
		}
		return skipValues(b, p, 0, 1, depth)
	case TypeCollection:
		return skipValues(b, p, 1, 1, depth)
	case TypeMap:
		return skipValues(b, p, 1, 2, depth)
	case TypeProxy:
		n, bad := countAt(b, p, 4)
		if bad != nil {
			return p, bad
		}
		for p += countBytes; n > 0; n-- {
			if p, bad = skipTypeID(b, p); bad != nil {
				return p, bad
			}
		}
		return skipValue(b, p, depth-1)
	}
	return p - 1, errSkipType
}

// countAt reads the int32 count at p of elements of at least minElem bytes each.
func countAt(b []byte, p, minElem int) (int, *skipError) {
	if len(b)-p < countBytes {
		return 0, errSkipShort
	}
	n := int(int32(binary.LittleEndian.Uint32(b[p:])))
	if n < 0 || n > (len(b)-p-countBytes)/minElem {
		return 0, errSkipCount
	}
	return n, nil
}

func skipFixed(b []byte, p, n int) (int, *skipError) {
	if n > len(b)-p {
		return p, errSkipShort
	}
	return p + n, nil
}

// skipBlock steps over an int32 count and so many elements of a fixed width.
func skipBlock(b []byte, p, width int) (int, *skipError) {
	n, bad := countAt(b, p, width)
	if bad != nil {
		return p, bad
	}
	return p + countBytes + n*width, nil
}

// skipWrapped steps over length, bytes and the offset of the object within them.
func skipWrapped(b []byte, p int) (int, *skipError) {
	n, bad := countAt(b, p, 1)
	if bad != nil {
		return p, errSkipLength
	}
	p += countBytes + n
	if len(b)-p < 4 {
		return p, errSkipShort
	}
	return p + 4, nil
}

func skipObject(b []byte, pos int) (int, *skipError) {
	if len(b)-pos < headerBytes {
		return pos, errSkipShort
	}
	n := int(int32(binary.LittleEndian.Uint32(b[pos+posLength:])))
	if n < headerBytes || n > len(b)-pos {
		return pos, errSkipObject
	}
	return pos + n, nil
}

// skipTypeID steps over a type id; id 0 means not registered, the class name follows.
func skipTypeID(b []byte, p int) (int, *skipError) {
	if len(b)-p < 4 {
		return p, errSkipShort
	}
	id := binary.LittleEndian.Uint32(b[p:])
	p += 4
	if id != 0 {
		return p, nil
	}
	if p >= len(b) {
		return p, errSkipShort
	}
	if Type(b[p]) != TypeString {
		return p, errSkipName
	}
	return skipBlock(b, p+1, 1)
}

// skipValues steps over a count, extra bytes, and perItem values for each counted item.
func skipValues(b []byte, p, extra, perItem, depth int) (int, *skipError) {
	n, bad := countAt(b, p, perItem*nullBytes)
	if bad != nil {
		return p, bad
	}
	if p, bad = skipFixed(b, p+countBytes, extra); bad != nil {
		return p, bad
	}
	for n *= perItem; n > 0; n-- {
		if p, bad = skipValue(b, p, depth-1); bad != nil {
			return p, bad
		}
	}
	return p, nil
}

// skipTyped steps over an array whose elements are null or of the array's own type.
func skipTyped(b []byte, p int, t Type, depth int) (int, *skipError) {
	n, bad := countAt(b, p, nullBytes)
	if bad != nil {
		return p, bad
	}
	want := elemType(t)
	for p += countBytes; n > 0; n-- {
		if p < len(b) && Type(b[p]) != want && Type(b[p]) != TypeNull {
			return p, errSkipElement
		}
		if p, bad = skipValue(b, p, depth-1); bad != nil {
			return p, bad
		}
	}
	return p, nil
}

// elemType is the type of the elements of an array of nullable values.
func elemType(t Type) Type {
	switch t {
	case TypeStringArray:
		return TypeString
	case TypeUUIDArray:
		return TypeUUID
	case TypeDateArray:
		return TypeDate
	case TypeDecimalArray:
		return TypeDecimal
	case TypeTimestampArray:
		return TypeTimestamp
	default:
		return TypeTime
	}
}
