package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheKey is the shape of requests on one key (Ignite's ClientCacheKeyRequest).
type CacheKey struct {
	CacheInfo
	Key binary.Raw
}

func (q *CacheKey) encode(w *binary.Writer) {
	q.CacheInfo.encode(w)
	w.PutRaw(q.Key)
}

func (q *CacheKey) decode(r *binary.Reader) {
	q.CacheInfo.decode(r)
	q.Key = r.Raw()
}

// CacheGetRequest reads the value of a key; answered by [ObjectResponse], null
// when the key is absent.
type CacheGetRequest CacheKey

// Op implements [Request].
func (*CacheGetRequest) Op() Op { return OpCacheGet }

// Encode implements [Request].
func (q *CacheGetRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheGetRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }

// CacheContainsKeyRequest asks for a key; answered by [BoolResponse].
type CacheContainsKeyRequest CacheKey

// Op implements [Request].
func (*CacheContainsKeyRequest) Op() Op { return OpCacheContainsKey }

// Encode implements [Request].
func (q *CacheContainsKeyRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheContainsKeyRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }

// CacheGetAndRemoveRequest removes a key; answered by [ObjectResponse] with the
// value it had, or null.
type CacheGetAndRemoveRequest CacheKey

// Op implements [Request].
func (*CacheGetAndRemoveRequest) Op() Op { return OpCacheGetAndRemove }

// Encode implements [Request].
func (q *CacheGetAndRemoveRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheGetAndRemoveRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }

// CacheRemoveKeyRequest removes a key; answered by [BoolResponse], true when
// it was there.
type CacheRemoveKeyRequest CacheKey

// Op implements [Request].
func (*CacheRemoveKeyRequest) Op() Op { return OpCacheRemoveKey }

// Encode implements [Request].
func (q *CacheRemoveKeyRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheRemoveKeyRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }

// CacheClearKeyRequest removes a key without telling writers and listeners;
// answered by [EmptyResponse].
type CacheClearKeyRequest CacheKey

// Op implements [Request].
func (*CacheClearKeyRequest) Op() Op { return OpCacheClearKey }

// Encode implements [Request].
func (q *CacheClearKeyRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheClearKeyRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }

// CacheLocalPeekRequest reads a key's value from the memory of the server node
// alone; answered by [ObjectResponse].
type CacheLocalPeekRequest CacheKey

// Op implements [Request].
func (*CacheLocalPeekRequest) Op() Op { return OpCacheLocalPeek }

// Encode implements [Request].
func (q *CacheLocalPeekRequest) Encode(w *binary.Writer, _ Features) { (*CacheKey)(q).encode(w) }

// Decode implements [Request].
func (q *CacheLocalPeekRequest) Decode(r *binary.Reader, _ Features) { (*CacheKey)(q).decode(r) }
