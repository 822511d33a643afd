package binary

import (
	"encoding/hex"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

// unhex reads hex digits; spaces and '|' only separate fields for the reader.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ptr[T any](v T) *T { return &v }

func decimal(s string) *apd.Decimal {
	d, _, err := apd.NewFromString(s)
	if err != nil {
		panic(err)
	}
	return d
}

var goldenUUID = uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")

const goldenUUIDHex = "7766554433221100 ffeeddccbbaa9988"

// goldenScalars are values without elements: type code, then the value.
var goldenScalars = []struct {
	name, hex string
	v         any
}{
	{"byte", "01 fb", int8(-5)},
	{"short", "02 fdff", int16(-3)},
	{"int", "03 2a000000", int32(42)},
	{"long", "04 0000000000010000", int64(1 << 40)},
	{"float", "05 0000c03f", float32(1.5)},
	{"double", "06 0000000000000440", 2.5},
	{"char", "07 2f04", Char('Я')},
	{"true", "08 01", true},
	{"false", "08 00", false},
	{"String", "09 06000000 6b697474656e", "kitten"},
	{"String empty", "09 00000000", ""},
	{"String two bytes a letter", "09 04000000 d0afd18f", "Яя"},
	{"UUID", "0a " + goldenUUIDHex, goldenUUID},
	{"Date", "0b 7b68e5cf8b010000", Date(1700000000123)},
	{"Date before 1970", "0b ffffffffffffffff", Date(-1)},
	{"Enum", "1c 07000000 02000000", Enum{TypeID: 7, Ordinal: 2}},
	{"Enum not registered", "1c 00000000 09 01000000 43 | 01000000", Enum{TypeName: "C", Ordinal: 1}},
	{"BinaryEnum", "26 d34b7ed3 02000000", BinaryEnum{TypeID: -746697773, Ordinal: 2}},
	{"Decimal", "1e 03000000 04000000 00bc614e", decimal("12345.678")},
	{"Decimal negative", "1e 05000000 01000000 81", decimal("-0.00001")},
	{"Decimal zero", "1e 00000000 01000000 00", decimal("0")},
	{"Decimal with a sign byte", "1e 00000000 02000000 80ff", decimal("-255")},
	{"Decimal negative scale", "1e f6ffffff 01000000 01", decimal("1E10")},
	{"Class", "20 ffffffff", Class{TypeID: -1}},
	{"Class not registered", "20 00000000 09 03000000 612e42", Class{TypeName: "a.B"}},
	{"Timestamp", "21 7b68e5cf8b010000 15cd0600", time.Unix(1700000000, 123445717).UTC()},
	{"Timestamp before 1970", "21 ffffffffffffffff 01000000", time.Unix(-1, 999000001).UTC()},
	{"Time", "24 80ee360000000000", TimeOfDay(3600000)},
	{"null", "65", nil},
	{"java.sql.Date", "fe 0f000000 | 66 3aded540 9766 00448d636f010000", SQLDate(1577923200000)},
	{"Java serialization", "fe 03000000 aced00", Opaque{[]byte{0xac, 0xed, 0}}},
}

var goldenContainers = []struct {
	name, hex string
	v         any
}{
	{"byte[]", "0c 03000000 0102ff", []byte{1, 2, 255}},
	{"byte[] empty", "0c 00000000", []byte{}},
	{"short[]", "0d 02000000 0100 feff", []int16{1, -2}},
	{"int[]", "0e 02000000 01000000 feffffff", []int32{1, -2}},
	{"long[]", "0f 01000000 0000000000010000", []int64{1 << 40}},
	{"float[]", "10 02000000 0000803f 00000040", []float32{1, 2}},
	{"double[]", "11 01000000 000000000000f83f", []float64{1.5}},
	{"char[]", "12 02000000 6100 2f04", []Char{'a', 'Я'}},
	{"boolean[]", "13 02000000 01 00", []bool{true, false}},
	{"String[]", "14 02000000 | 09 01000000 61 | 65", []*string{ptr("a"), nil}},
	{"UUID[]", "15 02000000 | 0a " + goldenUUIDHex + " | 65", []*uuid.UUID{&goldenUUID, nil}},
	{"Date[]", "16 02000000 | 0b 0500000000000000 | 65", []*Date{ptr(Date(5)), nil}},
	{
		"Object[]", "17 ffffffff 03000000 | 03 01000000 | 65 | 09 01000000 78",
		&ObjectArray{TypeID: ObjectTypeID, Items: []any{int32(1), nil, "x"}},
	},
	{"Object[] not registered", "17 00000000 09 01000000 41 | 01000000 | 65", &ObjectArray{TypeName: "A", Items: []any{nil}}},
	{"ArrayList", "18 02000000 01 | 03 01000000 | 65", &Collection{CollectionArrayList, []any{int32(1), nil}}},
	{"SingletonList", "18 01000000 05 | 08 01", &Collection{CollectionSingletonList, []any{true}}},
	{"user set", "18 00000000 ff", &Collection{CollectionUserSet, []any{}}},
	{
		"nested list", "18 01000000 02 | 18 01000000 03 | 01 07",
		&Collection{CollectionLinkedList, []any{&Collection{CollectionHashSet, []any{int8(7)}}}},
	},
	{"HashMap", "19 01000000 01 | 09 01000000 6b | 03 05000000", &Map{MapHashMap, []MapEntry{{"k", int32(5)}}}},
	{"LinkedHashMap", "19 02000000 02 | 01 01 65 | 01 02 08 00", &Map{MapLinkedHashMap, []MapEntry{{int8(1), nil}, {int8(2), false}}}},
	{
		"Enum[]", "1d 07000000 02000000 | 1c 07000000 00000000 | 65",
		&EnumArray{TypeID: 7, Items: []any{Enum{TypeID: 7}, nil}},
	},
	{
		"Enum[] not registered", "1d 00000000 09 01000000 43 | 01000000 | 26 07000000 01000000",
		&EnumArray{TypeName: "C", Items: []any{BinaryEnum{TypeID: 7, Ordinal: 1}}},
	},
	{"Decimal[]", "1f 02000000 | 1e 01000000 01000000 0f | 65", []*apd.Decimal{decimal("1.5"), nil}},
	{"Timestamp[]", "22 02000000 | 21 0700000000000000 00000000 | 65", []*time.Time{ptr(time.UnixMilli(7).UTC()), nil}},
	{"Time[]", "25 02000000 | 24 0900000000000000 | 65", []*TimeOfDay{ptr(TimeOfDay(9)), nil}},
	{
		"Proxy", "23 02000000 | 05000000 | 00000000 09 01000000 49 | 65",
		&Proxy{Interfaces: []Class{{TypeID: 5}, {TypeName: "I"}}},
	},
}

func TestGoldenValues(t *testing.T) {
	for _, g := range append(goldenScalars, goldenContainers...) {
		t.Run(g.name, func(t *testing.T) {
			b := unhex(t, g.hex)
			if got := NewReader(b).Value(); !same(got, g.v) {
				t.Errorf("decodes to %#v, want %#v", got, g.v)
			}
			if got, err := AppendValue(nil, g.v); err != nil || string(got) != string(b) {
				t.Errorf("%#v encodes to %x, %v, want %x", g.v, got, err, b)
			}
			checkRoundTrip(t, b, nil)
			checkTruncations(t, b)
		})
	}
}

// TestGoldenTypesComplete fails when a type code has no golden vector.
func TestGoldenTypesComplete(t *testing.T) {
	seen := map[Type]bool{TypeObject: true, TypeWrapped: true, TypeHandle: true} // object_test.go
	for _, g := range append(goldenScalars, goldenContainers...) {
		seen[Type(unhex(t, g.hex)[0])] = true
	}
	for i := range 256 {
		if typ := Type(i); typ.Valid() != seen[typ] {
			t.Errorf("%v: valid %v, has a golden vector %v", typ, typ.Valid(), seen[typ])
		}
	}
}

// same compares decoded values; decimals by digits, because their memory may differ.
func same(a, b any) bool {
	if x, ok := a.(*apd.Decimal); ok && x != nil {
		y, ok := b.(*apd.Decimal)
		return ok && y != nil && x.Exponent == y.Exponent && x.Cmp(y) == 0
	}
	if x, ok := a.([]*apd.Decimal); ok {
		y, ok := b.([]*apd.Decimal)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if (x[i] == nil) != (y[i] == nil) || x[i] != nil && !same(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// TestBadValues lists bytes that are long enough and still wrong.
func TestBadValues(t *testing.T) {
	for name, digits := range map[string]string{
		"type code 0":                  "00",
		"type code 26":                 "1a 00000000",
		"negative length":              "09 ffffffff",
		"length beyond the end":        "0c ffffff7f 00",
		"count beyond the end":         "18 ffffff7f 01 65",
		"boolean 2":                    "08 02",
		"boolean 2 in an array":        "13 01000000 02",
		"String[] with an int":         "14 01000000 | 03 01000000",
		"Decimal without digits":       "1e 00000000 00000000",
		"Decimal scale out of range":   "1e 00000080 01000000 01",
		"Timestamp nanoseconds":        "21 0000000000000000 00ca9a3b",
		"class name is null":           "20 00000000 65",
		"enum array of ints":           "1d 07000000 01000000 | 03 01000000",
		"handle to itself":             "66 00000000",
		"handle before the value":      "18 01000000 01 | 66 07000000",
		"handle forward":               "18 02000000 01 | 66 ffffffff | 65",
		"handle to a handle":           "18 03000000 01 | 65 | 66 01000000 | 66 05000000",
		"wrapped without an object":    "1b 01000000 65 00000000",
		"wrapped with a bad offset":    "1b 01000000 65 05000000",
		"wrapped with negative offset": "1b 01000000 65 ffffffff",
	} {
		t.Run(name, func(t *testing.T) {
			b := unhex(t, digits)
			r := NewReader(b)
			if v := r.Value(); r.Err() == nil || v != nil {
				t.Errorf("Value gives %#v, %v", v, r.Err())
			}
			if v, err := DecodeValue(b, nil); err == nil {
				t.Errorf("DecodeValue gives %#v", v)
			}
		})
	}
	if _, err := DecodeValue([]byte{byte(TypeNull), 0}, nil); err == nil {
		t.Error("bytes after the value are accepted")
	}
}

func TestDepthIsBounded(t *testing.T) {
	nested := func(depth int) []byte {
		var b []byte
		for range depth {
			b = append(b, byte(TypeCollection), 1, 0, 0, 0, byte(CollectionArrayList))
		}
		return append(b, byte(TypeNull))
	}
	checkRoundTrip(t, nested(maxDepth), nil)
	b := nested(maxDepth + 1)
	if r := NewReader(b); r.Raw() != nil || r.Err() == nil {
		t.Error("Raw steps over a value that is nested too deeply")
	}
	if _, err := DecodeValue(b, nil); err == nil {
		t.Error("a value that is nested too deeply is decoded")
	}
	var v any
	for range maxDepth + 1 {
		v = []any{v}
	}
	if _, err := AppendValue(nil, v); err == nil {
		t.Error("a value that is nested too deeply is encoded")
	}
	loop := []any{nil}
	loop[0] = loop
	if _, err := AppendValue(nil, loop); err == nil {
		t.Error("a slice that contains itself is encoded")
	}
	var p any
	p = &p
	if _, err := AppendValue(nil, p); err == nil {
		t.Error("a pointer to itself is encoded")
	}
}

func TestAppendValueRefuses(t *testing.T) {
	for name, v := range map[string]any{
		"struct":          struct{ A int }{1},
		"channel":         make(chan int),
		"complex":         complex(1, 1),
		"uint64 too big":  uint64(math.MaxUint64),
		"invalid UTF-8":   "\xff",
		"time too far":    time.Unix(math.MaxInt64/10, 0),
		"NaN decimal":     &apd.Decimal{Form: apd.NaN},
		"broken Raw":      Raw{byte(TypeInt)},
		"empty Raw":       Raw{},
		"enum array item": &EnumArray{Items: []any{1}},
		"two stars":       ptr(ptr(1)),
	} {
		if b, err := AppendValue([]byte{1}, v); err == nil || len(b) != 1 {
			t.Errorf("%s: got %x, %v", name, b, err)
		}
	}
}

// TestAppendGoValues lists Go values that have no type code of their own.
func TestAppendGoValues(t *testing.T) {
	type level int16
	type word string
	for _, g := range []struct {
		v   any
		hex string
	}{
		{7, "04 0700000000000000"},
		{uint8(200), "02 c800"},
		{uint16(60000), "03 60ea0000"},
		{uint32(1), "04 0100000000000000"},
		{level(3), "02 0300"},
		{word("a"), "09 01000000 61"},
		{[]int{1}, "0f 01000000 0100000000000000"},
		{[]level{1}, "0d 01000000 0100"},
		{[2]float32{1, 2}, "10 02000000 0000803f 00000040"},
		{[]int8{-1}, "0c 01000000 ff"},
		{[]string{"a"}, "14 01000000 | 09 01000000 61"},
		{[]word{"a"}, "14 01000000 | 09 01000000 61"},
		{[]time.Time{time.UnixMilli(7)}, "22 01000000 | 21 0700000000000000 00000000"},
		{[]any{int8(1)}, "18 01000000 01 | 01 01"},
		{[][]byte{{1}, nil}, "18 02000000 01 | 0c 01000000 01 | 65"},
		{map[string]int8{"b": 2, "a": 1}, "19 02000000 01 | 09 01000000 61 01 01 | 09 01000000 62 01 02"},
		{map[level]any{1: nil}, "19 01000000 01 | 02 0100 65"},
		{ptr(int8(1)), "01 01"},
		{(*int8)(nil), "65"},
		{[]byte(nil), "65"},
		{[]string(nil), "65"},
		{map[string]int(nil), "65"},
		{(*Object)(nil), "65"},
		{(*apd.Decimal)(nil), "65"},
		{(*Collection)(nil), "65"},
		{NullOf(TypeInt), "65"},
		{Raw{1, 5}, "01 05"},
		{Raw(nil), "65"},
		{*decimal("-1"), "1e 00000000 01000000 81"},
		{goldenUUID, "0a " + goldenUUIDHex},
	} {
		if b, err := AppendValue(nil, g.v); err != nil || string(b) != string(unhex(t, g.hex)) {
			t.Errorf("%T %v encodes to %x, %v, want %s", g.v, g.v, b, err, g.hex)
		}
	}
}
