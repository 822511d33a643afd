package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
)

type sqlRequest struct {
	Client int64
	SQL    string
	Args   []json.RawMessage
	Schema string
	Cache  string
}

// runSQL runs a statement and opens a stream over its rows for Arrow. The
// protocol does not tell the types of the columns, so they come from the values
// (sqltypes.go). A statement without rows gives the column UPDATED.
func runSQL(ctx context.Context, r sqlRequest) (any, error) {
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	args := make([]any, len(r.Args))
	for i, raw := range r.Args {
		if args[i], err = sqlArgument(raw); err != nil {
			return nil, badArgument("argument %d of the statement: %v", i+1, err)
		}
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	q := ignite.SQL{Statement: r.SQL, Args: args, Schema: r.Schema, Cache: r.Cache, PageRows: sqlPageRows}
	rows, err := c.Query(life, q)
	if err != nil {
		end()
		return nil, err
	}
	s, err := newSQLStream(life, end, rows)
	if err != nil {
		stop()
		return nil, err
	}
	if !stop() { // the call is over, nobody will fetch the rows
		_ = s.Close()
		return nil, context.Cause(ctx)
	}
	return streamAnswer(&rowStream{schema: s.schema, next: s.Next, close: s.Close, wait: 2 * c.requestTimeout}), nil
}

const (
	sqlPageRows   = 1024
	sqlSampleRows = 16 << 10 // rows that decide the types of the columns
	sqlBatchRows  = 8 << 10
)

// sqlStream turns rows into batches. It is for one goroutine.
type sqlStream struct {
	columns []string
	schema  *column.Schema
	sample  [][]any
	rows    <-chan sqlRow
	end     context.CancelFunc
	builder *column.Builder
	row     int64
	done    error // io.EOF, or what went wrong
}

// sqlRow is a row or what went wrong.
type sqlRow struct {
	values []any
	err    error
}

// readRows reads ahead in a goroutine that ends with the rows or with ctx. (An
// iter.Pull can't do it: C may ask for rows on any thread.)
func readRows(ctx context.Context, rows *ignite.Rows) <-chan sqlRow {
	out := make(chan sqlRow, sqlPageRows)
	go func() {
		defer close(out)
		for values, err := range rows.All() {
			select {
			case out <- sqlRow{values, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// newSQLStream reads as many rows as decide the types. end ends ctx, and with it
// the rows, which it does on an error.
func newSQLStream(ctx context.Context, end context.CancelFunc, rows *ignite.Rows) (*sqlStream, error) {
	s := &sqlStream{columns: rows.Columns(), rows: readRows(ctx, rows), end: end}
	types := make([]sqlType, len(s.columns))
	if err := s.look(types); err != nil {
		s.stop()
		return nil, err
	}
	s.schema = &column.Schema{}
	for i, name := range uniqueNames(s.columns) {
		s.schema.Fields = append(s.schema.Fields, column.Field{Name: name, Type: types[i].column(), Nullable: true})
	}
	s.builder = column.NewBuilder(s.schema, batchMemory)
	return s, nil
}

// look reads the sample and notes what types its values have.
func (s *sqlStream) look(types []sqlType) error {
	for len(s.sample) < sqlSampleRows {
		row, ok := <-s.rows
		if !ok {
			s.done = io.EOF
			break
		}
		if row.err != nil {
			return row.err
		}
		for i, v := range row.values {
			if err := types[i].see(v); err != nil {
				return fmt.Errorf("kindling: column %s, row %d: %w", s.columns[i], len(s.sample), err)
			}
		}
		s.sample = append(s.sample, row.values)
	}
	return nil
}

// stop ends the rows and waits for the goroutine that reads them, which closes the query on
// the server.
func (s *sqlStream) stop() {
	s.end()
	for range s.rows { //nolint:revive // it is closed when the goroutine ends
	}
}

// uniqueNames numbers columns of the same name: SELECT A, A gives A and A_2.
func uniqueNames(names []string) []string {
	out, seen := make([]string, len(names)), map[string]int{}
	for i, n := range names {
		seen[n]++
		out[i] = n
		if seen[n] > 1 {
			out[i] = n + "_" + strconv.Itoa(seen[n])
		}
	}
	return out
}

// Next gives the next batch, io.EOF after the last one.
func (s *sqlStream) Next(ctx context.Context) (*column.Batch, error) {
	for s.builder.Rows() < sqlBatchRows {
		row, err := s.next(ctx)
		if errors.Is(err, io.EOF) && s.builder.Rows() > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, v := range row {
			if err := appendSQL(s.builder.Column(i), v); err != nil {
				s.done = fmt.Errorf("kindling: column %s, row %d: %w; CAST the column in the statement", s.columns[i], s.row, err)
				return nil, s.done
			}
		}
		s.row++
	}
	return s.builder.NewBatch(), nil
}

func (s *sqlStream) next(ctx context.Context) ([]any, error) {
	if len(s.sample) > 0 {
		row := s.sample[0]
		s.sample[0] = nil
		s.sample = s.sample[1:]
		return row, nil
	}
	if s.done != nil {
		return nil, s.done
	}
	select {
	case row, ok := <-s.rows:
		s.done = row.err
		if !ok {
			s.done = io.EOF
		}
		return row.values, s.done
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Close frees what the server holds of the query.
func (s *sqlStream) Close() error {
	s.stop()
	s.builder.Reset()
	return nil
}

// sqlArgument reads an argument of a statement: null, a boolean, a whole number
// (long), any other number (double) or a text, or {kind: text} of one of
// sqlArgumentKinds.
func sqlArgument(raw json.RawMessage) (any, error) {
	v, err := decodeNumber(raw)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case map[string]any:
		for kind, value := range v {
			parse, known := sqlArgumentKinds[kind]
			if !known {
				return nil, fmt.Errorf("%q is no kind of argument", kind)
			}
			return parse(fmt.Sprint(value))
		}
		return nil, errors.New("the object is empty")
	case nil, bool, string:
		return v, nil
	default:
		return nil, fmt.Errorf("a %T is no argument", v)
	}
}
