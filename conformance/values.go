package conformance

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func testValues(e *env) {
	e.run("round trip", testValueRoundTrip)
	e.run("as keys", testValuesAsKeys)
	e.run("objects", testObjects)
	e.run("structs", testStructs)
	e.run("containers", testContainers)
}

// testContainers: a server takes containers apart and writes them anew. Arrays of every
// class are Object[] then, enum constants are binary enums, an object stands in each place
// where it is, and hash tables have an order of their own.
func testContainers(e *env) {
	point := binary.NewObject("conformance.Inner").Set("x", int32(4))
	holder := func(name string) *binary.Object {
		return binary.NewObject("conformance.Holder").Set("name", name).Set("at", point)
	}
	color := binary.TypeID("conformance.Shade")
	array := func(items ...any) *binary.ObjectArray { return &binary.ObjectArray{TypeID: -1, Items: items} }
	list := func(items ...any) *binary.Collection {
		return &binary.Collection{Kind: binary.CollectionArrayList, Items: items}
	}
	set := func(items ...any) *binary.Collection {
		return &binary.Collection{Kind: binary.CollectionHashSet, Items: items}
	}
	cache := ignite.NewCache[int64, any](e.c, e.newCache())
	for name, c := range map[string]struct{ put, want any }{
		"array of a class": {
			&binary.ObjectArray{TypeID: binary.TypeID("conformance.Inner"), Items: []any{point, nil}}, array(point, nil),
		},
		"array of arrays": {
			&binary.ObjectArray{TypeID: 14, Items: []any{[]int32{1}, &binary.ObjectArray{TypeID: 3, Items: []any{int32(1)}}}},
			array([]int32{1}, array(int32(1))),
		},
		"enum array": {
			&binary.EnumArray{TypeID: color, Items: []any{binary.Enum{TypeID: color, Ordinal: 1}, nil}},
			array(binary.BinaryEnum{TypeID: color, Ordinal: 1}, nil),
		},
		"list of enums":              {list(binary.Enum{TypeID: color, Ordinal: 1}), list(binary.BinaryEnum{TypeID: color, Ordinal: 1})},
		"one object twice":           {list(point, point), list(point, point)},
		"objects that share another": {list(holder("a"), holder("b"), point), list(holder("a"), holder("b"), point)},
		"hash set":                   {set(int32(7), int32(8), int32(1)), set(int32(8), int32(1), int32(7))},
	} {
		e.noError(cache.Put(e.ctx, 1, c.put))
		got, _, err := cache.Get(e.ctx, 1)
		if err != nil || describeDeep(got) != describeDeep(c.want) {
			e.Errorf("%s: %s, %v; want %s", name, describeDeep(got), err, describeDeep(c.want))
		}
	}
}

// describeDeep writes a value with the fields of its objects and the types of its items.
func describeDeep(v any) string {
	items := func(list []any) string {
		var b strings.Builder
		for _, item := range list {
			b.WriteString(describeDeep(item) + "; ")
		}
		return b.String()
	}
	switch v := v.(type) {
	case *binary.ObjectArray:
		return fmt.Sprintf("array of %d {%s}", v.TypeID, items(v.Items))
	case *binary.Collection:
		return fmt.Sprintf("collection %d {%s}", v.Kind, items(v.Items))
	case *binary.Object:
		var values []any
		for _, f := range v.Fields {
			values = append(values, f.Name, f.Value)
		}
		return fmt.Sprintf("%s {%s}", v.TypeName, items(values))
	}
	return fmt.Sprintf("%T %v", v, v)
}

func ptr[T any](v T) *T { return &v }

// sampleValues has a value of every type code that has a Go mapping.
func sampleValues() []any {
	id := uuid.MustParse("01234567-89ab-cdef-fedc-ba9876543210")
	moment := time.Date(2024, 2, 29, 23, 59, 59, 123_456_789, time.UTC)
	wide, _ := new(apd.BigInt).SetString("1234567890123456789012345678905", 10)
	values := []any{
		int8(-128), int8(127), int16(-32768), int16(32767), int32(math.MinInt32), int32(math.MaxInt32),
		int64(math.MinInt64), int64(math.MaxInt64), int64(0), float32(1.25), float32(math.Inf(-1)),
		float64(math.MaxFloat64), float64(math.SmallestNonzeroFloat64), math.Inf(1),
		binary.Char('x'), binary.Char(0xFFFF), true, false,
		"", "plain", "\u043a\u043e\u0442 \U0001F431", string(bytes.Repeat([]byte("ab"), 40_000)),
		id,
		uuid.UUID{},
		binary.Date(0), binary.Date(1700000000123), binary.Date(-1),
		moment, time.Unix(0, 0).UTC(), time.Unix(-1, 999_000_000).UTC(),
		binary.TimeOfDay(0), binary.TimeOfDay(86_399_999),
		[]byte{},
		[]byte{0, 1, 255},
		[]int16{-1, 2},
		[]int32{-1, 2},
		[]int64{-1, 1 << 40},
		[]float32{1.5, -2},
		[]float64{1.5, math.Pi},
		[]binary.Char{'a', 0x42F},
		[]bool{true, false},
		[]*string{ptr("a"), nil, ptr("")},
		[]*uuid.UUID{&id, nil},
		[]*binary.Date{ptr(binary.Date(5)), nil},
		[]*time.Time{&moment, nil},
		[]*binary.TimeOfDay{ptr(binary.TimeOfDay(7)), nil},
		[]*apd.Decimal{apd.New(12345, -2), nil},
		&binary.ObjectArray{TypeID: -1, Items: []any{int32(1), "x", nil, []int32{1}}},
		&binary.Collection{Kind: binary.CollectionArrayList, Items: []any{int32(1), "two", nil, 3.5}},
		&binary.Collection{Kind: binary.CollectionLinkedList, Items: []any{}},
		&binary.Collection{Kind: binary.CollectionHashSet, Items: []any{int64(9)}},
		&binary.Map{Kind: binary.MapHashMap, Entries: []binary.MapEntry{{Key: "k", Value: int32(1)}}},
		&binary.Map{Kind: binary.MapLinkedHashMap, Entries: []binary.MapEntry{{Key: int32(2), Value: nil}, {Key: int32(1), Value: id}}},
	}
	return append(
		values, apd.New(0, 0), apd.New(1, 0), apd.New(-1, 0), apd.New(12345678, -3), apd.New(-1, -5),
		apd.New(1, 3), apd.New(-128, 0), apd.New(128, 0), apd.NewWithBigInt(wide, -1),
	)
}

// sameValue compares what Value() gives, decimals by value and scale.
func sameValue(got, want any) bool {
	if w, ok := want.(*apd.Decimal); ok {
		g, ok := got.(*apd.Decimal)
		return ok && g.Cmp(w) == 0 && g.Exponent == w.Exponent
	}
	if w, ok := want.([]*apd.Decimal); ok {
		g, ok := got.([]*apd.Decimal)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if (g[i] == nil) != (w[i] == nil) || w[i] != nil && !sameValue(g[i], w[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}

func describe(v any) string { return fmt.Sprintf("%T %.60v", v, v) }

// testValueRoundTrip puts each value and reads it three ways: by Get, by a scan, and as
// bytes, which must be the bytes that were sent.
func testValueRoundTrip(e *env) {
	name := e.newCache()
	cache := ignite.NewCache[int64, any](e.c, name)
	values := sampleValues()
	for i, v := range values {
		if err := cache.Put(e.ctx, int64(i), v); err != nil {
			e.Fatalf("put %s: %v", describe(v), err)
		}
		got, ok, err := cache.Get(e.ctx, int64(i))
		if err != nil || !ok || !sameValue(got, v) {
			e.Errorf("put %s, got %s, %v, %v", describe(v), describe(got), ok, err)
		}
	}
	for _, row := range e.rows(ignite.RawScan{Cache: name, Partition: ignite.NoPartition}) {
		key, err := binary.DecodeValue(row.Key, nil)
		e.noError(err)
		v := values[key.(int64)]
		got, err := binary.DecodeValue(row.Value, nil)
		if err != nil || !sameValue(got, v) {
			e.Errorf("put %s, scanned %s, %v", describe(v), describe(got), err)
		}
		if sent, err := e.c.Encode(e.ctx, v); err != nil || !bytes.Equal(sent, row.Value) {
			e.Errorf("put %s: sent the bytes %.40x and got %.40x, %v", describe(v), []byte(sent), []byte(row.Value), err)
		}
	}
}

// testValuesAsKeys puts values of the types that serve as keys, and finds each in the
// partition that the client computes.
func testValuesAsKeys(e *env) {
	keys := []any{
		int8(5), int16(5), int32(5), int64(5), int64(-1), int64(1) << 40, float32(2.5), 2.5, binary.Char('k'), true, false,
		"", "key", "\u043a\u043b\u044e\u0447", uuid.MustParse("01234567-89ab-cdef-fedc-ba9876543210"), binary.Date(1700000000123),
		time.Date(2024, 2, 29, 1, 2, 3, 4_000_005, time.UTC), apd.New(12345, -2),
		binary.NewObject("conformance.Key").Set("a", int32(1)).Set("b", "two"),
	}
	name := e.newCache()
	cache := ignite.NewCache[any, int64](e.c, name)
	for i, key := range keys {
		if err := cache.Put(e.ctx, key, int64(i)); err != nil {
			e.Fatalf("put under %s: %v", describe(key), err)
		}
	}
	size, err := cache.Size(e.ctx)
	e.noError(err)
	if size != int64(len(keys)) {
		e.Errorf("%d keys made %d entries: equal numbers of different types must stay apart", len(keys), size)
	}
	m, err := e.c.Partitions(e.ctx, name)
	e.noError(err)
	for i, key := range keys {
		got, ok, err := cache.Get(e.ctx, key)
		if err != nil || !ok || got != int64(i) {
			e.Errorf("under %s: %d, %v, %v", describe(key), got, ok, err)
		}
		raw, err := e.c.Encode(e.ctx, key)
		e.noError(err)
		p, ok := m.Partition(raw)
		if !ok {
			e.Errorf("no partition for %s", describe(key))
			continue
		}
		found := false
		for _, row := range e.rows(ignite.RawScan{Cache: name, Partition: p}) {
			value, err := binary.DecodeValue(row.Value, nil)
			e.noError(err)
			found = found || value == int64(i)
		}
		if !found {
			e.Errorf("%s is not in partition %d, where the client computes it", describe(key), p)
		}
	}
}

// testObjects: a complex object comes back with the names of its fields, nested ones
// too, and every size of its offsets.
func testObjects(e *env) {
	cache := ignite.NewCache[int64, *binary.Object](e.c, e.newCache())
	inner := binary.NewObject("conformance.Point").Set("x", int32(1)).Set("y", int32(-1))
	for i, filler := range []int{0, 300, 70_000} {
		o := binary.NewObject("conformance.Kitten").
			Set("name", "Tom").
			Set("image", make([]byte, filler)).
			Set("at", inner).
			Set("nothing", binary.NullOf(binary.TypeString)).
			Set("path", &binary.Collection{Kind: binary.CollectionArrayList, Items: []any{inner, nil}}).
			Set("age", int32(i))
		e.noError(cache.Put(e.ctx, int64(i), o))
		got, ok, err := cache.Get(e.ctx, int64(i))
		e.noError(err)
		if !ok || got.TypeName != "conformance.Kitten" || len(got.Fields) != 6 {
			e.Fatalf("object %d came back as %+v, %v", i, got, ok)
		}
		name, _ := got.Get("name")
		image, _ := got.Get("image")
		nothing, there := got.Get("nothing")
		age, _ := got.Get("age")
		if name != "Tom" || len(image.([]byte)) != filler || nothing != nil || !there || age != int32(i) {
			e.Errorf("object %d came back with %v, %d bytes, %v, %v", i, name, len(image.([]byte)), nothing, age)
		}
		at, _ := got.Get("at")
		point, ok := at.(*binary.Object)
		if !ok || point.TypeName != "conformance.Point" {
			e.Fatalf("the nested object came back as %v", at)
		}
		if x, _ := point.Get("x"); x != int32(1) {
			e.Errorf("the nested object has x = %v", x)
		}
	}
}

// pointStruct and kittenStruct are Go structs that become binary objects.
type pointStruct struct {
	X int32 `ignite:"x"`
	Y int32 `ignite:"y"`
}

type kittenStruct struct {
	Name   string      `ignite:"name"`
	Weight float64     `ignite:"weight"`
	At     pointStruct `ignite:"at"`
	Pixels []float32   `ignite:"pixels"`
	Born   time.Time   `ignite:"born"`
}

func testStructs(e *env) {
	cache := ignite.NewCache[int32, kittenStruct](e.c, e.newCache())
	want := kittenStruct{
		Name: "Tom", Weight: 2.5, At: pointStruct{3, 4}, Pixels: []float32{0, 0.5, 1},
		Born: time.Date(2020, 1, 2, 3, 4, 5, 6_000_000, time.UTC),
	}
	e.noError(cache.Put(e.ctx, 1, want))
	got, ok, err := cache.Get(e.ctx, 1)
	e.noError(err)
	if !ok || !reflect.DeepEqual(got, want) {
		e.Errorf("got %+v, %v; want %+v", got, ok, want)
	}
}
