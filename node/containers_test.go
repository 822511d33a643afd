package node

import (
	"bytes"
	"strings"
	"testing"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// TestStoredContainerOfItself: bytes can say that a container holds itself, which nobody
// can write out.
func TestStoredContainerOfItself(t *testing.T) {
	itself := ignite.Raw{byte(ignite.TypeObjectArray), 255, 255, 255, 255, 1, 0, 0, 0, byte(ignite.TypeHandle), 9, 0, 0, 0}
	if _, err := storedContainer(itself); err == nil || !strings.Contains(err.Error(), "holds itself") {
		t.Errorf("got %v", err)
	}
}

// TestStoredContainerBound: handles of a small container stand for more memory than a
// request may claim.
func TestStoredContainerBound(t *testing.T) {
	b := []byte{byte(ignite.TypeCollection), 0, 0, 2, 0, 1} // 131,072 items
	text, err := ignite.AppendValue(nil, strings.Repeat("x", 1<<12))
	if err != nil {
		t.Fatal(err)
	}
	inner := append([]byte{byte(ignite.TypeCollection), 1, 0, 0, 0, 1}, text...)
	first := len(b)
	b = append(b, inner...)
	for range 1<<17 - 1 {
		at := len(b) - first
		b = append(b, byte(ignite.TypeHandle), byte(at), byte(at>>8), byte(at>>16), byte(at>>24))
	}
	if _, err := storedContainer(b); err == nil || !strings.Contains(err.Error(), "stand for more than") {
		t.Errorf("512 MiB behind handles: %v", err)
	}
}

// TestStoredContainerBroken: bytes that are no container stay as they are.
func TestStoredContainerBroken(t *testing.T) {
	list, err := ignite.AppendValue(nil, &ignite.Collection{Kind: ignite.CollectionArrayList, Items: []any{"a", []int32{1}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(list); n++ {
		if got, err := storedContainer(list[:n]); err != nil || !bytes.Equal(got, list[:n]) {
			t.Errorf("the first %d bytes became %x, %v", n, []byte(got), err)
		}
	}
	behind := append(bytes.Clone(list), 1)
	if got, err := storedContainer(behind); err != nil || !bytes.Equal(got, behind) {
		t.Errorf("a byte behind the list: %x, %v", []byte(got), err)
	}
}
