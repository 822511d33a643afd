package dataset

import (
	"bytes"
	"fmt"
	"testing"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// TestNoByteOfAServerIsAPlacedArray has a server send, where a row's array should be, the
// code that stands in pages for arrays that were placed, with any number after it: the row
// is an error, as it is where nothing is placed, and never has another row's array.
func TestNoByteOfAServerIsAPlacedArray(t *testing.T) {
	s := startPages(t)
	const rows = 9
	for _, k := range pageKinds {
		for _, width := range []int{placedBytes, aloneBytes} {
			for at := range int64(rows) {
				for number := range int32(rows) {
					ts := types{}
					var data []byte
					for key := range int64(rows) {
						if key == at {
							data = appendRow(t, types{}, data, key, k.value(key, number))
							stub := []byte{byte(ignitebinary.TypeInt), byte(number), 0, 0, 0}
							i := bytes.LastIndex(data, stub)
							data[i] = byte(typePlaced)
							continue
						}
						data = appendRow(t, ts, data, key, k.value(key, calm(key, width)))
					}
					data = appendRow(t, ts, data, int64(rows), k.value(rows, calm(rows, 2*width))) // for the mean, below which nothing is placed
					got := samePage(t, s, k, ts, rows+1, data, width, 0)
					if got.places < int(at) {
						t.Fatalf("%s, arrays of %d bytes: %d places before row %d", k.name, width, got.places, at)
					}
					if got.err == nil {
						t.Fatalf("%s, arrays of %d bytes: row %d with the code and number %d is no error", k.name, width, at, number)
					}
				}
			}
		}
	}
}

// TestHandlesOverAPlacedArray: a field that refers to a value in front of the array refers to
// the same value after the array was taken out from between them.
func TestHandlesOverAPlacedArray(t *testing.T) {
	s := startPages(t)
	const rows, width = 9, placedBytes
	k := pageKind{
		schema: `{"key": "long", "val": {"near": {"width": "int"}, "pixels": "byte[]", "far": {"width": "int"}}}`, elem: fieldElem,
		value: func(key int64, pixels any) any {
			size := ignitebinary.NewObject("Size").Set("width", int32(key))
			return ignitebinary.NewObject("Twice").Set("near", size).Set("pixels", pixels).Set("far", size)
		},
	}
	ts := types{}
	var data []byte
	for key := range int64(rows) {
		data = appendRow(t, ts, data, key, k.value(key, calm(key, width)))
	}
	if n := bytes.Count(data, []byte{byte(ignitebinary.TypeHandle)}); n < rows {
		t.Fatalf("%d handles in %d rows", n, rows)
	}
	if got := samePage(t, s, k, ts, rows, data, width, 0); got.err != nil {
		t.Error(got.err)
	}
}

// TestHandlesStayInTheirRow: a value that refers to one of the row before is broken, placed
// or not.
func TestHandlesStayInTheirRow(t *testing.T) {
	s := startPages(t)
	const width = placedBytes
	k := pageKinds[0]
	data := appendRow(t, nil, nil, int64(0), calm(0, width))
	array := bytes.IndexByte(data, byte(ignitebinary.TypeByteArray))
	data = append(data, enc(t, int64(1))...)
	off := len(data) - array
	data = append(data, byte(ignitebinary.TypeHandle), byte(off), byte(off>>8), 0, 0)
	for _, width := range []int{0, width} {
		got := decodePage(t, s, k, nil, 2, data, width, 0)
		if got.err == nil || got.batch.Rows != 1 {
			t.Errorf("placed %v: %d rows, %v", width > 0, got.batch.Rows, got.err)
		}
		got.free(t)
	}
}

// TestRowsThatAreNotDeliveredAreNotPlaced: the rows that a page has in front of those that
// are handed on take no places, wherever the lane stands.
func TestRowsThatAreNotDeliveredAreNotPlaced(t *testing.T) {
	for _, given := range []int64{0, 20} {
		l := &lane{placer: &placer{}, given: given}
		for _, skip := range []int64{-3, 0, 7} {
			l.expect(skip)
			if got, want := fmt.Sprint(l.placer.first, l.placer.skip), fmt.Sprint(given, max(skip, 0)); got != want {
				t.Errorf("after %d rows, %d to skip: first and skip are %s, not %s", given, skip, got, want)
			}
		}
	}
}
