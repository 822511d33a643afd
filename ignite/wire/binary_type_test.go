package wire

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

const kittenMetadata = `
		01000000                            # type id
		09 01000000 4b                      # type name
		09 01000000 61                      # affinity key field
		02000000                            # 2 fields
		09 01000000 61 04000000 05000000    # "a": long, field id 5
		09 01000000 62 feffffff 06000000    # "b": code 254, as a signed byte
		00                                  # no enum
		01000000                            # 1 schema
		09000000 02000000 05000000 06000000 # id 9: fields 5 and 6`

func kitten() *binary.Metadata {
	return &binary.Metadata{
		TypeID: 1, TypeName: "K", AffinityKeyField: "a",
		Fields:  []binary.FieldMeta{{Name: "a", Type: binary.TypeLong, ID: 5}, {Name: "b", Type: 254, ID: 6}},
		Schemas: []binary.Schema{{ID: 9, FieldIDs: []int32{5, 6}}},
	}
}

func TestBinaryTypeGet(t *testing.T) {
	checkRequest(t, 0, &BinaryTypeGetRequest{TypeID: 258}, "02010000")
	checkResponse(t, 0, OpBinaryTypeGet, &BinaryTypeGetResponse{Metadata: kitten()}, "01"+kittenMetadata)
	checkResponse(t, 0, OpBinaryTypeGet, &BinaryTypeGetResponse{}, "00")
	checkResponse(t, 0, OpBinaryTypeGet, &BinaryTypeGetResponse{Metadata: &binary.Metadata{
		TypeID: 1, TypeName: "C", IsEnum: true, EnumValues: []binary.EnumValue{{Name: "R", Ordinal: 3}},
	}}, `
		01
		01000000 09 01000000 43 65 00000000 # type id, name, no affinity key, no fields
		01                                  # an enum
		01000000 09 01000000 52 03000000    # "R" is 3
		00000000                            # no schemas`)
}

func TestBinaryTypePutRequest(t *testing.T) {
	checkRequest(t, 0, &BinaryTypePutRequest{Metadata: kitten()}, kittenMetadata)
}

func TestBinaryTypeFieldCodes(t *testing.T) {
	for _, code := range []string{"00010000", "7fffffff"} {
		body := fromHex(t, "01000000 65 65 01000000 65 "+code+"05000000 00 00000000")
		if err := decodeBody(&BinaryTypePutRequest{}, body, 0); err == nil {
			t.Errorf("no error for the type code %s", code)
		}
	}
}

// The metadata of a table created by SQL, as a server tells it.
func TestBinaryTypeOfATable(t *testing.T) {
	var p BinaryTypeGetResponse
	goldenResponse(t, "binary.hex/binary_type_get_city", &p)
	m := p.Metadata
	if m == nil || m.TypeName != "City" || m.TypeID != binary.TypeID("City") {
		t.Fatalf("metadata %+v", m)
	}
	types := map[string]binary.Type{}
	for _, f := range m.Fields {
		types[f.Name] = f.Type
		if f.ID != binary.FieldID(f.Name) {
			t.Errorf("field %s has id %d, want %d", f.Name, f.ID, binary.FieldID(f.Name))
		}
	}
	if types["NAME"] != binary.TypeString || types["AREA"] != binary.TypeDecimal {
		t.Errorf("types %v", types)
	}
	for _, s := range m.Schemas {
		if s.ID != binary.SchemaID(s.FieldIDs) {
			t.Errorf("schema %d of %v, want id %d", s.ID, s.FieldIDs, binary.SchemaID(s.FieldIDs))
		}
	}
}
