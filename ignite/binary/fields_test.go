package binary

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestFields writes each kind of field and reads it back; every prefix must fail.
func TestFields(t *testing.T) {
	var w Writer
	w.PutUint8(200)
	w.PutBool(true)
	w.PutInt8(-1)
	w.PutInt16(-2)
	w.PutUint16(60000)
	w.PutInt32(-3)
	w.PutInt64(-4)
	w.PutFloat32(1.5)
	w.PutFloat64(-2.5)
	w.PutStr("kitten")
	w.PutOptStr("x", true)
	w.PutOptStr("x", false)
	w.PutUUID(goldenUUID)
	w.PutTypedUUID(goldenUUID)
	w.PutNull()
	w.PutRaw(Raw{1, 7})
	w.PutRaw(nil)
	w.PutBool(false)
	w.PutBytes([]byte("tail"))
	want := "c8 01 ff feff 60ea fdffffff fcffffffffffffff 0000c03f 00000000000004c0 | 09 06000000 6b697474656e | 09 01000000 78 | 65 |" +
		goldenUUIDHex + "| 0a" + goldenUUIDHex + "| 65 | 01 07 | 65 | 00 | 7461696c"
	if string(w.Buf) != string(unhex(t, want)) {
		t.Errorf("written %x", w.Buf)
	}
	if !readFields(NewReader(w.Buf)) {
		t.Error("other values come back")
	}
	r := NewReader(w.Buf)
	if readFields(r); r.Finish() != nil || r.Pos() != len(w.Buf) {
		t.Errorf("at %d of %d: %v", r.Pos(), len(w.Buf), r.Err())
	}
	for n := range len(w.Buf) {
		r := NewReader(w.Buf[:n:n])
		if readFields(r); r.Err() == nil || r.Finish() == nil || r.Len() != 0 {
			t.Errorf("%d of %d bytes are enough", n, len(w.Buf))
		}
	}
}

func readFields(r *Reader) bool {
	ok := r.Uint8() == 200 && r.Bool() && r.Int8() == -1 && r.Int16() == -2 && r.Uint16() == 60000 && r.Int32() == -3 &&
		r.Int64() == -4 && r.Float32() == 1.5 && r.Float64() == -2.5 && r.Str() == "kitten"
	x, has := r.OptStr()
	none, hasNone := r.OptStr()
	ok = ok && x == "x" && has && none == "" && !hasNone
	ok = ok && r.UUID() == goldenUUID && r.TypedUUID() == goldenUUID && r.TypedUUID() == uuid.Nil
	ok = ok && string(r.Raw()) == "\x01\x07" && r.Raw().IsNull() && !r.Bool()
	tail := r.Take(4)
	return ok && string(tail) == "tail" && cap(tail) == 4
}

func TestReaderErrors(t *testing.T) {
	for name, read := range map[string]func(r *Reader){
		"boolean":        func(r *Reader) { r.Bool() },
		"String":         func(r *Reader) { r.Str() },
		"UUID":           func(r *Reader) { r.TypedUUID() },
		"negative":       func(r *Reader) { r.Take(-1) },
		"negative count": func(r *Reader) { r.Count(1) },
		"bytes too many": func(r *Reader) { r.Uint8(); _ = r.Finish() },
		"by hand":        func(r *Reader) { r.Fail("field", "by hand") },
	} {
		r := NewReader([]byte{0xff, 0xff, 0xff, 0xff, 0xff})
		read(r)
		var bad *FormatError
		if err := r.Err(); !errors.As(err, &bad) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error is %v", name, err)
		}
		first := r.Err()
		r.Fail("later", "error")
		if r.Err() != first || r.Uint8() != 0 || r.Int64() != 0 || r.Value() != nil || r.Raw() != nil || r.UUID() != uuid.Nil || r.Str() != "" {
			t.Errorf("%s: the first error does not stick", name)
		}
	}
	r := NewReader([]byte{2, 0, 0, 0, 1, 1})
	if n := r.Count(2); n != 0 || r.Err() == nil {
		t.Errorf("2 elements of 2 bytes in 2 bytes: %d, %v", n, r.Err())
	}
}

func TestHashes(t *testing.T) {
	for s, want := range map[string]int32{"": 0, "hello": 99162322, "Я": 1071, "\U0001F600": 1772899, "polygenelubricants": -2147483648} {
		if got := HashString(s); got != want {
			t.Errorf("HashString(%q) = %d, Java says %d", s, got, want)
		}
		raw, err := AppendValue(nil, s)
		if got := HashCode(raw); err != nil || got != want {
			t.Errorf("HashCode of %q = %d, Java says %d", s, got, want)
		}
	}
	if CacheID("hello") != 99162322 || CacheID("Hello") == CacheID("hello") || CacheID("\x00") != 1 {
		t.Error("cache ids are wrong")
	}
	if TypeID("Привет") != HashString("привет") || FieldID("NAME") != FieldID("name") {
		t.Error("type and field ids are not those of the lower case")
	}
	if SchemaID(nil) != -2128831035 {
		t.Error("the schema without fields is not FNV's basis")
	}
	for _, raw := range []Raw{nil, {byte(TypeNull)}, {byte(TypeLong), 1}, {byte(TypeOptimized), 0, 0, 0, 0}, {200}} {
		if got := HashCode(raw); got != 0 {
			t.Errorf("HashCode(%x) = %d", []byte(raw), got)
		}
	}
}

func TestRawIsNull(t *testing.T) {
	if Raw(nil).IsNull() || Raw(nil).Type() != 0 || !(Raw{byte(TypeNull)}).IsNull() {
		t.Error("no value and null are mixed up")
	}
	if got := Raw(nil).Type().String(); got != "type 0" {
		t.Errorf("the type of no value prints as %q", got)
	}
}

// TestMetaTypes checks the field types that an Encoder registers.
func TestMetaTypes(t *testing.T) {
	for _, c := range []struct {
		v    any
		want Type
	}{
		{nil, TypeObject},
		{NullOf(TypeUUID), TypeUUID},
		{Raw{byte(TypeInt), 0, 0, 0, 0}, TypeInt},
		{Raw{byte(TypeBinaryEnum)}, TypeEnum},
		{Raw{byte(TypeWrapped)}, TypeObject},
		{BinaryEnum{}, TypeEnum},
		{SQLDate(1), TypeObject},
		{uint8(1), TypeShort},
		{uint16(1), TypeInt},
		{uint32(1), TypeLong},
		{ptr(int16(1)), TypeShort},
		{ptr(point{}), TypeObject},
		{[]point{}, TypeCollection},
		{[4]float32{}, TypeFloatArray},
		{map[int]int{}, TypeMap},
		{NewObject("x"), TypeObject},
		{decimal("1"), TypeDecimal},
		{[]string{}, TypeStringArray},
		{true, TypeBool},
		{1.5, TypeDouble},
	} {
		if got := metaTypeOf(c.v); got != c.want {
			t.Errorf("%T: %v, want %v", c.v, got, c.want)
		}
	}
}
