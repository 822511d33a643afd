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
