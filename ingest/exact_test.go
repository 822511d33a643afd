package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignitetest"
	"github.com/kindling-ml/kindling/ingest"
)

// TestLoadOrdersKey: the columns of a key are named in any order, and the row is one.
func TestLoadOrdersKey(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		if _, err := c.Exec(ctx, ignite.SQL{Statement: "CREATE TABLE ORDERED (B INT, A INT, V INT, PRIMARY KEY (A, B))"}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Exec(ctx, ignite.SQL{Statement: "INSERT INTO ORDERED (A, B, V) VALUES (1, 2, 3)"}); err != nil {
			t.Fatal(err)
		}
		schema := arrow.NewSchema([]arrow.Field{
			field("a", arrow.PrimitiveTypes.Int32), field("b", arrow.PrimitiveTypes.Int32), field("v", arrow.PrimitiveTypes.Int32),
		}, nil)
		for v, key := range [][]string{{"a", "b"}, {"b", "a"}} {
			for _, cache := range []string{"SQL_PUBLIC_ORDERED", "ORDERED_ANEW"} {
				rows := records(t, schema, fmt.Sprintf(`{"a": 1, "b": 2, "v": %d}`, v))
				if _, err := ingest.Load(ctx, c, cache, rows, ingest.Options{Key: key, Overwrite: true}); err != nil {
					t.Fatal(err)
				}
				if n, err := ignite.NewCache[any, any](c, cache).Size(ctx); err != nil || n != 1 {
					t.Errorf("key %v: %s has %d rows, error %v", key, cache, n, err)
				}
			}
			if fmt.Sprint(key) != []string{"[a b]", "[b a]"}[v] {
				t.Errorf("the caller's options have changed: %v", key)
			}
		}
		_, err := ingest.Load(ctx, c, "SQL_PUBLIC_ORDERED", records(t, schema, `{"a": 1, "b": 2, "v": 3}`), ingest.Options{Key: []string{"a"}})
		if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), "made of B, A") {
			t.Errorf("half of the key: %v", err)
		}
	})
}

// TestLoadKeyObjectOfOneField: a key that the table wraps is an object, though it is one column.
func TestLoadKeyObjectOfOneField(t *testing.T) {
	onBoth(t, func(t *testing.T, c *ignite.Client) {
		ctx := context.Background()
		const create = `CREATE TABLE WRAPPED (A INT PRIMARY KEY, V INT) WITH "WRAP_KEY=TRUE,KEY_TYPE=WrappedKey"`
		for _, s := range []string{create, "INSERT INTO WRAPPED (A, V) VALUES (1, 3)"} {
			if _, err := c.Exec(ctx, ignite.SQL{Statement: s}); err != nil {
				t.Fatal(err)
			}
		}
		schema := arrow.NewSchema([]arrow.Field{field("a", arrow.PrimitiveTypes.Int32), field("v", arrow.PrimitiveTypes.Int32)}, nil)
		rows := records(t, schema, `{"a": 1, "v": 4} {"a": 2, "v": 5}`)
		if _, err := ingest.Load(ctx, c, "SQL_PUBLIC_WRAPPED", rows, ingest.Options{Key: []string{"a"}, Overwrite: true}); err != nil {
			t.Fatal(err)
		}
		if n, err := ignite.NewCache[any, any](c, "SQL_PUBLIC_WRAPPED").Size(ctx); err != nil || n != 2 {
			t.Errorf("%d rows, error %v", n, err)
		}
	})
}

// one makes a reader of one row with a column "v" beside the key.
func one(t *testing.T, v arrow.Array) array.RecordReader {
	t.Helper()
	ids := array.NewInt64Builder(memory.DefaultAllocator)
	ids.Append(1)
	schema := arrow.NewSchema([]arrow.Field{field("id", arrow.PrimitiveTypes.Int64), field("v", v.DataType())}, nil)
	batch := array.NewRecordBatch(schema, []arrow.Array{ids.NewArray(), v}, 1)
	r, err := array.NewRecordReader(schema, []arrow.RecordBatch{batch})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// column makes an array of one value.
func column[B array.Builder](t arrow.DataType, put func(B)) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	put(b.(B))
	return b.NewArray()
}

func timestamp(unit arrow.TimeUnit, v int64) arrow.Array {
	return column(&arrow.TimestampType{Unit: unit}, func(b *array.TimestampBuilder) { b.Append(arrow.Timestamp(v)) })
}

// TestLoadIsExact: what Ignite's types hold comes back to the last digit.
func TestLoadIsExact(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	id := uuid.MustParse("01020304-0506-0708-090a-0b0c0d0e0f10")
	large, _ := new(big.Int).SetString("1234567890123456789012345678901234567890123456789012345678901234567890", 10)
	year1, year9999 := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for name, test := range map[string]struct {
		v    arrow.Array
		want any
	}{
		"year 9999":    {timestamp(arrow.Microsecond, year9999.UnixMicro()), year9999},
		"year 1":       {timestamp(arrow.Second, year1.Unix()), year1},
		"nanoseconds":  {timestamp(arrow.Nanosecond, -1), time.Unix(0, -1).UTC()},
		"milliseconds": {timestamp(arrow.Millisecond, year9999.Unix()*1000), year9999.Truncate(time.Second)},
		"date":         {column(arrow.FixedWidthTypes.Date32, func(b *array.Date32Builder) { b.Append(-719162) }), binary.SQLDate(year1.UnixMilli())},
		"time": {
			column(arrow.FixedWidthTypes.Time64us, func(b *array.Time64Builder) { b.Append(1_002_000) }),
			binary.TimeOfDay(1002),
		},
		"duration": {column(arrow.FixedWidthTypes.Duration_us, func(b *array.DurationBuilder) { b.Append(-7) }), int64(-7)},
		"decimal256": {column(&arrow.Decimal256Type{Precision: 76, Scale: 3}, func(b *array.Decimal256Builder) {
			b.Append(decimal256.FromBigInt(large))
		}), "1234567890123456789012345678901234567890123456789012345678901234567.890"},
		"uuid":        {column(extensions.NewUUIDType(), func(b *extensions.UUIDBuilder) { b.Append(id) }), id},
		"string view": {column(arrow.BinaryTypes.StringView, func(b *array.StringViewBuilder) { b.Append("a text that is not short") }), "a text that is not short"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := "EXACT_" + strings.ReplaceAll(name, " ", "_")
			if _, err := ingest.Load(context.Background(), c, cache, one(t, test.v), ingest.Options{Key: []string{"id"}, Plain: true}); err != nil {
				t.Fatal(err)
			}
			v, _, err := ignite.NewCache[int64, any](c, cache).Get(context.Background(), 1)
			if err != nil || v != test.want && fmt.Sprint(v) != test.want {
				t.Errorf("%T %v, error %v, want %v", v, v, err, test.want)
			}
		})
	}
}

// TestLoadRefusesInexact: what the type does not hold is an error that names column and value.
func TestLoadRefusesInexact(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	noon := time.Date(2020, 1, 2, 12, 0, 0, 1000, time.UTC)
	const table = "CREATE TABLE INEXACT (ID BIGINT PRIMARY KEY, D DATE, R REAL, F DOUBLE)"
	if _, err := c.Exec(context.Background(), ignite.SQL{Statement: table}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		column string
		v      arrow.Array
		want   string
	}{
		"time":    {"v", column(arrow.FixedWidthTypes.Time64us, func(b *array.Time64Builder) { b.Append(1_000_001) }), "v: 00:00:01.000001 has more digits"},
		"date":    {"D", timestamp(arrow.Nanosecond, noon.UnixNano()), "D: 2020-01-02T12:00:00.000001Z is no date"},
		"real":    {"R", column(arrow.PrimitiveTypes.Int64, func(b *array.Int64Builder) { b.Append(1<<24 + 1) }), "R: 16777217 has more digits"},
		"double":  {"F", column(arrow.PrimitiveTypes.Int64, func(b *array.Int64Builder) { b.Append(-1<<53 - 1) }), "F: -9007199254740993 has more digits"},
		"of noon": {"D", column(arrow.FixedWidthTypes.Date64, func(b *array.Date64Builder) { b.Append(arrow.Date64(noon.UnixMilli())) }), "D: 2020-01-02T12:00:00Z is no date"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := one(t, test.v)
			schema := arrow.NewSchema([]arrow.Field{rows.Schema().Field(0), field(test.column, test.v.DataType())}, nil)
			rows.Next()
			batch := array.NewRecordBatch(schema, rows.RecordBatch().Columns(), 1)
			renamed, err := array.NewRecordReader(schema, []arrow.RecordBatch{batch})
			if err != nil {
				t.Fatal(err)
			}
			cache := "SQL_PUBLIC_INEXACT"
			if test.column == "v" {
				cache = "INEXACT_NEW"
			}
			_, err = ingest.Load(context.Background(), c, cache, renamed, ingest.Options{Key: []string{"id"}})
			if !errors.Is(err, ingest.ErrSchema) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
