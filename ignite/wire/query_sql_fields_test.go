package wire

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestQuerySQLFieldsRequest(t *testing.T) {
	q := &QuerySQLFieldsRequest{
		Schema: "P", PageRows: 1024, MaxRows: -1, SQL: "S", Args: []binary.Raw{value(t, true)},
		StatementType: StatementSelect, LocalQuery: true, Lazy: true, TimeoutMillis: TimeoutServerDefault,
		IncludeFieldNames: true, Partitions: []int32{3}, UpdateBatchSize: 2,
	}
	head := `
		00000000 00         # no cache, flags
		09 01000000 50      # schema
		00040000            # rows in a page
		ffffffff            # rows in all, not used
		09 01000000 53      # statement
		01000000 08 01      # 1 argument
		01                  # select only
		00 01 00 00 00 01   # distributed joins, local, replicated only, join order, collocated, lazy
		ffffffffffffffff    # timeout: the server's
		01                  # with field names
`
	checkRequest(t, FeaturesClient, q, head+`
		01000000 03000000   # partition 3
		02000000            # rows in an update`)
	checkRequest(t, 0, q, head)

	q.Partitions, q.UpdateBatchSize = nil, 1
	checkRequest(t, FeaturesClient, q, head+"ffffffff 01000000")
}

func TestQuerySQLFieldsResponse(t *testing.T) {
	page := Page{Rows: 1, Data: fromHex(t, "08 01 65")}
	checkResponse(t, 0, OpQuerySQLFields, &QuerySQLFieldsResponse{CursorID: 7, Columns: []string{"A", "B"}, Page: page}, `
		0700000000000000                         # cursor
		02000000 09 01000000 41 09 01000000 42   # columns
		01000000 08 01 65 00                     # page`)
	checkBody(t, 0, &QuerySQLFieldsResponse{CursorID: 7, WithoutNames: true, ColumnCount: 2, Page: page},
		&QuerySQLFieldsResponse{WithoutNames: true}, "0700000000000000 02000000 01000000 08 01 65 00")
}

func TestQuerySQLFieldsPartitionsCount(t *testing.T) {
	var w binary.Writer
	(&QuerySQLFieldsRequest{}).Encode(&w, 0)
	w.PutInt32(1 << 30)
	w.PutInt32(1)
	if err := decodeBody(&QuerySQLFieldsRequest{}, w.Buf, FeaturesClient); err == nil {
		t.Error("no error for more partitions than bytes")
	}
}
