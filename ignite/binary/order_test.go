package binary

import (
	"bytes"
	"slices"
	"testing"
)

// TestOrder: the fields of the value itself come in the order that is asked for, those of
// objects inside and of objects that were read in their own.
func TestOrder(t *testing.T) {
	reversed := Encoder{Order: func(_ int32, ids []int32) ([]int32, error) {
		ids = slices.Clone(ids)
		slices.Reverse(ids)
		return ids, nil
	}}
	var metas []*Metadata
	reversed.OnType = func(m *Metadata) error { metas = append(metas, m); return nil }
	for name, test := range map[string]struct{ v, want any }{
		"struct": {point{1, 2}, NewObject("Objects$Point").Set("y", int32(2)).Set("x", int32(1))},
		"object": {NewObject("P").Set("x", int32(1)).Set("y", point{3, 4}), NewObject("P").Set("y", point{3, 4}).Set("x", int32(1))},
	} {
		got, err := reversed.Append(nil, test.v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := new(Encoder).Append(nil, test.want)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x, error %v", name, got, want, err)
		}
		last := metas[len(metas)-1]
		o, err := ParseObject(got)
		if err != nil || last.SchemaByID(o.SchemaID()) == nil {
			t.Errorf("%s: the schema of %x is not in the metadata %+v, error %v", name, got, last, err)
		}
		read, err := DecodeValue(got, nil)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := reversed.Append(nil, read); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: an object that was read is written as %x, error %v", name, again, err)
		}
	}
}
