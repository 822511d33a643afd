package column

import "fmt"

// Kind says how the values of a column are stored.
type Kind uint8

// The kinds. Bool takes one byte a value. String and Bytes keep their bytes in
// Data and Len+1 offsets. A List has offsets into its only child, a Struct has
// one child for each field.
const (
	Invalid Kind = iota
	Bool
	Int8
	Uint8
	Int16
	Uint16
	Int32
	Int64
	Float32
	Float64
	String
	Bytes
	List
	Struct
)

var kindNames = [...]string{
	Invalid: "invalid", Bool: "bool", Int8: "int8", Uint8: "uint8", Int16: "int16", Uint16: "uint16",
	Int32: "int32", Int64: "int64", Float32: "float32", Float64: "float64",
	String: "string", Bytes: "bytes", List: "list", Struct: "struct",
}

var kindWidths = [...]int{
	Bool: 1, Int8: 1, Uint8: 1, Int16: 2, Uint16: 2, Int32: 4, Int64: 8, Float32: 4, Float64: 8, Struct: 0,
}

// Width is the size of one value in bytes, 0 for kinds of variable size.
func (k Kind) Width() int {
	if int(k) < len(kindWidths) {
		return kindWidths[k]
	}
	return 0
}

// String is the kind's name as it stands in JSON, such as "int64".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText gives the name of the kind.
func (k Kind) MarshalText() ([]byte, error) {
	if k == Invalid || int(k) >= len(kindNames) {
		return nil, fmt.Errorf("column: kind %d has no name", uint8(k))
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText accepts what MarshalText gives.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames {
		if Kind(i) != Invalid && name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("column: %q is not a kind of column", text)
}
