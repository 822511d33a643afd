package dataset

import "github.com/kindling-ml/kindling/ignite/binary"

// javaTypes are the classes that query entities name for keys, values and
// columns, and the type in which their values come. Any other class is an object.
var javaTypes = map[string]binary.Type{
	"byte": binary.TypeByte, "java.lang.Byte": binary.TypeByte,
	"short": binary.TypeShort, "java.lang.Short": binary.TypeShort,
	"int": binary.TypeInt, "java.lang.Integer": binary.TypeInt,
	"long": binary.TypeLong, "java.lang.Long": binary.TypeLong,
	"float": binary.TypeFloat, "java.lang.Float": binary.TypeFloat,
	"double": binary.TypeDouble, "java.lang.Double": binary.TypeDouble,
	"char": binary.TypeChar, "java.lang.Character": binary.TypeChar,
	"boolean": binary.TypeBool, "java.lang.Boolean": binary.TypeBool,
	"java.lang.String": binary.TypeString, "java.util.UUID": binary.TypeUUID,
	"java.util.Date": binary.TypeDate, "java.sql.Date": binary.TypeDate,
	"java.sql.Time": binary.TypeTime, "java.sql.Timestamp": binary.TypeTimestamp,
	"java.math.BigDecimal": binary.TypeDecimal,
	"[B":                   binary.TypeByteArray, "byte[]": binary.TypeByteArray,
	"[S": binary.TypeShortArray, "short[]": binary.TypeShortArray,
	"[I": binary.TypeIntArray, "int[]": binary.TypeIntArray,
	"[J": binary.TypeLongArray, "long[]": binary.TypeLongArray,
	"[F": binary.TypeFloatArray, "float[]": binary.TypeFloatArray,
	"[D": binary.TypeDoubleArray, "double[]": binary.TypeDoubleArray,
	"[C": binary.TypeCharArray, "char[]": binary.TypeCharArray,
	"[Z": binary.TypeBoolArray, "boolean[]": binary.TypeBoolArray,
	"[Ljava.lang.String;": binary.TypeStringArray, "java.lang.String[]": binary.TypeStringArray,
	"[Ljava.lang.Object;": binary.TypeObjectArray, "java.lang.Object[]": binary.TypeObjectArray,
	"java.util.Map": binary.TypeMap, "java.util.HashMap": binary.TypeMap, "java.util.LinkedHashMap": binary.TypeMap,
	"java.util.Collection": binary.TypeCollection, "java.util.List": binary.TypeCollection, "java.util.ArrayList": binary.TypeCollection,
	"java.util.LinkedList": binary.TypeCollection, "java.util.Set": binary.TypeCollection, "java.util.HashSet": binary.TypeCollection,
}
