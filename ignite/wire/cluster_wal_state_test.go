package wire

import "testing"

func TestClusterWalState(t *testing.T) {
	checkRequest(t, 0, &ClusterChangeWalStateRequest{CacheName: "C", Enabled: true}, "09 01000000 43 01")
	checkRequest(t, 0, &ClusterGetWalStateRequest{CacheName: "C"}, "09 01000000 43")
}
