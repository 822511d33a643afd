package wire

import (
	"testing"

	"github.com/google/uuid"
)

var testNodeID = uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")

func TestCachePartitionsRequest(t *testing.T) {
	q := &CachePartitionsRequest{WithCustomMappings: true, CacheIDs: []int32{1, 2}}
	checkRequest(t, FeaturesClient, q, "01 02000000 01000000 02000000")
	checkRequest(t, 0, q, "02000000 01000000 02000000")
}

func TestCachePartitionsResponse(t *testing.T) {
	p := &CachePartitionsResponse{
		Topology: AffinityVersion{Major: 3, Minor: 7},
		Groups: []PartitionGroup{{
			Applicable: true,
			Caches:     []PartitionCache{{CacheID: 1, KeyConfigs: []KeyConfig{{TypeID: 8, AffinityFieldID: 9}}}, {CacheID: 2}},
			Nodes:      []NodePartitions{{NodeID: testNodeID, Partitions: []int32{0, 4}}},
		}, {
			Caches: []PartitionCache{{CacheID: 3}},
		}},
	}
	head := `
		0300000000000000 07000000            # topology version 3.7
		02000000                             # 2 groups
		01 02000000                          # applicable, 2 caches
		01000000 01000000 08000000 09000000  # cache 1: type 8, affinity field 9
		02000000 00000000                    # cache 2: no key configuration
		01000000                             # 1 node
		0a 7766554433221100 ffeeddccbbaa9988 # its id: two little-endian longs
		02000000 00000000 04000000           # partitions 0 and 4
`
	tail := `
		00 01000000 03000000                 # not applicable: cache 3`
	checkResponse(t, FeaturesClient, OpCachePartitions, p, head+"00 # not the default affinity"+tail)
	checkResponse(t, 0, OpCachePartitions, p, head+tail)
}

// Without the feature only caches with the default affinity are applicable.
func TestCachePartitionsDefaultAffinity(t *testing.T) {
	var p CachePartitionsResponse
	goldenResponse(t, "no_features.hex/cache_partitions", &p)
	if len(p.Groups) != 2 {
		t.Fatalf("%d groups, want 2", len(p.Groups))
	}
	for _, g := range p.Groups {
		if g.DefaultAffinity != g.Applicable {
			t.Errorf("applicable %v, default affinity %v", g.Applicable, g.DefaultAffinity)
		}
		if g.Applicable && (len(g.Nodes) != 1 || len(g.Nodes[0].Partitions) != 1024) {
			t.Errorf("one node has %d entries", len(g.Nodes))
		}
	}
}
