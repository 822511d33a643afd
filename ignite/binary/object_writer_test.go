package binary

import (
	"bytes"
	"testing"
)

// TestObjectWriter holds the field-by-field form to the bytes and the metadata of the
// Encoder, for each width of offsets.
func TestObjectWriter(t *testing.T) {
	for _, size := range []int{3, 300, 70000} {
		blob := make([]byte, size)
		object := NewObject("Digit").Set("label", int32(7)).Set("pixels", blob).Set("name", "seven")
		var meta *Metadata
		encoder := Encoder{OnType: func(m *Metadata) error { meta = m; return nil }}
		want, err := encoder.Append(nil, object)
		if err != nil {
			t.Fatal(err)
		}
		w, err := NewObjectWriter(&Metadata{TypeID: TypeID("Digit"), TypeName: "Digit", Fields: meta.Fields})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a writer serves many objects
			got := w.Begin(nil)
			for _, f := range object.Fields {
				w.Field(got)
				if got, err = AppendValue(got, f.Value); err != nil {
					t.Fatal(err)
				}
			}
			if got = w.End(got); !bytes.Equal(got, want) {
				t.Fatalf("size %d: got\n% x\nwant\n% x", size, got[:64], want[:64])
			}
		}
		if got := w.Metadata().Schemas; len(got) != 1 || got[0].ID != meta.Schemas[0].ID {
			t.Errorf("schemas %v, want %v", got, meta.Schemas)
		}
	}
}

func TestObjectWriterRefusesEqualFieldIDs(t *testing.T) {
	fields := []FieldMeta{{Name: "a", ID: FieldID("a")}, {Name: "A", ID: FieldID("A")}}
	if _, err := NewObjectWriter(&Metadata{TypeName: "T", Fields: fields}); err == nil {
		t.Error("two names that differ in case only have one id: want an error")
	}
}
