package route

import (
	"math"
	"sync"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Partition is the partition of a key with the given Java hash code, as
// RendezvousAffinityFunction.calculatePartition has it.
func Partition(hash int32, parts int) int {
	if parts <= 0 {
		return 0
	}
	if parts&(parts-1) == 0 {
		h := uint32(hash)
		return int((h ^ h>>16) & uint32(parts-1))
	}
	// Java's % has the sign of the dividend, as Go's; abs of the remainder then
	// never meets Integer.MIN_VALUE, whose abs is negative in Java.
	p := int64(hash) % int64(parts)
	if p < 0 {
		p = -p
	}
	return int(p)
}

// Partitions says which node owns which partition of a cache.
type Partitions struct {
	Version wire.AffinityVersion
	// Applicable is false when the server does not tell the mapping: a REPLICATED
	// cache, or one with an affinity function or mapper of its own.
	Applicable bool
	// Default says that keys are placed by the default rendezvous function, so that
	// Of may compute their partitions.
	Default bool
	// Owners has the primary node of each partition; the zero UUID where it is unknown.
	Owners []uuid.UUID
	// KeyFields has the affinity field's id for each key type id that has one.
	KeyFields map[int32]int32
}

// Owner is the primary node of a partition.
func (p *Partitions) Owner(part int) (uuid.UUID, bool) {
	if part < 0 || part >= len(p.Owners) || p.Owners[part] == uuid.Nil {
		return uuid.Nil, false
	}
	return p.Owners[part], true
}

// Of is the partition of an encoded key. It is false when the key's placement
// can't be computed here.
func (p *Partitions) Of(key binary.Raw, meta func(typeID int32) *binary.Metadata) (int, bool) {
	if !p.Applicable || !p.Default || len(p.Owners) == 0 || key.IsNull() {
		return 0, false
	}
	if t := key.Type(); (t == binary.TypeObject || t == binary.TypeWrapped) && len(p.KeyFields) > 0 {
		field, ok := p.affinityField(key, meta)
		if !ok {
			return 0, false
		}
		key = field
	}
	return Partition(binary.HashCode(key), len(p.Owners)), true
}

// affinityField is the part of an object key that decides the partition: its
// affinity field, or the whole key when its type has none.
func (p *Partitions) affinityField(key binary.Raw, meta func(int32) *binary.Metadata) (binary.Raw, bool) {
	o, err := binary.ParseObject(key)
	if err != nil {
		return nil, false
	}
	want, ok := p.KeyFields[o.TypeID()]
	if !ok {
		return key, true
	}
	var schema *binary.Schema
	if o.CompactFooter() {
		m := meta(o.TypeID())
		if m == nil {
			return nil, false
		}
		if schema = m.SchemaByID(o.SchemaID()); schema == nil {
			return nil, false
		}
	}
	for i := range o.NumFields() {
		id, ok := o.FieldID(i)
		if schema != nil && i < len(schema.FieldIDs) {
			id, ok = schema.FieldIDs[i], true
		}
		if ok && id == want {
			raw := o.FieldRaw(i)
			return raw, len(raw) > 0 && !raw.IsNull()
		}
	}
	return nil, false
}

// Affinity caches the mappings of caches until the topology changes. It is safe
// for concurrent use.
type Affinity struct {
	mu         sync.Mutex
	latest     wire.AffinityVersion
	generation uint64
	caches     map[int32]cached
}

type cached struct {
	p          *Partitions
	generation uint64
}

// Observe notes a topology version that came with an answer.
func (a *Affinity) Observe(v wire.AffinityVersion) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.Compare(a.latest) > 0 {
		a.latest = v
		a.generation++
	}
}

// Reset forgets all mappings: the client came back to a cluster that may be another one.
func (a *Affinity) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.latest = wire.AffinityVersion{Major: math.MinInt64}
	a.generation++
	clear(a.caches)
}

// Generation changes with the topology. Read it before asking for a mapping.
func (a *Affinity) Generation() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.generation
}

// Get returns a cache's mapping when it is known and still holds.
func (a *Affinity) Get(cacheID int32) (*Partitions, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.caches[cacheID]
	return c.p, ok && c.generation == a.generation
}

// maxPartitions is CacheConfiguration.MAX_PARTITIONS_COUNT.
const maxPartitions = 65000

// Put stores the mappings of an answer that was asked for at the given
// generation, and returns the one of cacheID, nil when it is not among them.
func (a *Affinity) Put(res *wire.CachePartitionsResponse, cacheID int32, generation uint64) *Partitions {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.caches == nil {
		a.caches = make(map[int32]cached)
	}
	for i := range res.Groups {
		g := &res.Groups[i]
		owners := ownersOf(g)
		for _, c := range g.Caches {
			p := &Partitions{Version: res.Topology, Applicable: g.Applicable, Default: g.DefaultAffinity, Owners: owners}
			for _, k := range c.KeyConfigs {
				if p.KeyFields == nil {
					p.KeyFields = make(map[int32]int32)
				}
				p.KeyFields[k.TypeID] = k.AffinityFieldID
			}
			a.caches[c.CacheID] = cached{p, generation}
		}
	}
	// A cache that the server did not name has no mapping; that is known now too.
	if c := a.caches[cacheID]; c.generation != generation || c.p == nil {
		a.caches[cacheID] = cached{nil, generation}
	}
	return a.caches[cacheID].p
}

func ownersOf(g *wire.PartitionGroup) []uuid.UUID {
	if !g.Applicable {
		return nil
	}
	count := 0
	for _, n := range g.Nodes {
		for _, p := range n.Partitions {
			if p >= 0 && p < maxPartitions {
				count = max(count, int(p)+1)
			}
		}
	}
	owners := make([]uuid.UUID, count)
	for _, n := range g.Nodes {
		for _, p := range n.Partitions {
			if p >= 0 && int(p) < count {
				owners[p] = n.NodeID
			}
		}
	}
	return owners
}
