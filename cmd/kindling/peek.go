package main

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/ignite"
)

// maxPeekPage bounds the rows that one page asks for.
const maxPeekPage = 1000

func newPeekCommand() *cobra.Command {
	var rows, partition int
	var asJSON bool
	var conn *connection
	cmd := &cobra.Command{
		Use:   "peek CACHE",
		Short: "Show a few entries of a cache",
		Long: `Show a few entries of a cache, with a column for each field of their objects. The
columns are named as the fields of a dataset are: key, val, val.name, val.metadata.label.
Long texts and arrays are shortened; --json prints them whole (byte arrays in base64).`,
		Example: `  kindling peek CATS -n 5
  kindling peek CATS -n 100 --json | jq .val.name`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := ignite.ScanQuery{PageRows: min(rows, maxPeekPage)}
			switch {
			case rows < 1:
				return usageError{fmt.Errorf("-n %d: at least one row", rows)}
			case partition < -1:
				return usageError{fmt.Errorf("--partition %d: a partition, or -1 for all", partition)}
			case partition >= 0:
				query.Partition = &partition
			}
			client, err := conn.open(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
			entries := take(rows, ignite.NewCache[any, any](client, args[0]).Scan(cmd.Context(), query))
			if asJSON {
				return printEntries(cmd.OutOrStdout(), entries)
			}
			return tableEntries(cmd.OutOrStdout(), entries)
		},
	}
	conn = addConnection(cmd)
	cmd.ValidArgsFunction = conn.completeCache(false)
	flags := cmd.Flags()
	flags.IntVarP(&rows, "rows", "n", 10, "number of entries")
	flags.IntVar(&partition, "partition", -1, "only this partition; -1 is all")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

type entry = ignite.Entry[any, any]

// take is the first n of the entries.
func take(n int, entries iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		left := n
		for e, err := range entries {
			if !yield(e, err) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

func printEntries(w io.Writer, entries iter.Seq2[entry, error]) error {
	out := newJSONLines(w)
	for e, err := range entries {
		if err != nil {
			return errors.Join(err, out.end())
		}
		if err := out.add(jsonObject{{"key", jsonValue(e.Key)}, {"val", jsonValue(e.Value)}}); err != nil {
			return err
		}
	}
	return out.end()
}

// tableEntries lays entries out with a column for each field of their objects.
func tableEntries(w io.Writer, entries iter.Seq2[entry, error]) error {
	var names []string
	index := map[string]int{}
	var rows [][]cell
	for e, err := range entries {
		if err != nil {
			return err
		}
		row := append(cells("key", e.Key), cells("val", e.Value)...)
		for _, c := range row {
			if _, known := index[c.name]; !known {
				index[c.name] = len(names)
				names = append(names, c.name)
			}
		}
		rows = append(rows, row)
	}
	if len(names) == 0 {
		names = []string{"key", "val"}
	}
	t := newTable(w, names...)
	for _, row := range rows {
		line := make([]any, len(names))
		for i := range line {
			line[i] = absent{}
		}
		for _, c := range row {
			line[index[c.name]] = c.value
		}
		t.add(line...)
	}
	return t.end()
}
