package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// load fills a workload's cache with random bytes under keys 0, 1, ...
func load(ctx context.Context, c *ignite.Client, w workload) error {
	began := time.Now()
	s, err := c.NewStreamer(ctx, w.Cache, ignite.StreamerConfig{})
	if err != nil {
		return err
	}
	value := make([]byte, w.RowBytes)
	random := rand.NewChaCha8([32]byte{})
	for key := range int64(w.Rows) {
		if key%64 == 0 { // as random as it needs to be: nothing compresses here
			_, _ = random.Read(value)
		}
		raw, err := binary.AppendValue(nil, value)
		if err != nil {
			return err
		}
		rawKey, err := binary.AppendValue(nil, key)
		if err != nil {
			return err
		}
		if err := s.AddRaw(ctx, rawKey, raw); err != nil {
			return errors.Join(err, s.Close(ctx))
		}
	}
	if err := s.Close(ctx); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	fmt.Fprintf(os.Stderr, "bench: loaded %d %s: %.0f MB/s\n", w.Rows, w.Name, float64(w.Rows)*float64(w.RowBytes)/1e6/took)
	return nil
}

// readBatches reads a cache through package dataset and lets each batch go.
func readBatches(ctx context.Context, c *ignite.Client, w workload) (rows int, took time.Duration, err error) {
	schema, err := dataset.Discover(ctx, c, dataset.DiscoverOptions{Cache: w.Cache})
	if err != nil {
		return 0, 0, err
	}
	spec := dataset.Spec{Cache: w.Cache, Part: dataset.AllPartitions, Schema: *schema, BatchRows: w.BatchRows}
	began := time.Now()
	r, err := dataset.Open(ctx, c, spec, nil)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, time.Since(began), nil
		}
		if err != nil {
			return rows, 0, err
		}
		rows += batch.Rows
		batch.Release()
	}
}
