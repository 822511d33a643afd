package dataset

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/kindling-ml/kindling/column"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// What becomes of a null or a missing field (Spec.Nulls). A default that is
// stated for a field comes first in NullsError and NullsDefault.
const (
	// NullsError makes it an error that names the field: the default.
	NullsError = "error"
	// NullsDefault puts the stated default there, else zero, "" or an empty list; zeros
	// or "" where the schema says how long a list is.
	NullsDefault = "default"
	// NullsKeep keeps it as a null of the column, with a validity bitmap.
	NullsKeep = "keep"
)

// substitute is the compiled default of a field of a plain type.
type substitute struct {
	fixed []byte   // the value, or the elements of a list of fixed width
	items [][]byte // the elements of a list of strings
}

// zero is the value that NullsDefault puts where no default is stated.
func zero(t column.Type, length int) *substitute {
	if t.Kind == column.List {
		return &substitute{fixed: make([]byte, length*t.Elem.Kind.Width()), items: make([][]byte, length)}
	}
	return &substitute{fixed: make([]byte, t.Kind.Width())}
}

// parseSubstitute compiles a stated default for a column of the type t; shape is that of
// its lists, nil for any. Where it is known, a plain value stands for a list full of it.
func parseSubstitute(t column.Type, shape []int, raw json.RawMessage) (*substitute, error) {
	if t.Kind != column.List {
		b, err := parseScalar(nil, t.Kind, raw)
		return &substitute{fixed: b}, err
	}
	if shape != nil && !isList(raw) {
		b, err := parseScalar(nil, t.Elem.Kind, raw)
		length := (&Field{Shape: shape}).Length()
		return &substitute{fixed: bytes.Repeat(b, length), items: slices.Repeat([][]byte{b}, length)}, err
	}
	elems, err := elements(shape, raw)
	if err != nil {
		return nil, err
	}
	s := &substitute{}
	for _, e := range elems {
		b, err := parseScalar(nil, t.Elem.Kind, e)
		if err != nil {
			return nil, err
		}
		if t.Elem.Kind == column.String {
			s.items = append(s.items, b)
		} else {
			s.fixed = append(s.fixed, b...)
		}
	}
	return s, nil
}

func isList(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) }

// elements are those of the default of an array, one after the other; its lists may be
// nested as the shape is.
func elements(shape []int, raw json.RawMessage) ([]json.RawMessage, error) {
	var elems []json.RawMessage
	if err := json.Unmarshal(raw, &elems); err != nil {
		return nil, fmt.Errorf("the default %s is not a list: %w", raw, err)
	}
	if len(shape) > 1 && len(elems) > 0 && isList(elems[0]) {
		var all []json.RawMessage
		for _, e := range elems {
			if !isList(e) {
				return nil, fmt.Errorf("the default has lists and plain values side by side, its arrays are [%s]", dimensions(shape))
			}
			inner, err := elements(shape[1:], e)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		}
		elems = all
	}
	if length := (&Field{Shape: shape}).Length(); length > 0 && len(elems) != length {
		return nil, fmt.Errorf("the default has %d elements, its arrays have %d", len(elems), length)
	}
	return elems, nil
}

// parseScalar appends the little-endian bytes of a JSON value.
func parseScalar(dst []byte, k column.Kind, raw json.RawMessage) ([]byte, error) {
	bad := func(err error) ([]byte, error) {
		return nil, fmt.Errorf("the default %s is not a value of type %s: %w", raw, k, err)
	}
	text := string(raw)
	switch k {
	case column.String, column.Bytes:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return bad(err)
		}
		return append(dst, s...), nil
	case column.Bool:
		var v bool
		if err := json.Unmarshal(raw, &v); err != nil {
			return bad(err)
		}
		if v {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case column.Float32, column.Float64:
		v, err := strconv.ParseFloat(text, 8*k.Width())
		if err != nil {
			return bad(err)
		}
		if k == column.Float32 {
			return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(v))), nil
		}
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v)), nil
	}
	var v uint64
	if k == column.Uint8 || k == column.Uint16 {
		u, err := strconv.ParseUint(text, 10, 8*k.Width())
		if err != nil {
			return bad(err)
		}
		v = u
	} else {
		i, err := strconv.ParseInt(text, 10, 8*k.Width())
		if err != nil {
			return bad(err)
		}
		v = uint64(i)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	return append(dst, b[:k.Width()]...), nil
}

// append puts the substitute into a column.
func (s *substitute) append(a *column.Appender) {
	switch t := a.Type(); {
	case t.Kind == column.List && t.Elem.Kind == column.String:
		for _, item := range s.items {
			a.Elem().AppendBytes(item)
		}
		a.EndList()
	case t.Kind == column.List:
		a.AppendList(s.fixed)
	case t.Kind == column.String:
		a.AppendBytes(s.fixed)
	default:
		a.AppendFixed(s.fixed)
	}
}

// distribute gives the default of an object to its fields: a JSON object of
// their defaults.
func distribute(f Field) (Field, error) {
	if f.Type != ignitebinary.TypeObject || f.Default == nil {
		return f, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(f.Default, &members); err != nil {
		return f, fmt.Errorf("the default %s of an object is not a JSON object: %w", f.Default, err)
	}
	f.Fields = append([]Field(nil), f.Fields...)
	for name, d := range members {
		found := false
		for i := range f.Fields {
			if f.Fields[i].Name == name {
				f.Fields[i].Default, found = d, true
			}
		}
		if !found {
			return f, fmt.Errorf("the default of an object names the field %q, which it does not have", name)
		}
	}
	return f, nil
}
