package wire

import "testing"

func TestPlainResponses(t *testing.T) {
	checkBody(t, 0, &EmptyResponse{}, &EmptyResponse{}, "")
	checkBody(t, 0, &BoolResponse{Value: true}, &BoolResponse{}, "01")
	checkBody(t, 0, &IntResponse{Value: -2}, &IntResponse{}, "feffffff")
	checkBody(t, 0, &LongResponse{Value: -2}, &LongResponse{}, "feffffffffffffff")
	checkBody(t, 0, &StringResponse{Value: "\u00e9"}, &StringResponse{}, "09 02000000 c3a9")
	checkBody(t, 0, &ObjectResponse{Value: value(t, []int32{1})}, &ObjectResponse{}, "0e 01000000 01000000")
}

func TestBoolResponseRejects(t *testing.T) {
	if err := decodeBody(&BoolResponse{}, []byte{2}, 0); err == nil {
		t.Error("no error for a bool of 2")
	}
}
