package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

// fill puts a workload's rows under the keys 0, 1, ... of a cache.
func fill(ctx context.Context, c *ignite.Client, cache string, w *workload, n int) error {
	began := time.Now()
	if err := stream(ctx, c, cache, w, n); err != nil {
		return fmt.Errorf("load %s: %w", cache, err)
	}
	if err := hasRows(ctx, c, cache, n); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	fmt.Fprintf(os.Stderr, "bench: loaded %d rows into %s: %.0f rows/s, %.0f MB/s\n", n, cache, float64(n)/took, w.gigabytes(n)*1000/took)
	return nil
}

// stream loads through Kindling's data streamer.
func stream(ctx context.Context, c *ignite.Client, cache string, w *workload, n int) error {
	s, err := c.NewStreamer(ctx, cache, ignite.StreamerConfig{})
	if err != nil {
		return err
	}
	made := newRows(w)
	for k := range int64(n) {
		if err := s.Add(ctx, k, w.value(made, k)); err != nil {
			return errors.Join(err, s.Close(ctx))
		}
	}
	return s.Close(ctx)
}
