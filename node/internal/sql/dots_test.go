package sql

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// TestDotsInNames: a field whose own name has dots is found by it, and goes before the path that the name may be.
func TestDotsInNames(t *testing.T) {
	e, store := newEngine(t)
	cfg := wire.CacheConfiguration{
		Name: "IRIS", SQLSchema: "PUBLIC",
		QueryEntities: []wire.QueryEntity{{
			KeyType: "java.lang.Long", ValueType: "Iris", TableName: "IRIS",
			Fields: []wire.QueryField{
				{Name: "Sepal.Length", TypeName: "java.lang.Double", Precision: -1, Scale: -1},
				{Name: "a.b", TypeName: "java.lang.Integer", Precision: -1, Scale: -1},
			},
		}},
	}
	if err := store.CreateCache(cfg); err != nil {
		t.Fatal(err)
	}
	cache := store.Caches()[0].ID
	inner := binary.NewObject("Inner").Set("b", int32(7))
	for i, o := range []*binary.Object{
		binary.NewObject("Iris").Set("Sepal.Length", 5.1).Set("a.b", int32(1)),
		binary.NewObject("Iris").Set("Sepal.Length", 4.9).Set("a", inner),
		binary.NewObject("Iris").Set("a", inner).Set("a.b", int32(2)),
	} {
		key, err := binary.AppendValue(nil, int64(i))
		if err != nil {
			t.Fatal(err)
		}
		encoder := binary.Encoder{OnType: store.RegisterType}
		value, err := encoder.Append(nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Put(cache, key, value); err != nil {
			t.Fatal(err)
		}
	}
	got := rowsOf(t, e, Query{SQL: `SELECT "SEPAL.LENGTH", "A.B" FROM IRIS ORDER BY _KEY`})
	want := []string{"Double:5.1, Integer:1", "Double:4.9, Integer:7", "null, Integer:2"}
	if len(got) != len(want) {
		t.Fatalf("rows are %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("row %d is %q, want %q", i, got[i], want[i])
		}
	}
}
