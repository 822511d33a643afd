package binary

import (
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func anyOf[T any](g *rapid.Generator[T]) *rapid.Generator[any] { return g.AsAny() }

func genUUID() *rapid.Generator[uuid.UUID] {
	return rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
	})
}

func genTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
	})
}

func genDecimal() *rapid.Generator[*apd.Decimal] {
	return rapid.Custom(func(t *rapid.T) *apd.Decimal {
		return decimal(fmt.Sprintf("%sE%d", rapid.StringMatching(`-?[1-9][0-9]{0,40}`).Draw(t, "digits"), rapid.IntRange(-1000, 1000).Draw(t, "exp")))
	})
}

func nullableOf[T any](g *rapid.Generator[T]) *rapid.Generator[any] {
	return anyOf(rapid.SliceOf(rapid.Ptr(g, true)))
}

// genValue draws a value of any type code.
func genValue(depth int) *rapid.Generator[any] {
	gens := []*rapid.Generator[any]{
		rapid.Just[any](nil), anyOf(rapid.Int8()), anyOf(rapid.Int16()), anyOf(rapid.Int32()), anyOf(rapid.Int64()),
		anyOf(rapid.Float32()), anyOf(rapid.Float64()), anyOf(rapid.Bool()), anyOf(rapid.String()), anyOf(genUUID()), anyOf(genTime()), anyOf(genDecimal()),
		rapid.Map(rapid.Uint16(), func(v uint16) any { return Char(v) }),
		rapid.Map(rapid.Int64(), func(v int64) any { return Date(v) }),
		rapid.Map(rapid.Int64(), func(v int64) any { return TimeOfDay(v) }),
		rapid.Map(rapid.Int64(), func(v int64) any { return SQLDate(v) }),
		rapid.Map(rapid.Int32(), func(v int32) any { return Enum{TypeID: v | 1, Ordinal: v} }),
		anyOf(rapid.SliceOf(rapid.Byte())), anyOf(rapid.SliceOf(rapid.Int16())), anyOf(rapid.SliceOf(rapid.Int32())), anyOf(rapid.SliceOf(rapid.Int64())),
		anyOf(rapid.SliceOf(rapid.Float32())), anyOf(rapid.SliceOf(rapid.Float64())), anyOf(rapid.SliceOf(rapid.Bool())),
		nullableOf(rapid.String()), nullableOf(genUUID()), nullableOf(genTime()), anyOf(rapid.SliceOf(genDecimal())),
	}
	if depth > 0 {
		inner := rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return genValue(depth - 1) }), 0, 4)
		gens = append(gens,
			rapid.Map(inner, func(v []any) any { return &Collection{CollectionLinkedList, v} }),
			rapid.Map(inner, func(v []any) any { return &ObjectArray{TypeID: ObjectTypeID, Items: v} }),
			rapid.Map(inner, func(v []any) any {
				m := &Map{Kind: MapLinkedHashMap, Entries: []MapEntry{}}
				for i, e := range v {
					m.Entries = append(m.Entries, MapEntry{int32(i), e})
				}
				return m
			}),
			rapid.Map(inner, func(v []any) any {
				o := NewObject("Drawn")
				for i, e := range v {
					o.Set(fmt.Sprintf("f%d", i), e)
				}
				return o
			}))
	}
	return rapid.OneOf(gens...)
}

// TestRoundTripProperty: any value comes back equal and encodes to the same bytes; Raw
// steps over exactly them; no prefix is a value.
func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(3).Draw(t, "value")
		b, err := AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if raw := NewReader(append(b, 0xee)).Raw(); len(raw) != len(b) {
			t.Fatalf("Raw takes %d of %d bytes", len(raw), len(b))
		}
		got, err := DecodeValue(b, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := AppendValue(nil, got)
		if err != nil || string(again) != string(b) {
			t.Fatalf("%x comes back as %x, %v", b, again, err)
		}
		if cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut"); NewReader(b[:cut]).Raw() != nil {
			t.Fatalf("%d of %d bytes are a value", cut, len(b))
		}
	})
}

// TestNumberRoundTrip: what fits comes back, what does not is an error, never another number.
func TestNumberRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64().Draw(t, "v")
		b, err := AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		var i32 int32
		if err := Unmarshal(b, &i32, nil); (err == nil) != (int64(int32(v)) == v) || err == nil && int64(i32) != v {
			t.Fatalf("%d becomes int32 %d, %v", v, i32, err)
		}
		var f float64
		if err := Unmarshal(b, &f, nil); err == nil && (f >= 1<<63 || int64(f) != v) {
			t.Fatalf("%d becomes %v", v, f)
		}
	})
}
