package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// Peek modes, as in Ignite's CachePeekMode.
const (
	PeekAll     uint8 = 0
	PeekNear    uint8 = 1
	PeekPrimary uint8 = 2
	PeekBackup  uint8 = 3
	PeekOnheap  uint8 = 4
	PeekOffheap uint8 = 5
)

// CacheGetSizeRequest counts a cache's entries on all nodes; answered by
// [LongResponse]. No mode means [PeekAll], which counts backups as well.
type CacheGetSizeRequest struct {
	CacheInfo
	PeekModes []uint8
}

// Op implements [Request].
func (*CacheGetSizeRequest) Op() Op { return OpCacheGetSize }

// Encode implements [Request].
func (q *CacheGetSizeRequest) Encode(w *binary.Writer, _ Features) {
	q.CacheInfo.encode(w)
	w.PutInt32(int32(len(q.PeekModes)))
	w.PutBytes(q.PeekModes)
}

// Decode implements [Request].
func (q *CacheGetSizeRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheInfo.decode(r)
	q.PeekModes = r.Take(r.Count(1))
}
