package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// ClusterChangeWalStateRequest switches a cache's write-ahead log; answered by
// [BoolResponse], false when it was so already.
type ClusterChangeWalStateRequest struct {
	CacheName string
	Enabled   bool
}

// Op implements [Request].
func (*ClusterChangeWalStateRequest) Op() Op { return OpClusterChangeWalState }

// Encode implements [Request].
func (q *ClusterChangeWalStateRequest) Encode(w *binary.Writer, _ Features) {
	w.PutStr(q.CacheName)
	w.PutBool(q.Enabled)
}

// Decode implements [Request].
func (q *ClusterChangeWalStateRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheName = r.Str()
	q.Enabled = r.Bool()
}

// ClusterGetWalStateRequest asks whether a cache's write-ahead log is on;
// answered by [BoolResponse].
type ClusterGetWalStateRequest struct{ CacheName string }

// Op implements [Request].
func (*ClusterGetWalStateRequest) Op() Op { return OpClusterGetWalState }

// Encode implements [Request].
func (q *ClusterGetWalStateRequest) Encode(w *binary.Writer, _ Features) { w.PutStr(q.CacheName) }

// Decode implements [Request].
func (q *ClusterGetWalStateRequest) Decode(r *binary.Reader, _ Features) { q.CacheName = r.Str() }
