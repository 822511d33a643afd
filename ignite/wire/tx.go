package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// Concurrency of a transaction, as in Ignite's TransactionConcurrency.
const (
	TxOptimistic  uint8 = 0
	TxPessimistic uint8 = 1
)

// Isolation of a transaction, as in Ignite's TransactionIsolation.
const (
	TxReadCommitted  uint8 = 0
	TxRepeatableRead uint8 = 1
	TxSerializable   uint8 = 2
)

// TxStartRequest starts a transaction that belongs to the connection; answered
// by [IntResponse] with its id.
type TxStartRequest struct {
	Concurrency   uint8
	Isolation     uint8
	TimeoutMillis int64 // 0 for none
	Label         string
}

// Op implements [Request].
func (*TxStartRequest) Op() Op { return OpTxStart }

// Encode implements [Request].
func (q *TxStartRequest) Encode(w *binary.Writer, _ Features) {
	w.PutUint8(q.Concurrency)
	w.PutUint8(q.Isolation)
	w.PutInt64(q.TimeoutMillis)
	putStr(w, q.Label)
}

// Decode implements [Request].
func (q *TxStartRequest) Decode(r *binary.Reader, _ Features) {
	q.Concurrency = r.Uint8()
	q.Isolation = r.Uint8()
	q.TimeoutMillis = r.Int64()
	q.Label = r.Str()
}

// TxEndRequest commits a transaction or rolls it back; answered by
// [EmptyResponse], or [StatusTxNotFound].
type TxEndRequest struct {
	TxID   int32
	Commit bool
}

// Op implements [Request].
func (*TxEndRequest) Op() Op { return OpTxEnd }

// Encode implements [Request].
func (q *TxEndRequest) Encode(w *binary.Writer, _ Features) {
	w.PutInt32(q.TxID)
	w.PutBool(q.Commit)
}

// Decode implements [Request].
func (q *TxEndRequest) Decode(r *binary.Reader, _ Features) {
	q.TxID = r.Int32()
	q.Commit = r.Bool()
}
