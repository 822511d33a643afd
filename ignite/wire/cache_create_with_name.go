package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheName is the shape of requests that name a cache.
type CacheName struct{ Name string }

func (q *CacheName) encode(w *binary.Writer) { w.PutStr(q.Name) }
func (q *CacheName) decode(r *binary.Reader) { q.Name = r.Str() }

// CacheCreateWithNameRequest creates a cache with the server's defaults;
// answered by [EmptyResponse], or [StatusCacheExists].
type CacheCreateWithNameRequest CacheName

// Op implements [Request].
func (*CacheCreateWithNameRequest) Op() Op { return OpCacheCreateWithName }

// Encode implements [Request].
func (q *CacheCreateWithNameRequest) Encode(w *binary.Writer, _ Features) { (*CacheName)(q).encode(w) }

// Decode implements [Request].
func (q *CacheCreateWithNameRequest) Decode(r *binary.Reader, _ Features) { (*CacheName)(q).decode(r) }

// CacheGetOrCreateWithNameRequest creates a cache with the server's
// defaults unless it exists; answered by [EmptyResponse].
type CacheGetOrCreateWithNameRequest CacheName

// Op implements [Request].
func (*CacheGetOrCreateWithNameRequest) Op() Op { return OpCacheGetOrCreateWithName }

// Encode implements [Request].
func (q *CacheGetOrCreateWithNameRequest) Encode(w *binary.Writer, _ Features) {
	(*CacheName)(q).encode(w)
}

// Decode implements [Request].
func (q *CacheGetOrCreateWithNameRequest) Decode(r *binary.Reader, _ Features) {
	(*CacheName)(q).decode(r)
}
