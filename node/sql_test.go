package node_test

import (
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func sqlRequest(sql string, args ...any) *wire.QuerySQLFieldsRequest {
	q := &wire.QuerySQLFieldsRequest{SQL: sql, PageRows: 2, MaxRows: -1, IncludeFieldNames: true}
	for _, a := range args {
		q.Args = append(q.Args, enc(a))
	}
	return q
}

// query returns the columns and the rows of a statement.
func (c *client) query(sql string, args ...any) (columns []string, table [][]any) {
	c.t.Helper()
	var first wire.QuerySQLFieldsResponse
	c.do(sqlRequest(sql, args...), &first)
	page := first.Page
	for {
		r := binary.NewReader(page.Data)
		for range page.Rows {
			var row []any
			for range first.Columns {
				row = append(row, r.Value())
			}
			table = append(table, row)
		}
		if err := r.Finish(); err != nil {
			c.t.Fatal(err)
		}
		if !page.More {
			return first.Columns, table
		}
		var next wire.PageResponse
		c.do(&wire.SQLFieldsPageRequest{CursorID: first.CursorID}, &next)
		page = next.Page
	}
}

func TestSQLTableIsACache(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	c.query("CREATE TABLE KITTEN_CACHE (ID BIGINT PRIMARY KEY, NAME VARCHAR)")
	for i, name := range []string{"WARM KITTY", "SOFT KITTY", "LITTLE BALL OF FUR"} {
		_, rows := c.query("INSERT INTO KITTEN_CACHE(ID, NAME) VALUES(?, ?)", int64(i+1), name)
		if len(rows) != 1 || rows[0][0] != int64(1) {
			t.Fatalf("INSERT answered %v", rows)
		}
	}
	columns, table := c.query("SELECT ID, NAME FROM KITTEN_CACHE ORDER BY ID")
	if strings.Join(columns, ",") != "ID,NAME" || len(table) != 3 || table[2][1] != "LITTLE BALL OF FUR" {
		t.Errorf("SELECT = %v %v", columns, table)
	}
	ci := info("SQL_PUBLIC_KITTEN_CACHE")
	if c.size(ci) != 3 {
		t.Errorf("size of the cache = %d", c.size(ci))
	}
	var p wire.QueryScanResponse
	c.do(scanRequest(ci, 2, 10), &p)
	keys, values := rows(t, &p.Page)
	if len(keys) != 1 || keys[0] != 2 || values[0].Type() != binary.TypeWrapped {
		t.Fatalf("partition 2 has keys %v", keys)
	}
	o, err := binary.ParseObject(values[0])
	if err != nil {
		t.Fatal(err)
	}
	var m wire.BinaryTypeGetResponse
	c.do(&wire.BinaryTypeGetRequest{TypeID: o.TypeID()}, &m)
	if m.Metadata == nil || !strings.HasPrefix(m.Metadata.TypeName, "SQL_PUBLIC_KITTEN_CACHE_") {
		t.Errorf("metadata = %+v", m.Metadata)
	}
	c.query("DROP TABLE KITTEN_CACHE")
	if names := c.names(); len(names) != 0 {
		t.Errorf("caches after DROP TABLE = %v", names)
	}
}

func TestSQLRefusals(t *testing.T) {
	c := dial(t, start(t, node.Config{MaxCursorsPerConnection: 2}))
	c.query("CREATE TABLE T (ID BIGINT PRIMARY KEY, V INT)")
	for i := range int64(5) {
		c.query("INSERT INTO T(ID, V) VALUES(?, ?)", i, int32(1))
	}
	c.refused(sqlRequest("CREATE TABLE T (ID BIGINT PRIMARY KEY, V INT)"), wire.StatusFailed, "42000: Table already exists: T")
	c.refused(sqlRequest("INSERT INTO T(ID, V) VALUES(1, 2)"), wire.StatusFailed,
		"23000: Failed to INSERT some keys because they are already in cache [keys=[1]]")
	c.refused(sqlRequest("SELECT * FROM NOPE"), wire.StatusFailed,
		"42000: Failed to parse query. Table \"NOPE\" not found; SQL statement:\nSELECT * FROM NOPE [42102-197]")
	dml := sqlRequest("DELETE FROM T")
	dml.StatementType = wire.StatementSelect
	const mismatch = "42000: Given statement type does not match that declared by JDBC driver"
	c.refused(dml, wire.StatusFailed, mismatch)
	query := sqlRequest("SELECT ID FROM T")
	query.StatementType = wire.StatementUpdate
	c.refused(query, wire.StatusFailed, mismatch)
	unknown := sqlRequest("SELECT 1")
	unknown.CacheID = 77
	c.refused(unknown, wire.StatusCacheDoesNotExist, "50000: Cache does not exist [cacheId= 77]")
	noRows := sqlRequest("SELECT 1")
	noRows.PageRows = 0
	c.refused(noRows, wire.StatusFailed, "Page size must be above zero.")
	noParts := sqlRequest("SELECT ID FROM T")
	noParts.Partitions = []int32{}
	c.refused(noParts, wire.StatusFailed, "50000: Ouch! Argument is invalid: Partitions must not be empty.")

	var open wire.QuerySQLFieldsResponse
	c.do(sqlRequest("SELECT ID FROM T"), &open)
	c.do(sqlRequest("SELECT ID FROM T"), &open)
	if err := c.try(sqlRequest("SELECT ID FROM T"), nil); err == nil || !strings.Contains(err.Error(), "[maximum=2, current=2]") {
		t.Errorf("third cursor: %v", err)
	}
	c.do(&wire.ResourceCloseRequest{ID: open.CursorID}, nil)
	c.query("SELECT ID FROM T")
}

func TestSQLWithoutNamesAndByPartition(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	c.query("CREATE TABLE T (ID BIGINT PRIMARY KEY, V INT)")
	for i := range int64(5) {
		c.query("INSERT INTO T(ID, V) VALUES(?, ?)", i, int32(i))
	}
	q := sqlRequest("SELECT ID FROM T ORDER BY ID")
	q.IncludeFieldNames, q.PageRows, q.Partitions = false, 10, []int32{3, 1}
	p := wire.QuerySQLFieldsResponse{WithoutNames: true}
	c.do(q, &p)
	keys := binary.NewReader(p.Data)
	if p.ColumnCount != 1 || p.Rows != 2 || keys.Value() != int64(1) || keys.Value() != int64(3) {
		t.Errorf("answer = %+v", p)
	}
}
