package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheKeyValue is the shape of requests on a key and a value (Ignite's
// ClientCacheKeyValueRequest).
type CacheKeyValue struct {
	CacheInfo
	Key, Value binary.Raw
}

func (q *CacheKeyValue) encode(w *binary.Writer) {
	q.CacheInfo.encode(w)
	w.PutRaw(q.Key)
	w.PutRaw(q.Value)
}

func (q *CacheKeyValue) decode(r *binary.Reader) {
	q.CacheInfo.decode(r)
	q.Key = r.Raw()
	q.Value = r.Raw()
}

// CachePutRequest stores a value under a key; answered by [EmptyResponse].
type CachePutRequest CacheKeyValue

// Op implements [Request].
func (*CachePutRequest) Op() Op { return OpCachePut }

// Encode implements [Request].
func (q *CachePutRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeyValue)(q).encode(w) }

// Decode implements [Request].
func (q *CachePutRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeyValue)(q).decode(r) }

// CachePutIfAbsentRequest stores a value unless the key is there; answered by
// [BoolResponse], true when it was stored.
type CachePutIfAbsentRequest CacheKeyValue

// Op implements [Request].
func (*CachePutIfAbsentRequest) Op() Op { return OpCachePutIfAbsent }

// Encode implements [Request].
func (q *CachePutIfAbsentRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeyValue)(q).encode(w) }

// Decode implements [Request].
func (q *CachePutIfAbsentRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeyValue)(q).decode(r) }

// CacheGetAndPutRequest stores a value; answered by [ObjectResponse] with the
// value before, or null.
type CacheGetAndPutRequest CacheKeyValue

// Op implements [Request].
func (*CacheGetAndPutRequest) Op() Op { return OpCacheGetAndPut }

// Encode implements [Request].
func (q *CacheGetAndPutRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeyValue)(q).encode(w) }

// Decode implements [Request].
func (q *CacheGetAndPutRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeyValue)(q).decode(r) }

// CacheGetAndReplaceRequest stores a value if the key is there; answered by
// [ObjectResponse] with the value before, or null.
type CacheGetAndReplaceRequest CacheKeyValue

// Op implements [Request].
func (*CacheGetAndReplaceRequest) Op() Op { return OpCacheGetAndReplace }

// Encode implements [Request].
func (q *CacheGetAndReplaceRequest) Encode(w *binary.Writer, _ Features) {
	(*CacheKeyValue)(q).encode(w)
}

// Decode implements [Request].
func (q *CacheGetAndReplaceRequest) Decode(r *binary.Reader, _ Features) {
	(*CacheKeyValue)(q).decode(r)
}

// CacheGetAndPutIfAbsentRequest stores a value unless the key is there;
// answered by [ObjectResponse] with the value that was there, or null.
type CacheGetAndPutIfAbsentRequest CacheKeyValue

// Op implements [Request].
func (*CacheGetAndPutIfAbsentRequest) Op() Op { return OpCacheGetAndPutIfAbsent }

// Encode implements [Request].
func (q *CacheGetAndPutIfAbsentRequest) Encode(w *binary.Writer, _ Features) {
	(*CacheKeyValue)(q).encode(w)
}

// Decode implements [Request].
func (q *CacheGetAndPutIfAbsentRequest) Decode(r *binary.Reader, _ Features) {
	(*CacheKeyValue)(q).decode(r)
}

// CacheReplaceRequest stores a value if the key is there; answered by
// [BoolResponse], true when it was stored.
type CacheReplaceRequest CacheKeyValue

// Op implements [Request].
func (*CacheReplaceRequest) Op() Op { return OpCacheReplace }

// Encode implements [Request].
func (q *CacheReplaceRequest) Encode(w *binary.Writer, _ Features) { (*CacheKeyValue)(q).encode(w) }

// Decode implements [Request].
func (q *CacheReplaceRequest) Decode(r *binary.Reader, _ Features) { (*CacheKeyValue)(q).decode(r) }

// CacheRemoveIfEqualsRequest removes a key that has exactly this value; answered
// by [BoolResponse], true when it was removed.
type CacheRemoveIfEqualsRequest CacheKeyValue

// Op implements [Request].
func (*CacheRemoveIfEqualsRequest) Op() Op { return OpCacheRemoveIfEquals }

// Encode implements [Request].
func (q *CacheRemoveIfEqualsRequest) Encode(w *binary.Writer, _ Features) {
	(*CacheKeyValue)(q).encode(w)
}

// Decode implements [Request].
func (q *CacheRemoveIfEqualsRequest) Decode(r *binary.Reader, _ Features) {
	(*CacheKeyValue)(q).decode(r)
}
