package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

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
		Long: `Load CSV, JSON, Parquet, NPZ (NumPy) or IDX (MNIST) files into a cache as binary objects
with a field for each column. The cache is created when it does not exist. The file's name
tells the format (.gz is looked through); "-" is standard input.

The types of text columns are those that the cache declares or --types states. Others
follow from all values of all files: long where each is an integer of 64 bits, double where
a double keeps each number exactly, decimal for other numbers, boolean for true and false,
timestamp for date and time, else text. 007, +7, 1_000 and 0x10 are text. An empty field
is null, "" is empty text. Text files on disk are read twice, so nothing is stored of files
with a value that cannot be parsed.`,
		Example: `  kindling load CATS cats.csv --key id
  kindling load EVENTS events-*.parquet --key user --key ts
  kindling load PEOPLE people.csv --types zip=string,born=date --nulls NA,-
  kindling load DIGITS train-images-idx3-ubyte.gz --column pixels
  gunzip -c rows.jsonl.gz | kindling load ROWS - --format jsonl`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(args[1:]); err != nil {
				return err
			}
			start := time.Now()
			total, err := f.loadFiles(cmd.Context(), conn, args[0], args[1:])
			if err != nil {
				return err
			}
			return f.report(cmd, args[0], total, time.Since(start))
		},
	}
	conn = addConnection(cmd)
	cmd.ValidArgsFunction = conn.completeCache(true)
	f.register(cmd)
	return cmd
}

// loadFiles loads the files, under a progress bar when standard error is a terminal.
func (f *loadFlags) loadFiles(ctx context.Context, conn *connection, cache string, paths []string) (ingest.Result, error) {
	client, err := conn.open(ctx)
	if err != nil {
		return ingest.Result{}, err
	}
	defer client.Close() //nolint:errcheck // the load has been flushed, or has failed already
	if slices.Contains(paths, "-") {
		defer whileReadingStdin(ctx)()
	}
	opts := f.load
	if !f.quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		var b bar
		defer b.end()
		opts.Progress = b.show
	}
	return ingest.LoadFiles(ctx, client, cache, paths, f.file, opts)
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
	flags.StringVar(&f.comma, "comma", "", "separator of CSV fields (default: what the first lines tell, of , ; tab |)")
	flags.BoolVar(&f.file.NoHeader, "no-header", false, "the CSV file has no line of column names")
	flags.StringSliceVar(&f.file.Columns, "columns", nil, "`names` of the columns of a CSV file without a header")
	flags.StringToStringVar(&f.load.Rename, "rename", nil, "other names for columns, as `old=new`; other flags use the new ones")
	flags.StringToStringVar(&f.load.Types, "types", nil, "types of columns, as `name=type`: string, long, decimal, date, timestamp, uuid, float[], ...")
	flags.StringSliceVar(&f.file.Nulls, "nulls", nil, "`texts` that stand for null in CSV and JSON, beside the empty CSV field")
	flags.StringVar(&f.file.Encoding, "encoding", "", "encoding of text files, such as windows-1252 (default: UTF-8, or by the byte order mark)")
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
	if err := errors.Join(f.file.Validate(), f.load.Validate()); err != nil {
		return usageError{err}
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

func (f *loadFlags) report(cmd *cobra.Command, cache string, r ingest.Result, took time.Duration) error {
	if f.asJSON {
		return printJSON(cmd.OutOrStdout(), jsonObject{
			{"cache", cache}, {"rows", r.Rows}, {"stored", r.Stored}, {"known", r.Known}, {"bytes", r.Bytes}, {"seconds", took.Seconds()},
		})
	}
	seconds := max(took.Seconds(), 1e-9)
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s in %.2f s (%.0f rows/s, %.1f MB/s)\n",
		f.outcome(cache, r), seconds, float64(r.Rows)/seconds, float64(r.Bytes)/1e6/seconds)
	return err
}

// outcome says what became of the rows.
func (f *loadFlags) outcome(cache string, r ingest.Result) string {
	switch {
	case r.Known == 0:
		return rowCount(r.Rows) + " into " + cache
	case f.load.Overwrite:
		return fmt.Sprintf("%s read, %d with new keys and %d over keys that were there, into %s", rowCount(r.Rows), r.Stored, r.Known, cache)
	default:
		return fmt.Sprintf("%s read, %d stored, %d left out because their keys were there (--overwrite replaces), into %s",
			rowCount(r.Rows), r.Stored, r.Known, cache)
	}
}
