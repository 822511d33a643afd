package wire

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestQuerySQL(t *testing.T) {
	checkRequest(t, 0, &QuerySQLRequest{
		CacheInfo: CacheInfo{CacheID: 1}, Table: "T", SQL: "S", Args: []binary.Raw{value(t, true)},
		Local: true, PageRows: 16, TimeoutMillis: 1000,
	}, `
		01000000 00        # cache id, flags
		09 01000000 54     # table
		09 01000000 53     # statement
		01000000 08 01     # 1 argument
		00 01 00           # distributed joins, local, replicated only
		10000000           # rows in a page
		e803000000000000   # timeout`)
	checkResponse(t, 0, OpQuerySQL, &QuerySQLResponse{CursorID: 7, Page: Page{Rows: 1, Data: fromHex(t, "08 01 65"), More: true}},
		"0700000000000000 01000000 08 01 65 01")
}
