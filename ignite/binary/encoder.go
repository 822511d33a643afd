package binary

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// NameMapper is how a cluster makes type names out of Java class names
// (BinaryNameMapperMode; OP_BINARY_CONFIGURATION_GET tells it).
type NameMapper uint8

// Name mappers of Ignite. Ids are always taken from the lower-cased name.
const (
	NamesBasicFull   NameMapper = 0 // the whole class name, the default
	NamesBasicSimple NameMapper = 1 // the part after the last '.' or '$'
	NamesCustom      NameMapper = 2 // unknown to a client; treated as the whole name
)

// Name returns the type name of a class name.
func (m NameMapper) Name(className string) string {
	if m == NamesBasicSimple {
		return className[strings.LastIndexAny(className, ".$")+1:]
	}
	return className
}

// Encoder encodes Go values, among them structs, as Ignite's binary format. The zero
// value is ready to use. An Encoder may be used by several goroutines if OnType may.
type Encoder struct {
	// OnType, if set, is called with the metadata of each complex object written, those
	// of nested objects first: all fields of the type and the schema of this object. The
	// metadata is read only and may be the same pointer in later calls. An error ends
	// the encoding and is returned, wrapped with the place of the object.
	OnType func(*Metadata) error

	// Names is the cluster's name mapper.
	Names NameMapper

	// FullFooter writes field ids into the footer of objects, for a cluster that is
	// configured with compactFooter=false.
	FullFooter bool

	// Order, if set, gives the order of the fields of the object that a value is, not of
	// those inside of it: Ignite compares keys byte by byte. It gets the type id and the
	// ids of the fields in their own order, and returns them in the one to write. An
	// [Object] that was read keeps its own.
	Order func(typeID int32, ids []int32) ([]int32, error)
}

// Append appends the encoded v to dst. It takes all that [AppendValue] takes, and
//
//   - structs: an object whose type name is that of the Go type or the result of its
//     method IgniteTypeName() string, and whose fields are the exported ones in order of
//     declaration. The tag `ignite:"name"` renames a field, "-" leaves it out; options
//     after a comma: omitempty (leave out a zero value, which gives another schema),
//     array (a slice becomes Object[] instead of an ArrayList), affinity (the field is
//     the affinity key). Embedded structs without a tag lend their fields;
//   - pointers: null when nil. A struct pointer met again in the same value is written
//     as a handle, so cycles are allowed;
//   - slices and maps of all these.
//
// Nil slices and maps are null. Ints are widened to the next signed type where Java has
// no unsigned one. dst is returned unchanged with an error.
func (e *Encoder) Append(dst []byte, v any) ([]byte, error) {
	return appendWith(&encodeState{b: dst, e: e, structs: true}, v)
}

// AppendValue appends the encoded v to dst: the Go values of the package's table,
// *[Object], pointers to scalars, slices, maps with any of these, and [Raw] as it is. A
// Go struct needs an [Encoder], because its metadata has to be registered.
func AppendValue(dst []byte, v any) ([]byte, error) {
	return appendWith(&encodeState{b: dst, e: &plainEncoder}, v)
}

var plainEncoder Encoder // read only

func appendWith(s *encodeState, v any) ([]byte, error) {
	dst := s.b
	if err := s.value(v); err != nil {
		return dst, err
	}
	if len(s.b)-len(dst) > math.MaxInt32 {
		return dst, fmt.Errorf("binary: value of %d bytes is longer than Ignite's limit of 2 GiB", len(s.b)-len(dst))
	}
	return s.b, nil
}

// encodeState is the state of one call of Append.
type encodeState struct {
	b       []byte
	e       *Encoder
	structs bool        // Go structs are allowed
	depth   int         // containers around the next value
	hops    int         // calls of value that are under way
	handles map[any]int // positions of pointers that were written
	offsets []int32     // stack: offsets of the fields of the objects being written
	ids     []int32     // stack: ids of the same fields
}

// maxHops bounds recursion through Go pointers and interfaces, which add no level to the
// encoded value.
const maxHops = 4 * maxDepth

var errTooDeep = fmt.Errorf("binary: value is nested more than %d deep (or contains itself)", maxDepth)

// within names the place of an error, except for one that would name 64 places.
func within(err error, format string, args ...any) error {
	if errors.Is(err, errTooDeep) {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// enter opens one level of nesting; the caller ends it with leave.
func (s *encodeState) enter() error {
	if s.depth >= maxDepth {
		return errTooDeep
	}
	s.depth++
	return nil
}

func (s *encodeState) leave() { s.depth-- }

// handle writes a handle if the pointer was written before, else remembers it.
func (s *encodeState) handle(p any) bool {
	pos := len(s.b)
	if was, ok := s.handles[p]; ok {
		s.typed(TypeHandle)
		s.int32(int32(pos - was))
		return true
	}
	if s.handles == nil {
		s.handles = make(map[any]int)
	}
	s.handles[p] = pos
	return false
}

// value writes any value.
func (s *encodeState) value(v any) error {
	if ok, err := s.scalar(v); ok || err != nil {
		return err
	}
	if s.array(v) {
		return nil
	}
	if ok, err := s.nullables(v); ok || err != nil {
		return err
	}
	if s.hops++; s.hops > maxHops {
		return errTooDeep
	}
	defer func() { s.hops-- }()
	if ok, err := s.nested(v); ok || err != nil {
		return err
	}
	rv := reflect.ValueOf(v)
	f, _, err := encoderOf(rv.Type(), false)
	if err != nil {
		return err
	}
	return f(s, rv)
}

// nested writes the types that hold other values; false when v is none of them.
func (s *encodeState) nested(v any) (bool, error) {
	switch v.(type) {
	case *Object, *Collection, *Map, *ObjectArray, *EnumArray, *Proxy, []any:
	default:
		return false, nil
	}
	if err := s.enter(); err != nil {
		return true, err
	}
	defer s.leave()
	switch v := v.(type) {
	case *Object:
		return true, s.objectPointer(v)
	case *Collection:
		if v == nil || s.handle(v) {
			return true, s.nullIf(v == nil)
		}
		s.count(TypeCollection, len(v.Items))
		s.b = append(s.b, byte(v.Kind))
		return true, s.values(v.Items)
	case *Map:
		if v == nil || s.handle(v) {
			return true, s.nullIf(v == nil)
		}
		s.count(TypeMap, len(v.Entries))
		s.b = append(s.b, byte(v.Kind))
		return true, s.entries(v.Entries)
	case *ObjectArray:
		if v == nil || s.handle(v) {
			return true, s.nullIf(v == nil)
		}
		s.typeID(TypeObjectArray, v.TypeID, v.TypeName)
		s.int32(int32(len(v.Items)))
		return true, s.values(v.Items)
	case *EnumArray:
		if v == nil {
			return true, s.nullIf(true)
		}
		return true, s.enumArray(v)
	case *Proxy:
		if v == nil {
			return true, s.nullIf(true)
		}
		s.count(TypeProxy, len(v.Interfaces))
		for _, c := range v.Interfaces {
			s.idOrName(c.TypeID, c.TypeName)
		}
		return true, s.value(v.Handler)
	case []any:
		if v == nil {
			return true, s.nullIf(true)
		}
		s.count(TypeCollection, len(v))
		s.b = append(s.b, byte(CollectionArrayList))
		return true, s.values(v)
	}
	return false, nil
}

func (s *encodeState) nullIf(null bool) error {
	if null {
		s.typed(TypeNull)
	}
	return nil
}

func (s *encodeState) values(items []any) error {
	for i, v := range items {
		if err := s.value(v); err != nil {
			return within(err, "item %d", i)
		}
	}
	return nil
}

func (s *encodeState) entries(entries []MapEntry) error {
	for i, e := range entries {
		if err := s.value(e.Key); err != nil {
			return within(err, "key %d", i)
		}
		if err := s.value(e.Value); err != nil {
			return within(err, "value of key %v", mapLabel(e.Key))
		}
	}
	return nil
}

func (s *encodeState) enumArray(v *EnumArray) error {
	s.typeID(TypeEnumArray, v.TypeID, v.TypeName)
	s.int32(int32(len(v.Items)))
	for i, item := range v.Items {
		switch item.(type) {
		case Enum, BinaryEnum, nil:
		default:
			return fmt.Errorf("binary: item %d of an EnumArray is a %T, not an Enum, BinaryEnum or nil", i, item)
		}
	}
	return s.values(v.Items)
}
