package binary

import "strconv"

// Type is a type code of Ignite's binary format: the first byte of every encoded
// value (GridBinaryMarshaller).
type Type uint8

// Type codes of Ignite 2.17. The Go value that [Reader.Value] gives for each is
// listed in the package documentation.
const (
	TypeByte           Type = 1
	TypeShort          Type = 2
	TypeInt            Type = 3
	TypeLong           Type = 4
	TypeFloat          Type = 5
	TypeDouble         Type = 6
	TypeChar           Type = 7
	TypeBool           Type = 8
	TypeString         Type = 9
	TypeUUID           Type = 10
	TypeDate           Type = 11
	TypeByteArray      Type = 12
	TypeShortArray     Type = 13
	TypeIntArray       Type = 14
	TypeLongArray      Type = 15
	TypeFloatArray     Type = 16
	TypeDoubleArray    Type = 17
	TypeCharArray      Type = 18
	TypeBoolArray      Type = 19
	TypeStringArray    Type = 20
	TypeUUIDArray      Type = 21
	TypeDateArray      Type = 22
	TypeObjectArray    Type = 23
	TypeCollection     Type = 24
	TypeMap            Type = 25
	TypeWrapped        Type = 27 // an object inside a byte array, with its offset
	TypeEnum           Type = 28
	TypeEnumArray      Type = 29
	TypeDecimal        Type = 30
	TypeDecimalArray   Type = 31
	TypeClass          Type = 32
	TypeTimestamp      Type = 33
	TypeTimestampArray Type = 34
	TypeProxy          Type = 35
	TypeTime           Type = 36
	TypeTimeArray      Type = 37
	TypeBinaryEnum     Type = 38
	TypeNull           Type = 101
	TypeHandle         Type = 102 // a reference back to a value written before
	TypeObject         Type = 103 // a complex object with fields
	TypeOptimized      Type = 254 // bytes of Java's OptimizedMarshaller

	// TypeBinaryObject is Ignite's own name (BINARY_OBJ) for TypeWrapped.
	TypeBinaryObject = TypeWrapped
)

// The smallest encodings, used to bound counts before anything is allocated.
const (
	nullBytes  = 1 // the type byte of a null
	countBytes = 4 // an int32 count or length
	uuidBytes  = 16
)

// maxDepth bounds the nesting of values, so that hostile bytes can't exhaust the stack.
const maxDepth = 64

type typeInfo struct {
	name string
	size int8 // payload bytes of a fixed-width scalar, 0 if it has another shape
	elem int8 // bytes per element of a primitive array, 0 if it is none
}

var typeInfos = [256]typeInfo{
	TypeByte:           {name: "byte", size: 1},
	TypeShort:          {name: "short", size: 2},
	TypeInt:            {name: "int", size: 4},
	TypeLong:           {name: "long", size: 8},
	TypeFloat:          {name: "float", size: 4},
	TypeDouble:         {name: "double", size: 8},
	TypeChar:           {name: "char", size: 2},
	TypeBool:           {name: "boolean", size: 1},
	TypeString:         {name: "String"},
	TypeUUID:           {name: "UUID", size: 16},
	TypeDate:           {name: "Date", size: 8},
	TypeByteArray:      {name: "byte[]", elem: 1},
	TypeShortArray:     {name: "short[]", elem: 2},
	TypeIntArray:       {name: "int[]", elem: 4},
	TypeLongArray:      {name: "long[]", elem: 8},
	TypeFloatArray:     {name: "float[]", elem: 4},
	TypeDoubleArray:    {name: "double[]", elem: 8},
	TypeCharArray:      {name: "char[]", elem: 2},
	TypeBoolArray:      {name: "boolean[]", elem: 1},
	TypeStringArray:    {name: "String[]"},
	TypeUUIDArray:      {name: "UUID[]"},
	TypeDateArray:      {name: "Date[]"},
	TypeObjectArray:    {name: "Object[]"},
	TypeCollection:     {name: "Collection"},
	TypeMap:            {name: "Map"},
	TypeWrapped:        {name: "BinaryObject"},
	TypeEnum:           {name: "Enum"},
	TypeEnumArray:      {name: "Enum[]"},
	TypeDecimal:        {name: "Decimal"},
	TypeDecimalArray:   {name: "Decimal[]"},
	TypeClass:          {name: "Class"},
	TypeTimestamp:      {name: "Timestamp", size: 12},
	TypeTimestampArray: {name: "Timestamp[]"},
	TypeProxy:          {name: "Proxy"},
	TypeTime:           {name: "Time", size: 8},
	TypeTimeArray:      {name: "Time[]"},
	TypeBinaryEnum:     {name: "BinaryEnum"},
	TypeNull:           {name: "null"},
	TypeHandle:         {name: "handle", size: 4},
	TypeObject:         {name: "Object"},
	TypeOptimized:      {name: "OptimizedMarshaller"},
}

// String returns Ignite's name of the type ("int", "String[]", "Timestamp"), or
// "type N" for a code that the format does not have.
func (t Type) String() string {
	if name := typeInfos[t].name; name != "" {
		return name
	}
	return "type " + strconv.Itoa(int(t))
}

// Valid reports whether the format has this type code.
func (t Type) Valid() bool { return typeInfos[t].name != "" }
