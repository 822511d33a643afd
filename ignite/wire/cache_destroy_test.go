package wire

import "testing"

func TestCacheDestroyRequest(t *testing.T) {
	checkRequest(t, 0, &CacheDestroyRequest{CacheID: 0x12345678}, "78563412")
	checkResponse(t, 0, OpCacheDestroy, &EmptyResponse{}, "")
}
