package wire

import (
	"testing"

	"github.com/google/uuid"
)

func TestClusterGroupGetNodeEndpoints(t *testing.T) {
	checkRequest(t, 0, &ClusterGroupGetNodeEndpointsRequest{StartTopology: UnknownTopology, EndTopology: 2},
		"ffffffffffffffff 0200000000000000")
	checkResponse(t, 0, OpClusterGroupGetNodeEndpoints, &ClusterGroupGetNodeEndpointsResponse{
		Topology: 3,
		Added:    []NodeEndpoint{{ID: testNodeID, Port: 10800, Addresses: []string{"a"}}},
		Removed:  []uuid.UUID{testNodeID},
	}, `
		0300000000000000                   # topology version
		01000000                           # 1 node came
		7766554433221100 ffeeddccbbaa9988  # its id, without a type byte
		302a0000                           # port 10800
		01000000 09 01000000 61            # address
		01000000                           # 1 node went
		7766554433221100 ffeeddccbbaa9988`)
}
