package conformance

import (
	"errors"
	"sync"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testStreamer(e *env) {
	e.run("loads", testStreamerLoads)
	e.run("keeps what is there", func(e *env) { testStreamerOverwrite(e, false) })
	e.run("overwrites", func(e *env) { testStreamerOverwrite(e, true) })
	e.run("flush", testStreamerFlush)
	e.run("many goroutines", testStreamerConcurrent)
	e.run("unknown cache", testStreamerUnknownCache)
}

func (e *env) size(cache string) int64 {
	e.Helper()
	n, err := ignite.NewCache[int64, any](e.c, cache).Size(e.ctx)
	e.noError(err)
	return n
}

func testStreamerLoads(e *env) {
	const n = 5000
	cache := e.newCache()
	s, err := e.c.NewStreamer(e.ctx, cache, ignite.StreamerConfig{BatchRows: 300})
	e.noError(err)
	for i := range int64(n) {
		e.noError(s.Add(e.ctx, i, "value"))
	}
	e.noError(s.Close(e.ctx))
	e.wantCount(e.longs(e.rows(ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 1000})), n)
}

func testStreamerOverwrite(e *env, overwrite bool) {
	name := e.newCache()
	cache := ignite.NewCache[int64, string](e.c, name)
	e.noError(cache.Put(e.ctx, 1, "old"))
	e.noError(cache.Put(e.ctx, 3, "goes"))
	s, err := e.c.NewStreamer(e.ctx, name, ignite.StreamerConfig{AllowOverwrite: overwrite})
	e.noError(err)
	e.noError(s.Add(e.ctx, int64(1), "new"))
	e.noError(s.Add(e.ctx, int64(2), "new"))
	if overwrite {
		e.noError(s.Add(e.ctx, int64(3), nil))
	}
	e.noError(s.Close(e.ctx))
	want := map[bool]string{false: "old", true: "new"}[overwrite]
	if got, _, err := cache.Get(e.ctx, 1); err != nil || got != want {
		e.Errorf("the key that was there has %q, %v; want %q", got, err, want)
	}
	if got, _, err := cache.Get(e.ctx, 2); err != nil || got != "new" {
		e.Errorf("the new key has %q, %v", got, err)
	}
	if there, err := cache.ContainsKey(e.ctx, 3); err != nil || there == overwrite {
		e.Errorf("the key that nil was streamed for is there: %v, %v", there, err)
	}
}

func testStreamerFlush(e *env) {
	cache := e.newCache()
	s, err := e.c.NewStreamer(e.ctx, cache, ignite.StreamerConfig{})
	e.noError(err)
	for round := range int64(3) {
		for i := range int64(10) {
			e.noError(s.Add(e.ctx, round*10+i, i))
		}
		e.noError(s.Flush(e.ctx))
		if got := e.size(cache); got != (round+1)*10 {
			e.Errorf("after flush %d there are %d entries", round, got)
		}
	}
	e.noError(s.Close(e.ctx))
}

func testStreamerConcurrent(e *env) {
	const writers, each = 4, 500
	cache := e.newCache()
	s, err := e.c.NewStreamer(e.ctx, cache, ignite.StreamerConfig{BatchRows: 50})
	e.noError(err)
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if errs[w] = s.Add(e.ctx, int64(w*each+i), "v"); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	e.noError(errors.Join(errs...))
	e.noError(s.Close(e.ctx))
	e.wantCount(e.longs(e.rows(ignite.RawScan{Cache: cache, Partition: ignite.NoPartition, PageRows: 1000})), writers*each)
}

func testStreamerUnknownCache(e *env) {
	s, err := e.c.NewStreamer(e.ctx, "NO_SUCH_CACHE", ignite.StreamerConfig{})
	if err == nil {
		err = errors.Join(s.Add(e.ctx, int64(1), int64(1)), s.Close(e.ctx))
	}
	if !errors.Is(err, wire.StatusCacheDoesNotExist) {
		e.Errorf("streaming into an unknown cache: %v, want %v", err, wire.StatusCacheDoesNotExist)
	}
}
