package wire

import "testing"

func TestBinaryTypeName(t *testing.T) {
	checkRequest(t, 0, &BinaryTypeNameGetRequest{Platform: 1, TypeID: 258}, "01 02010000")
	checkResponse(t, 0, OpBinaryTypeNameGet, &StringResponse{Value: "K"}, "09 01000000 4b")
	checkResponse(t, 0, OpBinaryTypeNameGet, &StringResponse{}, "65")
	checkRequest(t, 0, &BinaryTypeNamePutRequest{TypeID: 258, TypeName: "K"}, "00 02010000 09 01000000 4b")
	checkResponse(t, 0, OpBinaryTypeNamePut, &BoolResponse{Value: true}, "01")
}
