package binary

import (
	"encoding/binary"
	"strings"
	"testing"
)

// goldenPoint is Objects$Point(1, 2) of a real server: header, two ints, two offsets.
const goldenPoint = "67 01 2b00 007235d4 60a43006 24000000 34d8a3f2 22000000 | 03 01000000 | 03 02000000 | 18 1d"

func TestParseObject(t *testing.T) {
	bare := unhex(t, goldenPoint)
	wrapped := unhex(t, "1b 26000000 | ffff "+goldenPoint+" | 02000000")
	for name, raw := range map[string]Raw{"bare": bare, "wrapped": wrapped} {
		o, err := ParseObject(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if o.TypeID() != TypeID("Objects$Point") || o.TypeName() != "" || o.Flags() != 0x2b || o.Hash() != 0x0630a460 ||
			o.SchemaID() != SchemaID([]int32{FieldID("x"), FieldID("y")}) || o.NumFields() != 2 || !o.CompactFooter() {
			t.Errorf("%s: header is %+v", name, o)
		}
		if string(o.Bytes()) != string(bare) || o.RawData() != nil {
			t.Errorf("%s: Bytes %x, RawData %x", name, o.Bytes(), o.RawData())
		}
		if x, y := o.FieldRaw(0), o.FieldRaw(1); string(x) != "\x03\x01\x00\x00\x00" || string(y) != "\x03\x02\x00\x00\x00" {
			t.Errorf("%s: fields %x %x", name, x, y)
		}
		if _, ok := o.FieldID(0); ok {
			t.Errorf("%s: a compact footer gives a field id", name)
		}
		for _, i := range []int{-1, 2} {
			if raw, err := o.Field(i); o.FieldRaw(i) != nil || err == nil {
				t.Errorf("%s: field %d is %x", name, i, raw)
			}
		}
	}
	checkTruncations(t, bare)
	checkTruncations(t, wrapped)
}

// TestObjectFooters checks the width of offsets at its limits: it is that of the last
// field's offset, not of the object's length.
func TestObjectFooters(t *testing.T) {
	for _, c := range []struct {
		pad   int
		flags uint16
	}{
		{255 - headerBytes - 5, FlagOffsetOneByte},
		{256 - headerBytes - 5, FlagOffsetTwoBytes},
		{65535 - headerBytes - 5, FlagOffsetTwoBytes},
		{65536 - headerBytes - 5, 0},
	} {
		for _, full := range []bool{false, true} {
			e := Encoder{FullFooter: full}
			b, err := e.Append(nil, NewObject("Wide").Set("pad", make([]byte, c.pad)).Set("last", make([]byte, 300)))
			if err != nil {
				t.Fatal(err)
			}
			o, err := ParseObject(b)
			if err != nil {
				t.Fatal(err)
			}
			if got := o.Flags() & (FlagOffsetOneByte | FlagOffsetTwoBytes); got != c.flags || o.CompactFooter() == full {
				t.Errorf("pad %d: flags %#x", c.pad, o.Flags())
			}
			if id, ok := o.FieldID(1); ok != full || ok && id != FieldID("last") {
				t.Errorf("pad %d: field id %d, %v", c.pad, id, ok)
			}
			if len(o.FieldRaw(0)) != c.pad+5 || len(o.FieldRaw(1)) != 305 {
				t.Errorf("pad %d: fields of %d and %d bytes", c.pad, len(o.FieldRaw(0)), len(o.FieldRaw(1)))
			}
			checkRoundTrip(t, b, nil)
		}
	}
}

func TestUnregisteredObject(t *testing.T) {
	b, err := AppendValue(nil, &Object{TypeName: "a.B", Fields: []Field{{Name: "x", Value: int8(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := ParseObject(b)
	if err != nil || o.TypeID() != 0 || o.TypeName() != "a.B" || o.FieldRaw(0).Type() != TypeByte {
		t.Errorf("%x: type %d %q, %v", b, o.TypeID(), o.TypeName(), err)
	}
	if want := hashBytes([]byte{1, 1}); o.Hash() != want {
		t.Errorf("hash %d covers the type name, want %d", o.Hash(), want)
	}
	checkRoundTrip(t, b, nil)
	checkTruncations(t, b)
}

// TestObjectRawData checks what Binarylizable classes write without names.
func TestObjectRawData(t *testing.T) {
	for _, v := range readVectors(t, recorded+"/objects.hex") {
		var want string
		switch v.name {
		case "MORE.onlyraw.value":
			want = "05000000"
		case "MORE.withraw.value":
			want = "4d00000000000000 09 03000000 726177"
		default:
			continue
		}
		o, err := ParseObject(v.b)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.RawData(); string(got) != string(unhex(t, want)) {
			t.Errorf("%s: raw data %x, want %s", v.name, got, want)
		}
	}
}

// TestHandles checks shared and cyclic references of a real server's bytes.
func TestHandles(t *testing.T) {
	files := recordedFiles(t)
	types := readRecordedTypes(t, files["metadata"])
	for _, file := range []string{"objects", "objects-full-footer"} {
		for _, v := range files[file] {
			switch v.name {
			case "MORE.cycle.value":
				checkCycle(t, v.b, types)
			case "MORE.shared.value":
				checkShared(t, v.b, types)
			}
		}
	}
}

type cycleNode struct {
	Name string
	Next *cycleNode
	Kids []*cycleNode
}

func (cycleNode) IgniteTypeName() string { return "More$Node" }

func checkCycle(t *testing.T, b []byte, types Resolver) {
	t.Helper()
	v, err := DecodeValue(b, types)
	if err != nil {
		t.Fatal(err)
	}
	head := v.(*Object)
	next, _ := head.Get("next")
	if back, _ := next.(*Object).Get("NEXT"); back != any(head) {
		t.Errorf("the cycle does not come back to its head: %v", back)
	}
	o, err := ParseObject(b)
	if err != nil {
		t.Fatal(err)
	}
	tail, err := o.Object(1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tail.Object(1)
	if err != nil || string(again.Bytes()) != string(o.Bytes()) {
		t.Errorf("the view does not come back to the head: %v", err)
	}
	if _, err := ParseObject(o.FieldRaw(1)); err != nil {
		t.Error(err)
	}
	var n cycleNode
	if err := Unmarshal(b, &n, types); err != nil {
		t.Fatal(err)
	}
	if n.Name != "head" || n.Next.Name != "tail" || n.Next.Next.Name != "head" || n.Next.Next.Next != n.Next || n.Kids[0] != n.Next || n.Kids[1].Name != "kid" {
		t.Errorf("unmarshals to %+v", n)
	}
	out, err := new(Encoder).Append(nil, n.Next)
	if err != nil {
		t.Fatal(err)
	}
	checkRoundTrip(t, out, types)
}

func checkShared(t *testing.T, b []byte, types Resolver) {
	t.Helper()
	var s struct {
		A, B   *Object
		L1, L2 *Collection
		M1, M2 *Map
		O1, O2 *ObjectArray
	}
	if err := Unmarshal(b, &s, types); err != nil {
		t.Fatal(err)
	}
	if s.A == nil || s.A != s.B || s.L1 == nil || s.L1 != s.L2 || s.M1 == nil || s.M1 != s.M2 || s.O1 == nil || s.O1 != s.O2 {
		t.Errorf("shared references are not shared: %+v", s)
	}
	o, err := ParseObject(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 8; i += 2 {
		if x, y := o.FieldRaw(i), o.FieldRaw(i+1); len(x) == 0 || &x[0] != &y[0] {
			t.Errorf("fields %d and %d are %x and %x", i, i+1, x, y)
		}
	}
}

// TestBrokenObjects changes one thing at a time in a good object.
func TestBrokenObjects(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     int
		v      byte
		parses bool
	}{
		{"version", 1, 2, false},
		{"length short", posLength, 23, false},
		{"length long", posLength, 37, false},
		{"footer before the data", posFooter, 23, false},
		{"footer behind the end", posFooter, 37, false},
		{"offset before the data", 34, 23, true},
		{"offset behind the data", 35, 34, true},
		{"offsets not in order", 34, 29, true},
		{"offset into a value", 35, 28, true},
		{"unknown type of a field", headerBytes, 200, true},
	} {
		b := unhex(t, goldenPoint)
		b[c.at] = c.v
		if _, err := ParseObject(b); (err == nil) != c.parses {
			t.Errorf("%s: ParseObject: %v", c.name, err)
		}
		if v, err := DecodeValue(b, nil); err == nil {
			t.Errorf("%s: decodes to %#v", c.name, v)
		}
	}
	b := unhex(t, goldenPoint)
	b[34] = 23
	o, _ := ParseObject(b)
	if raw, err := o.Field(0); err == nil || o.FieldRaw(0) != nil || !strings.Contains(err.Error(), "field 0") {
		t.Errorf("broken field is %x, %v", raw, err)
	}
	if o.FieldRaw(0).Type() == TypeNull {
		t.Error("a broken field looks like null")
	}
}

// TestOverlappingFieldsAreRefused: many offsets to the same bytes must not multiply them.
func TestOverlappingFieldsAreRefused(t *testing.T) {
	s := encodeState{e: &Encoder{}}
	f := s.openObject(1, "")
	s.offsets = append(s.offsets, headerBytes, headerBytes)
	s.ids = append(s.ids, 1, 2)
	s.text(strings.Repeat("x", 100))
	s.closeObject(f, FlagUserType|FlagCompactFooter, 5, nil)
	if v, err := DecodeValue(s.b, nil); err == nil {
		t.Errorf("decodes to %v", v)
	}
}

func TestViewDoesNotAllocate(t *testing.T) {
	b := benchObject(t)
	var sum int
	allocs := testing.AllocsPerRun(100, func() {
		o, err := ParseObject(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range o.NumFields() {
			sum += len(o.FieldRaw(i))
		}
		r := NewReader(b)
		sum += len(r.Raw()) + int(HashCode(b)) + int(o.TypeID()) + len(o.Bytes())
	})
	if allocs != 0 {
		t.Errorf("%v allocations in a pass over an object", allocs)
	}
	for name, raw := range map[string]Raw{"map": benchMap(t), "int": {3, 1, 2, 3, 4}} {
		if n := testing.AllocsPerRun(100, func() { r := NewReader(raw); sum += len(r.Raw()) }); n != 0 {
			t.Errorf("%s: %v allocations in Raw", name, n)
		}
	}
}

// benchObject is an object with 20 fields of the usual types, one of them large.
func benchObject(t testing.TB) Raw {
	t.Helper()
	o := NewObject("Bench")
	for i := range 18 {
		o.Set(string(rune('a'+i)), []any{int32(i), int64(i), float64(i), "some text", true, nil}[i%6])
	}
	o.Set("features", make([]float32, 256)).Set("tags", []string{"x", "y"})
	b, err := new(Encoder).Append(nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func benchMap(t testing.TB) Raw {
	t.Helper()
	b, err := AppendValue(nil, map[string]any{"a": 1, "b": []any{"x", 2.5}, "c": []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func BenchmarkParseObjectAllFields(b *testing.B) {
	raw := benchObject(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		o, _ := ParseObject(raw)
		for i := range o.NumFields() {
			if o.FieldRaw(i) == nil {
				b.Fatal("broken field")
			}
		}
	}
}

func BenchmarkRawPage(b *testing.B) {
	var page []byte
	for i := range 256 {
		page = append(binary.LittleEndian.AppendUint64(append(page, byte(TypeLong)), uint64(i)), benchObject(b)...)
	}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(page)
		for r.Len() > 0 {
			r.Raw()
		}
	}
}

func BenchmarkHashCodeObject(b *testing.B) {
	data := make([]byte, 1024)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		hashBytes(data)
	}
}
