package conformance

import (
	"reflect"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func testMetadata(e *env) {
	e.run("another client learns it", testMetadataIsShared)
	e.run("two schemas of one type", testTwoSchemas)
	e.run("enum", testEnum)
	e.run("unknown type", testUnknownType)
	e.run("conflict", testMetadataConflict)
	e.run("names that differ in case", testTwinFields)
}

// other is a second client, which knows nothing yet.
func (e *env) other() *ignite.Client {
	e.Helper()
	return e.target.Server.Client(e.T)
}

func testMetadataIsShared(e *env) {
	name := e.newCache()
	o := binary.NewObject("conformance.Shared").Set("name", "Tom").Set("age", int32(3)).Set("w", 1.5)
	e.noError(ignite.NewCache[int64, any](e.c, name).Put(e.ctx, 1, o))
	c := e.other()
	meta, err := c.Metadata(e.ctx, binary.TypeID("conformance.Shared"))
	e.noError(err)
	if meta == nil || meta.TypeName != "conformance.Shared" || meta.IsEnum || len(meta.Schemas) == 0 {
		e.Fatalf("the metadata is %+v", meta)
	}
	types := map[string]binary.Type{}
	for _, f := range meta.Fields {
		types[f.Name] = f.Type
		if f.ID != binary.FieldID(f.Name) {
			e.Errorf("field %s has the id %d", f.Name, f.ID)
		}
	}
	want := map[string]binary.Type{"name": binary.TypeString, "age": binary.TypeInt, "w": binary.TypeDouble}
	if !reflect.DeepEqual(types, want) {
		e.Errorf("the fields are %v, want %v", types, want)
	}
	got, ok, err := ignite.NewCache[int64, *binary.Object](c, name).Get(e.ctx, 1)
	e.noError(err)
	if age, _ := got.Get("age"); !ok || age != int32(3) {
		e.Errorf("the other client reads %+v", got)
	}
}

func testTwoSchemas(e *env) {
	name := e.newCache()
	cache := ignite.NewCache[int64, *binary.Object](e.c, name)
	e.noError(cache.Put(e.ctx, 1, binary.NewObject("conformance.Versioned").Set("name", "a").Set("age", int32(1))))
	e.noError(cache.Put(e.ctx, 2, binary.NewObject("conformance.Versioned").Set("name", "b").Set("extra", int64(9))))
	c := e.other()
	meta, err := c.Metadata(e.ctx, binary.TypeID("conformance.Versioned"))
	e.noError(err)
	if meta == nil || len(meta.Fields) != 3 || len(meta.Schemas) != 2 {
		e.Fatalf("the metadata is %+v, want 3 fields and 2 schemas", meta)
	}
	got, _, err := ignite.NewCache[int64, *binary.Object](c, name).Get(e.ctx, 2)
	e.noError(err)
	if extra, _ := got.Get("extra"); extra != int64(9) {
		e.Errorf("the second version came back as %+v", got)
	}
}

func testEnum(e *env) {
	meta := &binary.Metadata{
		TypeID: binary.TypeID("conformance.Color"), TypeName: "conformance.Color", IsEnum: true,
		EnumValues: []binary.EnumValue{{Name: "RED", Ordinal: 0}, {Name: "GREEN", Ordinal: 1}},
	}
	e.noError(e.c.RegisterType(e.ctx, meta))
	name := e.newCache()
	e.noError(ignite.NewCache[int64, any](e.c, name).Put(e.ctx, 1, binary.BinaryEnum{TypeID: meta.TypeID, Ordinal: 1}))
	c := e.other()
	got, ok, err := ignite.NewCache[int64, any](c, name).Get(e.ctx, 1)
	e.noError(err)
	if want := (binary.BinaryEnum{TypeID: meta.TypeID, Ordinal: 1}); !ok || got != want {
		e.Errorf("the enum came back as %s", describe(got))
	}
	known, err := c.Metadata(e.ctx, meta.TypeID)
	e.noError(err)
	if known == nil || !known.IsEnum || known.EnumName(1) != "GREEN" {
		e.Errorf("the metadata of the enum is %+v", known)
	}
}

func testUnknownType(e *env) {
	meta, err := e.c.Metadata(e.ctx, 123456789)
	if err != nil || meta != nil {
		e.Errorf("the metadata of an unknown type is %+v, %v; want nil, nil", meta, err)
	}
}

// testMetadataConflict: a field cannot change its type. Who says so, the client that asked
// for the metadata before or the server, is not the point; nothing may be written.
func testMetadataConflict(e *env) {
	name := e.newCache()
	e.noError(ignite.NewCache[int64, any](e.c, name).Put(e.ctx, 1, binary.NewObject("conformance.Fixed").Set("v", int32(1))))
	err := ignite.NewCache[int64, any](e.other(), name).Put(e.ctx, 2, binary.NewObject("conformance.Fixed").Set("v", "text"))
	if err == nil || !strings.Contains(err.Error(), "conformance.Fixed") {
		e.Errorf("a field with another type: %v, want an error that names the type", err)
	}
	if size := e.size(name); size != 1 {
		e.Errorf("there are %d entries, want 1", size)
	}
}

// testTwinFields: fields whose names differ in case alone have one id and are two fields of
// the type, which may differ in type, too.
func testTwinFields(e *env) {
	const name = "conformance.Twins"
	id := binary.FieldID("test_bool")
	field := func(name string, t binary.Type) binary.FieldMeta {
		return binary.FieldMeta{Name: name, Type: t, ID: id}
	}
	register := func(c *ignite.Client, fields ...binary.FieldMeta) error {
		ids := make([]int32, len(fields))
		for i := range ids {
			ids[i] = id
		}
		return c.RegisterType(e.ctx, &binary.Metadata{
			TypeID: binary.TypeID(name), TypeName: name, Fields: fields, Schemas: []binary.Schema{{ID: binary.SchemaID(ids), FieldIDs: ids}},
		})
	}
	e.noError(register(e.c, field("test_bool", binary.TypeBool), field("TEST_BOOL", binary.TypeBool)))
	e.noError(register(e.other(), field("Test_Bool", binary.TypeInt)))
	c := e.other()
	meta, err := c.Metadata(e.ctx, binary.TypeID(name))
	e.noError(err)
	types := map[string]binary.Type{}
	for _, f := range meta.Fields {
		types[f.Name] = f.Type
	}
	want := map[string]binary.Type{"test_bool": binary.TypeBool, "TEST_BOOL": binary.TypeBool, "Test_Bool": binary.TypeInt}
	if !reflect.DeepEqual(types, want) {
		e.Errorf("the fields are %v, want %v", types, want)
	}
	if err := register(e.other(), field("test_bool", binary.TypeString)); err == nil {
		e.Error("a field of the same name took another type")
	}
	cache := ignite.NewCache[int64, *binary.Object](c, e.newCache())
	e.noError(cache.Put(e.ctx, 1, binary.NewObject(name).Set("test_bool", true)))
	got, _, err := ignite.NewCache[int64, *binary.Object](e.other(), cache.Name()).Get(e.ctx, 1)
	e.noError(err)
	for name := range want {
		if v, ok := got.Get(name); !ok || v != true {
			e.Errorf("field %s is %v, %v", name, v, ok)
		}
	}
}
