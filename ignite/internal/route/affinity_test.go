package route

import (
	"math"
	"testing"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// The values are those of RendezvousAffinityFunction.calculatePartition.
func TestPartition(t *testing.T) {
	for _, c := range []struct {
		hash  int32
		parts int
		want  int
	}{
		{0, 1024, 0},
		{1, 1024, 1},
		{1023, 1024, 1023},
		{1024, 1024, 0},
		{0x10000, 1024, 1},
		{-1, 1024, 0}, // 0xffffffff ^ 0x0000ffff = 0xffff0000
		{math.MinInt32, 1024, 0},
		{math.MinInt32, 1 << 16, 0x8000},
		{math.MaxInt32, 1024, 0},
		{7, 10, 7},
		{-7, 10, 7},
		{math.MinInt32, 10, 8},
		{math.MinInt32, 1000, 648},
		{math.MaxInt32, 1000, 647},
		{5, 1, 0},
		{5, 0, 0},
	} {
		if got := Partition(c.hash, c.parts); got != c.want {
			t.Errorf("hash %d of %d partitions: %d, want %d", c.hash, c.parts, got, c.want)
		}
	}
	for h := int64(math.MinInt32); h <= math.MaxInt32; h += 99991 {
		for _, n := range []int{1, 3, 1000, 1024, 65000} {
			if p := Partition(int32(h), n); p < 0 || p >= n {
				t.Fatalf("hash %d: partition %d of %d", h, p, n)
			}
		}
	}
}

var nodeA, nodeB = uuid.UUID{1}, uuid.UUID{2}

func answer(v wire.AffinityVersion, cacheID int32) *wire.CachePartitionsResponse {
	return &wire.CachePartitionsResponse{Topology: v, Groups: []wire.PartitionGroup{{
		Applicable: true, DefaultAffinity: true,
		Caches: []wire.PartitionCache{{CacheID: cacheID, KeyConfigs: []wire.KeyConfig{{TypeID: binary.TypeID("Key"), AffinityFieldID: binary.FieldID("city")}}}},
		Nodes: []wire.NodePartitions{
			{NodeID: nodeA, Partitions: []int32{0, 2, -5, maxPartitions}}, // numbers out of range are left out
			{NodeID: nodeB, Partitions: []int32{1, 3}},
		},
	}, {Caches: []wire.PartitionCache{{CacheID: 99}}}}}
}

func TestAffinityHoldsUntilTheTopologyChanges(t *testing.T) {
	var a Affinity
	v1 := wire.AffinityVersion{Major: 1}
	a.Observe(v1)
	if _, ok := a.Get(7); ok {
		t.Fatal("a mapping before any was asked for")
	}
	p := a.Put(answer(v1, 7), 7, a.Generation())
	if p == nil || len(p.Owners) != 4 {
		t.Fatalf("mapping %+v", p)
	}
	if o, ok := p.Owner(3); !ok || o != nodeB {
		t.Errorf("owner of 3 is %v", o)
	}
	if _, ok := p.Owner(4); ok {
		t.Error("partition 4 has an owner")
	}
	a.Observe(v1)
	a.Observe(wire.AffinityVersion{})
	if _, ok := a.Get(7); !ok {
		t.Error("an old version made the mapping stale")
	}
	if other, ok := a.Get(99); !ok || other.Applicable {
		t.Error("the cache that was not asked for is not known")
	}
	a.Observe(wire.AffinityVersion{Major: 1, Minor: 1})
	if _, ok := a.Get(7); ok {
		t.Error("a new version did not make the mapping stale")
	}
	gen := a.Generation()
	a.Observe(wire.AffinityVersion{Major: 2})
	a.Put(answer(v1, 7), 7, gen)
	if _, ok := a.Get(7); ok {
		t.Error("a mapping that was asked for before the change holds after it")
	}
	if p := a.Put(&wire.CachePartitionsResponse{}, 8, a.Generation()); p != nil {
		t.Errorf("a cache that the server did not name has a mapping: %+v", p)
	}
	if p, ok := a.Get(8); !ok || p != nil {
		t.Error("that there is none is asked again")
	}
	a.Reset()
	a.Observe(wire.AffinityVersion{Major: 1})
	if _, ok := a.Get(8); ok {
		t.Error("a mapping outlives Reset")
	}
}

func TestPartitionOfKeys(t *testing.T) {
	var a Affinity
	p := a.Put(answer(wire.AffinityVersion{}, 7), 7, a.Generation())
	raw := func(v any) binary.Raw {
		b, err := new(binary.Encoder).Append(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var meta *binary.Metadata
	enc := binary.Encoder{OnType: func(m *binary.Metadata) error { meta = m; return nil }}
	key, err := enc.Append(nil, binary.NewObject("Key").Set("id", int64(4)).Set("city", int32(3)))
	if err != nil {
		t.Fatal(err)
	}
	none := func(int32) *binary.Metadata { return nil }
	known := func(int32) *binary.Metadata { return meta }
	if got, ok := p.Of(raw(int32(6)), none); !ok || got != 2 {
		t.Errorf("int 6: %d %v", got, ok)
	}
	if _, ok := p.Of(key, none); ok {
		t.Error("an object key without metadata was placed")
	}
	if got, ok := p.Of(key, known); !ok || got != 3 {
		t.Errorf("affinity field 3: %d %v", got, ok)
	}
	other := raw(binary.NewObject("Other").Set("id", int64(4)))
	o, err := binary.ParseObject(other)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := p.Of(other, none); !ok || got != Partition(o.Hash(), 4) {
		t.Errorf("an object without affinity field: %d %v", got, ok)
	}
	if _, ok := p.Of(binary.Raw{101}, none); ok {
		t.Error("null has a partition")
	}
	p.Default = false
	if _, ok := p.Of(raw(int32(6)), none); ok {
		t.Error("a key of a custom affinity function was placed")
	}
}
