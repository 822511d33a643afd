package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
)

// readBatches reads a cache through package dataset and lets each batch go.
func readBatches(ctx context.Context, c *ignite.Client, cache string, batchRows int) (p pass, err error) {
	schema, err := dataset.Discover(ctx, c, dataset.DiscoverOptions{Cache: cache})
	if err != nil {
		return p, err
	}
	spec := dataset.Spec{Cache: cache, Part: dataset.AllPartitions, Schema: *schema, BatchRows: batchRows}
	cpu, began := processCPU(), time.Now()
	r, err := dataset.Open(ctx, c, spec, nil)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			p.Seconds, p.CPU = time.Since(began).Seconds(), (processCPU() - cpu).Seconds()
			return p, nil
		}
		if err != nil {
			return p, err
		}
		if p.Rows == 0 {
			p.First = time.Since(began).Seconds()
		}
		p.Rows += batch.Rows
		batch.Release()
	}
}
