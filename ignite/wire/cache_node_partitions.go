package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// CacheNodePartitionsRequest asks where a cache's partitions are, by port and
// address; answered by [CacheNodePartitionsResponse]. [CachePartitionsRequest]
// is the newer way.
type CacheNodePartitionsRequest struct{ CacheInfo }

// Op implements [Request].
func (*CacheNodePartitionsRequest) Op() Op { return OpCacheNodePartitions }

// Encode implements [Request].
func (q *CacheNodePartitionsRequest) Encode(w *binary.Writer, _ Features) { q.encodeBase(w) }

// Decode implements [Request].
func (q *CacheNodePartitionsRequest) Decode(r *binary.Reader, _ Features) { q.decodeBase(r) }

// AddressPartitions are the primary partitions of the node behind the
// addresses.
type AddressPartitions struct {
	Port       int32
	Addresses  []string
	Partitions []int32
}

const addressPartitionsMinBytes = 12

// CacheNodePartitionsResponse answers [CacheNodePartitionsRequest].
type CacheNodePartitionsResponse struct{ Nodes []AddressPartitions }

// Encode implements [Response].
func (p *CacheNodePartitionsResponse) Encode(w *binary.Writer, _ Features) {
	putList(w, p.Nodes, func(w *binary.Writer, n AddressPartitions) {
		w.PutInt32(n.Port)
		putStrs(w, n.Addresses)
		putInts(w, n.Partitions)
	})
}

// Decode implements [Response].
func (p *CacheNodePartitionsResponse) Decode(r *binary.Reader, _ Features) {
	p.Nodes = readList(r, addressPartitionsMinBytes, func(r *binary.Reader) AddressPartitions {
		return AddressPartitions{
			Port:       r.Int32(),
			Addresses:  readStrs(r),
			Partitions: readInts(r),
		}
	})
}
