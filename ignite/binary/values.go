package binary

import "time"

// Char is a Java char: one UTF-16 unit (type code 7).
type Char uint16

// Date is a java.util.Date (type code 11): milliseconds since the Unix epoch, UTC.
type Date int64

// Time returns the instant in UTC.
func (d Date) Time() time.Time { return time.UnixMilli(int64(d)).UTC() }

// DateOf returns the date at millisecond precision; smaller units are cut off.
func DateOf(t time.Time) Date { return Date(t.UnixMilli()) }

// TimeOfDay is a java.sql.Time (type code 36): milliseconds since the epoch of an instant
// on 1970-01-01 in the time zone of its writer.
type TimeOfDay int64

// Duration returns the time since midnight, UTC.
func (t TimeOfDay) Duration() time.Duration {
	const day = 24 * 60 * 60 * 1000
	return time.Duration(((int64(t)%day)+day)%day) * time.Millisecond
}

// SQLDate is a java.sql.Date, the value of an SQL DATE column: milliseconds since the
// epoch of midnight in the server's time zone. Ignite writes it by Java's
// OptimizedMarshaller (type code 254).
type SQLDate int64

// Time returns the instant in UTC.
func (d SQLDate) Time() time.Time { return time.UnixMilli(int64(d)).UTC() }

// Opaque is a Java object written by OptimizedMarshaller (type code 254), such as
// java.time.LocalDate or java.util.BitSet. Only a JVM can read it; it goes back
// unchanged.
type Opaque struct{ Bytes []byte }

// ObjectArray is an Object[] or an array of a Java class (type code 23).
type ObjectArray struct {
	TypeID   int32  // of the component; ObjectTypeID for Object[], 0 when only TypeName is known
	TypeName string // Java class name, sent only when TypeID is 0
	Items    []any
}

// ObjectTypeID is the type id of java.lang.Object, the component of an Object[].
const ObjectTypeID int32 = -1

// Kinds of [Collection].
const (
	CollectionUserSet       int8 = -1
	CollectionUser          int8 = 0
	CollectionArrayList     int8 = 1
	CollectionLinkedList    int8 = 2
	CollectionHashSet       int8 = 3
	CollectionLinkedHashSet int8 = 4
	CollectionSingletonList int8 = 5
)

// Kinds of [Map].
const (
	MapHashMap       int8 = 1
	MapLinkedHashMap int8 = 2
)

// Collection is a java.util.Collection (type code 24) with its kind, such as CollectionArrayList.
type Collection struct {
	Kind  int8
	Items []any
}

// Map is a java.util.Map (type code 25) with its kind, such as MapHashMap. The entries
// keep their order, and keys of any type.
type Map struct {
	Kind    int8
	Entries []MapEntry
}

// MapEntry is one entry of a [Map].
type MapEntry struct{ Key, Value any }

// Enum is a constant of a Java enum (type code 28). The metadata of the type has the
// names of its ordinals.
type Enum struct {
	TypeID   int32
	Ordinal  int32
	TypeName string // Java class name, sent only when TypeID is 0
}

// BinaryEnum is an enum constant as the server gives it out at top level (type code 38).
type BinaryEnum Enum

// EnumArray is an array of enum constants (type code 29). Items are [Enum], [BinaryEnum] or nil.
type EnumArray struct {
	TypeID   int32
	TypeName string // Java class name, sent only when TypeID is 0
	Items    []any
}

// Class is a java.lang.Class (type code 32).
type Class struct {
	TypeID   int32
	TypeName string // Java class name, sent only when TypeID is 0
}

// Proxy is a java.lang.reflect.Proxy (type code 35): its interfaces and its handler.
type Proxy struct {
	Interfaces []Class
	Handler    any
}

// typedNull is a null that still has a field type.
type typedNull struct{ t Type }

// NullOf returns a null for [Object.Set] that gives the field the metadata type t. A
// plain nil gives it TypeObject.
func NullOf(t Type) any { return typedNull{t} }
