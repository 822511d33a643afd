package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CursorPage is the shape of requests for a cursor's next page (Ignite's
// ClientCacheQueryNextPageRequest).
//
// Never have two of them in flight for one cursor: the server has no lock
// there, loses rows and can hang.
type CursorPage struct{ CursorID int64 }

func (q *CursorPage) encode(w *binary.Writer) { w.PutInt64(q.CursorID) }
func (q *CursorPage) decode(r *binary.Reader) { q.CursorID = r.Int64() }

// QueryScanPageRequest asks for the next page of a scan; answered by
// [PageResponse], two values a row.
type QueryScanPageRequest CursorPage

// Op implements [Request].
func (*QueryScanPageRequest) Op() Op { return OpQueryScanCursorGetPage }

// Encode implements [Request].
func (q *QueryScanPageRequest) Encode(w *binary.Writer, _ Features) { (*CursorPage)(q).encode(w) }

// Decode implements [Request].
func (q *QueryScanPageRequest) Decode(r *binary.Reader, _ Features) { (*CursorPage)(q).decode(r) }

// SQLPageRequest asks for the next page of a [QuerySQLRequest]; answered by
// [PageResponse], two values a row.
type SQLPageRequest CursorPage

// Op implements [Request].
func (*SQLPageRequest) Op() Op { return OpQuerySQLCursorGetPage }

// Encode implements [Request].
func (q *SQLPageRequest) Encode(w *binary.Writer, _ Features) { (*CursorPage)(q).encode(w) }

// Decode implements [Request].
func (q *SQLPageRequest) Decode(r *binary.Reader, _ Features) { (*CursorPage)(q).decode(r) }

// SQLFieldsPageRequest asks for the next page of a [QuerySQLFieldsRequest];
// answered by [PageResponse], one value a row and column.
type SQLFieldsPageRequest CursorPage

// Op implements [Request].
func (*SQLFieldsPageRequest) Op() Op { return OpQuerySQLFieldsCursorGetPage }

// Encode implements [Request].
func (q *SQLFieldsPageRequest) Encode(w *binary.Writer, _ Features) { (*CursorPage)(q).encode(w) }

// Decode implements [Request].
func (q *SQLFieldsPageRequest) Decode(r *binary.Reader, _ Features) { (*CursorPage)(q).decode(r) }

// IndexPageRequest asks for the next page of an index query; answered by
// [PageResponse], two values a row.
type IndexPageRequest CursorPage

// Op implements [Request].
func (*IndexPageRequest) Op() Op { return OpQueryIndexCursorGetPage }

// Encode implements [Request].
func (q *IndexPageRequest) Encode(w *binary.Writer, _ Features) { (*CursorPage)(q).encode(w) }

// Decode implements [Request].
func (q *IndexPageRequest) Decode(r *binary.Reader, _ Features) { (*CursorPage)(q).decode(r) }
