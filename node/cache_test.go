package node_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func TestCacheOperations(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	one, uno := enc("one"), enc("uno")
	k1, k2, k9 := enc(int32(1)), enc(int32(2)), enc(int32(9))

	yes := func(q wire.Request, want bool) {
		t.Helper()
		var p wire.BoolResponse
		if c.do(q, &p); p.Value != want {
			t.Errorf("%s = %t, want %t", q.Op(), p.Value, want)
		}
	}
	value := func(q wire.Request, want any) {
		t.Helper()
		var p wire.ObjectResponse
		c.do(q, &p)
		if got := c.dec(p.Value); got != want {
			t.Errorf("%s = %v, want %v", q.Op(), got, want)
		}
	}
	c.do(&wire.CachePutRequest{CacheInfo: ci, Key: k1, Value: one}, nil)
	value(&wire.CacheGetRequest{CacheInfo: ci, Key: k1}, "one")
	value(&wire.CacheLocalPeekRequest{CacheInfo: ci, Key: k1}, "one")
	value(&wire.CacheGetRequest{CacheInfo: ci, Key: enc(int64(1))}, nil) // a long is another key than an int
	yes(&wire.CachePutIfAbsentRequest{CacheInfo: ci, Key: k1, Value: uno}, false)
	yes(&wire.CachePutIfAbsentRequest{CacheInfo: ci, Key: k2, Value: uno}, true)
	value(&wire.CacheGetAndPutRequest{CacheInfo: ci, Key: k1, Value: uno}, "one")
	value(&wire.CacheGetAndReplaceRequest{CacheInfo: ci, Key: k9, Value: uno}, nil)
	yes(&wire.CacheContainsKeyRequest{CacheInfo: ci, Key: k9}, false)
	value(&wire.CacheGetAndReplaceRequest{CacheInfo: ci, Key: k1, Value: one}, "uno")
	value(&wire.CacheGetAndPutIfAbsentRequest{CacheInfo: ci, Key: k1, Value: uno}, "one")
	value(&wire.CacheGetAndPutIfAbsentRequest{CacheInfo: ci, Key: k9, Value: uno}, nil)
	value(&wire.CacheGetAndRemoveRequest{CacheInfo: ci, Key: k9}, "uno")
	value(&wire.CacheGetAndRemoveRequest{CacheInfo: ci, Key: k9}, nil)
	yes(&wire.CacheReplaceRequest{CacheInfo: ci, Key: k9, Value: uno}, false)
	yes(&wire.CacheReplaceRequest{CacheInfo: ci, Key: k1, Value: uno}, true)
	yes(&wire.CacheReplaceIfEqualsRequest{CacheInfo: ci, Key: k1, Value: one, NewValue: one}, false)
	yes(&wire.CacheReplaceIfEqualsRequest{CacheInfo: ci, Key: k1, Value: uno, NewValue: one}, true)
	yes(&wire.CacheReplaceIfEqualsRequest{CacheInfo: ci, Key: k9, Value: uno, NewValue: one}, false)
	yes(&wire.CacheContainsKeysRequest{CacheInfo: ci, Keys: []binary.Raw{k1, k2}}, true)
	yes(&wire.CacheContainsKeysRequest{CacheInfo: ci, Keys: []binary.Raw{k1, k9}}, false)
	yes(&wire.CacheContainsKeysRequest{CacheInfo: ci}, true)
	yes(&wire.CacheRemoveIfEqualsRequest{CacheInfo: ci, Key: k1, Value: uno}, false)
	yes(&wire.CacheRemoveIfEqualsRequest{CacheInfo: ci, Key: k1, Value: one}, true)
	yes(&wire.CacheRemoveKeyRequest{CacheInfo: ci, Key: k1}, false)
	yes(&wire.CacheRemoveKeyRequest{CacheInfo: ci, Key: k2}, true)
	if n := c.size(ci); n != 0 {
		t.Errorf("size = %d, want 0", n)
	}
}

func TestCacheBulkOperations(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.fill(ci, 100, func(i int) any { return int32(i) })
	keys := []binary.Raw{enc(int64(3)), enc(int64(200)), enc(int64(4)), enc(int64(3))}

	var all wire.EntriesResponse
	c.do(&wire.CacheGetAllRequest{CacheInfo: ci, Keys: keys}, &all)
	got := map[any]any{}
	for _, e := range all.Entries {
		got[c.dec(e.Key)] = c.dec(e.Value)
	}
	if len(all.Entries) != 2 || got[int64(3)] != int32(3) || got[int64(4)] != int32(4) {
		t.Errorf("getAll = %v", got)
	}
	c.do(&wire.CacheRemoveKeysRequest{CacheInfo: ci, Keys: keys}, nil)
	c.do(&wire.CacheClearKeysRequest{CacheInfo: ci, Keys: []binary.Raw{enc(int64(10))}}, nil)
	c.do(&wire.CacheClearKeyRequest{CacheInfo: ci, Key: enc(int64(11))}, nil)
	if n := c.size(ci); n != 96 {
		t.Errorf("size = %d, want 96", n)
	}
	other := c.cacheNamed("D")
	c.put(other, int32(1), "kept")
	c.do(&wire.CacheClearRequest{CacheInfo: ci}, nil)
	if c.size(ci) != 0 || c.size(other) != 1 {
		t.Errorf("sizes after clear = %d, %d; want 0, 1", c.size(ci), c.size(other))
	}
	c.put(ci, int32(1), "again")
	c.do(&wire.CacheRemoveAllRequest{CacheInfo: ci}, nil)
	if c.size(ci) != 0 {
		t.Errorf("size after removeAll = %d", c.size(ci))
	}
}

func TestCacheSizePeekModes(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.put(ci, int32(1), "v")
	for _, tt := range []struct {
		modes []uint8
		want  int64
	}{
		{nil, 1},
		{[]uint8{wire.PeekAll}, 1},
		{[]uint8{wire.PeekPrimary}, 1},
		{[]uint8{wire.PeekOffheap}, 1},
		{[]uint8{wire.PeekNear}, 0},
		{[]uint8{wire.PeekBackup, wire.PeekOnheap}, 0},
		{[]uint8{wire.PeekBackup, wire.PeekAll}, 1},
	} {
		var p wire.LongResponse
		if c.do(&wire.CacheGetSizeRequest{CacheInfo: ci, PeekModes: tt.modes}, &p); p.Value != tt.want {
			t.Errorf("size%v = %d, want %d", tt.modes, p.Value, tt.want)
		}
	}
	c.refused(&wire.CacheGetSizeRequest{CacheInfo: ci, PeekModes: []uint8{9}}, wire.StatusFailed, "Ouch! Argument cannot be null: peekMode")
}

// TestCacheRefusals holds the texts of Ignite 2.17.0, recorded from a server.
func TestCacheRefusals(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci, null, one := c.cacheNamed("C"), binary.Raw{101}, enc(int32(1))
	gone := wire.CacheInfo{CacheID: 77}
	const noCache = "Cache does not exist [cacheId= 77]"
	c.refused(&wire.CacheGetRequest{CacheInfo: gone, Key: one}, wire.StatusCacheDoesNotExist, noCache)
	c.refused(&wire.CachePutRequest{CacheInfo: gone, Key: one, Value: one}, wire.StatusCacheDoesNotExist, noCache)
	c.refused(&wire.CacheClearRequest{CacheInfo: gone}, wire.StatusCacheDoesNotExist, noCache)
	c.refused(&wire.CacheGetSizeRequest{CacheInfo: gone}, wire.StatusCacheDoesNotExist, noCache)
	c.refused(&wire.CacheGetRequest{CacheInfo: ci, Key: null}, wire.StatusFailed, "Ouch! Argument cannot be null: key")
	c.refused(&wire.CachePutRequest{CacheInfo: ci, Key: null, Value: one}, wire.StatusFailed, "Ouch! Argument cannot be null: key")
	c.refused(&wire.CachePutRequest{CacheInfo: ci, Key: one, Value: null}, wire.StatusFailed, "Ouch! Argument cannot be null: val")
	c.refused(&wire.CachePutAllRequest{CacheInfo: ci, Entries: []wire.Entry{{Key: one, Value: null}}}, wire.StatusFailed, "Null value.")
	c.refused(&wire.CacheGetAllRequest{CacheInfo: ci, Keys: []binary.Raw{null}}, wire.StatusFailed, "Null key.")
	c.refused(&wire.CacheGetRequest{CacheInfo: ci, Key: binary.Raw{103, 1, 0}[:3]}, wire.StatusFailed,
		"wire: request OP_CACHE_GET: "+readError(t, binary.Raw{103, 1, 0}, 10+5))
	expiring := ci
	expiring.Expiry = &[3]int64{1000, wire.ExpiryUnchanged, wire.ExpiryUnchanged}
	c.refused(&wire.CachePutRequest{CacheInfo: expiring, Key: one, Value: one}, wire.StatusFunctionalityDisabled,
		"an expiry policy is not supported by the embedded node; use an Ignite cluster")
	expiring.Expiry = &[3]int64{wire.ExpiryEternal, wire.ExpiryUnchanged, wire.ExpiryUnchanged}
	c.do(&wire.CachePutRequest{CacheInfo: expiring, Key: one, Value: one}, nil)
}

// readError is what the Reader says of broken bytes at an offset of a frame.
func readError(t *testing.T, b binary.Raw, at int) string {
	t.Helper()
	r := binary.NewReader(append(make([]byte, at), b...))
	r.Take(at)
	r.Raw()
	if r.Err() == nil {
		t.Fatalf("%x is not broken", b)
	}
	return r.Err().Error()
}

func TestBatchLastValueCounts(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	k := enc(int32(1))
	c.do(&wire.CachePutAllRequest{CacheInfo: ci, Entries: []wire.Entry{{Key: k, Value: enc("a")}, {Key: k, Value: enc("b")}}}, nil)
	if c.get(ci, int32(1)) != "b" || c.size(ci) != 1 {
		t.Errorf("value %v, size %d", c.get(ci, int32(1)), c.size(ci))
	}
}

func TestLargeValue(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB: memory grows chunk by chunk
	c.put(ci, "big", big)
	got, ok := c.get(ci, "big").([]byte)
	if !ok || !slices.Equal(got, big) {
		t.Error("a value of 16 MiB did not come back")
	}
}
