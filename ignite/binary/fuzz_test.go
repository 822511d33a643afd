package binary

import (
	"runtime"
	"testing"
)

// seeds adds all golden vectors, ours and the server's.
func seeds(f *testing.F) {
	f.Helper()
	for _, g := range append(goldenScalars, goldenContainers...) {
		f.Add(unhex(f, g.hex))
	}
	f.Add(unhex(f, goldenPoint))
	for _, file := range []string{"objects", "objects-full-footer", "sql"} {
		for _, v := range readVectors(f, recorded+"/"+file+".hex") {
			f.Add(v.b)
		}
	}
}

// Allocation ceiling of decoding: bytes allocated per byte of input, and a constant for
// what is allocated before the first element is seen.
const (
	allocPerByte = 64
	allocFixed   = 1 << 18
)

// allocated runs f and fails when it allocates more than input bytes justify.
func allocated(t *testing.T, input int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(allocPerByte*input+allocFixed); got > most {
		t.Errorf("%d bytes of input allocate %d bytes, more than %d", input, got, most)
	}
}

// FuzzValue: any bytes decode or fail; what decodes encodes, and decodes to the same bytes.
func FuzzValue(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var v any
		r := NewReader(b)
		allocated(t, len(b), func() { v = r.Value() })
		if r.Err() != nil {
			if v != nil {
				t.Errorf("%#v with the error %v", v, r.Err())
			}
			return
		}
		raw := NewReader(b).Raw()
		if len(raw) != r.Pos() {
			t.Fatalf("Raw takes %d bytes, Value %d", len(raw), r.Pos())
		}
		once, err := AppendValue(nil, v)
		if err != nil {
			return // invalid UTF-8, or deeper once handles are resolved
		}
		again, err := DecodeValue(once, nil)
		if err != nil {
			t.Fatalf("%x does not decode: %v", once, err)
		}
		twice, err := AppendValue(nil, again)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%x encodes to %x, then to %x, %v", b, once, twice, err)
		}
	})
}

// FuzzRaw: stepping over any bytes ends within them and allocates nothing but an error,
// and the first bytes tell the same size or none.
func FuzzRaw(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		for r.Len() > 0 {
			size := Size(b[r.Pos():])
			raw := r.Raw()
			if r.Err() == nil && len(raw) == 0 {
				t.Fatal("a value without bytes")
			}
			if r.Err() == nil && size != 0 && size != len(raw) {
				t.Fatalf("%x tells of %d bytes and has %d", raw, size, len(raw))
			}
			if raw != nil && Size(raw[:min(len(raw), SizeBytes)]) != size {
				t.Fatalf("the first bytes of %x do not tell of %d", raw, size)
			}
			HashCode(raw)
		}
		if end, bad := skipValue(b, 0, skipDepth); bad == nil && (end <= 0 || end > len(b)) {
			t.Errorf("stepped to %d of %d", end, len(b))
		}
	})
}

// FuzzObject: every method of a view holds on any bytes.
func FuzzObject(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := ParseObject(b)
		if err != nil {
			return
		}
		allocated(t, len(b), func() {
			for i := range o.NumFields() {
				raw, err := o.Field(i)
				if (err == nil) != (len(raw) > 0) {
					t.Fatalf("field %d is %x, %v", i, raw, err)
				}
				o.FieldID(i)
				if inner, err := o.Object(i); err == nil {
					inner.Bytes()
				}
			}
		})
		if len(o.Bytes()) < headerBytes || len(o.TypeName()) > len(b) || len(o.RawData()) > len(b) {
			t.Error("more bytes than there are")
		}
		var m map[string]any
		_ = Unmarshal(b, &m, nil)
		var s cat
		_ = Unmarshal(b, &s, nil)
	})
}
