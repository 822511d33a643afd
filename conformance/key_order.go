package conformance

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// orderedKey has its fields in another order than the columns of the table.
type orderedKey struct {
	A int32
	B int32
}

// IgniteTypeName is the KEY_TYPE of the table.
func (orderedKey) IgniteTypeName() string { return "OrderedKey" }

// orderedValue is a row of the table.
type orderedValue struct{ V int32 }

// IgniteTypeName is the VALUE_TYPE of the table.
func (orderedValue) IgniteTypeName() string { return "OrderedValue" }

// testKeyOrder: the key of a row is one, whoever wrote it and in whatever order the fields
// were named: as the columns of the table are, which is what SQL writes.
func testKeyOrder(e *env) {
	name := e.cacheName()
	e.exec("CREATE TABLE " + name + " (B INT, A INT, V INT, PRIMARY KEY (A, B)) WITH " +
		`"key_type=OrderedKey,value_type=OrderedValue,cache_name=ORDERED_KEYS"`)
	defer e.exec("DROP TABLE " + name)
	structs := ignite.NewCache[orderedKey, orderedValue](e.c, "ORDERED_KEYS")
	objects := ignite.NewCache[*binary.Object, orderedValue](e.c, "ORDERED_KEYS")
	object := func(a, b int32) *binary.Object { return binary.NewObject("OrderedKey").Set("A", a).Set("B", b) }

	e.exec("INSERT INTO " + name + " (A, B, V) VALUES (1, 2, 10)")
	v, found, err := structs.Get(e.ctx, orderedKey{1, 2})
	if err != nil || !found || v.V != 10 {
		e.Errorf("the struct's key of SQL's row: %v, found %v, error %v", v, found, err)
	}
	e.noError(structs.Put(e.ctx, orderedKey{1, 2}, orderedValue{11}))
	e.noError(objects.Put(e.ctx, object(3, 4), orderedValue{20}))
	all, err := structs.GetAll(e.ctx, []orderedKey{{1, 2}, {3, 4}})
	if err != nil || len(all) != 2 {
		e.Errorf("GetAll gives %v, error %v", all, err)
	}
	s, err := e.c.NewStreamer(e.ctx, "ORDERED_KEYS", ignite.StreamerConfig{AllowOverwrite: true})
	e.noError(err)
	e.noError(s.Add(e.ctx, orderedKey{1, 2}, orderedValue{12}))
	e.noError(s.Add(e.ctx, object(3, 4), orderedValue{22}))
	e.noError(s.Close(e.ctx))
	e.exec("MERGE INTO " + name + " (V, B, A) VALUES (13, 2, 1)")
	got := fmt.Sprint(e.query("SELECT A, B, V FROM " + name + " ORDER BY A"))
	if want := "[[1 2 13] [3 4 22]]"; got != want {
		e.Errorf("the table has the rows %s, want %s", got, want)
	}
	removed, err := structs.Remove(e.ctx, orderedKey{3, 4})
	if err != nil || !removed {
		e.Errorf("the row is not removed by its key: %v", err)
	}
}

// testKeyOrderOfType: without a declaration the first who wrote a key decides, and a key
// that was read is removed as it is.
func testKeyOrderOfType(e *env) {
	cache := e.newCache()
	keys := ignite.NewCache[*binary.Object, int32](e.c, cache)
	name := e.cacheName()
	e.noError(keys.Put(e.ctx, binary.NewObject(name).Set("X", int32(1)).Set("Y", int32(2)), 1))
	e.noError(keys.Put(e.ctx, binary.NewObject(name).Set("Y", int32(2)).Set("X", int32(1)), 2))
	if n, err := keys.Size(e.ctx); err != nil || n != 1 {
		e.Errorf("the cache has %d rows, error %v", n, err)
	}
	for entry, err := range keys.Scan(e.ctx, ignite.ScanQuery{}) {
		e.noError(err)
		if removed, err := keys.Remove(e.ctx, entry.Key); err != nil || !removed || entry.Value != 2 {
			e.Errorf("value %d, removed %v, error %v", entry.Value, removed, err)
		}
	}
}
