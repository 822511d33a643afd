package wire

import "testing"

func TestCachePutAllRequest(t *testing.T) {
	checkRequest(t, 0, &CachePutAllRequest{
		CacheInfo: CacheInfo{CacheID: 1},
		Entries:   []Entry{{Key: value(t, int32(7)), Value: value(t, "v")}, {Key: value(t, true), Value: value(t, nil)}},
	}, `
		01000000 00                  # cache id, flags
		02000000                     # 2 entries
		03 07000000 09 01000000 76   # 7, "v"
		08 01 65                     # true, null`)
}
