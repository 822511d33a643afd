package conformance_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignitetest"
)

func javaContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestJavaImages reads objects that hold objects, written by a Java program.
func TestJavaImages(t *testing.T) {
	srv := ignitetest.Real(t)
	t.Log(ignitetest.Java(t, filepath.Join("testdata", "java", "Images.java"), srv.Addr))
	type metadata struct {
		FileName string `ignite:"file_name"`
		Label    string `ignite:"label"`
		Width    int32  `ignite:"width"`
		Height   int32  `ignite:"height"`
	}
	type image struct {
		Metadata metadata `ignite:"metadata"`
		Pixels   []byte   `ignite:"pixels"`
	}
	cache := ignite.NewCache[string, image](srv.Client(t), "IMAGES")
	seen := 0
	for entry, err := range cache.Scan(javaContext(t), ignite.ScanQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		m := entry.Value.Metadata
		if m.FileName != entry.Key || len(entry.Value.Pixels) != int(m.Width*m.Height) {
			t.Errorf("%q is %+v with %d pixels", entry.Key, m, len(entry.Value.Pixels))
		}
		if entry.Key == "kitten.png" && (m != metadata{"kitten.png", "little ball of fur", 64, 48} || entry.Value.Pixels[3] != 21) {
			t.Errorf("the kitten is %+v", m)
		}
	}
	if seen != 3 {
		t.Errorf("got %d images of 3", seen)
	}
}

func ptr[T any](v T) *T { return &v }

// javaValues are the fields of AllTypes.java that have values of their own in Go. Those
// with objects inside are looked at one by one.
func javaValues() map[string]any {
	moment := time.Date(2023, 11, 14, 22, 13, 20, 123_456_789, time.UTC)
	one := uuid.UUID{7: 1, 15: 2}
	three := uuid.UUID{7: 3, 15: 4}
	return map[string]any{
		"b": int8(-1), "s": int16(-2), "i": int32(-3), "l": int64(-4) << 40, "f": float32(1.25), "d": 3.141592653589793,
		"c": binary.Char(0x42F), "z": true, "boxed": int32(42), "string": "\u043a\u043e\u0442", "uuid": one,
		"date": binary.Date(1700000000123), "timestamp": moment, "time": binary.TimeOfDay(3600000),
		"sqlDate": binary.SQLDate(1699920000000), "decimal": apd.New(-12345678, -3),
		"bytes": []byte{1, 2, 255}, "shorts": []int16{1, -2}, "ints": []int32{1, -2, 3}, "longs": []int64{1 << 40},
		"floats": []float32{0.5, -1}, "doubles": []float64{0.25}, "chars": []binary.Char{'a', 0x42F}, "bools": []bool{true, false},
		"strings": []*string{ptr("a"), nil, ptr("\u043a\u043e\u0442")}, "uuids": []*uuid.UUID{&three, nil},
		"dates": []*binary.Date{ptr(binary.Date(5)), nil}, "timestamps": []*time.Time{&moment, nil},
		"decimals": []*apd.Decimal{apd.New(1, -2), nil},
		"linked":   &binary.Collection{Kind: binary.CollectionLinkedList, Items: []any{int32(1), int32(2)}},
		"set":      &binary.Collection{Kind: binary.CollectionHashSet, Items: []any{int32(7)}},
	}
}

func equalValue(got, want any) bool {
	if w, ok := want.(*apd.Decimal); ok {
		g, ok := got.(*apd.Decimal)
		return ok && g.Cmp(w) == 0
	}
	if w, ok := want.([]*apd.Decimal); ok {
		return fmt.Sprint(got) == fmt.Sprint(w)
	}
	return reflect.DeepEqual(got, want)
}

// TestJavaAllTypes reads each type that a Java program can put into a cache, as a field
// of an object and as an entry of its own, and writes the bytes back unchanged.
func TestJavaAllTypes(t *testing.T) {
	srv := ignitetest.Real(t)
	t.Log(ignitetest.Java(t, filepath.Join("testdata", "java", "AllTypes.java"), srv.Addr))
	ctx, c := javaContext(t), srv.Client(t)
	objects := ignite.NewCache[string, *binary.Object](c, "ALL_TYPES")
	full, ok, err := objects.Get(ctx, "full")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if full.TypeName != "AllTypes$Everything" || len(full.Fields) != 43 {
		t.Errorf("the object is a %s of %d fields", full.TypeName, len(full.Fields))
	}
	values := ignite.NewCache[any, any](c, "ALL_VALUES")
	for name, want := range javaValues() {
		if got, there := full.Get(name); !there || !equalValue(got, want) {
			t.Errorf("field %s is %T %v, want %T %v", name, got, got, want, want)
		}
		got, there, err := values.Get(ctx, name)
		if err != nil || !there || !equalValue(got, want) {
			t.Errorf("entry %s is %T %v, %v; want %T %v", name, got, got, err, want, want)
		}
	}
	t.Run("objects inside", func(t *testing.T) { checkInside(t, full) })
	t.Run("enums", func(t *testing.T) { checkEnums(ctx, t, c, full) })
	t.Run("opaque", func(t *testing.T) { checkOpaque(t, full) })
	t.Run("nulls", func(t *testing.T) {
		empty, _, err := objects.Get(ctx, "empty")
		if err != nil {
			t.Fatal(err)
		}
		if i, _ := empty.Get("i"); i != int32(0) {
			t.Errorf("i is %v", i)
		}
		if s, there := empty.Get("string"); s != nil || !there {
			t.Errorf("string is %v, %v; want a null that is there", s, there)
		}
	})
	t.Run("bytes", func(t *testing.T) { checkBytes(ctx, t, c) })
}

func point(t *testing.T, v any, x, y int32) {
	t.Helper()
	o, ok := v.(*binary.Object)
	if !ok || o.TypeName != "AllTypes$Point" {
		t.Fatalf("%T %v is not a point", v, v)
	}
	gotX, _ := o.Get("x")
	gotY, _ := o.Get("y")
	if gotX != x || gotY != y {
		t.Errorf("the point is (%v, %v), want (%d, %d)", gotX, gotY, x, y)
	}
}

func checkInside(t *testing.T, full *binary.Object) {
	p, _ := full.Get("point")
	point(t, p, 3, 4)
	objects, _ := full.Get("objects")
	items := objects.(*binary.ObjectArray).Items
	if len(items) != 5 || items[0] != int32(1) || items[1] != "x" || items[2] != nil || !reflect.DeepEqual(items[4], []int32{1, 2}) {
		t.Errorf("the Object[] is %v", items)
	}
	point(t, items[3], 5, 6)
	points, _ := full.Get("points")
	point(t, points.(*binary.ObjectArray).Items[0], 1, 2)
	list, _ := full.Get("list")
	point(t, list.(*binary.Collection).Items[3], 9, 9)
	m, _ := full.Get("map")
	entries := m.(*binary.Map).Entries
	if len(entries) != 2 || entries[0] != (binary.MapEntry{Key: "a", Value: int32(1)}) {
		t.Errorf("the map is %v", entries)
	}
	point(t, entries[1].Value, 7, 8)
	parent, _ := full.Get("parent")
	if name, _ := parent.(*binary.Object).Get("string"); name != "mother" {
		t.Errorf("the parent is %v", name)
	}
}

func checkEnums(ctx context.Context, t *testing.T, c *ignite.Client, full *binary.Object) {
	color, _ := full.Get("color")
	green, ok := color.(binary.Enum)
	if !ok || green.Ordinal != 1 {
		t.Fatalf("the enum is %T %v", color, color)
	}
	meta, err := c.Metadata(ctx, green.TypeID)
	if err != nil || meta == nil || !meta.IsEnum || meta.EnumName(1) != "GREEN" {
		t.Errorf("the metadata of the enum is %+v, %v", meta, err)
	}
	colors, _ := full.Get("colors")
	if array, ok := colors.(*binary.EnumArray); !ok || len(array.Items) != 2 {
		t.Errorf("the enum array is %T %v", colors, colors)
	}
	top, _, err := ignite.NewCache[any, any](c, "ALL_VALUES").Get(ctx, "color")
	if err != nil || top != (binary.BinaryEnum{TypeID: green.TypeID, Ordinal: 1}) {
		t.Errorf("the enum as a value of its own is %T %v, %v", top, top, err)
	}
}

// checkOpaque: what only Java can read is kept as bytes and disturbs nothing.
func checkOpaque(t *testing.T, full *binary.Object) {
	for _, name := range []string{"localDate", "instant", "bigInteger", "bitSet"} {
		v, there := full.Get(name)
		if o, ok := v.(binary.Opaque); !ok || !there || len(o.Bytes) == 0 {
			t.Errorf("%s is %T %v", name, v, v)
		}
	}
}

// checkBytes writes what was read under another key; the server must give back the
// same bytes.
func checkBytes(ctx context.Context, t *testing.T, c *ignite.Client) {
	for _, name := range []string{"ALL_TYPES", "ALL_VALUES"} {
		raw := ignite.NewCache[binary.Raw, binary.Raw](c, name)
		var entries []ignite.Entry[binary.Raw, binary.Raw]
		for entry, err := range raw.Scan(ctx, ignite.ScanQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, ignite.Entry[binary.Raw, binary.Raw]{Key: bytes.Clone(entry.Key), Value: bytes.Clone(entry.Value)})
		}
		for i, entry := range entries {
			key, err := c.Encode(ctx, fmt.Sprint("copy ", i))
			if err != nil {
				t.Fatal(err)
			}
			if err := raw.Put(ctx, key, entry.Value); err != nil {
				t.Fatal(err)
			}
			got, _, err := raw.Get(ctx, key)
			if err != nil || !bytes.Equal(got, entry.Value) {
				t.Errorf("the value %.60x came back as %.60x, %v", []byte(entry.Value), []byte(got), err)
			}
		}
	}
}

// TestSqllineKittens is the article's session: the table and its rows through Ignite's
// own command line, read as a cache.
func TestSqllineKittens(t *testing.T) {
	srv := ignitetest.Real(t)
	out := srv.Sqlline(t, `
CREATE TABLE KITTEN_CACHE (ID LONG PRIMARY KEY, NAME VARCHAR);
INSERT INTO KITTEN_CACHE VALUES (1, 'WARM KITTY');
INSERT INTO KITTEN_CACHE VALUES (2, 'SOFT KITTY');
INSERT INTO KITTEN_CACHE VALUES (3, 'LITTLE BALL OF FUR');
SELECT COUNT(*) FROM KITTEN_CACHE;`)
	t.Log(out)
	type kitten struct {
		Name string `ignite:"NAME"`
	}
	got := map[int64]string{}
	for entry, err := range ignite.NewCache[int64, kitten](srv.Client(t), "SQL_PUBLIC_KITTEN_CACHE").Scan(javaContext(t), ignite.ScanQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		got[entry.Key] = entry.Value.Name
	}
	if want := map[int64]string{1: "WARM KITTY", 2: "SOFT KITTY", 3: "LITTLE BALL OF FUR"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
