package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite/binary"
)

func newSchemaCommand() *cobra.Command {
	var asJSON, infer bool
	var conn *connection
	cmd := &cobra.Command{
		Use:   "schema CACHE",
		Short: "Show the schema that a dataset of the cache has",
		Long: `Show the fields of a dataset of the cache: their path, Ignite's type, the type of their
column (list<...> is an array), and whether null may stand there. Behind an array stands how
long those were that were seen, in up to 128 rows: byte[784] had 784 elements in each,
float[3..17] between 3 and 17. Fields that no column can hold are named on standard error.
--json prints what schema= of IgniteDataset takes; with --infer-shapes the lengths that
agree stand in the types there, and rows with another are errors.`,
		Example: `  kindling schema MNIST_CACHE
  kindling schema MNIST_CACHE --json --infer-shapes > schema.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := conn.open(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
			schema, err := dataset.Discover(cmd.Context(), client, dataset.DiscoverOptions{Cache: args[0], SkipUnsupported: true, InferShapes: infer})
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
	cmd.Flags().BoolVar(&infer, "infer-shapes", false, "make the length that all arrays seen in a field have part of its type")
	return cmd
}

func printSchema(w io.Writer, schema *dataset.Schema) error {
	t := newTable(w, "FIELD", "IGNITE", "COLUMN", "NULL", "SEEN")
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
	ignite, kind, null, seen := (&dataset.Field{Type: f.Type}).String(), "", "", ""
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
	if n := f.Seen; n.Arrays > 0 {
		lengths := strconv.Itoa(n.Min)
		if n.Max > n.Min {
			lengths += ".." + strconv.Itoa(n.Max)
		}
		ignite = strings.TrimSuffix(ignite, "]") + lengths + "]"
		seen = strconv.Itoa(n.Arrays) + " arrays"
	}
	t.add(path, ignite, kind, null, seen)
	for i := range f.Fields {
		if err := schemaRows(t, path+"."+f.Fields[i].Name, &f.Fields[i]); err != nil {
			return err
		}
	}
	return nil
}
