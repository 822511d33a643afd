package ignite_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// table answers a query with pages of two rows: (0, "a"), (1, null), (2, "a")...
type table struct {
	t      *testing.T
	rows   int
	sent   int
	last   wire.QuerySQLFieldsRequest
	args   []any
	closed chan int64
}

func (q *table) page() wire.Page {
	n := min(2, q.rows-q.sent)
	p := wire.Page{Rows: int32(n), More: q.sent+n < q.rows}
	for range n {
		var name any
		if q.sent%2 == 0 {
			name = "a"
		}
		p.Data = append(p.Data, encoded(q.t, int32(q.sent), name)...)
		q.sent++
	}
	return p
}

func (q *table) handle(c *wiretest.Conn, id int64, req wire.Request) bool {
	switch r := req.(type) {
	case *wire.QuerySQLFieldsRequest:
		q.last, q.args, q.sent = *r, nil, 0
		for _, a := range r.Args {
			v, err := binary.DecodeValue(a, nil)
			if err != nil {
				q.t.Error(err)
			}
			q.args = append(q.args, v)
		}
		if strings.HasPrefix(r.SQL, "UPDATE") {
			c.Reply(id, &wire.QuerySQLFieldsResponse{Columns: []string{"UPDATED"}, Page: wire.Page{Rows: 1, Data: encoded(q.t, int64(17))}})
			break
		}
		c.Reply(id, &wire.QuerySQLFieldsResponse{CursorID: 5, Columns: []string{"ID", "NAME"}, Page: q.page()})
	case *wire.SQLFieldsPageRequest:
		c.Reply(id, &wire.PageResponse{Page: q.page()})
	case *wire.ResourceCloseRequest:
		q.closed <- r.ID
		c.Reply(id, &wire.EmptyResponse{})
	default:
		return false
	}
	return true
}

func startTable(t *testing.T, rows int) (*table, *ignite.Client) {
	t.Helper()
	q := &table{t: t, rows: rows, closed: make(chan int64, 4)}
	c, _ := open(t, q.handle)
	return q, c
}

func TestQuery(t *testing.T) {
	q, c := startTable(t, 5)
	rows, err := c.Query(t.Context(), ignite.SQL{
		Statement: "SELECT ID, NAME FROM T WHERE ID > ? AND NAME = ?", Args: []any{int64(-1), "x"},
		PageRows: 2, Timeout: 1500 * time.Millisecond, Partitions: []int{3}, Lazy: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rows.Columns(), []string{"ID", "NAME"}) {
		t.Errorf("columns %v", rows.Columns())
	}
	var got [][]any
	for row, err := range rows.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	want := [][]any{{int32(0), "a"}, {int32(1), nil}, {int32(2), "a"}, {int32(3), nil}, {int32(4), "a"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rows %v", got)
	}
	if !reflect.DeepEqual(q.args, []any{int64(-1), "x"}) {
		t.Errorf("arguments %v", q.args)
	}
	r := q.last
	if r.Schema != "PUBLIC" || r.PageRows != 2 || r.TimeoutMillis != 1500 || !r.Lazy || !r.IncludeFieldNames || len(r.Partitions) != 1 || r.CacheID != 0 {
		t.Errorf("request %+v", r)
	}
	if len(q.closed) != 0 {
		t.Error("a query that was read to its end was closed")
	}
}

func TestBreakOutOfRows(t *testing.T) {
	q, c := startTable(t, 5)
	rows, err := c.Query(t.Context(), ignite.SQL{Statement: "SELECT"})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range rows.All() {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if id := <-q.closed; id != 5 {
		t.Errorf("cursor %d closed", id)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

func TestContextEndsRows(t *testing.T) {
	q, c := startTable(t, 50)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := c.Query(ctx, ignite.SQL{Statement: "SELECT"})
	if err != nil {
		t.Fatal(err)
	}
	var last error
	n := 0
	for _, err := range rows.All() {
		last = err
		if n++; n == 1 {
			cancel()
			<-q.closed // the end of the context closes the cursor, whether rows are read or not
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after %d rows: %v", n, last)
	}
}

func TestExec(t *testing.T) {
	q, c := startTable(t, 5)
	n, err := c.Exec(t.Context(), ignite.SQL{Statement: "UPDATE T SET NAME = ?", Args: []any{nil}, Schema: "S", Cache: "C"})
	if err != nil || n != 17 {
		t.Errorf("%d rows, %v", n, err)
	}
	if q.last.Schema != "S" || q.last.CacheID != binary.CacheID("C") {
		t.Errorf("request %+v", q.last)
	}
	n, err = c.Exec(t.Context(), ignite.SQL{Statement: "SELECT"})
	if err != nil || n != 0 {
		t.Errorf("a query: %d, %v", n, err)
	}
	if id := <-q.closed; id != 5 {
		t.Errorf("cursor %d closed", id)
	}
	if _, err := c.Exec(t.Context(), ignite.SQL{Statement: "UPDATE", Args: []any{1, make(chan int)}}); err == nil || !strings.Contains(err.Error(), "argument 2") {
		t.Errorf("an argument that can't be encoded: %v", err)
	}
}

func TestStatementThatFails(t *testing.T) {
	c, _ := open(t, func(c *wiretest.Conn, id int64, _ wire.Request) bool {
		c.Fail(id, wire.StatusFailed, `Failed to parse query. Table "X" not found`)
		return true
	})
	_, err := c.Query(t.Context(), ignite.SQL{Statement: "SELECT * FROM X"})
	if !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), `Table "X" not found`) {
		t.Errorf("got %v", err)
	}
}
