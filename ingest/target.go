package ingest

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// target is the Ignite type that a column's values get.
type target struct {
	code  binary.Type
	class string      // Java class, for query entities
	items *target     // of a collection
	shape *objectPlan // of an object
}

// meta is the type that binary metadata has of a field: a java.sql.Date is an Object there.
func (t *target) meta() binary.Type {
	if t.code == binary.TypeOptimized {
		return binary.TypeObject
	}
	return t.code
}

// types calls yield with the metadata of the objects at this place, inner first.
func (t *target) types(yield func(*binary.Metadata) error) error {
	for ; t != nil; t = t.items {
		if t.shape == nil {
			continue
		}
		if err := t.shape.types(yield); err != nil {
			return err
		}
	}
	return nil
}

// javaTypes are the Java classes of query entities by type code.
var javaTypes = map[binary.Type]string{
	binary.TypeByte: "java.lang.Byte", binary.TypeShort: "java.lang.Short", binary.TypeInt: "java.lang.Integer",
	binary.TypeLong: "java.lang.Long", binary.TypeFloat: "java.lang.Float", binary.TypeDouble: "java.lang.Double",
	binary.TypeBool: "java.lang.Boolean", binary.TypeChar: "java.lang.Character", binary.TypeString: "java.lang.String", binary.TypeDecimal: "java.math.BigDecimal",
	binary.TypeDate: "java.util.Date", binary.TypeOptimized: "java.sql.Date", binary.TypeTime: "java.sql.Time", binary.TypeTimestamp: "java.sql.Timestamp",
	binary.TypeUUID: "java.util.UUID", binary.TypeByteArray: "[B", binary.TypeShortArray: "[S", binary.TypeIntArray: "[I",
	binary.TypeLongArray: "[J", binary.TypeFloatArray: "[F", binary.TypeDoubleArray: "[D", binary.TypeBoolArray: "[Z",
	binary.TypeStringArray: "[Ljava.lang.String;", binary.TypeCollection: "java.util.List",
}

// declaredCodes are the types that a cache's declaration can ask for.
var declaredCodes = func() map[string]binary.Type {
	codes := make(map[string]binary.Type, len(javaTypes))
	for code, class := range javaTypes {
		codes[class] = code
	}
	return codes
}()

// scalarCodes are the type codes of Arrow's scalar types.
var scalarCodes = map[arrow.Type]binary.Type{
	arrow.INT8: binary.TypeByte, arrow.UINT8: binary.TypeShort, arrow.INT16: binary.TypeShort, arrow.UINT16: binary.TypeInt,
	arrow.INT32: binary.TypeInt, arrow.UINT32: binary.TypeLong, arrow.INT64: binary.TypeLong, arrow.UINT64: binary.TypeLong,
	arrow.FLOAT16: binary.TypeFloat, arrow.FLOAT32: binary.TypeFloat, arrow.FLOAT64: binary.TypeDouble, arrow.BOOL: binary.TypeBool,
	arrow.STRING: binary.TypeString, arrow.LARGE_STRING: binary.TypeString, arrow.BINARY: binary.TypeByteArray,
	arrow.LARGE_BINARY: binary.TypeByteArray, arrow.FIXED_SIZE_BINARY: binary.TypeByteArray, arrow.DATE32: binary.TypeOptimized,
	arrow.DATE64: binary.TypeOptimized, arrow.TIME32: binary.TypeTime, arrow.TIME64: binary.TypeTime, arrow.TIMESTAMP: binary.TypeTimestamp,
	arrow.DURATION: binary.TypeLong, arrow.DECIMAL32: binary.TypeDecimal, arrow.DECIMAL64: binary.TypeDecimal,
	arrow.DECIMAL128: binary.TypeDecimal, arrow.DECIMAL256: binary.TypeDecimal, arrow.NULL: binary.TypeString,
	arrow.STRING_VIEW: binary.TypeString, arrow.BINARY_VIEW: binary.TypeByteArray,
}

// extensionUUID is Arrow's own name of UUIDs, which are 16 bytes to all that do not know it.
const extensionUUID = "arrow.uuid"

// extensionClass is the Java class that a column's extension type asks for, or "". Through
// Arrow's C interface the name of the type comes in the field's metadata.
func extensionClass(f arrow.Field) string {
	name, _ := f.Metadata.GetValue("ARROW:extension:name")
	if ext, ok := f.Type.(arrow.ExtensionType); ok {
		name = ext.ExtensionName()
	}
	if name == extensionUUID {
		return javaTypes[binary.TypeUUID]
	}
	return ""
}

// arrayCodes are the array types by the code of their items; anything else is a collection.
var arrayCodes = map[arrow.Type]binary.Type{
	arrow.INT8: binary.TypeByteArray, arrow.UINT8: binary.TypeByteArray, arrow.INT16: binary.TypeShortArray,
	arrow.UINT16: binary.TypeIntArray, arrow.INT32: binary.TypeIntArray, arrow.UINT32: binary.TypeLongArray,
	arrow.INT64: binary.TypeLongArray, arrow.UINT64: binary.TypeLongArray, arrow.FLOAT16: binary.TypeFloatArray,
	arrow.FLOAT32: binary.TypeFloatArray, arrow.FLOAT64: binary.TypeDoubleArray, arrow.BOOL: binary.TypeBoolArray,
	arrow.STRING: binary.TypeStringArray, arrow.LARGE_STRING: binary.TypeStringArray, arrow.STRING_VIEW: binary.TypeStringArray,
}

// targetOf chooses the Ignite type of an Arrow type. typeName names the object
// type that a struct at this place becomes; declared is the Java class that the
// cache asks for, or "".
func targetOf(t arrow.DataType, path, typeName, declared string) (*target, error) {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return targetOf(t.ValueType, path, typeName, declared)
	case *arrow.StructType:
		shape, err := newObjectPlan(typeName, path, t.Fields(), nil)
		if err != nil {
			return nil, err
		}
		return &target{code: binary.TypeObject, class: typeName, shape: shape}, nil
	case *textType:
		return &target{code: t.code, class: t.class}, nil
	case arrow.ExtensionType:
		return targetOf(t.StorageType(), path, typeName, declared)
	case arrow.ListLikeType:
		return listTarget(t, path, typeName, declared)
	}
	code, known := scalarCodes[t.ID()]
	if !known {
		return nil, fmt.Errorf("%w: column %s: Arrow type %s has no Ignite type", ErrSchema, path, t)
	}
	if wanted, known := declaredCodes[declared]; known && wanted != code {
		if !converts(code, wanted) {
			return nil, fmt.Errorf("%w: column %s: the cache declares %s, the file has %s", ErrSchema, path, declared, t)
		}
		code = wanted
	}
	return &target{code: code, class: javaTypes[code]}, nil
}

// listTarget is the array of a list's items, that of another type where the cache
// declares it and the items fit, or a collection.
func listTarget(t arrow.ListLikeType, path, typeName, declared string) (*target, error) {
	if code, known := arrayCodes[t.Elem().ID()]; known {
		wanted, known := declaredCodes[declared]
		if known && wanted != code {
			if !isNumberArray(code) || !isNumberArray(wanted) || !converts(elementCode(code), elementCode(wanted)) {
				return nil, fmt.Errorf("%w: column %s: the cache declares %s, the file has %s", ErrSchema, path, declared, t)
			}
			code = wanted
		}
		return &target{code: code, class: javaTypes[code]}, nil
	}
	items, err := targetOf(t.Elem(), path+"[]", typeName, "")
	if err != nil {
		return nil, err
	}
	return &target{code: binary.TypeCollection, class: javaTypes[binary.TypeCollection], items: items}, nil
}

func isNumberArray(t binary.Type) bool {
	return t >= binary.TypeByteArray && t <= binary.TypeDoubleArray
}

// converts tells whether values of one type can be written as another, each
// value checked when it is written.
func converts(from, to binary.Type) bool {
	if isInteger(from) {
		return isInteger(to) || to == binary.TypeFloat || to == binary.TypeDouble || to == binary.TypeDecimal
	}
	switch from {
	case binary.TypeFloat, binary.TypeDouble:
		return to == binary.TypeFloat || to == binary.TypeDouble
	case binary.TypeByteArray:
		return to == binary.TypeUUID
	case binary.TypeOptimized, binary.TypeTimestamp:
		return to == binary.TypeDate || to == binary.TypeTimestamp || to == binary.TypeOptimized
	case binary.TypeString:
		_, known := classTypes[javaTypes[to]]
		return known
	}
	return false
}

func isInteger(t binary.Type) bool {
	return t == binary.TypeByte || t == binary.TypeShort || t == binary.TypeInt || t == binary.TypeLong
}
