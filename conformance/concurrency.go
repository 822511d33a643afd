package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func testConcurrency(e *env) {
	e.run("puts and gets", testConcurrentOperations)
	e.run("scans of many partitions", testConcurrentScans)
	e.run("compare and set", testConcurrentReplace)
	e.run("cancel", testCancel)
	e.run("deadline", testDeadline)
}

// together runs f in n goroutines and joins their errors.
func together(n int, f func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func testConcurrentOperations(e *env) {
	const workers, each = 16, 100
	cache := ignite.NewCache[int64, string](e.c, e.newCache())
	e.noError(together(workers, func(w int) error {
		for i := range each {
			key := int64(w*each + i)
			want := fmt.Sprint("v", key)
			if err := cache.Put(e.ctx, key, want); err != nil {
				return err
			}
			if got, ok, err := cache.Get(e.ctx, key); err != nil || !ok || got != want {
				return fmt.Errorf("key %d: %q, %v, %w", key, got, ok, err)
			}
		}
		return nil
	}))
	size, err := cache.Size(e.ctx)
	e.noError(err)
	if size != workers*each {
		e.Errorf("there are %d entries, want %d", size, workers*each)
	}
}

// testConcurrentScans has many cursors in flight on one connection, each on another
// partition, and each row must come once.
func testConcurrentScans(e *env) {
	const n, lanes = 3000, 8
	name := e.newCache()
	e.fill(name, n)
	count, err := e.c.PartitionCount(e.ctx, name)
	e.noError(err)
	found := make([][]ignite.Entry[binary.Raw, binary.Raw], lanes)
	e.noError(together(lanes, func(lane int) error {
		for p := lane; p < count; p += lanes {
			cur, err := e.c.OpenScan(e.ctx, ignite.RawScan{Cache: name, Partition: p, PageRows: 1})
			if err != nil {
				return err
			}
			rows, err := readAll(e.ctx, cur)
			if err := errors.Join(err, cur.Close()); err != nil {
				return err
			}
			found[lane] = append(found[lane], rows...)
		}
		return nil
	}))
	var all []ignite.Entry[binary.Raw, binary.Raw]
	for _, rows := range found {
		all = append(all, rows...)
	}
	e.wantCount(e.longs(all), n)
}

// testConcurrentReplace counts with compare-and-set: no increment may be lost.
func testConcurrentReplace(e *env) {
	const workers, each = 8, 25
	cache := ignite.NewCache[string, int64](e.c, e.newCache())
	e.noError(cache.Put(e.ctx, "n", 0))
	e.noError(together(workers, func(int) error {
		for done := 0; done < each; {
			old, _, err := cache.Get(e.ctx, "n")
			if err != nil {
				return err
			}
			ok, err := cache.ReplaceIfEquals(e.ctx, "n", old, old+1)
			if err != nil {
				return err
			}
			if ok {
				done++
			}
		}
		return nil
	}))
	if got, _, err := cache.Get(e.ctx, "n"); err != nil || got != workers*each {
		e.Errorf("counted %d, %v; want %d", got, err, workers*each)
	}
}

// testCancel ends scans at any moment; the client and the server go on, and no cursor
// stays open: there are more scans than a connection may have cursors. A scan has so many
// pages that it takes longer than the scheduler may let the goroutine wait that cancels.
func testCancel(e *env) {
	name := e.newCache()
	e.fill(name, 2000)
	for i := range 300 {
		ctx, cancel := context.WithCancel(e.ctx)
		cur, err := e.c.OpenScan(ctx, ignite.RawScan{Cache: name, Partition: ignite.NoPartition, PageRows: 1})
		e.noError(err)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for range i % 5 {
				<-time.After(100 * time.Microsecond)
			}
			cancel()
		}()
		for err == nil {
			var page *ignite.Page
			if page, err = cur.Next(ctx); err == nil {
				page.Release()
			}
		}
		<-stopped
		if !errors.Is(err, context.Canceled) {
			e.Fatalf("scan %d ended with %v, want %v", i, err, context.Canceled)
		}
		e.noError(cur.Close())
	}
	e.wantCount(e.longs(e.rows(ignite.RawScan{Cache: name, Partition: ignite.NoPartition})), 2000)
}

func testDeadline(e *env) {
	cache := ignite.NewCache[int64, int64](e.c, e.newCache())
	ctx, cancel := context.WithDeadline(e.ctx, time.Unix(1, 0))
	defer cancel()
	if err := cache.Put(ctx, 1, 1); !errors.Is(err, context.DeadlineExceeded) {
		e.Errorf("Put after its deadline: %v", err)
	}
	e.noError(cache.Put(e.ctx, 1, 2))
	if got, _, err := cache.Get(e.ctx, 1); err != nil || got != 2 {
		e.Errorf("after a deadline: %d, %v", got, err)
	}
}
