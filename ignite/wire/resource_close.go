package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// ResourceCloseRequest closes a cursor or another resource of the connection;
// answered by [EmptyResponse], or [StatusResourceDoesNotExist] when it is
// closed already, as a cursor is after its last page.
type ResourceCloseRequest struct{ ID int64 }

// Op implements [Request].
func (*ResourceCloseRequest) Op() Op { return OpResourceClose }

// Encode implements [Request].
func (q *ResourceCloseRequest) Encode(w *binary.Writer, _ Features) { w.PutInt64(q.ID) }

// Decode implements [Request].
func (q *ResourceCloseRequest) Decode(r *binary.Reader, _ Features) { q.ID = r.Int64() }
