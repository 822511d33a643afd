package node_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// TestManyClients runs all kinds of operations on shared caches from several
// connections; the sums must fit at the end.
func TestManyClients(t *testing.T) {
	n := start(t, node.Config{})
	ci := dial(t, n).cacheNamed("C")
	const clients, rounds, keys = 8, 150, 40
	var mu sync.Mutex
	var won int // successful putIfAbsent minus successful remove
	var wg sync.WaitGroup
	for id := range clients {
		c := dial(t, n)
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(id)))
			balance := 0
			for range rounds {
				k := enc(rng.Int64N(keys))
				var b wire.BoolResponse
				switch rng.IntN(6) {
				case 0:
					c.do(&wire.CachePutIfAbsentRequest{CacheInfo: ci, Key: k, Value: enc(int32(id))}, &b)
					if b.Value {
						balance++
					}
				case 1:
					c.do(&wire.CacheRemoveKeyRequest{CacheInfo: ci, Key: k}, &b)
					if b.Value {
						balance--
					}
				case 2:
					c.do(&wire.CacheReplaceRequest{CacheInfo: ci, Key: k, Value: enc("r")}, &b)
				case 3:
					var p wire.QueryScanResponse
					c.do(scanRequest(ci, -1, 1000), &p)
					if p.More || int(p.Rows) > keys {
						c.t.Errorf("scan of %d rows", p.Rows)
					}
				case 4:
					name := fmt.Sprintf("own%d", id)
					own := c.cacheNamed(name)
					c.put(own, int32(1), "x")
					c.do(&wire.CacheDestroyRequest{CacheID: own.CacheID}, nil)
				case 5:
					var p wire.CachePartitionsResponse
					c.do(&wire.CachePartitionsRequest{CacheIDs: []int32{ci.CacheID}}, &p)
				}
			}
			mu.Lock()
			won += balance
			mu.Unlock()
		})
	}
	wg.Wait()
	c := dial(t, n)
	if got := c.size(ci); got != int64(won) || len(c.scan(ci, -1, 7)) != won {
		t.Errorf("size %d, scanned %d, want %d", got, len(c.scan(ci, -1, 7)), won)
	}
}

// TestDestroyUnderWrites: nothing written to a cache that is being destroyed
// shows up in its successor.
func TestDestroyUnderWrites(t *testing.T) {
	n := start(t, node.Config{})
	ci := info("C")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		c := dial(t, n)
		wg.Go(func() {
			for i := int64(0); ; i++ {
				select {
				case <-stop:
					return
				default:
					_ = c.try(&wire.CachePutRequest{CacheInfo: ci, Key: enc(i), Value: enc(i)}, nil)
				}
			}
		})
	}
	c := dial(t, n)
	for range 50 {
		c.cacheNamed("C")
		c.do(&wire.CacheDestroyRequest{CacheID: ci.CacheID}, nil)
	}
	close(stop)
	wg.Wait()
	c.cacheNamed("C")
	if c.size(ci) != 0 || len(c.scan(ci, -1, 10)) != 0 {
		t.Errorf("a new cache has %d entries, %d in a scan", c.size(ci), len(c.scan(ci, -1, 10)))
	}
}

// TestRequestsOfOneConnectionRunAtOnce pipelines scans of many partitions over
// one connection and matches the answers by request id.
func TestRequestsOfOneConnectionRunAtOnce(t *testing.T) {
	c := dial(t, start(t, node.Config{MaxCursorsPerConnection: 1024}))
	ci := c.cacheNamed("C")
	const n = 2000
	c.fill(ci, n, func(i int) any { return int32(i) })
	asked := map[int64]int32{}
	for p := range int32(1024) {
		asked[c.post(scanRequest(ci, p, 100))] = p
	}
	got := 0
	for range len(asked) {
		h, r := c.next()
		if err := h.Err(); err != nil {
			t.Fatal(err)
		}
		var p wire.QueryScanResponse
		p.Decode(r, c.features)
		keys, _ := rows(t, &p.Page)
		for _, k := range keys {
			if longPartition(k) != int(asked[h.RequestID]) {
				t.Errorf("answer to the scan of partition %d has key %d", asked[h.RequestID], k)
			}
		}
		got += len(keys)
		delete(asked, h.RequestID)
	}
	if got != n || len(asked) != 0 {
		t.Errorf("%d rows, want %d; %d unanswered", got, n, len(asked))
	}
}
