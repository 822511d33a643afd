package wire

import "testing"

func TestCacheReplaceIfEqualsRequest(t *testing.T) {
	checkRequest(t, 0, &CacheReplaceIfEqualsRequest{
		CacheInfo: CacheInfo{CacheID: 1},
		Key:       value(t, int32(7)), Value: value(t, int32(8)), NewValue: value(t, int32(9)),
	}, `
		01000000 00   # cache id, flags
		03 07000000   # key
		03 08000000   # value compared
		03 09000000   # value stored`)
}
