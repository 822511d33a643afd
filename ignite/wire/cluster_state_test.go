package wire

import "testing"

func TestClusterGetState(t *testing.T) {
	checkRequest(t, FeaturesClient, &ClusterGetStateRequest{}, "")
	checkResponse(t, FeaturesClient, OpClusterGetState, &ClusterGetStateResponse{State: ClusterActiveReadOnly}, "02")
	checkResponse(t, 0, OpClusterGetState, &ClusterGetStateResponse{State: ClusterActive}, "01")
	checkResponse(t, 0, OpClusterGetState, &ClusterGetStateResponse{State: ClusterActiveReadOnly}, "01")
}

func TestClusterChangeStateRequest(t *testing.T) {
	checkRequest(t, FeaturesClient, &ClusterChangeStateRequest{State: ClusterActive, ForceDeactivation: true}, "01 01")
	checkRequest(t, FeaturesClient, &ClusterChangeStateRequest{State: ClusterInactive}, "00 00")
	checkRequest(t, 0, &ClusterChangeStateRequest{State: ClusterActive}, "01")

	q := &ClusterChangeStateRequest{}
	if err := decodeBody(q, []byte{0}, 0); err != nil || !q.ForceDeactivation {
		t.Errorf("without the feature: %+v, %v, want it forced", q, err)
	}
}

func TestClusterStateString(t *testing.T) {
	for s, want := range map[ClusterState]string{ClusterInactive: "INACTIVE", ClusterActiveReadOnly: "ACTIVE_READ_ONLY", 9: "9"} {
		if got := s.String(); got != want {
			t.Errorf("%d is %s, want %s", s, got, want)
		}
	}
}
