package wire

import "testing"

func TestHeartbeat(t *testing.T) {
	checkRequest(t, 0, &HeartbeatRequest{}, "")
	checkResponse(t, 0, OpHeartbeat, &EmptyResponse{}, "")
	checkRequest(t, 0, &GetIdleTimeoutRequest{}, "")
	checkResponse(t, 0, OpGetIdleTimeout, &LongResponse{Value: 30000}, "3075000000000000")
}
