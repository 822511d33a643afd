package conformance

import (
	"errors"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testErrors(e *env) {
	e.run("unknown cache", testUnknownCache)
	e.run("the connection goes on", testConnectionGoesOn)
	e.run("null", testNulls)
}

func testUnknownCache(e *env) {
	cache := ignite.NewCache[int64, string](e.c, "NO_SUCH_CACHE")
	_, _, getErr := cache.Get(e.ctx, 1)
	_, sizeErr := cache.Size(e.ctx)
	_, containsErr := cache.ContainsKey(e.ctx, 1)
	for op, err := range map[string]error{
		"Get": getErr, "Size": sizeErr, "ContainsKey": containsErr,
		"Put":   cache.Put(e.ctx, 1, "v"),
		"Clear": cache.Clear(e.ctx),
	} {
		if !errors.Is(err, wire.StatusCacheDoesNotExist) {
			e.Errorf("%s: %v, want %v", op, err, wire.StatusCacheDoesNotExist)
			continue
		}
		for _, part := range []string{"NO_SUCH_CACHE", e.target.Server.Addr} {
			if !strings.Contains(err.Error(), part) {
				e.Errorf("%s: %v does not name %s", op, err, part)
			}
		}
	}
}

// testConnectionGoesOn: an error answer leaves the connection as it was.
func testConnectionGoesOn(e *env) {
	name := e.newCache()
	cache := ignite.NewCache[int64, int64](e.c, name)
	for i := range int64(50) {
		if _, err := e.c.OpenScan(e.ctx, ignite.RawScan{Cache: name, Partition: 5000}); !errors.Is(err, wire.StatusFailed) {
			e.Fatalf("partition 5000: %v", err)
		}
		e.noError(cache.Put(e.ctx, i, i))
		got, ok, err := cache.Get(e.ctx, i)
		e.noError(err)
		if !ok || got != i {
			e.Fatalf("after an error: %d, %v; want %d", got, ok, i)
		}
	}
}

// testNulls: Ignite has neither null keys nor null values.
func testNulls(e *env) {
	cache := ignite.NewCache[any, any](e.c, e.newCache())
	if err := cache.Put(e.ctx, int64(1), nil); err == nil {
		e.Error("a null value was accepted")
	}
	if err := cache.Put(e.ctx, nil, int64(1)); err == nil {
		e.Error("a null key was accepted")
	}
	if _, _, err := cache.Get(e.ctx, int64(1)); err != nil {
		e.Errorf("after the errors: %v", err)
	}
}
