package binary

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

// encodeFunc writes a value of one Go type.
type encodeFunc func(s *encodeState, v reflect.Value) error

// metaTypes are the Go types that scalar, array, nullables and nested of encodeState
// write, with the type code of a field of that type in the metadata. What has no code
// of its own there is an Object, as in Ignite.
var metaTypes = map[reflect.Type]Type{
	reflect.TypeFor[bool]():           TypeBool,
	reflect.TypeFor[int8]():           TypeByte,
	reflect.TypeFor[int16]():          TypeShort,
	reflect.TypeFor[int32]():          TypeInt,
	reflect.TypeFor[int64]():          TypeLong,
	reflect.TypeFor[int]():            TypeLong,
	reflect.TypeFor[float32]():        TypeFloat,
	reflect.TypeFor[float64]():        TypeDouble,
	reflect.TypeFor[Char]():           TypeChar,
	reflect.TypeFor[string]():         TypeString,
	reflect.TypeFor[uuid.UUID]():      TypeUUID,
	reflect.TypeFor[time.Time]():      TypeTimestamp,
	reflect.TypeFor[Date]():           TypeDate,
	reflect.TypeFor[TimeOfDay]():      TypeTime,
	reflect.TypeFor[*apd.Decimal]():   TypeDecimal,
	reflect.TypeFor[apd.Decimal]():    TypeDecimal,
	reflect.TypeFor[SQLDate]():        TypeObject,
	reflect.TypeFor[Opaque]():         TypeObject,
	reflect.TypeFor[Enum]():           TypeEnum,
	reflect.TypeFor[BinaryEnum]():     TypeEnum,
	reflect.TypeFor[Class]():          TypeClass,
	reflect.TypeFor[Raw]():            TypeObject,
	reflect.TypeFor[[]byte]():         TypeByteArray,
	reflect.TypeFor[[]int16]():        TypeShortArray,
	reflect.TypeFor[[]int32]():        TypeIntArray,
	reflect.TypeFor[[]int64]():        TypeLongArray,
	reflect.TypeFor[[]float32]():      TypeFloatArray,
	reflect.TypeFor[[]float64]():      TypeDoubleArray,
	reflect.TypeFor[[]Char]():         TypeCharArray,
	reflect.TypeFor[[]bool]():         TypeBoolArray,
	reflect.TypeFor[[]string]():       TypeStringArray,
	reflect.TypeFor[[]*string]():      TypeStringArray,
	reflect.TypeFor[[]uuid.UUID]():    TypeUUIDArray,
	reflect.TypeFor[[]*uuid.UUID]():   TypeUUIDArray,
	reflect.TypeFor[[]Date]():         TypeDateArray,
	reflect.TypeFor[[]*Date]():        TypeDateArray,
	reflect.TypeFor[[]TimeOfDay]():    TypeTimeArray,
	reflect.TypeFor[[]*TimeOfDay]():   TypeTimeArray,
	reflect.TypeFor[[]time.Time]():    TypeTimestampArray,
	reflect.TypeFor[[]*time.Time]():   TypeTimestampArray,
	reflect.TypeFor[[]apd.Decimal]():  TypeDecimalArray,
	reflect.TypeFor[[]*apd.Decimal](): TypeDecimalArray,
	reflect.TypeFor[*Object]():        TypeObject,
	reflect.TypeFor[*Collection]():    TypeCollection,
	reflect.TypeFor[*Map]():           TypeMap,
	reflect.TypeFor[*ObjectArray]():   TypeObjectArray,
	reflect.TypeFor[*EnumArray]():     TypeEnumArray,
	reflect.TypeFor[*Proxy]():         TypeProxy,
	reflect.TypeFor[[]any]():          TypeCollection,
}

// metaTypeOf returns the type code that the metadata gives a field with this value.
func metaTypeOf(v any) Type {
	switch v := v.(type) {
	case nil:
		return TypeObject
	case typedNull:
		return v.t
	case Raw:
		switch t := v.Type(); t {
		case TypeBinaryEnum:
			return TypeEnum
		case TypeWrapped, TypeHandle, TypeOptimized, TypeNull:
			return TypeObject
		default:
			return t
		}
	}
	_, t, err := encoderOf(reflect.TypeOf(v), false)
	if err != nil {
		return TypeObject
	}
	return t
}

type planKey struct {
	t     reflect.Type
	array bool
}

type planned struct {
	f    encodeFunc
	meta Type
}

var encoders sync.Map // planKey -> planned

// encoderOf returns how to write values of t and the metadata type of such a field.
// array makes Object[] out of a slice that would be an ArrayList.
func encoderOf(t reflect.Type, array bool) (encodeFunc, Type, error) {
	key := planKey{t, array}
	if p, ok := encoders.Load(key); ok {
		p := p.(planned)
		return p.f, p.meta, nil
	}
	f, meta, err := buildEncoder(t, array)
	if err == nil {
		encoders.Store(key, planned{f, meta})
	}
	return f, meta, err
}

func buildEncoder(t reflect.Type, array bool) (encodeFunc, Type, error) {
	if meta, ok := metaTypes[t]; ok {
		if f := kindEncoder(t); f != nil && t.PkgPath() == "" {
			return f, meta, nil
		}
		return func(s *encodeState, v reflect.Value) error { return s.value(v.Interface()) }, meta, nil
	}
	if f := kindEncoder(t); f != nil {
		return f, kindMeta(t.Kind()), nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return pointerEncoder(t, array)
	case reflect.Interface:
		return func(s *encodeState, v reflect.Value) error {
			if v.IsNil() {
				return s.nullIf(true)
			}
			return s.value(v.Interface())
		}, TypeObject, nil
	case reflect.Struct:
		return structEncoder, TypeObject, nil
	case reflect.Slice, reflect.Array:
		return sliceEncoder(t, array)
	case reflect.Map:
		return mapEncoder, TypeMap, nil
	}
	return nil, 0, fmt.Errorf("binary: Go type %v has no counterpart in Ignite", t)
}

// kindEncoder writes numbers, booleans and strings of any named type, without boxing
// them; nil for other kinds.
func kindEncoder(t reflect.Type) encodeFunc {
	switch t.Kind() {
	case reflect.Bool:
		return func(s *encodeState, v reflect.Value) error { s.bool(v.Bool()); return nil }
	case reflect.Int8:
		return func(s *encodeState, v reflect.Value) error {
			s.b = append(s.b, byte(TypeByte), byte(v.Int()))
			return nil
		}
	case reflect.Int16:
		return func(s *encodeState, v reflect.Value) error { s.typed16(TypeShort, uint16(v.Int())); return nil }
	case reflect.Int32:
		return func(s *encodeState, v reflect.Value) error { s.typed32(TypeInt, uint32(v.Int())); return nil }
	case reflect.Int, reflect.Int64:
		return func(s *encodeState, v reflect.Value) error { s.typed64(TypeLong, uint64(v.Int())); return nil }
	case reflect.Uint8:
		return func(s *encodeState, v reflect.Value) error { s.typed16(TypeShort, uint16(v.Uint())); return nil }
	case reflect.Uint16:
		return func(s *encodeState, v reflect.Value) error { s.typed32(TypeInt, uint32(v.Uint())); return nil }
	case reflect.Uint32, reflect.Uint, reflect.Uint64:
		return func(s *encodeState, v reflect.Value) error {
			if v.Uint() > math.MaxInt64 {
				return fmt.Errorf("binary: %v %d is larger than a long", v.Type(), v.Uint())
			}
			s.typed64(TypeLong, v.Uint())
			return nil
		}
	case reflect.Float32:
		return func(s *encodeState, v reflect.Value) error {
			s.typed32(TypeFloat, math.Float32bits(float32(v.Float())))
			return nil
		}
	case reflect.Float64:
		return func(s *encodeState, v reflect.Value) error {
			s.typed64(TypeDouble, math.Float64bits(v.Float()))
			return nil
		}
	case reflect.String:
		return func(s *encodeState, v reflect.Value) error { return s.str(v.String()) }
	}
	return nil
}

func kindMeta(k reflect.Kind) Type {
	switch k {
	case reflect.Bool:
		return TypeBool
	case reflect.Int8:
		return TypeByte
	case reflect.Int16, reflect.Uint8:
		return TypeShort
	case reflect.Int32, reflect.Uint16:
		return TypeInt
	case reflect.Float32:
		return TypeFloat
	case reflect.Float64:
		return TypeDouble
	case reflect.String:
		return TypeString
	}
	return TypeLong
}

func pointerEncoder(t reflect.Type, array bool) (encodeFunc, Type, error) {
	elem := t.Elem()
	if elem.Kind() == reflect.Pointer {
		return nil, 0, fmt.Errorf("binary: Go type %v, a pointer to a pointer, has no counterpart in Ignite", t)
	}
	meta := TypeObject
	if elem.Kind() != reflect.Struct || metaTypes[elem] != 0 {
		var err error // a struct is left for later: it may point to itself
		if _, meta, err = encoderOf(elem, array); err != nil {
			return nil, 0, err
		}
	}
	isStruct := elem.Kind() == reflect.Struct && metaTypes[elem] == 0
	return func(s *encodeState, v reflect.Value) error {
		if v.IsNil() {
			return s.nullIf(true)
		}
		if isStruct && s.structs && s.handle(v.Interface()) {
			return nil
		}
		f, _, err := encoderOf(elem, array)
		if err != nil {
			return err
		}
		return f(s, v.Elem())
	}, meta, nil
}

// sliceEncoder writes slices and arrays that metaTypes does not have: of named
// primitives as primitive arrays, of all else as ArrayList or Object[].
func sliceEncoder(t reflect.Type, array bool) (encodeFunc, Type, error) {
	elem := t.Elem()
	if plain, ok := plainSlice(elem); ok {
		meta := metaTypes[plain]
		return func(s *encodeState, v reflect.Value) error {
			if v.Kind() == reflect.Slice && v.IsNil() {
				return s.nullIf(true)
			}
			return s.value(copySlice(v, plain).Interface())
		}, meta, nil
	}
	meta := TypeCollection
	if array {
		meta = TypeObjectArray
	}
	return func(s *encodeState, v reflect.Value) error {
		if v.Kind() == reflect.Slice && v.IsNil() {
			return s.nullIf(true)
		}
		if array {
			id, err := s.componentID(elem)
			if err != nil {
				return err
			}
			s.typeID(TypeObjectArray, id, "")
			s.int32(int32(v.Len()))
		} else {
			s.count(TypeCollection, v.Len())
			s.b = append(s.b, byte(CollectionArrayList))
		}
		f, _, err := encoderOf(elem, false)
		if err != nil {
			return err
		}
		if err := s.enter(); err != nil {
			return err
		}
		defer s.leave()
		for i := range v.Len() {
			if err := f(s, v.Index(i)); err != nil {
				return within(err, "item %d", i)
			}
		}
		return nil
	}, meta, nil
}

// componentID is the type id that an Object[] of such elements carries.
func (s *encodeState) componentID(elem reflect.Type) (int32, error) {
	for elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem.Kind() != reflect.Struct || metaTypes[elem] != 0 {
		return ObjectTypeID, nil
	}
	p, err := s.plan(elem)
	if err != nil {
		return 0, err
	}
	return p.typeID, nil
}

// plainSlice maps the element type of a slice or Go array to the slice type of
// metaTypes with the same memory: []MyFloat and [4]float32 are []float32.
func plainSlice(elem reflect.Type) (reflect.Type, bool) {
	if t := reflect.SliceOf(elem); metaTypes[t] != 0 && elem.Kind() != reflect.Interface {
		return t, true
	}
	switch elem.Kind() {
	case reflect.Int8, reflect.Uint8:
		return reflect.TypeFor[[]byte](), true
	case reflect.Int16:
		return reflect.TypeFor[[]int16](), true
	case reflect.Int32:
		return reflect.TypeFor[[]int32](), true
	case reflect.Int64, reflect.Int:
		return reflect.TypeFor[[]int64](), true
	case reflect.Float32:
		return reflect.TypeFor[[]float32](), true
	case reflect.Float64:
		return reflect.TypeFor[[]float64](), true
	case reflect.Bool:
		return reflect.TypeFor[[]bool](), true
	case reflect.String:
		return reflect.TypeFor[[]string](), true
	}
	return nil, false
}

func copySlice(v reflect.Value, plain reflect.Type) reflect.Value {
	out := reflect.MakeSlice(plain, v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(v.Index(i).Convert(plain.Elem()))
	}
	return out
}

// mapEncoder writes a Go map as a HashMap, keys of ordered kinds in order, so that the
// same map gives the same bytes.
func mapEncoder(s *encodeState, v reflect.Value) error {
	if v.IsNil() {
		return s.nullIf(true)
	}
	key, _, err := encoderOf(v.Type().Key(), false)
	if err != nil {
		return err
	}
	elem, _, err := encoderOf(v.Type().Elem(), false)
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	s.count(TypeMap, len(keys))
	s.b = append(s.b, byte(MapHashMap))
	for _, k := range keys {
		if err := key(s, k); err != nil {
			return within(err, "key %v", k)
		}
		if err := elem(s, v.MapIndex(k)); err != nil {
			return within(err, "value of key %v", k)
		}
	}
	return nil
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return strings.Compare(a.String(), b.String())
	}
	return 0
}
