package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CachePutAllRequest stores entries; answered by [EmptyResponse].
type CachePutAllRequest struct {
	CacheInfo
	Entries []Entry
}

// Op implements [Request].
func (*CachePutAllRequest) Op() Op { return OpCachePutAll }

// Encode implements [Request].
func (q *CachePutAllRequest) Encode(w *binary.Writer, _ Features) {
	q.CacheInfo.encode(w)
	putEntries(w, q.Entries)
}

// Decode implements [Request].
func (q *CachePutAllRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheInfo.decode(r)
	q.Entries = readEntries(r)
}
