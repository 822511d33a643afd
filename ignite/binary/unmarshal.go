package binary

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// FitError says which value did not fit into which Go type. Test for it with errors.As.
type FitError struct {
	Field  string       // path from the outermost value, "" for that value itself
	Value  string       // Ignite's name of the value's type
	To     reflect.Type // where it should have gone
	Reason string       // "" when the types have nothing to do with each other
}

// Error implements error.
func (e *FitError) Error() string {
	where := e.Field
	if where == "" {
		where = "value"
	}
	s := fmt.Sprintf("binary: %s: %s does not fit into %v", where, e.Value, e.To)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// Unmarshal decodes raw into what dst points to. It takes what [DecodeValue] gives when
// the types are the same, and besides
//
//   - numbers into other number types, if the value is kept exactly; an overflow is an error;
//   - objects into structs, fields found by tag or name regardless of case (see
//     [Encoder.Append]); fields on one side only are left alone. Into map[string]T too;
//   - arrays and collections into slices and into Go arrays of the same length; maps into maps;
//   - Date and SQLDate into time.Time, TimeOfDay into time.Duration;
//   - enums into strings (by metadata) and integers (the ordinal);
//   - null into pointers, slices, maps and interfaces only;
//   - anything into any, and into [Raw] as a copy of its bytes.
//
// res gives field and enum names; without it an object fits only into a struct that has
// exactly its schema. What does not fit gives a *[FitError], broken bytes a *[FormatError].
func Unmarshal(raw Raw, dst any, res Resolver) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("binary: Unmarshal needs a pointer that is not nil, got %T", dst)
	}
	v, err := DecodeValue(raw, res)
	if err != nil {
		return err
	}
	if to, ok := dst.(*Raw); ok {
		*to = append(Raw{}, raw...)
		return nil
	}
	a := assigner{res: res, budget: 64*len(raw) + 1024}
	return a.assign(p.Elem(), v, "")
}

// assigner moves decoded values into Go values. The budget bounds what shared references
// (handles) may multiply to.
type assigner struct {
	res    Resolver
	budget int
	shared map[sharedKey]reflect.Value
}

type sharedKey struct {
	o *Object
	t reflect.Type
}

func (a *assigner) assign(dst reflect.Value, v any, path string) error {
	if a.budget--; a.budget < 0 {
		return a.misfit(dst, v, path, "handles multiply it beyond measure")
	}
	if v == nil {
		switch dst.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
			dst.SetZero()
			return nil
		}
		return a.misfit(dst, v, path, "use a pointer")
	}
	src := reflect.ValueOf(v)
	if src.Type().AssignableTo(dst.Type()) {
		dst.Set(src)
		return nil
	}
	if dst.Type() == reflect.TypeFor[Raw]() {
		b, err := AppendValue(nil, v)
		dst.SetBytes(b)
		return err
	}
	switch v := v.(type) {
	case Enum:
		return a.enum(dst, v, path)
	case BinaryEnum:
		return a.enum(dst, Enum(v), path)
	}
	if dst.Type() == reflect.TypeFor[time.Time]() || dst.Type() == reflect.TypeFor[time.Duration]() {
		return a.time(dst, v, path)
	}
	switch dst.Kind() {
	case reflect.Pointer:
		return a.pointer(dst, v, path)
	case reflect.Struct:
		return a.structure(dst, v, path)
	case reflect.Slice, reflect.Array:
		return a.slice(dst, src, v, path)
	case reflect.Map:
		return a.mapping(dst, v, path)
	case reflect.String:
		if s, ok := v.(string); ok {
			dst.SetString(s)
			return nil
		}
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			dst.SetBool(b)
			return nil
		}
	case reflect.Float32, reflect.Float64:
		return a.float(dst, v, path)
	default:
		return a.integer(dst, v, path)
	}
	return a.misfit(dst, v, path, "")
}

func (a *assigner) misfit(dst reflect.Value, v any, path, reason string) error {
	return &FitError{Field: path, Value: igniteName(v), To: dst.Type(), Reason: reason}
}

// igniteName describes a decoded value in Ignite's words.
func igniteName(v any) string {
	switch v := v.(type) {
	case nil:
		return TypeNull.String()
	case *Object:
		return "object " + v.label()
	case SQLDate:
		return "java.sql.Date"
	case Opaque:
		return TypeOptimized.String()
	}
	return metaTypeOf(v).String()
}

// asInt returns a decoded integer.
func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case Char:
		return int64(v), true
	case byte: // an element of a byte[]: Java's bytes are signed
		return int64(int8(v)), true
	}
	return 0, false
}

func (a *assigner) integer(dst reflect.Value, v any, path string) error {
	n, ok := asInt(v)
	if !ok {
		return a.misfit(dst, v, path, "")
	}
	switch {
	case dst.CanInt() && !dst.OverflowInt(n):
		dst.SetInt(n)
		return nil
	case dst.CanUint() && n >= 0 && !dst.OverflowUint(uint64(n)):
		dst.SetUint(uint64(n))
		return nil
	case dst.CanInt() || dst.CanUint():
		return a.misfit(dst, v, path, fmt.Sprintf("%d is out of range", n))
	}
	return a.misfit(dst, v, path, "")
}

func (a *assigner) float(dst reflect.Value, v any, path string) error {
	var f float64
	switch v := v.(type) {
	case float32:
		f = float64(v)
	case float64:
		f = v
	default:
		n, ok := asInt(v)
		if !ok {
			return a.misfit(dst, v, path, "")
		}
		if f = float64(n); f >= math.MaxInt64 || int64(f) != n {
			return a.misfit(dst, v, path, fmt.Sprintf("%d is not exact there", n))
		}
	}
	if dst.Kind() == reflect.Float32 && float64(float32(f)) != f && !math.IsNaN(f) {
		return a.misfit(dst, v, path, fmt.Sprintf("%v is not exact there", f))
	}
	dst.SetFloat(f)
	return nil
}

func (a *assigner) time(dst reflect.Value, v any, path string) error {
	switch v := v.(type) {
	case Date:
		if t := reflect.ValueOf(v.Time()); t.Type() == dst.Type() {
			dst.Set(t)
			return nil
		}
	case SQLDate:
		if t := reflect.ValueOf(v.Time()); t.Type() == dst.Type() {
			dst.Set(t)
			return nil
		}
	case TimeOfDay:
		if d := reflect.ValueOf(v.Duration()); d.Type() == dst.Type() {
			dst.Set(d)
			return nil
		}
	case int64:
		if dst.CanInt() {
			dst.SetInt(v)
			return nil
		}
	}
	return a.misfit(dst, v, path, "")
}

func (a *assigner) enum(dst reflect.Value, v Enum, path string) error {
	switch dst.Kind() {
	case reflect.Pointer:
		return a.pointer(dst, v, path)
	case reflect.String:
		if a.res == nil {
			return a.misfit(dst, v, path, "its names need a Resolver")
		}
		meta, err := a.res.Metadata(v.TypeID)
		if err != nil {
			return fmt.Errorf("binary: %s: metadata of enum type %d: %w", path, v.TypeID, err)
		}
		name := meta.EnumName(v.Ordinal)
		if name == "" {
			return a.misfit(dst, v, path, fmt.Sprintf("no name is known for ordinal %d of type %d", v.Ordinal, v.TypeID))
		}
		dst.SetString(name)
		return nil
	}
	if v2 := reflect.ValueOf(v); v2.Type().ConvertibleTo(dst.Type()) {
		dst.Set(v2.Convert(dst.Type()))
		return nil
	}
	if dst.CanInt() || dst.CanUint() {
		return a.integer(dst, v.Ordinal, path)
	}
	return a.misfit(dst, v, path, "")
}

func (a *assigner) pointer(dst reflect.Value, v any, path string) error {
	elem := dst.Type().Elem()
	o, isObject := v.(*Object)
	if isObject {
		if was, ok := a.shared[sharedKey{o, elem}]; ok {
			dst.Set(was)
			return nil
		}
	}
	p := reflect.New(elem)
	if isObject {
		if a.shared == nil {
			a.shared = make(map[sharedKey]reflect.Value)
		}
		a.shared[sharedKey{o, elem}] = p.Convert(dst.Type())
	}
	if err := a.assign(p.Elem(), v, path); err != nil {
		return err
	}
	dst.Set(p.Convert(dst.Type()))
	return nil
}

// structure fills a struct from an object.
func (a *assigner) structure(dst reflect.Value, v any, path string) error {
	if d, ok := v.(*apd.Decimal); ok && dst.Type() == reflect.TypeFor[apd.Decimal]() {
		dst.Addr().Interface().(*apd.Decimal).Set(d)
		return nil
	}
	o, ok := v.(*Object)
	if !ok || metaTypes[dst.Type()] != 0 {
		return a.misfit(dst, v, path, "")
	}
	fields, err := structFields(dst.Type())
	if err != nil {
		return err
	}
	if len(o.Fields) > 0 && o.Fields[0].ID == 0 {
		return a.byPosition(dst, o, fields, path)
	}
	for i := range o.Fields {
		f := &o.Fields[i]
		for j := range fields {
			if fields[j].id != f.ID {
				continue
			}
			if err := a.assign(dst.FieldByIndex(fields[j].index), f.Value, join(path, fields[j].name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// byPosition fills a struct from an object whose field ids are not known, if its schema
// id proves that it has exactly the struct's fields.
func (a *assigner) byPosition(dst reflect.Value, o *Object, fields []planField, path string) error {
	ids := make([]int32, len(fields))
	for i := range fields {
		ids[i] = fields[i].id
	}
	if len(ids) != len(o.Fields) || SchemaID(ids) != o.header.schemaID {
		return a.misfit(dst, o, path, "its field names need a Resolver that knows the type and its schema")
	}
	for i := range fields {
		if err := a.assign(dst.FieldByIndex(fields[i].index), o.Fields[i].Value, join(path, fields[i].name)); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
