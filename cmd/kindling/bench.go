package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/internal/metrics"
)

func newBenchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast a cluster is read",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchScanCommand())
	return cmd
}

// scanFlags say what to read and for how long.
type scanFlags struct {
	spec    dataset.Spec
	epochs  int
	seconds float64
	metrics string
	asJSON  bool
}

func newBenchScanCommand() *cobra.Command {
	f := scanFlags{spec: dataset.Spec{Part: dataset.AllPartitions, Nulls: dataset.NullsKeep}}
	var conn *connection
	cmd := &cobra.Command{
		Use:   "scan CACHE",
		Short: "Read a cache and show rates and waits",
		Long: `Read all rows of a cache into batches, as a dataset does, and throw them away. A line on
standard error shows the rates while it reads, where that is a terminal; a table at the end
shows what came from which node and where the time went:

  server    requests wait for the first byte of a page
  network   from there to the last byte
  decode    rows are taken apart into batches
  consumer  the reading stands still because nobody takes its batches
  starved   the consumer waits for a batch

They go by the time on the clock; the lanes wait at the same time, so the first ones may
be more than all of it.`,
		Example: `  kindling bench scan CATS
  kindling bench scan CATS --batch 256 --seconds 30
  kindling bench scan CATS --json | jq .stats.rows_per_second
  kindling bench scan CATS --epochs 100 --metrics 127.0.0.1:9464`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(cmd); err != nil {
				return err
			}
			client, err := conn.open(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close() //nolint:errcheck // nothing is lost: only reads were asked for
			f.spec.Cache = args[0]
			return f.run(cmd, client)
		},
	}
	conn = addConnection(cmd)
	cmd.ValidArgsFunction = conn.completeCache(false)
	flags := cmd.Flags()
	flags.IntVar(&f.spec.BatchRows, "batch", 0, "rows of a batch; 0 lets it be decided")
	flags.IntVar(&f.spec.Lanes, "lanes", 0, "partitions read at once; 0 lets it be decided")
	flags.IntVar(&f.spec.PageRows, "page", 0, "rows of a page; 0 learns it from the size of the rows")
	flags.IntVar(&f.epochs, "epochs", 1, "how many times to read the cache; 0 is until --seconds are over")
	flags.Float64Var(&f.seconds, "seconds", 0, "read for at most so long; 0 is no limit")
	flags.StringVar(&f.metrics, "metrics", "", "serve /metrics for Prometheus at this address meanwhile; without a host it is "+metrics.Loopback)
	flags.BoolVar(&f.asJSON, "json", false, "print a JSON object")
	return cmd
}

func (f *scanFlags) validate(cmd *cobra.Command) error {
	if cmd.Flags().Changed("seconds") && !cmd.Flags().Changed("epochs") {
		f.epochs = 0
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"batch", f.spec.BatchRows}, {"lanes", f.spec.Lanes}, {"page", f.spec.PageRows}, {"epochs", f.epochs}} {
		if n.value < 0 {
			return usageError{fmt.Errorf("--%s %d: not less than 0", n.name, n.value)}
		}
	}
	const most = 365 * 24 * 3600
	switch {
	case !(f.seconds >= 0 && f.seconds <= most): // NaN is neither
		return usageError{fmt.Errorf("--seconds %g: from 0 to %d", f.seconds, most)}
	case f.epochs == 0 && f.seconds == 0:
		return usageError{errors.New("--epochs 0 needs --seconds")}
	}
	return nil
}

// run reads the cache and prints what it cost.
func (f *scanFlags) run(cmd *cobra.Command, client *ignite.Client) error {
	s := &scanBench{client: client, spec: f.spec}
	if f.metrics != "" {
		server, err := metrics.Serve(cmd.Context(), f.metrics, s.caches)
		if err != nil {
			return usageError{err}
		}
		defer server.Close() //nolint:errcheck // the figures are printed anyway
		fmt.Fprintf(cmd.ErrOrStderr(), "metrics at http://%s%s\n", server.Addr(), metrics.Path)
	}
	schema, err := dataset.Discover(cmd.Context(), client, dataset.DiscoverOptions{Cache: f.spec.Cache, SkipUnsupported: true})
	if err != nil {
		return err
	}
	s.spec.Schema = *schema
	if s.spec.BatchRows == 0 {
		s.spec.BatchRows = batchRows(schema.RowBytes)
	}
	err = s.scan(cmd.Context(), f.epochs, time.Duration(f.seconds*float64(time.Second)))
	if err != nil && !errors.Is(err, errTimeOver) && cmd.Context().Err() == nil {
		return err
	}
	show := s.report().print
	if f.asJSON {
		show = func(w io.Writer) error { return printJSON(w, s.report()) }
	}
	if err := show(cmd.OutOrStdout()); err != nil {
		return err
	}
	return cmd.Context().Err() // what was read until Ctrl-C is shown too
}

// batchRows is a number of rows that make a batch of about 1 MiB.
func batchRows(rowBytes int) int {
	const bytes, fewest, most = 1 << 20, 1, 4096
	if rowBytes <= 0 {
		return 256
	}
	return min(max(bytes/rowBytes, fewest), most)
}

// scanBench reads a cache again and again.
type scanBench struct {
	client *ignite.Client
	spec   dataset.Spec
	epochs int // that were read to their end
	lanes  int
	began  time.Time
	took   time.Duration

	mu     sync.Mutex
	before dataset.Stats   // of the epochs that have ended
	reader *dataset.Reader // of the one at work
	opened int64
}

// errTimeOver ends a scan that has read for as long as it may.
var errTimeOver = errors.New("the time is over")

// scan reads epochs until there were as many, or the time is over.
func (s *scanBench) scan(ctx context.Context, epochs int, most time.Duration) error {
	s.began = time.Now()
	if most > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, most, errTimeOver)
		defer cancel()
	}
	live := startLive(os.Stderr, s)
	defer live.end()
	defer func() { s.took = time.Since(s.began) }()
	for ; epochs == 0 || s.epochs < epochs; s.epochs++ {
		if err := s.epoch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// epoch reads the cache once.
func (s *scanBench) epoch(ctx context.Context) error {
	r, err := dataset.Open(ctx, s.client, s.spec, nil)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	s.mu.Lock()
	s.reader, s.lanes = r, r.Spec().Lanes
	s.opened++
	s.mu.Unlock()
	for err == nil {
		batch, failed := r.Next(ctx)
		if err = failed; err == nil {
			batch.Release()
		}
	}
	if closed := r.Close(); closed != nil && errors.Is(err, io.EOF) {
		err = closed
	}
	s.mu.Lock()
	s.before, s.reader = s.before.Add(r.Stats()), nil
	s.before.BufferedBytes = 0
	s.mu.Unlock()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// stats is what has been read so far. Elapsed is the time since the scan began.
func (s *scanBench) stats() dataset.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.before
	if s.reader != nil {
		sum = sum.Add(s.reader.Stats())
		sum.OpenReaders = 1
	}
	sum.Readers = s.opened
	if !s.began.IsZero() {
		sum.Elapsed = time.Since(s.began)
	}
	return sum
}

// caches is what the metrics show.
func (s *scanBench) caches() []dataset.CacheStats {
	return []dataset.CacheStats{{Cache: s.spec.Cache, Stats: s.stats()}}
}

// interactive says whether a line on w may be written over.
func interactive(w *os.File) bool { return term.IsTerminal(int(w.Fd())) && os.Getenv("TERM") != "dumb" }
