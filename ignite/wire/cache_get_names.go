package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheGetNamesRequest asks for the names of all public caches; answered by
// [CacheGetNamesResponse].
type CacheGetNamesRequest struct{}

// Op implements [Request].
func (*CacheGetNamesRequest) Op() Op { return OpCacheGetNames }

// Encode implements [Request].
func (*CacheGetNamesRequest) Encode(*binary.Writer, Features) {}

// Decode implements [Request].
func (*CacheGetNamesRequest) Decode(*binary.Reader, Features) {}

// CacheGetNamesResponse has the names of the caches, in no order.
type CacheGetNamesResponse struct{ Names []string }

// Encode implements [Response].
func (p *CacheGetNamesResponse) Encode(w *binary.Writer, _ Features) {
	putStrs(w, p.Names)
}

// Decode implements [Response].
func (p *CacheGetNamesResponse) Decode(r *binary.Reader, _ Features) {
	p.Names = readStrs(r)
}
