package binary_test

import (
	"bytes"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// TestDetach: an object that shares another with its neighbour in a list gets a copy of it,
// and one that shares nothing stays as it is.
func TestDetach(t *testing.T) {
	shared := binary.NewObject("test.Shared").Set("n", int32(7))
	first := binary.NewObject("test.Holder").Set("a", shared)
	second := binary.NewObject("test.Holder").Set("a", shared).Set("b", shared)
	list, err := binary.AppendValue(nil, &binary.Collection{Kind: binary.CollectionArrayList, Items: []any{first, second}})
	if err != nil {
		t.Fatal(err)
	}
	const head = 6 // type, count, kind
	firstRaw, err := binary.AppendValue(nil, first)
	if err != nil {
		t.Fatal(err)
	}
	secondRaw, err := binary.AppendValue(nil, second)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   int
		want []byte
	}{{head, firstRaw}, {head + len(firstRaw), secondRaw}} {
		got, err := binary.Detach(list, c.at)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("at %d: %x, %v; want %x", c.at, []byte(got), err, c.want)
		}
	}
	if _, err := binary.Detach(list[:len(list)-1], head+len(firstRaw)); err == nil {
		t.Error("an object that ends too early was detached")
	}
}
