package wire

import "testing"

func TestCacheNodePartitionsResponse(t *testing.T) {
	checkResponse(t, 0, OpCacheNodePartitions, &CacheNodePartitionsResponse{Nodes: []AddressPartitions{
		{Port: 10800, Addresses: []string{"a", "b"}, Partitions: []int32{3, 5}},
	}}, `
		01000000                                  # 1 node
		302a0000                                  # port 10800
		02000000 09 01000000 61 09 01000000 62    # addresses
		02000000 03000000 05000000                # partitions`)
}
