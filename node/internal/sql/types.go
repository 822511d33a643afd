package sql

import (
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// kind is an SQL type of Ignite.
type kind uint8

const (
	kindUnknown kind = iota // the value decides
	kindNull
	kindBool
	kindByte
	kindShort
	kindInt
	kindLong
	kindFloat
	kindDouble
	kindDecimal
	kindString
	kindBytes
	kindDate
	kindTime
	kindTimestamp
	kindUtilDate // java.util.Date: TIMESTAMP in SQL
	kindUUID
	kindChar
	kindObject
)

// dataType is the type of a column or of an expression.
type dataType struct {
	kind             kind
	precision, scale int    // -1 when not limited
	class            string // Java class of kindObject, else ""
}

func typeOf(k kind) dataType { return dataType{kind: k, precision: -1, scale: -1} }

// typeInfo ties the names of a kind together.
type typeInfo struct {
	class string      // Java class in a query entity
	code  binary.Type // type code of a value
	name  string      // SQL name
}

var typeInfos = [...]typeInfo{
	kindUnknown:   {"java.lang.Object", 0, "UNKNOWN"},
	kindNull:      {"java.lang.Object", binary.TypeNull, "NULL"},
	kindBool:      {"java.lang.Boolean", binary.TypeBool, "BOOLEAN"},
	kindByte:      {"java.lang.Byte", binary.TypeByte, "TINYINT"},
	kindShort:     {"java.lang.Short", binary.TypeShort, "SMALLINT"},
	kindInt:       {"java.lang.Integer", binary.TypeInt, "INTEGER"},
	kindLong:      {"java.lang.Long", binary.TypeLong, "BIGINT"},
	kindFloat:     {"java.lang.Float", binary.TypeFloat, "REAL"},
	kindDouble:    {"java.lang.Double", binary.TypeDouble, "DOUBLE"},
	kindDecimal:   {"java.math.BigDecimal", binary.TypeDecimal, "DECIMAL"},
	kindString:    {"java.lang.String", binary.TypeString, "VARCHAR"},
	kindBytes:     {"[B", binary.TypeByteArray, "VARBINARY"},
	kindDate:      {"java.sql.Date", binary.TypeObject, "DATE"},
	kindTime:      {"java.sql.Time", binary.TypeTime, "TIME"},
	kindTimestamp: {"java.sql.Timestamp", binary.TypeTimestamp, "TIMESTAMP"},
	kindUtilDate:  {"java.util.Date", binary.TypeDate, "TIMESTAMP"},
	kindUUID:      {"java.util.UUID", binary.TypeUUID, "UUID"},
	kindChar:      {"java.lang.Character", binary.TypeChar, "CHAR"},
	kindObject:    {"java.lang.Object", binary.TypeObject, "OTHER"},
}

func (t dataType) info() *typeInfo { return &typeInfos[t.kind] }

// className is the Java class that Ignite writes for the type.
func (t dataType) className() string {
	if t.class != "" {
		return t.class
	}
	return t.info().class
}

func (t dataType) temporal() bool { return t.kind >= kindDate && t.kind <= kindUtilDate }

func (t dataType) integer() bool { return t.kind >= kindByte && t.kind <= kindLong }

func (t dataType) numeric() bool { return t.kind >= kindByte && t.kind <= kindDecimal }

func (t dataType) text() bool { return t.kind == kindString || t.kind == kindChar }

var kindsByName = map[string]kind{
	"BOOLEAN": kindBool, "BOOL": kindBool, "BIT": kindBool,
	"TINYINT": kindByte,
	"INT2":    kindShort, "SMALLINT": kindShort, "YEAR": kindShort,
	"INT": kindInt, "INTEGER": kindInt, "MEDIUMINT": kindInt, "INT4": kindInt, "SIGNED": kindInt,
	"BIGINT": kindLong, "INT8": kindLong, "LONG": kindLong,
	"REAL": kindFloat, "FLOAT4": kindFloat,
	"DOUBLE": kindDouble, "FLOAT": kindDouble, "FLOAT8": kindDouble,
	"DECIMAL": kindDecimal, "DEC": kindDecimal, "NUMBER": kindDecimal, "NUMERIC": kindDecimal,
	"VARCHAR": kindString, "LONGVARCHAR": kindString, "VARCHAR2": kindString, "NVARCHAR": kindString, "NVARCHAR2": kindString,
	"VARCHAR_IGNORECASE": kindString, "CHAR": kindString, "CHARACTER": kindString, "NCHAR": kindString, "TEXT": kindString,
	"CLOB": kindString, "STRING": kindString, "TINYTEXT": kindString, "MEDIUMTEXT": kindString, "LONGTEXT": kindString, "NTEXT": kindString,
	"BINARY": kindBytes, "VARBINARY": kindBytes, "LONGVARBINARY": kindBytes, "RAW": kindBytes, "BYTEA": kindBytes, "BLOB": kindBytes,
	"DATE": kindDate, "TIME": kindTime,
	"TIMESTAMP": kindTimestamp, "DATETIME": kindTimestamp, "SMALLDATETIME": kindTimestamp,
	"UUID":  kindUUID,
	"OTHER": kindObject, "OBJECT": kindObject, "JAVA_OBJECT": kindObject,
}

// typeByName gives the type that a statement names; false for a name that is none.
func typeByName(n parse.TypeName) (dataType, bool) {
	k, ok := kindsByName[n.Name]
	if !ok {
		return dataType{}, false
	}
	t := typeOf(k)
	switch k {
	case kindDecimal:
		t.precision, t.scale = n.Precision, n.Scale
	case kindString, kindBytes:
		t.precision = n.Precision
	}
	if k == kindDouble && n.Name == "FLOAT" && n.Precision >= 0 && n.Precision <= 24 {
		t.kind = kindFloat
	}
	return t, true
}

var kindsByClass = func() map[string]kind {
	m := make(map[string]kind)
	for k, info := range typeInfos {
		if kind(k) > kindNull {
			m[info.class] = kind(k)
		}
	}
	for class, k := range map[string]kind{
		"boolean": kindBool, "byte": kindByte, "short": kindShort, "int": kindInt, "long": kindLong, "float": kindFloat,
		"double": kindDouble, "char": kindChar, "byte[]": kindBytes, "java.sql.Clob": kindString, "java.sql.Blob": kindBytes,
	} {
		m[class] = k
	}
	return m
}()

// typeByClass gives the type of a Java class in a query entity; any class it does not know is an object.
func typeByClass(class string) dataType {
	k, ok := kindsByClass[class]
	if !ok {
		return dataType{kind: kindObject, precision: -1, scale: -1, class: class}
	}
	return typeOf(k)
}

// typeByCode gives the type of an encoded value.
func typeByCode(raw binary.Raw) dataType {
	switch raw.Type() {
	case 0, binary.TypeNull:
		return typeOf(kindNull)
	case binary.TypeOptimized:
		if _, ok := sqlDate(raw); ok {
			return typeOf(kindDate)
		}
		return typeOf(kindObject)
	case binary.TypeObject:
		return typeOf(kindObject)
	}
	for k := kindBool; k <= kindChar; k++ {
		if typeInfos[k].code == raw.Type() && k != kindDate {
			return typeOf(k)
		}
	}
	return typeOf(kindObject)
}
