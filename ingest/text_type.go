package ingest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// textType is an Arrow extension type: text that [Load] parses as an Ignite type.
// Columns of text files have it where Arrow's own type would change values: its
// timestamps end in the year 2262 or at microseconds, its decimals at 76 digits.
type textType struct {
	arrow.ExtensionBase
	name  string // as in Options.Types
	code  binary.Type
	class string // Java class
}

func newTextType(name string, code binary.Type, class string) *textType {
	return &textType{arrow.ExtensionBase{Storage: arrow.BinaryTypes.String}, name, code, class}
}

// textTypes are the types by their names in Options.Types.
var textTypes = func() map[string]*textType {
	types := map[string]*textType{}
	for name, code := range map[string]binary.Type{
		"string": binary.TypeString, "char": binary.TypeChar, "byte": binary.TypeByte, "short": binary.TypeShort, "int": binary.TypeInt,
		"long": binary.TypeLong, "float": binary.TypeFloat, "double": binary.TypeDouble, "decimal": binary.TypeDecimal,
		"boolean": binary.TypeBool, "date": binary.TypeOptimized, "time": binary.TypeTime, "timestamp": binary.TypeTimestamp, "uuid": binary.TypeUUID,
		"byte[]": binary.TypeByteArray, "short[]": binary.TypeShortArray, "int[]": binary.TypeIntArray, "long[]": binary.TypeLongArray,
		"float[]": binary.TypeFloatArray, "double[]": binary.TypeDoubleArray, "boolean[]": binary.TypeBoolArray,
		"string[]": binary.TypeStringArray,
	} {
		types[name] = newTextType(name, code, javaTypes[code])
	}
	return types
}()

// classTypes are the same types, and java.util.Date, by their Java classes.
var classTypes = func() map[string]*textType {
	types := map[string]*textType{}
	for _, t := range textTypes {
		types[t.class] = t
	}
	class := javaTypes[binary.TypeDate]
	types[class] = newTextType(class, binary.TypeDate, class)
	return types
}()

// classOfType is the Java class of a name in Options.Types.
func classOfType(name string) (string, error) {
	t, known := textTypes[strings.ToLower(name)]
	if !known {
		return "", fmt.Errorf("%w: unknown type %q, expected one of %s", ErrSchema, name,
			strings.Join(slices.Sorted(maps.Keys(textTypes)), ", "))
	}
	return t.class, nil
}

// ArrayType is the Go type of the arrays.
func (*textType) ArrayType() reflect.Type { return reflect.TypeFor[textArray]() }

// ExtensionName is the same for all of these types.
func (*textType) ExtensionName() string { return "kindling.text" }

// String is the type as a schema shows it.
func (t *textType) String() string { return "text of " + t.name }

// ExtensionEquals compares the types that the text stands for.
func (t *textType) ExtensionEquals(other arrow.ExtensionType) bool {
	o, ok := other.(*textType)
	return ok && o.class == t.class
}

// Serialize gives the Java class.
func (t *textType) Serialize() string { return t.class }

// Deserialize makes a type of a Java class.
func (*textType) Deserialize(_ arrow.DataType, class string) (arrow.ExtensionType, error) {
	t, known := classTypes[class]
	if !known {
		return nil, fmt.Errorf("%w: text cannot be parsed as %s", ErrSchema, class)
	}
	return t, nil
}

type textArray struct{ array.ExtensionArrayBase }

// dataType is the Arrow type of a column of the type. Text is text to Arrow, too.
func (t *textType) dataType() arrow.DataType {
	if t.code == binary.TypeString {
		return arrow.BinaryTypes.String
	}
	return t
}

// keepsBlank tells whether blanks are a value of the type, not a null.
func (t *textType) keepsBlank() bool {
	return t.code == binary.TypeString || t.code == binary.TypeChar
}
