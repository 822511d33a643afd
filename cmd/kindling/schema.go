package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func newSchemaCommand() *cobra.Command {
	var asJSON bool
	var conn *connection
	cmd := &cobra.Command{
		Use:   "schema CACHE",
		Short: "Show the schema that a dataset of the cache has",
		Long: `Show the fields of a dataset of the cache: their path, Ignite's type, the type of their
column (list<...> is an array), and whether null may stand there. Fields that no column can
hold are named on standard error. --json prints what schema= of IgniteDataset takes.`,
		Example: `  kindling schema MNIST_CACHE
  kindling schema MNIST_CACHE --json > schema.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := conn.open(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
			schema, err := dataset.Discover(cmd.Context(), client, dataset.DiscoverOptions{Cache: args[0], SkipUnsupported: true})
			if err != nil {
				return err
			}
			for _, path := range schema.Omitted {
				fmt.Fprintf(cmd.ErrOrStderr(), "left out, no column can hold it: %s\n", cellText(path))
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), schema)
			}
			return printSchema(cmd.OutOrStdout(), schema)
		},
	}
	conn = addConnection(cmd)
	cmd.ValidArgsFunction = conn.completeCache(false)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the schema as JSON")
	return cmd
}

func printSchema(w io.Writer, schema *dataset.Schema) error {
	t := newTable(w, "FIELD", "IGNITE", "COLUMN", "NULL")
	for _, top := range []struct {
		path  string
		field dataset.Field
	}{{"key", schema.Key}, {"val", schema.Value}} {
		if top.field.Absent() {
			continue
		}
		if err := schemaRows(t, top.path, &top.field); err != nil {
			return err
		}
	}
	return t.end()
}

// schemaRows adds a row for the field, and for an object those of its fields.
func schemaRows(t *table, path string, f *dataset.Field) error {
	ignite, kind, null := (&dataset.Field{Type: f.Type}).String(), "", ""
	if f.Nullable {
		null = "yes"
	}
	if f.Type == binary.TypeObject {
		ignite = "object " + f.TypeName
	} else {
		column, err := f.Column(false)
		if err != nil {
			return err
		}
		kind = column.String()
	}
	t.add(path, ignite, kind, null)
	for i := range f.Fields {
		if err := schemaRows(t, path+"."+f.Fields[i].Name, &f.Fields[i]); err != nil {
			return err
		}
	}
	return nil
}
