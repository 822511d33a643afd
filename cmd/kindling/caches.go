package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// cacheLine is a row of `kindling caches`.
type cacheLine struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

func newCachesCommand() *cobra.Command {
	var asJSON bool
	var conn *connection
	cmd := &cobra.Command{
		Use:     "caches",
		Short:   "List the caches and their sizes",
		Example: "  kindling caches --json | jq -r '.[].name'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, err := listCaches(cmd, conn)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), lines)
			}
			t := newTable(cmd.OutOrStdout(), "CACHE", "ROWS")
			for _, l := range lines {
				t.add(l.Name, l.Rows)
			}
			return t.end()
		},
	}
	conn = addConnection(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func listCaches(cmd *cobra.Command, conn *connection) ([]cacheLine, error) {
	ctx := cmd.Context()
	client, err := conn.open(ctx)
	if err != nil {
		return nil, err
	}
	defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
	names, err := client.CacheNames(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	lines := make([]cacheLine, 0, len(names))
	for _, name := range names {
		size, err := ignite.NewCache[any, any](client, name).Size(ctx)
		if errors.Is(err, wire.StatusCacheDoesNotExist) {
			continue // destroyed since it was named
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, cacheLine{name, size})
	}
	return lines, nil
}
