package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ingest"
)

type loadFlags struct {
	file   ingest.FileOptions
	load   ingest.Options
	format string
	comma  string
	asJSON bool
	quiet  bool
}

func newLoadCommand() *cobra.Command {
	var f loadFlags
	var conn *connection
	cmd := &cobra.Command{
		Use:   "load CACHE FILE...",
		Short: "Load files into a cache",
		Long: `Load CSV, JSON lines, Parquet, NPZ (NumPy) or IDX (MNIST) files into a cache as binary
objects with a field for each column. The cache is created when it does not exist. The
file's name tells the format (.gz is looked through); "-" is standard input.`,
		Example: `  kindling load CATS cats.csv --key id
  kindling load EVENTS events-*.parquet --key user --key ts
  kindling load DIGITS train-images-idx3-ubyte.gz --column pixels
  gunzip -c rows.jsonl.gz | kindling load ROWS - --format jsonl`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(args[1:]); err != nil {
				return err
			}
			start := time.Now()
			total, err := loadFiles(cmd, conn, args[0], args[1:], &f)
			if err != nil {
				return err
			}
			return reportLoad(cmd, args[0], total, time.Since(start), f.asJSON)
		},
	}
	conn = addConnection(cmd)
	cmd.ValidArgsFunction = conn.completeCache(true)
	f.register(cmd)
	return cmd
}

// loadFiles loads one file after the other and stops at the first that fails.
func loadFiles(cmd *cobra.Command, conn *connection, cache string, paths []string, f *loadFlags) (ingest.Result, error) {
	var total ingest.Result
	client, err := conn.open(cmd.Context())
	if err != nil {
		return total, err
	}
	defer client.Close() //nolint:errcheck // the load has been flushed, or has failed already
	for _, path := range paths {
		result, err := f.loadFile(cmd.Context(), client, cache, path)
		total.Rows += result.Rows
		total.Bytes += result.Bytes
		f.load.FirstRow += result.Rows
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (f *loadFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.load.Key, "key", "k", nil, "column that is the key; several make a key object (default: the row number)")
	flags.BoolVar(&f.load.KeepKey, "keep-key", false, "leave the key column in the value too")
	flags.StringVar(&f.load.ValueType, "value-type", "", "type name of the values (default: what the cache declares, else the cache's name)")
	flags.StringVar(&f.load.KeyType, "key-type", "", "type name of a key of several columns")
	flags.BoolVar(&f.load.Plain, "plain", false, "the one value column is the value itself, not an object")
	flags.BoolVar(&f.load.Overwrite, "overwrite", false, "replace the values of keys that exist")
	flags.StringVar(&f.format, "format", "", "csv, jsonl, parquet, npz or idx (default: by the file's name)")
	flags.StringVar(&f.comma, "comma", "", "separator of CSV fields (default ',')")
	flags.BoolVar(&f.file.NoHeader, "no-header", false, "the CSV file has no line of column names")
	flags.StringVar(&f.file.Column, "column", "", `name of the column of an IDX file (default "value")`)
	flags.BoolVar(&f.asJSON, "json", false, "print the result as a JSON object")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress bar")
}

// validate looks at the flags and for the files before a server is asked.
func (f *loadFlags) validate(paths []string) error {
	f.file.Format = ingest.Format(f.format)
	if f.comma != "" {
		runes := []rune(f.comma)
		if len(runes) != 1 {
			return usageError{fmt.Errorf("--comma %q: one character", f.comma)}
		}
		f.file.Comma = runes[0]
	}
	for _, path := range paths {
		if path == "-" {
			if f.format == "" {
				return usageError{errors.New("standard input needs --format (csv or jsonl)")}
			}
			continue
		}
		info, err := os.Stat(path)
		var cause *fs.PathError
		if errors.As(err, &cause) {
			return fmt.Errorf("%s: %w", path, cause.Err)
		}
		if err != nil {
			return err
		}
		if info.IsDir() {
			return usageError{fmt.Errorf("%s is a folder", path)}
		}
	}
	return nil
}

// loadFile loads a file, under a progress bar when standard error is a terminal.
func (f *loadFlags) loadFile(ctx context.Context, client *ignite.Client, cache, path string) (ingest.Result, error) {
	if path == "-" {
		defer whileReadingStdin(ctx)()
	}
	reader, err := ingest.OpenFile(path, f.file)
	if err != nil {
		return ingest.Result{}, err
	}
	defer reader.Release()
	opts := f.load
	if !f.quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		bar := newBar(path, reader)
		defer bar.end()
		opts.Progress = bar.show
	}
	result, err := ingest.Load(ctx, client, cache, reader, opts)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return result, err
}

func reportLoad(cmd *cobra.Command, cache string, r ingest.Result, took time.Duration, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), jsonObject{
			{"cache", cache}, {"rows", r.Rows}, {"bytes", r.Bytes}, {"seconds", took.Seconds()},
		})
	}
	seconds := max(took.Seconds(), 1e-9)
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s into %s in %.2f s (%.0f rows/s, %.1f MB/s)\n",
		count(r.Rows, "row"), cache, seconds, float64(r.Rows)/seconds, float64(r.Bytes)/1e6/seconds)
	return err
}
