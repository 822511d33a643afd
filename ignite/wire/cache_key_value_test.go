package wire

import "testing"

func TestCacheKeyValueRequests(t *testing.T) {
	info := CacheInfo{CacheID: 0x12345678, Flags: FlagKeepBinary}
	key := value(t, int32(7))
	val := value(t, "v")
	for _, q := range []Request{
		&CachePutRequest{CacheInfo: info, Key: key, Value: val},
		&CachePutIfAbsentRequest{CacheInfo: info, Key: key, Value: val},
		&CacheGetAndPutRequest{CacheInfo: info, Key: key, Value: val},
		&CacheGetAndReplaceRequest{CacheInfo: info, Key: key, Value: val},
		&CacheGetAndPutIfAbsentRequest{CacheInfo: info, Key: key, Value: val},
		&CacheReplaceRequest{CacheInfo: info, Key: key, Value: val},
		&CacheRemoveIfEqualsRequest{CacheInfo: info, Key: key, Value: val},
	} {
		checkRequest(t, FeaturesClient, q, `
			78563412 01      # cache id, flags
			03 07000000      # key: int 7
			09 01000000 76   # value: "v"`)
	}
}
