package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kindling-ml/kindling/ignite"
)

// sqlSession runs statements and prints what they return.
type sqlSession struct {
	client *ignite.Client
	schema string
	asJSON bool
	out    io.Writer
	notes  io.Writer
}

func newSQLCommand() *cobra.Command {
	var file, schema string
	var asJSON bool
	var conn *connection
	cmd := &cobra.Command{
		Use:   "sql [STATEMENT]",
		Short: "Run SQL: a statement, a file, or a prompt",
		Long: `Run one statement (or several with semicolons between them), the statements of a file
(--file, "-" is standard input), or, with neither, an interactive prompt with history;
without a terminal, standard input is the file. A script ends at its first statement that
fails. Rows go to standard output as a table, or one JSON object a line with --json;
counts of changed rows go to standard error.`,
		Example: `  kindling sql 'CREATE TABLE KITTEN (ID LONG PRIMARY KEY, NAME VARCHAR)'
  kindling sql --file schema.sql
  kindling sql`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file != "" && len(args) > 0 {
				return usageError{errors.New("a statement and --file exclude each other")}
			}
			if file == "" && len(args) == 0 && !term.IsTerminal(int(os.Stdin.Fd())) {
				file = "-"
			}
			var text string
			if len(args) == 1 {
				text = args[0]
			} else if file != "" {
				var err error
				if text, err = readScript(cmd.Context(), file); err != nil {
					return err
				}
			}
			client, err := conn.open(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
			s := &sqlSession{client: client, schema: schema, asJSON: asJSON, out: cmd.OutOrStdout(), notes: cmd.ErrOrStderr()}
			if file == "" && len(args) == 0 {
				return s.prompt(cmd.Context())
			}
			return s.runScript(cmd.Context(), file, text)
		},
	}
	conn = addConnection(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&file, "file", "f", "", "run the statements of this file")
	flags.StringVar(&schema, "schema", ignite.DefaultSchema, "schema of unqualified table names")
	flags.BoolVar(&asJSON, "json", false, "print rows as JSON objects, one a line")
	return cmd
}

func readScript(ctx context.Context, path string) (string, error) {
	var text []byte
	var err error
	if path == "-" {
		defer whileReadingStdin(ctx)()
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	return string(text), err
}

// runScript runs the statements of a text one after the other and stops at the
// first that fails. path is the file that it comes from, "" for an argument.
func (s *sqlSession) runScript(ctx context.Context, path, text string) error {
	parsed := splitScript(text)
	if parsed.unclosed == "/*" {
		return usageError{errors.New("the text ends inside a comment /*")}
	}
	statements := parsed.all()
	if len(statements) == 0 && path == "" {
		return usageError{errors.New("there is no statement")}
	}
	for _, st := range statements {
		err := s.run(ctx, st.text)
		if err != nil && path != "" {
			return fmt.Errorf("%s: line %d: %w", path, st.line, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sqlSession) run(ctx context.Context, text string) error {
	rows, err := s.client.Query(ctx, ignite.SQL{Statement: text, Schema: s.schema})
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // the rows have been read, or reading them failed already
	columns := rows.Columns()
	if len(columns) == 1 && columns[0] == "UPDATED" && !isQuery(text) {
		return s.noteUpdated(text, rows)
	}
	if s.asJSON {
		return s.printLines(rows)
	}
	t := newTable(s.out, columns...)
	for row, err := range rows.All() {
		if err != nil {
			return errors.Join(err, t.end())
		}
		t.add(row...)
	}
	return t.end()
}

// isQuery tells statements that return rows from those that return a count.
func isQuery(text string) bool {
	switch firstWord(text) {
	case "SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "SHOW", "": // "" is a parenthesis
		return true
	}
	return false
}

// noteUpdated prints what a statement without rows has done.
func (s *sqlSession) noteUpdated(text string, rows *ignite.Rows) error {
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		switch firstWord(text) {
		case "INSERT", "MERGE", "UPDATE", "DELETE", "COPY":
			n, _ := row[0].(int64)
			fmt.Fprintln(s.notes, rowCount(n), "changed")
		default:
			fmt.Fprintln(s.notes, "done")
		}
	}
	return nil
}

func (s *sqlSession) printLines(rows *ignite.Rows) error {
	names := distinct(rows.Columns())
	out := newJSONLines(s.out)
	for row, err := range rows.All() {
		if err != nil {
			return errors.Join(err, out.end())
		}
		object := make(jsonObject, len(names))
		for i, name := range names {
			object[i] = jsonField{name, jsonValue(row[i])}
		}
		if err := out.add(object); err != nil {
			return err
		}
	}
	return out.end()
}

// distinct numbers the names that are there more than once: A, A_2, A_3.
func distinct(names []string) []string {
	out := make([]string, len(names))
	seen := map[string]bool{}
	for i, name := range names {
		out[i] = name
		for n := 2; seen[out[i]]; n++ {
			out[i] = fmt.Sprintf("%s_%d", name, n)
		}
		seen[out[i]] = true
	}
	return out
}
