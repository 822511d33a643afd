package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignitetest"
)

const (
	phaseScan    = "scan"
	phaseCluster = "cluster"
	phaseLoad    = "load"

	loadPartitions = 1024 // Ignite's own
	loadScale      = 0.5  // of the rows
)

// loadAll fills caches through Kindling's streamer and through Ignite's own, in turn.
func loadAll(ctx context.Context, set settings, rep *report) (err error) {
	s := &session{settings: set, rep: rep}
	defer func() { err = s.end(err) }()
	todo := s.plainWorkloads(loadScale)
	if len(todo) == 0 {
		return nil
	}
	if s.server, err = s.startIgnite(ctx, serverIgnite, ignitetest.WithHeap(nodeHeap), ignitetest.WithRegionMiB(4<<10)); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "kindling-bench-")
	if err != nil {
		return err
	}
	s.later(func() error { return os.RemoveAll(work) })
	java, err := startJava(s.server.pids[0], "StreamerLoader.java", func(n javaNode) []string {
		return []string{n.discovery, filepath.Join(work, "ignite")}
	})
	if err != nil {
		return err
	}
	s.later(java.stop)
	rep.about(java.about)
	for i := range todo {
		w := &todo[i]
		found, err := measure(ctx, "load "+w.Name, s.rounds, w, s.loaders(w, java))
		if err != nil {
			return fmt.Errorf("load %s: %w", w.Name, err)
		}
		rep.add(block{workload: *w, Phase: phaseLoad, Partitions: loadPartitions, Readers: found})
	}
	return nil
}

// loaders fill a new cache each time. The Java client node makes and destroys all of them.
func (s *session) loaders(w *workload, java *worker) []reader {
	loader := func(kind readerKind, name string, load func(context.Context, string) (pass, error)) reader {
		cache := fmt.Sprintf("LOAD_%s_%s", kind, w.Name)
		return reader{kind: kind, name: name, server: s.server.name, pids: s.server.pids, rows: w.Rows, read: func(ctx context.Context, _ bool) (pass, error) {
			if _, err := java.ask(request{Op: "create", Cache: cache, Partitions: loadPartitions}); err != nil {
				return pass{}, err
			}
			p, err := load(ctx, cache)
			if err == nil {
				err = hasRows(ctx, s.server.client, cache, w.Rows)
			}
			_, destroyed := java.ask(request{Op: "destroy", Cache: cache})
			return p, errors.Join(err, destroyed)
		}}
	}
	return []reader{
		loader(kindLoadGo, "Kindling's streamer in Go", func(ctx context.Context, cache string) (pass, error) {
			cpu, began := processCPU(), time.Now()
			err := stream(ctx, s.server.client, cache, w, w.Rows)
			return pass{Rows: w.Rows, Seconds: time.Since(began).Seconds(), CPU: (processCPU() - cpu).Seconds()}, err
		}),
		loader(kindLoadJava, "Java's data streamer, client node", func(_ context.Context, cache string) (pass, error) {
			return java.ask(request{Op: "load", Cache: cache, Rows: w.Rows, RowBytes: w.RowBytes})
		}),
	}
}

// hasRows checks the size of a cache.
func hasRows(ctx context.Context, c *ignite.Client, cache string, rows int) error {
	size, err := ignite.NewCache[int64, any](c, cache).Size(ctx)
	if err == nil && size != int64(rows) {
		err = fmt.Errorf("cache %s has %d rows, %d were loaded", cache, size, rows)
	}
	return err
}
