package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheOnly is the shape of requests on a whole cache.
type CacheOnly struct{ CacheInfo }

func (q *CacheOnly) encode(w *binary.Writer) { q.CacheInfo.encode(w) }
func (q *CacheOnly) decode(r *binary.Reader) { q.CacheInfo.decode(r) }

// CacheClearRequest removes all entries without telling writers and listeners;
// answered by [EmptyResponse].
type CacheClearRequest CacheOnly

// Op implements [Request].
func (*CacheClearRequest) Op() Op { return OpCacheClear }

// Encode implements [Request].
func (q *CacheClearRequest) Encode(w *binary.Writer, _ Features) { (*CacheOnly)(q).encode(w) }

// Decode implements [Request].
func (q *CacheClearRequest) Decode(r *binary.Reader, _ Features) { (*CacheOnly)(q).decode(r) }

// CacheRemoveAllRequest removes all entries; answered by [EmptyResponse].
type CacheRemoveAllRequest CacheOnly

// Op implements [Request].
func (*CacheRemoveAllRequest) Op() Op { return OpCacheRemoveAll }

// Encode implements [Request].
func (q *CacheRemoveAllRequest) Encode(w *binary.Writer, _ Features) { (*CacheOnly)(q).encode(w) }

// Decode implements [Request].
func (q *CacheRemoveAllRequest) Decode(r *binary.Reader, _ Features) { (*CacheOnly)(q).decode(r) }
