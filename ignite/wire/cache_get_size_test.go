package wire

import "testing"

func TestCacheGetSizeRequest(t *testing.T) {
	checkRequest(t, 0, &CacheGetSizeRequest{CacheInfo: CacheInfo{CacheID: 1}, PeekModes: []uint8{PeekPrimary, PeekBackup}}, `
		01000000 00      # cache id, flags
		02000000 02 03   # 2 modes: primary, backup`)
	checkResponse(t, 0, OpCacheGetSize, &LongResponse{Value: 258}, "0201000000000000")
}
