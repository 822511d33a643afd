package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
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

// profiled runs do under the CPU profiler and writes what it saw to name.pprof in a
// folder; without a folder it only runs it.
func profiled(folder, name string, do func() error) (err error) {
	if folder == "" {
		return do()
	}
	file, err := os.Create(filepath.Join(folder, name+".pprof"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return do()
}
