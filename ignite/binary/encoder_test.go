package binary

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
)

type point struct {
	X int32 `ignite:"x"`
	Y int32 `ignite:"y"`
}

func (point) IgniteTypeName() string { return "Objects$Point" }

// serverKitten is the class Objects$Kitten whose objects a real server recorded.
type serverKitten struct {
	Name     *string    `ignite:"name"`
	Age      int32      `ignite:"age"`
	W        float64    `ignite:"w"`
	ID       *uuid.UUID `ignite:"id"`
	At       *point     `ignite:"at"`
	Path     []*point   `ignite:"path,array"`
	Attrs    *Map       `ignite:"attrs"`
	List     []any      `ignite:"list"`
	Set      *Collection
	Objs     *ObjectArray
	Color    *Enum
	Colors   *EnumArray
	Price    *apd.Decimal
	UtilDate *Date
	SQLDate  *SQLDate
	TS       *time.Time
	Time     *TimeOfDay
	Img      []byte
	Feat     []float32
	Ints     []int32
	Longs    []int64
	Strs     []*string
	OK       bool
	Nul      *bool
	Ch       Char
	Sh       int16
	By       int8
	Fl       float32
	LD       *Opaque
	Inst     *Opaque
	Parent   *serverKitten
}

func (serverKitten) IgniteTypeName() string { return "Objects$Kitten" }

// TestStructAsServer unmarshals objects of a real server into Go structs and wants the
// server's bytes back from the Encoder.
func TestStructAsServer(t *testing.T) {
	files := recordedFiles(t)
	types := readRecordedTypes(t, files["metadata"])
	for _, v := range files["objects"] {
		var dst any
		switch v.name {
		case "OBJ.k0.value", "OBJ.k1.value", "OBJ.k2.value":
			dst = new(serverKitten)
		case "OBJ.point.value":
			dst = new(point)
		default:
			continue
		}
		if err := Unmarshal(v.b, dst, types); err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		o, err := ParseObject(v.b)
		if err != nil {
			t.Fatal(err)
		}
		var metas []*Metadata
		e := Encoder{OnType: func(m *Metadata) error { metas = append(metas, m); return nil }}
		got, err := e.Append(nil, dst)
		if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		if string(got) != string(o.Bytes()) {
			t.Errorf("%s: encodes to\n%x, the server has\n%x", v.name, got, o.Bytes())
		}
		if k, ok := dst.(*serverKitten); ok && (*k.Name != "kitten-"+v.name[5:6] || k.At.X != k.Age || k.TS.Nanosecond() != 123456789) {
			t.Errorf("%s: %+v", v.name, k)
		}
		checkSameAsServer(t, types, metas)
	}
}

// checkSameAsServer wants nothing in the metadata that a server does not have.
func checkSameAsServer(t *testing.T, types recordedTypes, metas []*Metadata) {
	t.Helper()
	for _, m := range metas {
		server := types[m.TypeID]
		m = m.Conform(server)
		for _, f := range m.Fields {
			was := server.FieldByID(f.ID)
			if was == nil || was.Type != f.Type || !strings.EqualFold(was.Name, f.Name) {
				t.Errorf("%s.%s is %v (%d), the server has %+v", m.TypeName, f.Name, f.Type, f.Type, was)
			}
		}
		for _, s := range m.Schemas {
			if was := server.SchemaByID(s.ID); was == nil || !slices.Equal(was.FieldIDs, s.FieldIDs) {
				t.Errorf("%s: the server does not have schema %v", m.TypeName, s)
			}
		}
	}
}

// TestNewObjectAsServer builds the objects that Java's builder built.
func TestNewObjectAsServer(t *testing.T) {
	want := map[string]*Object{
		"OBJ.built.value": NewObject("com.example.Kitten2").Set("name", "bin").Set("age", int32(3)).
			Set("feat", []float32{1, 2}).Set("nul", NullOf(TypeString)),
		"OBJ.built-v2.value": NewObject("com.example.Kitten2").Set("name", "bin2").Set("extra", int64(9)),
	}
	files := recordedFiles(t)
	types := readRecordedTypes(t, files["metadata"])
	var merged *Metadata
	for _, v := range files["objects"] {
		o := want[v.name]
		if o == nil {
			continue
		}
		delete(want, v.name)
		e := Encoder{OnType: func(m *Metadata) error {
			var err error
			merged, _, err = merged.Merge(m)
			return err
		}}
		got, err := e.Append(nil, o)
		server, _ := ParseObject(v.b)
		if err != nil || string(got) != string(server.Bytes()) {
			t.Errorf("%s: encodes to %x, %v, the server has %x", v.name, got, err, server.Bytes())
		}
	}
	if len(want) > 0 {
		t.Errorf("not recorded: %v", want)
	}
	checkSameAsServer(t, types, []*Metadata{merged})
	if server := types[merged.TypeID]; len(merged.Fields) != len(server.Fields) || len(merged.Schemas) != 2 {
		t.Errorf("merged metadata %+v, the server has %+v", merged, server)
	}
}

type owner struct {
	City string   `ignite:"city,affinity"`
	Note string   `ignite:"note,omitempty"`
	Skip chan int `ignite:"-"`
	base
	hidden int
	Best   point            `ignite:"best"`
	All    []point          `ignite:"all"`
	Arr    []point          `ignite:"arr,array"`
	By     map[string]point `ignite:"by"`
	Any    any              `ignite:"any"`
}

type base struct{ Level int8 }

func TestEncoderMetadata(t *testing.T) {
	var metas []*Metadata
	e := Encoder{OnType: func(m *Metadata) error { metas = append(metas, m); return nil }}
	b, err := e.Append(nil, owner{City: "Oslo", hidden: 1, Best: point{1, 2}, Any: NewObject("Inner").Set("z", 1)})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range metas {
		names = append(names, m.TypeName)
	}
	if !slices.Equal(names, []string{"Objects$Point", "Inner", "owner"}) {
		t.Fatalf("OnType was called for %v, want inner types first", names)
	}
	m := metas[2]
	if m.AffinityKeyField != "city" || m.TypeID != TypeID("owner") || len(m.Schemas) != 1 || len(m.Schemas[0].FieldIDs) != 7 {
		t.Errorf("metadata %+v", m)
	}
	want := []FieldMeta{
		{"city", TypeString, FieldID("city")},
		{"note", TypeString, FieldID("note")},
		{"Level", TypeByte, FieldID("level")},
		{"best", TypeObject, FieldID("best")},
		{"all", TypeCollection, FieldID("all")},
		{"arr", TypeObjectArray, FieldID("arr")},
		{"by", TypeMap, FieldID("by")},
		{"any", TypeObject, FieldID("any")},
	}
	if !reflect.DeepEqual(m.Fields, want) {
		t.Errorf("fields %v, want %v", m.Fields, want)
	}
	view, err := ParseObject(b)
	if err != nil || view.SchemaID() != m.Schemas[0].ID || view.NumFields() != 7 {
		t.Errorf("object has %d fields, schema %d, %v", view.NumFields(), view.SchemaID(), err)
	}
}

func TestEncoderNames(t *testing.T) {
	for _, c := range []struct {
		names NameMapper
		want  string
	}{{NamesBasicFull, "a.b.Outer$Cat"}, {NamesBasicSimple, "Cat"}, {NamesCustom, "a.b.Outer$Cat"}} {
		var got *Metadata
		e := Encoder{Names: c.names, OnType: func(m *Metadata) error { got = m; return nil }}
		b, err := e.Append(nil, NewObject("a.b.Outer$Cat").Set("x", 1))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := ParseObject(b)
		if got.TypeName != c.want || got.TypeID != TypeID(c.want) || o.TypeID() != got.TypeID {
			t.Errorf("mapper %d: %q, ids %d and %d", c.names, got.TypeName, got.TypeID, o.TypeID())
		}
	}
}

func TestEncoderErrors(t *testing.T) {
	stop := errors.New("stop")
	e := Encoder{OnType: func(*Metadata) error { return stop }}
	if b, err := e.Append([]byte{7}, []any{point{}}); !errors.Is(err, stop) || len(b) != 1 {
		t.Errorf("error of OnType: %x, %v", b, err)
	}
	for want, v := range map[string]any{
		"the same field":    struct2{},
		"unknown option":    struct3{},
		"has no name":       struct{ A int }{},
		"field F of struct": struct4{F: []any{make(chan int)}},
	} {
		if _, err := new(Encoder).Append(nil, v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: error %v, want one with %q", v, err, want)
		}
	}
}

type (
	struct2 struct {
		A int
		B int `ignite:"a"`
	}
	struct3 struct {
		A int `ignite:"a,omitzero"`
	}
	struct4 struct{ F []any }
)

func TestChangingADecodedObject(t *testing.T) {
	types := recordedTypes{}
	e := Encoder{OnType: func(m *Metadata) error {
		merged, _, err := types[m.TypeID].Merge(m)
		types[m.TypeID] = merged
		return err
	}}
	b, err := e.Append(nil, point{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	v, err := DecodeValue(b, types)
	if err != nil {
		t.Fatal(err)
	}
	o := v.(*Object)
	if o.TypeName != "Objects$Point" || string(o.Raw()) != string(b) {
		t.Errorf("decoded %+v", o)
	}
	if b, err = e.Append(nil, o.Set("X", int32(5)).Set("z", "new")); err != nil {
		t.Fatal(err)
	}
	if v, err = DecodeValue(b, types); err != nil {
		t.Fatal(err)
	}
	if x, _ := v.(*Object).Get("x"); x != int32(5) || len(types[o.TypeID].Schemas) != 2 {
		t.Errorf("x is %v, metadata %+v", x, types[o.TypeID])
	}
	unnamed, err := DecodeValue(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Append(nil, unnamed.(*Object).Set("more", 1)); err == nil {
		t.Error("an object without names can be changed")
	}
}

func TestMetadataConform(t *testing.T) {
	known := &Metadata{TypeID: 1, Fields: []FieldMeta{{"list", TypeObject, 1}, {"n", TypeInt, 2}, {"s", TypeString, 3}}}
	ours := &Metadata{TypeID: 1, Fields: []FieldMeta{{"list", TypeCollection, 1}, {"n", TypeObject, 2}, {"s", TypeInt, 3}, {"new", TypeInt, 4}}}
	got := ours.Conform(known)
	want := []FieldMeta{{"list", TypeObject, 1}, {"n", TypeInt, 2}, {"s", TypeInt, 3}, {"new", TypeInt, 4}}
	if !reflect.DeepEqual(got.Fields, want) || ours.Fields[0].Type != TypeCollection {
		t.Errorf("conforms to %v, want %v", got.Fields, want)
	}
	if ours.Conform(nil) != ours || known.Conform(known) != known {
		t.Error("a copy is made for nothing")
	}
}

func TestMetadataMerge(t *testing.T) {
	base := &Metadata{TypeID: 1, TypeName: "A", Fields: []FieldMeta{{"x", TypeInt, 10}}, Schemas: []Schema{{5, []int32{10}}}}
	same, changed, err := base.Merge(base)
	if err != nil || changed || !reflect.DeepEqual(same, base) {
		t.Errorf("merge with itself: %+v, %v, %v", same, changed, err)
	}
	more := &Metadata{TypeID: 1, TypeName: "A", AffinityKeyField: "x", Fields: []FieldMeta{{"y", TypeLong, 11}}, Schemas: []Schema{{6, []int32{11}}}}
	got, changed, err := base.Merge(more)
	if err != nil || !changed || len(got.Fields) != 2 || len(got.Schemas) != 2 || got.AffinityKeyField != "x" || len(base.Fields) != 1 {
		t.Errorf("merge: %+v, %v, %v", got, changed, err)
	}
	for name, bad := range map[string]*Metadata{
		"type id":    {TypeID: 2, TypeName: "A"},
		"type name":  {TypeID: 1, TypeName: "B"},
		"field type": {TypeID: 1, TypeName: "A", Fields: []FieldMeta{{"x", TypeLong, 10}}},
		"enum":       {TypeID: 1, TypeName: "A", IsEnum: true},
	} {
		if _, _, err := base.Merge(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	twins := &Metadata{TypeID: 1, TypeName: "A", Fields: []FieldMeta{{"X", TypeString, 10}}}
	got, changed, err = base.Merge(twins)
	if err != nil || !changed || len(got.Fields) != 2 || got.FieldByID(10).Name != "x" || got.FieldByName("X").Type != TypeString {
		t.Errorf("a field whose name differs in case: %+v, %v, %v", got, changed, err)
	}
	if again, changed, err := got.Merge(got); err != nil || changed || len(again.Fields) != 2 {
		t.Errorf("two such fields merged with themselves: %+v, %v, %v", again, changed, err)
	}
	colors := &Metadata{TypeID: 2, TypeName: "C", IsEnum: true, EnumValues: []EnumValue{{"RED", 0}}}
	if _, _, err := colors.Merge(&Metadata{TypeID: 2, TypeName: "C", IsEnum: true, EnumValues: []EnumValue{{"BLUE", 0}}}); err == nil {
		t.Error("two names for one ordinal: no error")
	}
}

// TestEncoderIsShared lets goroutines meet in the caches of a type that is new to them.
func TestEncoderIsShared(t *testing.T) {
	type fresh struct {
		A int
		B *fresh2
	}
	var e Encoder
	var want sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			b, err := e.Append(nil, fresh{1, &fresh2{S: []string{"x"}}})
			if was, _ := want.LoadOrStore("bytes", string(b)); err != nil || was != string(b) {
				t.Errorf("%x, %v", b, err)
			}
			var back fresh
			if err := Unmarshal(b, &back, nil); err != nil || back.B.S[0] != "x" {
				t.Errorf("%+v, %v", back, err)
			}
		})
	}
	wg.Wait()
}

type fresh2 struct{ S []string }
