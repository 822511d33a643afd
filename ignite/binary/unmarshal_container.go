package binary

import (
	"fmt"
	"reflect"
)

// slice fills a Go slice or array from an array or a collection.
func (a *assigner) slice(dst, src reflect.Value, v any, path string) error {
	switch v := v.(type) {
	case *Collection:
		src = reflect.ValueOf(v.Items)
	case *ObjectArray:
		src = reflect.ValueOf(v.Items)
	case *EnumArray:
		src = reflect.ValueOf(v.Items)
	}
	if src.Kind() != reflect.Slice {
		return a.misfit(dst, v, path, "")
	}
	n := src.Len()
	if dst.Kind() == reflect.Array && dst.Len() != n {
		return a.misfit(dst, v, path, fmt.Sprintf("it has %d elements", n))
	}
	out := dst
	if dst.Kind() == reflect.Slice {
		if a.budget < n {
			return a.misfit(dst, v, path, "handles multiply it beyond measure")
		}
		out = reflect.MakeSlice(dst.Type(), n, n)
	}
	byteArray := src.Type() == reflect.TypeFor[[]byte]()
	for i := range n {
		at := fmt.Sprintf("%s[%d]", path, i)
		e := src.Index(i)
		if byteArray && (dst.Type().Elem().Kind() == reflect.Uint8) {
			a.budget--
			out.Index(i).SetUint(e.Uint())
			continue
		}
		item := e.Interface()
		if e.Kind() == reflect.Pointer && e.Type() != dst.Type().Elem() {
			item = pointed(e)
		}
		if err := a.assign(out.Index(i), item, at); err != nil {
			return err
		}
	}
	if dst.Kind() == reflect.Slice {
		dst.Set(out)
	}
	return nil
}

// pointed returns the element of an array of nullable values: nil, a decimal as it is
// decoded, or what the pointer points to.
func pointed(e reflect.Value) any {
	if e.IsNil() {
		return nil
	}
	if metaTypes[e.Type()] == TypeDecimal {
		return e.Interface()
	}
	return e.Elem().Interface()
}

// mapping fills a Go map from a Map, or a map[string]T from an object's fields.
func (a *assigner) mapping(dst reflect.Value, v any, path string) error {
	t := dst.Type()
	out := reflect.MakeMap(t)
	put := func(key, value any, at string) error {
		k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := a.assign(k, key, at+" (key)"); err != nil {
			return err
		}
		if !k.Comparable() {
			return a.misfit(k, key, at+" (key)", "can't be a key of a Go map")
		}
		if err := a.assign(e, value, at); err != nil {
			return err
		}
		out.SetMapIndex(k, e)
		return nil
	}
	switch v := v.(type) {
	case *Map:
		for _, e := range v.Entries {
			if err := put(e.Key, e.Value, fmt.Sprintf("%s[%v]", path, mapLabel(e.Key))); err != nil {
				return err
			}
		}
	case *Object:
		if t.Key().Kind() != reflect.String {
			return a.misfit(dst, v, path, "an object needs a map with string keys")
		}
		for i, f := range v.Fields {
			if f.Name == "" {
				return a.misfit(dst, v, path, fmt.Sprintf("the name of field %d needs a Resolver", i))
			}
			if err := put(f.Name, f.Value, join(path, f.Name)); err != nil {
				return err
			}
		}
	default:
		return a.misfit(dst, v, path, "")
	}
	dst.Set(out)
	return nil
}

// mapLabel names a map key in an error without printing a whole object.
func mapLabel(key any) any {
	switch key.(type) {
	case string, int8, int16, int32, int64, bool:
		return key
	}
	return igniteName(key)
}
