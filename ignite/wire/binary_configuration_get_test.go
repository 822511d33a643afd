package wire

import "testing"

func TestBinaryConfigurationGet(t *testing.T) {
	checkRequest(t, 0, &BinaryConfigurationGetRequest{}, "")
	checkResponse(t, 0, OpBinaryConfigurationGet, &BinaryConfigurationGetResponse{CompactFooter: true, NameMapper: NameMapperBasicSimple}, "01 01")
}
