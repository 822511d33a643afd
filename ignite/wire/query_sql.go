package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// QuerySQLRequest is Ignite's old SQL query that answers whole entries of one
// table (SqlQuery); answered by [QuerySQLResponse]. [QuerySQLFieldsRequest] is
// the newer way.
type QuerySQLRequest struct {
	CacheInfo
	Table            string // the value type's name
	SQL              string
	Args             []binary.Raw
	DistributedJoins bool
	Local            bool
	ReplicatedOnly   bool
	PageRows         int32
	TimeoutMillis    int64 // 0 for none
}

// Op implements [Request].
func (*QuerySQLRequest) Op() Op { return OpQuerySQL }

// Encode implements [Request].
func (q *QuerySQLRequest) Encode(w *binary.Writer, _ Features) {
	q.CacheInfo.encode(w)
	putStr(w, q.Table)
	putStr(w, q.SQL)
	putValues(w, q.Args)
	w.PutBool(q.DistributedJoins)
	w.PutBool(q.Local)
	w.PutBool(q.ReplicatedOnly)
	w.PutInt32(q.PageRows)
	w.PutInt64(q.TimeoutMillis)
}

// Decode implements [Request].
func (q *QuerySQLRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheInfo.decode(r)
	q.Table = r.Str()
	q.SQL = r.Str()
	q.Args = readValues(r)
	q.DistributedJoins = r.Bool()
	q.Local = r.Bool()
	q.ReplicatedOnly = r.Bool()
	q.PageRows = r.Int32()
	q.TimeoutMillis = r.Int64()
}

// QuerySQLResponse has the cursor's id and the first page, two values a row.
type QuerySQLResponse QueryScanResponse

// Encode implements [Response].
func (p *QuerySQLResponse) Encode(w *binary.Writer, f Features) { (*QueryScanResponse)(p).Encode(w, f) }

// Decode implements [Response].
func (p *QuerySQLResponse) Decode(r *binary.Reader, f Features) { (*QueryScanResponse)(p).Decode(r, f) }
