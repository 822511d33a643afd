package column_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
)

func everyKind() *column.Schema {
	fields := []column.Field{}
	for k := column.Bool; k <= column.Bytes; k++ {
		fields = append(fields, column.Field{Name: k.String(), Type: column.Type{Kind: k}, Nullable: true})
	}
	strs := column.ListOf(column.String)
	inner := column.Type{Kind: column.Struct, Fields: []column.Field{
		{Name: "x", Type: column.Type{Kind: column.Int32}}, {Name: "tags", Type: strs},
	}}
	return &column.Schema{Fields: append(fields,
		column.Field{Name: "pixels", Type: column.ListOf(column.Float32)},
		column.Field{Name: "at", Type: inner, Nullable: true},
		column.Field{Name: "ms", Type: column.Type{Kind: column.Int64, Unit: "ms"}})}
}

// appendRow appends row i of the reference rows; every third row is null wherever a null is allowed.
func appendRow(b *column.Builder, i int) {
	for c, f := range b.Schema().Fields {
		a := b.Column(c)
		if f.Nullable && i%3 == 2 {
			a.AppendNull()
			continue
		}
		switch f.Type.Kind {
		case column.Bool:
			a.AppendBool(i%2 == 0)
		case column.Int8:
			a.AppendInt8(int8(-i))
		case column.Uint8:
			a.Append8(uint8(i))
		case column.Int16:
			a.AppendInt16(int16(-i))
		case column.Uint16:
			a.Append16(uint16(i))
		case column.Int32:
			a.AppendInt32(int32(-i))
		case column.Int64:
			a.AppendInt64(int64(i) << 33)
		case column.Float32:
			a.AppendFloat32(float32(i) / 2)
		case column.Float64:
			a.AppendFloat64(float64(i) / 4)
		case column.String:
			a.AppendString(strings.Repeat("s", i%5))
		case column.Bytes:
			a.AppendBytes([]byte{byte(i)})
		case column.List:
			for j := range i % 4 {
				a.Elem().AppendFloat32(float32(j))
			}
			a.EndList()
		default:
			a.Field(0).AppendInt32(int32(i))
			a.Field(1).Elem().AppendString("t")
			a.Field(1).EndList()
			a.EndStruct()
		}
	}
}

func wantRow(i int) []any {
	null := i%3 == 2
	or := func(v any) any {
		if null {
			return nil
		}
		return v
	}
	pixels := []any{}
	for j := range i % 4 {
		pixels = append(pixels, float32(j))
	}
	return []any{
		or(i%2 == 0), or(int8(-i)), or(uint8(i)), or(int16(-i)), or(uint16(i)), or(int32(-i)), or(int64(i) << 33), or(float32(i) / 2),
		or(float64(i) / 4), or(strings.Repeat("s", i%5)), or([]byte{byte(i)}), pixels, or(map[string]any{"x": int32(i), "tags": []any{"t"}}), int64(i) << 33,
	}
}

func checkBatch(t *testing.T, batch *column.Batch, first, rows int) {
	t.Helper()
	if err := batch.Validate(); err != nil {
		t.Fatal(err)
	}
	if batch.Rows != rows {
		t.Fatalf("%d rows, want %d", batch.Rows, rows)
	}
	for r := range rows {
		got := []any{}
		for _, c := range batch.Columns {
			got = append(got, c.Value(r))
		}
		if want := wantRow(first + r); !reflect.DeepEqual(got, want) {
			t.Fatalf("row %d: %v, want %v", r, got, want)
		}
	}
}

func TestBuilderEveryKind(t *testing.T) {
	pool := column.NewPool(0)
	b := column.NewBuilder(everyKind(), pool)
	for round := range 3 {
		for _, rows := range []int{0, 1, 9, 100, 1000} {
			for i := range rows {
				appendRow(b, round+i)
			}
			batch := b.NewBatch()
			checkBatch(t, batch, round, rows)
			batch.Release()
		}
	}
	if n := pool.Lent(); n != 0 {
		t.Fatalf("%d buffers not given back", n)
	}
}

func TestTruncateTakesRowsBack(t *testing.T) {
	pool := column.NewPool(0)
	b := column.NewBuilder(everyKind(), pool)
	for keep := range 12 {
		for i := range keep {
			appendRow(b, i)
		}
		for i := range 5 { // other rows, then taken back
			appendRow(b, 100+keep+i)
		}
		// half a row, a list and a struct begun and not ended
		b.Column(0).AppendBool(true)
		b.Column(11).Elem().AppendFloat32(1)
		b.Column(12).Field(0).AppendInt32(1)
		b.Column(12).Field(1).Elem().AppendString("half")
		b.Truncate(keep)
		for i := keep; i < keep+4; i++ {
			appendRow(b, i)
		}
		batch := b.NewBatch()
		checkBatch(t, batch, 0, keep+4)
		batch.Release()
	}
	appendRow(b, 1)
	b.Reset()
	if b.Rows() != 0 || pool.Lent() != 0 {
		t.Fatalf("after Reset: %d rows, %d buffers lent", b.Rows(), pool.Lent())
	}
}

func TestBuffersAreAlignedAndRecycled(t *testing.T) {
	pool := column.NewPool(1 << 20)
	for _, n := range []int{1, 63, 64, 65, 1000, 1 << 16} {
		b := pool.Alloc(n)
		p := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		if len(b) != n || p%column.Alignment != 0 || cap(b)%8 != 0 {
			t.Fatalf("Alloc(%d): len %d cap %d address %% 64 = %d", n, len(b), cap(b), p%64)
		}
		pool.Free(b[:0])
		again := pool.Alloc(n)
		if unsafe.SliceData(again) != unsafe.SliceData(b) {
			t.Fatalf("Alloc(%d): the freed buffer was not used again", n)
		}
		pool.Free(again)
	}
	big := pool.Alloc(2 << 20) // larger than the pool keeps
	pool.Free(big)
	if b := pool.Alloc(2 << 20); unsafe.SliceData(b) == unsafe.SliceData(big) {
		t.Fatal("the pool kept more than its limit")
	}
}

func TestRetainKeepsTheMemory(t *testing.T) {
	pool := column.NewPool(0)
	b := column.NewBuilder(everyKind(), pool)
	appendRow(b, 0)
	batch := b.NewBatch()
	batch.Retain()
	batch.Release()
	checkBatch(t, batch, 0, 1)
	batch.Release()
	if pool.Lent() != 0 || batch.Columns != nil {
		t.Fatal("the last Release did not free the batch")
	}
}

func TestSteadyStateDoesNotAllocateBuffers(t *testing.T) {
	schema := &column.Schema{Fields: []column.Field{{Name: "v", Type: column.Type{Kind: column.Int64}}, {Name: "p", Type: column.ListOf(column.Uint8)}}}
	b := column.NewBuilder(schema, column.NewPool(0))
	pixels := make([]byte, 784)
	n := testing.AllocsPerRun(20, func() {
		for i := range 256 {
			b.Column(0).AppendInt64(int64(i))
			b.Column(1).AppendList(pixels)
		}
		b.NewBatch().Release()
	})
	if n > 10 { // the Batch and its Column headers
		t.Fatalf("%v allocations for a batch of 256 rows", n)
	}
}

func TestUniformListLen(t *testing.T) {
	schema := &column.Schema{Fields: []column.Field{{Name: "p", Type: column.ListOf(column.Int16)}}}
	for _, c := range []struct {
		lens []int
		n    int
		ok   bool
	}{{nil, 0, true}, {[]int{3}, 3, true}, {[]int{2, 2, 2}, 2, true}, {[]int{2, 3}, 0, false}, {[]int{0, 0}, 0, true}} {
		b := column.NewBuilder(schema, column.NewPool(0))
		for _, l := range c.lens {
			b.Column(0).AppendList(make([]byte, 2*l))
		}
		batch := b.NewBatch()
		if n, ok := column.UniformListLen(batch.Columns[0]); n != c.n || ok != c.ok {
			t.Errorf("%v: %d, %v", c.lens, n, ok)
		}
	}
}

func TestPackBits(t *testing.T) {
	got := column.PackBits([]byte{0xff}, []byte{1, 0, 1, 0, 0, 0, 0, 2, 0, 1})
	if want := []byte{0xff, 0b10000101, 0b10}; !reflect.DeepEqual(got, want) {
		t.Fatalf("%b, want %b", got, want)
	}
}

func TestSchemaRoundTripsThroughJSON(t *testing.T) {
	s := everyKind()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back column.Schema
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !back.Equal(s) || back.String() != s.String() {
		t.Fatalf("%s\nwant %s", &back, s)
	}
	if err := back.Validate(); err != nil {
		t.Fatal(err)
	}
	back.Fields[12].Type.Fields[0].Name = "y"
	if back.Equal(s) {
		t.Fatal("a renamed field is equal")
	}
}

func TestSchemaRefusesNonsense(t *testing.T) {
	for name, typ := range map[string]column.Type{
		"kind": {}, "list without elements": {Kind: column.List}, "elements without list": {Kind: column.Int8, Elem: &column.Type{Kind: column.Int8}},
		"unit of a string": {Kind: column.String, Unit: "ms"}, "unknown unit": {Kind: column.Int64, Unit: "weeks"},
		"two fields of one name": {Kind: column.Struct, Fields: []column.Field{{Name: "a", Type: column.Type{Kind: column.Int8}}, {Name: "a", Type: column.Type{Kind: column.Int8}}}},
	} {
		if typ.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	var k column.Kind
	if k.UnmarshalText([]byte("int65")) == nil || k.UnmarshalText([]byte("invalid")) == nil {
		t.Error("an unknown kind was accepted")
	}
}

func TestFloatsKeepTheirBits(t *testing.T) {
	b := column.NewBuilder(&column.Schema{Fields: []column.Field{{Name: "f", Type: column.Type{Kind: column.Float64}}}}, column.NewPool(0))
	want := []float64{math.Inf(1), math.Copysign(0, -1), math.NaN(), math.SmallestNonzeroFloat64}
	for _, v := range want {
		b.Column(0).AppendFloat64(v)
	}
	batch := b.NewBatch()
	for i, v := range want {
		if got := batch.Columns[0].Value(i).(float64); math.Float64bits(got) != math.Float64bits(v) {
			t.Errorf("%x, want %x", math.Float64bits(got), math.Float64bits(v))
		}
	}
}

func ExampleBuilder() {
	schema := &column.Schema{Fields: []column.Field{
		{Name: "label", Type: column.Type{Kind: column.Int32}},
		{Name: "pixels", Type: column.ListOf(column.Uint8)},
	}}
	b := column.NewBuilder(schema, column.NewPool(0))
	b.Column(0).AppendInt32(7)
	b.Column(1).AppendList([]byte{1, 2, 3})
	batch := b.NewBatch()
	defer batch.Release()
	fmt.Println(batch.Schema, batch.Rows, batch.Columns[1].Value(0))
	// Output: label: int32, pixels: list<uint8> 1 [1 2 3]
}
