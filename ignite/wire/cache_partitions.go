package wire

import (
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// CachePartitionsRequest asks which node holds which primary partition of the
// caches; answered by [CachePartitionsResponse].
type CachePartitionsRequest struct {
	// WithCustomMappings asks for mappings of caches with an affinity function
	// of their own too. Sent with [FeatureAllAffinityMappings].
	WithCustomMappings bool
	CacheIDs           []int32
}

// Op implements [Request].
func (*CachePartitionsRequest) Op() Op { return OpCachePartitions }

// Encode implements [Request].
func (q *CachePartitionsRequest) Encode(w *binary.Writer, f Features) {
	if f.Has(FeatureAllAffinityMappings) {
		w.PutBool(q.WithCustomMappings)
	}
	putInts(w, q.CacheIDs)
}

// Decode implements [Request].
func (q *CachePartitionsRequest) Decode(r *binary.Reader, f Features) {
	*q = CachePartitionsRequest{}
	if f.Has(FeatureAllAffinityMappings) {
		q.WithCustomMappings = r.Bool()
	}
	q.CacheIDs = readInts(r)
}

// KeyConfig names the field of a key type that decides its partition.
type KeyConfig struct{ TypeID, AffinityFieldID int32 }

// PartitionCache is a cache of a group. KeyConfigs are sent for applicable
// groups only.
type PartitionCache struct {
	CacheID    int32
	KeyConfigs []KeyConfig
}

// NodePartitions are the primary partitions of a node.
type NodePartitions struct {
	NodeID     uuid.UUID
	Partitions []int32
}

// PartitionGroup is a set of caches with one mapping. It may name caches that
// were not asked for.
type PartitionGroup struct {
	// Applicable says that a client can compute a key's node: false for
	// replicated caches and, without WithCustomMappings, for custom affinity
	// functions. Only then Nodes and DefaultAffinity are there.
	Applicable bool
	Caches     []PartitionCache
	Nodes      []NodePartitions
	// DefaultAffinity says that the partition of a key is the one that
	// RendezvousAffinityFunction computes. Without [FeatureAllAffinityMappings]
	// it is not sent and Decode sets it for applicable groups, as then only
	// those with the default affinity are.
	DefaultAffinity bool
}

// CachePartitionsResponse answers [CachePartitionsRequest].
type CachePartitionsResponse struct {
	Topology AffinityVersion
	Groups   []PartitionGroup
}

// The fewest bytes an element can have on the wire.
const (
	keyConfigBytes     = 8
	groupMinBytes      = 5
	nodePartsMinBytes  = 5
	groupCacheMinBytes = 8
	plainCacheBytes    = int32Bytes
)

// Encode implements [Response].
func (p *CachePartitionsResponse) Encode(w *binary.Writer, f Features) {
	p.Topology.encode(w)
	putList(w, p.Groups, func(w *binary.Writer, g PartitionGroup) { g.encode(w, f) })
}

// Decode implements [Response].
func (p *CachePartitionsResponse) Decode(r *binary.Reader, f Features) {
	p.Topology = readAffinityVersion(r)
	p.Groups = readList(r, groupMinBytes, func(r *binary.Reader) (g PartitionGroup) {
		g.decode(r, f)
		return g
	})
}

func (g *PartitionGroup) encode(w *binary.Writer, f Features) {
	w.PutBool(g.Applicable)
	if !g.Applicable {
		putList(w, g.Caches, func(w *binary.Writer, c PartitionCache) { w.PutInt32(c.CacheID) })
		return
	}
	putList(w, g.Caches, func(w *binary.Writer, c PartitionCache) {
		w.PutInt32(c.CacheID)
		putList(w, c.KeyConfigs, func(w *binary.Writer, k KeyConfig) {
			w.PutInt32(k.TypeID)
			w.PutInt32(k.AffinityFieldID)
		})
	})
	putList(w, g.Nodes, func(w *binary.Writer, n NodePartitions) {
		w.PutTypedUUID(n.NodeID)
		putInts(w, n.Partitions)
	})
	if f.Has(FeatureAllAffinityMappings) {
		w.PutBool(g.DefaultAffinity)
	}
}

func (g *PartitionGroup) decode(r *binary.Reader, f Features) {
	if g.Applicable = r.Bool(); !g.Applicable {
		g.Caches = readList(r, plainCacheBytes, func(r *binary.Reader) PartitionCache {
			return PartitionCache{CacheID: r.Int32()}
		})
		return
	}
	g.Caches = readList(r, groupCacheMinBytes, func(r *binary.Reader) PartitionCache {
		return PartitionCache{CacheID: r.Int32(), KeyConfigs: readList(r, keyConfigBytes, readKeyConfig)}
	})
	g.Nodes = readList(r, nodePartsMinBytes, func(r *binary.Reader) NodePartitions {
		return NodePartitions{NodeID: r.TypedUUID(), Partitions: readInts(r)}
	})
	g.DefaultAffinity = true
	if f.Has(FeatureAllAffinityMappings) {
		g.DefaultAffinity = r.Bool()
	}
}

func readKeyConfig(r *binary.Reader) KeyConfig {
	return KeyConfig{TypeID: r.Int32(), AffinityFieldID: r.Int32()}
}
