package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheKeys is the shape of requests on several keys (Ignite's
// ClientCacheKeysRequest).
type CacheKeys struct {
	CacheInfo
	Keys []binary.Raw
}

func (q *CacheKeys) encode(w *binary.Writer) {
	q.CacheInfo.encode(w)
	putValues(w, q.Keys)
}

func (q *CacheKeys) decode(r *binary.Reader) {
	q.CacheInfo.decode(r)
	q.Keys = readValues(r)
}

// CacheGetAllRequest reads the values of keys; answered by [EntriesResponse].
type CacheGetAllRequest CacheKeys

// Op implements [Request].
func (*CacheGetAllRequest) Op() Op { return OpCacheGetAll }

// Encode implements [Request].
func (q *CacheGetAllRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeys)(q).encode(w) }

// Decode implements [Request].
func (q *CacheGetAllRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeys)(q).decode(r) }

// CacheContainsKeysRequest asks whether all keys are there; answered by
// [BoolResponse].
type CacheContainsKeysRequest CacheKeys

// Op implements [Request].
func (*CacheContainsKeysRequest) Op() Op { return OpCacheContainsKeys }

// Encode implements [Request].
func (q *CacheContainsKeysRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeys)(q).encode(w) }

// Decode implements [Request].
func (q *CacheContainsKeysRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeys)(q).decode(r) }

// CacheClearKeysRequest removes keys without telling writers and listeners;
// answered by [EmptyResponse].
type CacheClearKeysRequest CacheKeys

// Op implements [Request].
func (*CacheClearKeysRequest) Op() Op { return OpCacheClearKeys }

// Encode implements [Request].
func (q *CacheClearKeysRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeys)(q).encode(w) }

// Decode implements [Request].
func (q *CacheClearKeysRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeys)(q).decode(r) }

// CacheRemoveKeysRequest removes keys; answered by [EmptyResponse].
type CacheRemoveKeysRequest CacheKeys

// Op implements [Request].
func (*CacheRemoveKeysRequest) Op() Op { return OpCacheRemoveKeys }

// Encode implements [Request].
func (q *CacheRemoveKeysRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeys)(q).encode(w) }

// Decode implements [Request].
func (q *CacheRemoveKeysRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeys)(q).decode(r) }
