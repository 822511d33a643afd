// Command bench measures how fast rows of a real Apache Ignite are read, as ratios within
// one run: Kindling into Go batches, Kindling into TensorFlow batches, pyignite, and the
// ceiling, which is a reader that throws the bytes away.
//
//	make bench
//
// Server and readers share one machine, and the rounds of all readers are interleaved, so
// that noise falls on all of them. A figure of MB/s means nothing on another machine; a
// ratio does. MB is 1,000,000 bytes of values.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignitetest"
)

// settings are the flags.
type settings struct {
	python string
	out    string
	rounds int
	mib    int
}

// workload is a cache of equal rows and how each reader reads it.
type workload struct {
	Name      string `json:"name"`
	Cache     string `json:"cache"`
	RowBytes  int    `json:"row_bytes"`
	Rows      int    `json:"rows"`
	BatchRows int    `json:"batch_rows"` // of Kindling

	shapes       []shape
	pyignitePage int
}

const partitions = 32

// workloads are sized so that the cache of small rows holds so many MiB of values, and that
// of large rows, which are read faster, twice as many.
func workloads(mib int) []workload {
	return []workload{
		{
			Name: "rows of 1 MiB", Cache: "BENCH_1M", RowBytes: 1 << 20, Rows: 2 * mib, BatchRows: 8,
			shapes:       []shape{{conns: 1, cursors: 1, page: 1}, {conns: 1, cursors: 4, page: 1}, {conns: 2, cursors: 2, page: 1}},
			pyignitePage: 1,
		},
		{
			Name: "rows of 4 KiB", Cache: "BENCH_4K", RowBytes: 4 << 10, Rows: mib << 8, BatchRows: 256,
			shapes:       []shape{{conns: 1, cursors: 1, page: 256}, {conns: 1, cursors: 4, page: 128}, {conns: 2, cursors: 4, page: 128}, {conns: 4, cursors: 1, page: 256}},
			pyignitePage: 256,
		},
	}
}

func main() {
	var s settings
	flag.StringVar(&s.python, "python", ".venv/bin/python", "the Python with TensorFlow, kindling and pyignite")
	flag.StringVar(&s.out, "out", "", "write the figures to this file as JSON")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each reader reads each cache")
	flag.IntVar(&s.mib, "mib", 384, "MiB of values in the cache of small rows")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) (err error) {
	loads := workloads(s.mib)
	opts := []ignitetest.Option{ignitetest.WithHeap("2g"), ignitetest.WithRegionMiB(4*s.mib + 1024)}
	for _, w := range loads {
		opts = append(opts, ignitetest.WithCache(w.Cache, partitions))
	}
	fmt.Fprintln(os.Stderr, "bench: start Apache Ignite", ignitetest.IgniteVersion)
	srv, err := ignitetest.StartReal(ctx, opts...)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			fmt.Fprintln(os.Stderr, srv.LogTail())
		}
		err = errors.Join(err, srv.Stop())
	}()
	client, err := ignite.Open(ctx, srv.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	workers, err := startWorkers(s.python, srv.Addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, workers.stop()) }()

	var results []result
	for _, w := range loads {
		if err := load(ctx, client, w); err != nil {
			return err
		}
		result, err := measure(ctx, s.rounds, w, readers(client, srv.Addr, workers, w))
		if err != nil {
			return err
		}
		results = append(results, result)
	}
	printTable(os.Stdout, results)
	if s.out == "" {
		return nil
	}
	text, err := json.MarshalIndent(report{Ignite: ignitetest.IgniteVersion, Rounds: s.rounds, When: time.Now().UTC(), Results: results}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(s.out, append(text, '\n'), 0o644)
}

// reader reads a whole cache once and says how many rows it saw and how long it took.
type reader struct {
	name    string
	ceiling bool
	read    func(context.Context) (rows int, took time.Duration, err error)
}

func readers(client *ignite.Client, addr string, workers *workers, w workload) []reader {
	var all []reader
	for _, s := range w.shapes {
		all = append(all, reader{name: "ceiling, " + s.String(), ceiling: true, read: func(ctx context.Context) (int, time.Duration, error) {
			return s.read(ctx, addr, w.Cache)
		}})
	}
	return append(
		all,
		reader{name: fmt.Sprintf("kindling, Go batches of %d", w.BatchRows), read: func(ctx context.Context) (int, time.Duration, error) {
			return readBatches(ctx, client, w)
		}},
		reader{name: fmt.Sprintf("kindling, TensorFlow batches of %d", w.BatchRows), read: func(context.Context) (int, time.Duration, error) {
			return workers.tensorflow.ask(request{Cache: w.Cache, BatchRows: w.BatchRows})
		}},
		reader{name: pyigniteName, read: func(context.Context) (int, time.Duration, error) {
			return workers.pyignite.ask(request{Cache: w.Cache, PageRows: w.pyignitePage})
		}},
	)
}

// measure reads the cache once with each reader to warm up, and then in rounds.
func measure(ctx context.Context, rounds int, w workload, readers []reader) (result, error) {
	times := make([][]time.Duration, len(readers))
	for round := range rounds + 1 {
		fmt.Fprintf(os.Stderr, "bench: %s: round %d of %d\n", w.Name, round, rounds)
		for i, r := range readers {
			rows, took, err := r.read(ctx)
			if err != nil {
				return result{}, fmt.Errorf("%s: %w", r.name, err)
			}
			if rows != w.Rows {
				return result{}, fmt.Errorf("%s read %d rows of %d", r.name, rows, w.Rows)
			}
			if round > 0 {
				times[i] = append(times[i], took)
			}
		}
	}
	return newResult(w, readers, times), nil
}
