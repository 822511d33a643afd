package wire

import "testing"

func TestCacheClearRequests(t *testing.T) {
	info := CacheInfo{CacheID: 0x12345678, Flags: FlagKeepBinary}
	for _, q := range []Request{
		&CacheClearRequest{info},
		&CacheRemoveAllRequest{info},
	} {
		checkRequest(t, FeaturesClient, q, `78563412 01`)
	}
}
