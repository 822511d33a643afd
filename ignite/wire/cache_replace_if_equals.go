package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheReplaceIfEqualsRequest stores NewValue under a key that has exactly
// Value; answered by [BoolResponse], true when it was stored.
type CacheReplaceIfEqualsRequest struct {
	CacheInfo
	Key, Value, NewValue binary.Raw
}

// Op implements [Request].
func (*CacheReplaceIfEqualsRequest) Op() Op { return OpCacheReplaceIfEquals }

// Encode implements [Request].
func (q *CacheReplaceIfEqualsRequest) Encode(w *binary.Writer, _ Features) {
	q.CacheInfo.encode(w)
	w.PutRaw(q.Key)
	w.PutRaw(q.Value)
	w.PutRaw(q.NewValue)
}

// Decode implements [Request].
func (q *CacheReplaceIfEqualsRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheInfo.decode(r)
	q.Key = r.Raw()
	q.Value = r.Raw()
	q.NewValue = r.Raw()
}
