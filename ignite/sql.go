package ignite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// DefaultSchema is the SQL schema of a statement that names none.
const DefaultSchema = "PUBLIC"

// SQL is one statement and how to run it. Only Statement is needed.
type SQL struct {
	Statement string
	Args      []any  // for the question marks, in order
	Schema    string // "": that of Cache, else [DefaultSchema]
	Cache     string // the cache whose schema and configuration hold; "" for none
	PageRows  int    // 0: [DefaultPageRows]

	// Timeout after which the server ends the statement. 0: the server's default.
	// A longer one than Config.RequestTimeout prolongs that for this statement.
	Timeout time.Duration

	Partitions       []int // read only these; nil for all
	Local            bool  // read only what the asked node holds
	DistributedJoins bool
	EnforceJoinOrder bool
	Collocated       bool // GROUP BY columns are the affinity key
	Lazy             bool // the server makes rows as they are read, instead of holding them all
	UpdateBatchRows  int  // rows that DML writes at once; 0: 1
}

func (q *SQL) request(ctx context.Context, c *Client) (*wire.QuerySQLFieldsRequest, error) {
	req := &wire.QuerySQLFieldsRequest{
		Schema: q.Schema, PageRows: int32(min(max(q.PageRows, 0), math.MaxInt32)), MaxRows: -1, SQL: q.Statement,
		DistributedJoins: q.DistributedJoins, LocalQuery: q.Local, EnforceJoinOrder: q.EnforceJoinOrder,
		Collocated: q.Collocated, Lazy: q.Lazy, TimeoutMillis: wire.TimeoutServerDefault,
		IncludeFieldNames: true, UpdateBatchSize: int32(max(q.UpdateBatchRows, 1)),
	}
	if req.PageRows == 0 {
		req.PageRows = DefaultPageRows
	}
	if q.Timeout > 0 {
		req.TimeoutMillis = max(1, q.Timeout.Milliseconds())
	}
	if q.Cache != "" {
		req.CacheInfo = cacheInfo(q.Cache)
	} else {
		req.Flags = wire.FlagKeepBinary
		if req.Schema == "" {
			req.Schema = DefaultSchema
		}
	}
	for _, p := range q.Partitions {
		req.Partitions = append(req.Partitions, int32(p))
	}
	for i, a := range q.Args {
		raw, err := c.appendKey(ctx, nil, q.Cache, a) // which a row's _KEY may be
		if err != nil {
			return nil, onCache(q.Cache).wrap(req, "", fmt.Errorf("argument %d: %w", i+1, err))
		}
		req.Args = append(req.Args, raw)
	}
	return req, nil
}

// OpenSQL runs a statement and opens a cursor over its rows in encoded form: one
// value a column. It returns the names of the columns with it.
func (c *Client) OpenSQL(ctx context.Context, q SQL) (*Cursor, []string, error) {
	req, err := q.request(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	return c.openSQL(ctx, q, req)
}

func (c *Client) openSQL(ctx context.Context, q SQL, req *wire.QuerySQLFieldsRequest) (*Cursor, []string, error) {
	t := onCache(q.Cache)
	t.late = lateSQL
	if c.call.Timeout > 0 && q.Timeout+closeTimeout > c.call.Timeout && q.Timeout > 0 {
		t.timeout = q.Timeout + closeTimeout
	}
	if definesTables(q.Statement) {
		defer c.declared.reset()
	}
	f, cn, err := c.send(ctx, t, req)
	if err != nil {
		return nil, nil, err
	}
	var res wire.QuerySQLFieldsResponse
	if err := f.Decode(&res, cn.Features()); err != nil {
		f.Release()
		return nil, nil, t.wrap(req, cn.Addr(), err)
	}
	cur := c.newCursor(t, cn, res.CursorID, newPage(res.Page, f), res.More,
		func(id int64) wire.Request { return &wire.SQLFieldsPageRequest{CursorID: id} })
	return cur, res.Columns, nil
}

// lateSQL closes a query that was answered after its caller had gone.
func lateSQL(f *conn.Frame) wire.Request {
	var res wire.QuerySQLFieldsResponse
	if f.Header.Status != wire.StatusSuccess || f.Decode(&res, 0) != nil || !res.More {
		return nil
	}
	return &wire.ResourceCloseRequest{ID: res.CursorID}
}

// Rows are the rows of a query. They are read once, by one goroutine; Close may
// be called at any time.
type Rows struct {
	columns []string
	cur     *Cursor
	each    func(row func([]any) bool) error
	unwatch func() bool
}

// Query runs a statement that returns rows. The context governs the reading of
// the rows too: when it ends, so do they, and the server frees them. Close the
// Rows, or range over [Rows.All] to its end or out of it, which closes them.
func (c *Client) Query(ctx context.Context, q SQL) (*Rows, error) {
	cur, columns, err := c.OpenSQL(ctx, q)
	if err != nil {
		return nil, err
	}
	r := &Rows{columns: columns, cur: cur}
	r.unwatch = context.AfterFunc(ctx, func() { _ = cur.Close() })
	res := c.Resolver(ctx)
	r.each = func(row func([]any) bool) error {
		err := cur.rows(ctx, len(columns), func(raws []binary.Raw) (bool, error) {
			values, err := decodeRow(columns, raws, res)
			if err != nil {
				return false, err
			}
			return row(values), nil
		})
		if err != nil && ctx.Err() != nil && errors.Is(err, ErrClosed) {
			// The watcher was faster than the request: say what happened.
			err = cur.t.wrap(cur.page(cur.id), cur.cn.Addr(), context.Cause(ctx))
		}
		return err
	}
	return r, nil
}

func decodeRow(columns []string, raws []binary.Raw, res binary.Resolver) ([]any, error) {
	values := make([]any, len(raws))
	for i, raw := range raws {
		var err error
		if values[i], err = decodeValue[any](raw, res); err != nil {
			return nil, fmt.Errorf("column %q: %w", columns[i], err)
		}
	}
	return values, nil
}

// Columns are the names of the columns.
func (r *Rows) Columns() []string { return r.columns }

// All goes through the rows: one Go value a column, by the table of package
// binary. An error is the last pair. It closes the rows when it ends.
func (r *Rows) All() iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		defer func() { _ = r.Close() }()
		if err := r.each(func(row []any) bool { return yield(row, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// Close frees what the server holds of the query. Further calls do nothing.
func (r *Rows) Close() error {
	r.unwatch()
	return r.cur.Close()
}

// Exec runs a statement for its effect and returns the number of rows that it
// changed: 0 for DDL. A statement that returns rows is run and its rows are dropped.
func (c *Client) Exec(ctx context.Context, q SQL) (int64, error) {
	req, err := q.request(ctx, c)
	if err != nil {
		return 0, err
	}
	cur, columns, err := c.openSQL(ctx, q, req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = cur.Close() }()
	p, err := cur.Next(ctx)
	if errors.Is(err, io.EOF) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer p.Release()
	if p.Rows != 1 || len(columns) != 1 || columns[0] != "UPDATED" {
		return 0, nil
	}
	r := binary.NewReader(p.Data)
	v := r.Value()
	if err := r.Err(); err != nil {
		return 0, cur.t.wrap(req, cur.Addr(), err)
	}
	n, _ := v.(int64)
	return n, nil
}
