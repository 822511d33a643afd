package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheDestroyRequest destroys a cache on all nodes; answered by
// [EmptyResponse], or [StatusCacheDoesNotExist].
type CacheDestroyRequest struct{ CacheID int32 }

// Op implements [Request].
func (*CacheDestroyRequest) Op() Op { return OpCacheDestroy }

// Encode implements [Request].
func (q *CacheDestroyRequest) Encode(w *binary.Writer, _ Features) { w.PutInt32(q.CacheID) }

// Decode implements [Request].
func (q *CacheDestroyRequest) Decode(r *binary.Reader, _ Features) { q.CacheID = r.Int32() }
