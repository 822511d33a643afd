package wire

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// Statement types, as in Ignite's JdbcStatementType. With one that is not
// Any, the server refuses statements of the other kind.
const (
	StatementAny    uint8 = 0
	StatementSelect uint8 = 1
	StatementUpdate uint8 = 2
)

// TimeoutServerDefault as TimeoutMillis leaves a query's timeout to the
// server.
const TimeoutServerDefault int64 = -1

// QuerySQLFieldsRequest runs an SQL statement; answered by
// [QuerySQLFieldsResponse] with the first page. The statement may be a query,
// DML (one row, one long: the number of rows changed) or DDL.
type QuerySQLFieldsRequest struct {
	// CacheInfo may be left at CacheID 0: then Schema, or else PUBLIC, holds.
	CacheInfo
	Schema   string // "" for the cache's schema
	PageRows int32  // the most rows in a page, above 0
	MaxRows  int32  // Ignite reads it and does not use it; -1 by custom
	SQL      string
	Args     []binary.Raw

	StatementType    uint8
	DistributedJoins bool
	LocalQuery       bool
	ReplicatedOnly   bool
	EnforceJoinOrder bool
	Collocated       bool
	Lazy             bool // the server does not hold the whole result

	// TimeoutMillis of the query. With [FeatureDefaultQueryTimeout] 0 is none
	// and [TimeoutServerDefault] the server's; else both leave it to the server.
	TimeoutMillis     int64
	IncludeFieldNames bool

	// Partitions to read; nil for all. Sent, as UpdateBatchSize is, with
	// [FeatureQueryPartitionsBatchSize].
	Partitions []int32
	// UpdateBatchSize is the number of rows that DML writes at once; 0 stands
	// for Ignite's default of 1.
	UpdateBatchSize int32
}

// Op implements [Request].
func (*QuerySQLFieldsRequest) Op() Op { return OpQuerySQLFields }

// Encode implements [Request].
func (q *QuerySQLFieldsRequest) Encode(w *binary.Writer, f Features) {
	q.CacheInfo.encode(w)
	putStr(w, q.Schema)
	w.PutInt32(q.PageRows)
	w.PutInt32(q.MaxRows)
	putStr(w, q.SQL)
	putValues(w, q.Args)
	w.PutUint8(q.StatementType)
	for _, b := range q.flags() {
		w.PutBool(*b)
	}
	w.PutInt64(q.TimeoutMillis)
	w.PutBool(q.IncludeFieldNames)
	if f.Has(FeatureQueryPartitionsBatchSize) {
		if q.Partitions == nil {
			w.PutInt32(-1)
		} else {
			putInts(w, q.Partitions)
		}
		w.PutInt32(max(q.UpdateBatchSize, 1))
	}
}

// Decode implements [Request].
func (q *QuerySQLFieldsRequest) Decode(r *binary.Reader, f Features) {
	*q = QuerySQLFieldsRequest{}
	q.CacheInfo.decode(r)
	q.Schema = r.Str()
	q.PageRows = r.Int32()
	q.MaxRows = r.Int32()
	q.SQL = r.Str()
	q.Args = readValues(r)
	q.StatementType = r.Uint8()
	for _, b := range q.flags() {
		*b = r.Bool()
	}
	q.TimeoutMillis = r.Int64()
	q.IncludeFieldNames = r.Bool()
	if f.Has(FeatureQueryPartitionsBatchSize) {
		q.Partitions = readPartitions(r)
		q.UpdateBatchSize = r.Int32()
	}
}

// flags lists the statement's switches in the order of the wire.
func (q *QuerySQLFieldsRequest) flags() [6]*bool {
	return [...]*bool{
		&q.DistributedJoins, &q.LocalQuery, &q.ReplicatedOnly, &q.EnforceJoinOrder, &q.Collocated, &q.Lazy,
	}
}

// readPartitions reads a list that is nil when its count is negative and not
// nil when it is empty.
func readPartitions(r *binary.Reader) []int32 {
	n := r.Int32()
	if n < 0 {
		return nil
	}
	if int(n) > r.Len()/int32Bytes {
		r.Fail("partitions", fmt.Sprintf("%d partitions can't fit into %d bytes", n, r.Len()))
		return nil
	}
	parts := make([]int32, n)
	for i := range parts {
		parts[i] = r.Int32()
	}
	return parts
}

// QuerySQLFieldsResponse has the cursor's id, the columns and the first page,
// one value a row and column.
type QuerySQLFieldsResponse struct {
	CursorID int64
	// WithoutNames must be set before Decode, and before Encode, when the
	// request did not ask for field names: the wire does not tell. Columns is
	// nil then.
	WithoutNames bool
	// ColumnCount is the number of values in a row. Encode looks at it only
	// when there are no names.
	ColumnCount int32
	Columns     []string
	Page
}

// Encode implements [Response].
func (p *QuerySQLFieldsResponse) Encode(w *binary.Writer, _ Features) {
	w.PutInt64(p.CursorID)
	if p.WithoutNames {
		w.PutInt32(p.ColumnCount)
	} else {
		putStrs(w, p.Columns)
	}
	p.Page.encode(w)
}

// Decode implements [Response].
func (p *QuerySQLFieldsResponse) Decode(r *binary.Reader, _ Features) {
	*p = QuerySQLFieldsResponse{CursorID: r.Int64(), WithoutNames: p.WithoutNames}
	if p.WithoutNames {
		p.ColumnCount = r.Int32()
	} else {
		p.Columns = readStrs(r)
		p.ColumnCount = int32(len(p.Columns))
	}
	if p.ColumnCount < 0 {
		r.Fail("columns", fmt.Sprintf("negative count %d", p.ColumnCount))
	}
	p.Page.decode(r)
}
