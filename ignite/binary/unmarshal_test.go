package binary

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

func encode(t testing.TB, v any) Raw {
	t.Helper()
	b, err := new(Encoder).Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// memoryTypes is a Resolver over what an Encoder registered.
type memoryTypes map[int32]*Metadata

func (m memoryTypes) Metadata(typeID int32) (*Metadata, error) { return m[typeID], nil }

func (m memoryTypes) encode(t testing.TB, v any) Raw {
	t.Helper()
	e := Encoder{OnType: func(meta *Metadata) error {
		merged, _, err := m[meta.TypeID].Merge(meta)
		m[meta.TypeID] = merged
		return err
	}}
	b, err := e.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUnmarshalFits(t *testing.T) {
	type level int8
	for _, c := range []struct{ from, to any }{
		{int8(5), int64(5)},
		{int64(5), int8(5)},
		{int32(7), 7},
		{int32(7), uint16(7)},
		{int16(1), level(1)},
		{int32(3), 3.0},
		{float32(1.5), 1.5},
		{1.5, float32(1.5)},
		{math.Inf(1), float32(math.Inf(1))},
		{Char('x'), int32('x')},
		{true, true},
		{"s", "s"},
		{"s", ptr("s")},
		{nil, (*string)(nil)},
		{nil, []byte(nil)},
		{nil, map[string]int(nil)},
		{goldenUUID, goldenUUID},
		{goldenUUID, ptr(goldenUUID)},
		{Date(5), time.UnixMilli(5).UTC()},
		{SQLDate(5), time.UnixMilli(5).UTC()},
		{SQLDate(5), SQLDate(5)},
		{TimeOfDay(1500), 1500 * time.Millisecond},
		{TimeOfDay(-1000), 24*time.Hour - time.Second},
		{int64(3), time.Duration(3)},
		{time.UnixMilli(7).UTC(), time.UnixMilli(7).UTC()},
		{time.UnixMilli(7).UTC(), ptr(time.UnixMilli(7).UTC())},
		{[]byte{1, 255}, []byte{1, 255}},
		{[]byte{1, 255}, []int8{1, -1}},
		{[]byte{1, 2}, [2]byte{1, 2}},
		{[]byte{255}, []int{-1}},
		{[]int32{1}, []int64{1}},
		{[]float32{1, 2}, [2]float32{1, 2}},
		{[]float32{1}, []float64{1}},
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]*string{nil}, []*string{nil}},
		{[]uuid.UUID{goldenUUID}, []uuid.UUID{goldenUUID}},
		{[]any{int32(1), int32(2)}, []int{1, 2}},
		{[]any{"a", nil}, []*string{ptr("a"), nil}},
		{&ObjectArray{TypeID: -1, Items: []any{int8(1)}}, []int{1}},
		{[]any{[]any{int8(1)}}, [][]int{{1}}},
		{map[string]int32{"a": 1}, map[string]int{"a": 1}},
		{map[int64]string{1: "x"}, map[int8]string{1: "x"}},
		{Enum{TypeID: 1, Ordinal: 2}, 2},
		{BinaryEnum{TypeID: 1, Ordinal: 2}, Enum{TypeID: 1, Ordinal: 2}},
		{Enum{TypeID: 1, Ordinal: 2}, ptr(int8(2))},
		{point{1, 2}, point{1, 2}},
		{point{1, 2}, &point{1, 2}},
		{[]point{{1, 2}}, []*point{{1, 2}}},
		{int8(1), Raw{1, 1}},
		{[]any{int8(1)}, []Raw{{1, 1}}},
	} {
		dst := reflect.New(reflect.TypeOf(c.to))
		err := Unmarshal(encode(t, c.from), dst.Interface(), nil)
		if got := dst.Elem().Interface(); err != nil || !reflect.DeepEqual(got, c.to) {
			t.Errorf("%T %v into %T: got %v, %v, want %v", c.from, c.from, c.to, got, err, c.to)
		}
	}
	var d apd.Decimal
	if err := Unmarshal(encode(t, decimal("-1.25")), &d, nil); err != nil || d.String() != "-1.25" {
		t.Errorf("decimal is %v, %v", &d, err)
	}
}

func TestUnmarshalDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		from, to any
		want     string
	}{
		{int32(300), int8(0), "300 is out of range"},
		{int8(-1), uint32(0), "-1 is out of range"},
		{int64(1 << 40), int32(0), "out of range"},
		{int64(1<<53 + 1), 0.0, "not exact"},
		{int64(math.MaxInt64), 0.0, "not exact"},
		{0.1, float32(0), "not exact"},
		{"s", 0, "String does not fit into int"},
		{1, "", "long does not fit into string"},
		{1.5, 0, "double does not fit into int"},
		{nil, 0, "null does not fit into int: use a pointer"},
		{nil, "", "use a pointer"},
		{nil, time.Time{}, "use a pointer"},
		{[]int32{1, 2}, [3]int32{}, "it has 2 elements"},
		{[]any{"a", 1}, []string{}, "[1]: long does not fit"},
		{[]string{"a"}, []int{}, "[0]: String"},
		{[]*string{nil}, []string{}, "[0]: null"},
		{map[string]int{"k": 300}, map[string]int8{}, "[k]: long"},
		{goldenUUID, time.Time{}, "UUID does not fit into time.Time"},
		{SQLDate(1), uuid.UUID{}, "java.sql.Date does not fit"},
		{point{1, 2}, 0, "object type id -734694912 does not fit"},
		{point{1, 2}, struct{ X int }{}, "Resolver"},
		{1, point{}, "long does not fit"},
		{Enum{TypeID: 1}, "", "Resolver"},
		{Opaque{[]byte{1}}, []byte{}, "OptimizedMarshaller does not fit"},
		{true, 1, "boolean does not fit"},
	} {
		dst := reflect.New(reflect.TypeOf(c.to))
		err := Unmarshal(encode(t, c.from), dst.Interface(), nil)
		var fit *FitError
		if !errors.As(err, &fit) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T into %T: error %v, want a FitError with %q", c.from, c.to, err, c.want)
		}
	}
	for _, dst := range []any{nil, 5, (*int)(nil)} {
		if err := Unmarshal(Raw{1, 1}, dst, nil); err == nil {
			t.Errorf("Unmarshal into %#v gives no error", dst)
		}
	}
}

type cat struct {
	Name string
	Home point
	Kids []cat
	Mood *string
	base
}

func TestUnmarshalObjects(t *testing.T) {
	types := memoryTypes{}
	full := cat{Name: "Mia", Home: point{1, 2}, Kids: []cat{{Name: "Leo", base: base{2}}}, base: base{1}}
	raw := types.encode(t, full)

	var got cat
	if err := Unmarshal(raw, &got, types); err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("with a resolver: %+v, %v", got, err)
	}
	got = cat{}
	if err := Unmarshal(raw, &got, nil); err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("by schema id: %+v, %v", got, err)
	}
	part := struct {
		LEVEL int8
		Who   string `ignite:"NAME"`
		Other string
	}{Other: "kept"}
	if err := Unmarshal(raw, &part, types); err != nil || part.LEVEL != 1 || part.Who != "Mia" || part.Other != "kept" {
		t.Errorf("some of the fields: %+v, %v", part, err)
	}
	var m map[string]any
	if err := Unmarshal(raw, &m, types); err != nil || m["Name"] != "Mia" || m["Mood"] != nil || len(m) != 5 {
		t.Errorf("as a map: %v, %v", m, err)
	}
	var o *Object
	if err := Unmarshal(raw, &o, types); err != nil || o.TypeName != "cat" || len(o.Fields) != 5 {
		t.Errorf("as an Object: %+v, %v", o, err)
	}
	var wrong struct{ Kids []struct{ Name int } }
	err := Unmarshal(raw, &wrong, types)
	var fit *FitError
	if !errors.As(err, &fit) || fit.Field != "Kids[0].Name" || fit.Value != "String" || fit.To != reflect.TypeFor[int]() {
		t.Errorf("error is %+v", err)
	}
	if err := Unmarshal(raw, &m, nil); err == nil {
		t.Error("a map of an object without names")
	}
}

func TestUnmarshalEnumName(t *testing.T) {
	types := memoryTypes{7: {TypeID: 7, TypeName: "Color", IsEnum: true, EnumValues: []EnumValue{{"RED", 0}, {"BLUE", 2}}}}
	var s string
	if err := Unmarshal(encode(t, BinaryEnum{TypeID: 7, Ordinal: 2}), &s, types); err != nil || s != "BLUE" {
		t.Errorf("name is %q, %v", s, err)
	}
	if err := Unmarshal(encode(t, Enum{TypeID: 7, Ordinal: 1}), &s, types); err == nil {
		t.Errorf("ordinal without a name is %q", s)
	}
}

// failing is a Resolver that can't answer.
type failing struct{ err error }

func (f failing) Metadata(int32) (*Metadata, error) { return nil, f.err }

func TestResolverErrorIsWrapped(t *testing.T) {
	lost := errors.New("connection lost")
	if _, err := DecodeValue(encode(t, point{}), failing{lost}); !errors.Is(err, lost) {
		t.Errorf("error is %v", err)
	}
	var s string
	if err := Unmarshal(encode(t, Enum{TypeID: 1}), &s, failing{lost}); !errors.Is(err, lost) {
		t.Errorf("error is %v", err)
	}
}

// refreshing knows the schema only when it is asked for it.
type refreshing struct{ old, new *Metadata }

func (r refreshing) Metadata(int32) (*Metadata, error) { return r.old, nil }
func (r refreshing) MetadataForSchema(int32, int32) (*Metadata, error) {
	return r.new, nil
}

func TestSchemaResolver(t *testing.T) {
	types := memoryTypes{}
	raw := types.encode(t, point{1, 2})
	meta := types[TypeID("Objects$Point")]
	res := refreshing{old: &Metadata{TypeID: meta.TypeID, TypeName: meta.TypeName}, new: meta}
	v, err := DecodeValue(raw, res)
	if err != nil {
		t.Fatal(err)
	}
	if y, ok := v.(*Object).Get("y"); !ok || y != int32(2) {
		t.Errorf("y is %v, %v", y, ok)
	}
}

// TestSharedValuesDoNotMultiply: lists that hold the list before them twice would grow
// to 2^60 elements if every handle were copied.
func TestSharedValuesDoNotMultiply(t *testing.T) {
	var v any = &Collection{Kind: CollectionArrayList, Items: []any{int8(1)}}
	for range 60 {
		v = &Collection{Kind: CollectionArrayList, Items: []any{v, v}}
	}
	raw := encode(t, v)
	if len(raw) > 1000 {
		t.Fatalf("%d bytes", len(raw))
	}
	if _, err := DecodeValue(raw, nil); err != nil {
		t.Error(err)
	}
	type deep []deep
	var d deep
	if err := Unmarshal(raw, &d, nil); err == nil {
		t.Error("a bomb unmarshals")
	}
}
