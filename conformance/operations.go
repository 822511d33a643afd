package conformance

import (
	"slices"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testOperations(e *env) {
	for _, mode := range []struct {
		name   string
		change func(*wire.CacheConfiguration)
	}{
		{"atomic", func(*wire.CacheConfiguration) {}},
		{"transactional", func(c *wire.CacheConfiguration) { c.Atomicity = wire.AtomicityTransactional }},
		{"replicated", func(c *wire.CacheConfiguration) { c.Mode = wire.CacheModeReplicated }},
	} {
		e.run(mode.name, func(e *env) {
			cache := ignite.NewCache[string, int64](e.c, e.newCache(mode.change))
			o := &operations{env: e, cache: cache}
			o.single()
			o.ifAbsent()
			o.replace()
			o.remove()
			o.bulk()
			o.size()
		})
	}
	e.run("equal objects", testEqualObjects)
	e.run("peek modes", testPeekModes)
}

// testPeekModes: modes of one kind, copies or places, mean all of the other kind.
func testPeekModes(e *env) {
	type mode = ignite.PeekMode
	const near, primary, backup, onheap, offheap = ignite.PeekNear, ignite.PeekPrimary, ignite.PeekBackup, ignite.PeekOnheap, ignite.PeekOffheap
	for _, cached := range []bool{false, true} {
		name := e.newCache(func(c *wire.CacheConfiguration) { c.OnheapCacheEnabled = cached })
		e.fill(name, 7)
		onHeap := int64(0)
		if cached {
			onHeap = 7
		}
		for _, c := range []struct {
			modes []mode
			want  int64
		}{
			{nil, 7},
			{[]mode{ignite.PeekAll}, 7},
			{[]mode{primary}, 7},
			{[]mode{near}, 0},
			{[]mode{backup}, 0},
			{[]mode{offheap}, 7},
			{[]mode{onheap}, onHeap},
			{[]mode{onheap, offheap}, 7},
			{[]mode{primary, onheap}, onHeap},
			{[]mode{primary, offheap}, 7},
			{[]mode{backup, offheap}, 0},
			{[]mode{near, offheap}, 0},
			{[]mode{near, primary}, 7},
			{[]mode{near, ignite.PeekAll}, 7},
		} {
			got, err := ignite.NewCache[int64, string](e.c, name).Size(e.ctx, c.modes...)
			e.noError(err)
			if got != c.want {
				e.Errorf("on-heap cache %t: the size by modes %v is %d, want %d", cached, c.modes, got, c.want)
			}
		}
	}
}

// testEqualObjects: compare-and-set compares objects by their fields.
func testEqualObjects(e *env) {
	object := func(n int32) any { return binary.NewObject("conformance.Equal").Set("n", n) }
	cache := ignite.NewCache[int64, any](e.c, e.newCache())
	e.noError(cache.Put(e.ctx, 1, object(1)))
	for _, step := range []struct {
		old, new any
		want     bool
	}{{object(2), object(3), false}, {object(1), object(2), true}, {object(1), object(9), false}, {object(2), object(3), true}} {
		ok, err := cache.ReplaceIfEquals(e.ctx, 1, step.old, step.new)
		e.noError(err)
		if ok != step.want {
			e.Errorf("ReplaceIfEquals with %v answers %v", step.old, ok)
		}
	}
	ok, err := cache.RemoveIfEquals(e.ctx, 1, object(3))
	e.noError(err)
	if !ok {
		e.Error("RemoveIfEquals of an equal object answers false")
	}
}

// operations checks each operation of a cache against what Ignite documents.
type operations struct {
	*env
	cache *ignite.Cache[string, int64]
}

// value checks an answer of the form (value, was there).
func (o *operations) value(op string) func(got int64, there bool, err error) func(want int64, wantThere bool) {
	return func(got int64, there bool, err error) func(int64, bool) {
		o.Helper()
		o.noError(err)
		return func(want int64, wantThere bool) {
			o.Helper()
			if there != wantThere || got != want {
				o.Errorf("%s: %d, %v; want %d, %v", op, got, there, want, wantThere)
			}
		}
	}
}

// yes checks an answer that is true or false.
func (o *operations) yes(op string, want bool) func(got bool, err error) {
	return func(got bool, err error) {
		o.Helper()
		o.noError(err)
		if got != want {
			o.Errorf("%s: %v, want %v", op, got, want)
		}
	}
}

func (o *operations) single() {
	c, ctx := o.cache, o.ctx
	o.value("Get of nothing")(c.Get(ctx, "a"))(0, false)
	o.noError(c.Put(ctx, "a", 1))
	o.value("Get")(c.Get(ctx, "a"))(1, true)
	o.noError(c.Put(ctx, "a", 2))
	o.value("Get after a second Put")(c.Get(ctx, "a"))(2, true)
	o.value("GetAndPut of nothing")(c.GetAndPut(ctx, "b", 5))(0, false)
	o.value("GetAndPut")(c.GetAndPut(ctx, "b", 6))(5, true)
	o.value("Get after GetAndPut")(c.Get(ctx, "b"))(6, true)
	o.yes("ContainsKey", true)(c.ContainsKey(ctx, "b"))
	o.yes("ContainsKey of nothing", false)(c.ContainsKey(ctx, "z"))
	o.yes("ContainsKeys", true)(c.ContainsKeys(ctx, []string{"a", "b"}))
	o.yes("ContainsKeys with one missing", false)(c.ContainsKeys(ctx, []string{"a", "z"}))
	o.noError(c.RemoveAll(ctx))
}

func (o *operations) ifAbsent() {
	c, ctx := o.cache, o.ctx
	o.yes("PutIfAbsent of nothing", true)(c.PutIfAbsent(ctx, "a", 1))
	o.yes("PutIfAbsent", false)(c.PutIfAbsent(ctx, "a", 2))
	o.value("Get after PutIfAbsent")(c.Get(ctx, "a"))(1, true)
	o.value("GetAndPutIfAbsent of nothing")(c.GetAndPutIfAbsent(ctx, "b", 3))(0, false)
	o.value("GetAndPutIfAbsent")(c.GetAndPutIfAbsent(ctx, "b", 4))(3, true)
	o.value("Get after GetAndPutIfAbsent")(c.Get(ctx, "b"))(3, true)
	o.noError(c.RemoveAll(ctx))
}

func (o *operations) replace() {
	c, ctx := o.cache, o.ctx
	o.yes("Replace of nothing", false)(c.Replace(ctx, "a", 1))
	o.value("GetAndReplace of nothing")(c.GetAndReplace(ctx, "a", 1))(0, false)
	o.yes("ReplaceIfEquals of nothing", false)(c.ReplaceIfEquals(ctx, "a", 1, 2))
	o.yes("ContainsKey after replacing nothing", false)(c.ContainsKey(ctx, "a"))
	o.noError(c.Put(ctx, "a", 1))
	o.yes("Replace", true)(c.Replace(ctx, "a", 2))
	o.value("GetAndReplace")(c.GetAndReplace(ctx, "a", 3))(2, true)
	o.yes("ReplaceIfEquals with another value", false)(c.ReplaceIfEquals(ctx, "a", 2, 9))
	o.yes("ReplaceIfEquals", true)(c.ReplaceIfEquals(ctx, "a", 3, 4))
	o.value("Get after ReplaceIfEquals")(c.Get(ctx, "a"))(4, true)
	o.noError(c.RemoveAll(ctx))
}

func (o *operations) remove() {
	c, ctx := o.cache, o.ctx
	o.yes("Remove of nothing", false)(c.Remove(ctx, "a"))
	o.value("GetAndRemove of nothing")(c.GetAndRemove(ctx, "a"))(0, false)
	o.noError(c.Put(ctx, "a", 1))
	o.yes("RemoveIfEquals with another value", false)(c.RemoveIfEquals(ctx, "a", 2))
	o.yes("RemoveIfEquals", true)(c.RemoveIfEquals(ctx, "a", 1))
	o.noError(c.Put(ctx, "a", 1))
	o.value("GetAndRemove")(c.GetAndRemove(ctx, "a"))(1, true)
	o.noError(c.Put(ctx, "a", 1))
	o.yes("Remove", true)(c.Remove(ctx, "a"))
	o.yes("ContainsKey after Remove", false)(c.ContainsKey(ctx, "a"))
}

func (o *operations) bulk() {
	c, ctx := o.cache, o.ctx
	type entry = ignite.Entry[string, int64]
	o.noError(c.PutAll(ctx, []entry{{Key: "a", Value: 1}, {Key: "b", Value: 2}, {Key: "c", Value: 3}}))
	got, err := c.GetAll(ctx, []string{"a", "c", "z"})
	o.noError(err)
	slices.SortFunc(got, func(x, y entry) int { return int(x.Value - y.Value) })
	if !slices.Equal(got, []entry{{Key: "a", Value: 1}, {Key: "c", Value: 3}}) {
		o.Errorf("GetAll: %v", got)
	}
	o.noError(c.RemoveKeys(ctx, []string{"a", "z"}))
	o.yes("ContainsKey after RemoveKeys", false)(c.ContainsKey(ctx, "a"))
	o.yes("ContainsKeys after RemoveKeys", true)(c.ContainsKeys(ctx, []string{"b", "c"}))
	o.noError(c.PutAll(ctx, nil))
	none, err := c.GetAll(ctx, nil)
	o.noError(err)
	if len(none) != 0 {
		o.Errorf("GetAll of no keys: %v", none)
	}
	o.noError(c.RemoveAll(ctx))
}

func (o *operations) size() {
	c, ctx := o.cache, o.ctx
	want := func(n int64) {
		o.Helper()
		size, err := c.Size(ctx)
		o.noError(err)
		if size != n {
			o.Errorf("Size: %d, want %d", size, n)
		}
	}
	want(0)
	o.noError(c.Put(ctx, "a", 1))
	o.noError(c.Put(ctx, "b", 1))
	o.noError(c.Put(ctx, "b", 2))
	want(2)
	o.noError(c.Clear(ctx))
	want(0)
	o.noError(c.Put(ctx, "a", 1))
	o.noError(c.RemoveAll(ctx))
	want(0)
}
