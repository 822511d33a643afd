package wire

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

func TestCacheKeysRequests(t *testing.T) {
	info := CacheInfo{CacheID: 0x12345678, Flags: FlagKeepBinary}
	keys := []binary.Raw{value(t, int32(7)), value(t, "k")}
	for _, q := range []Request{
		&CacheGetAllRequest{CacheInfo: info, Keys: keys},
		&CacheContainsKeysRequest{CacheInfo: info, Keys: keys},
		&CacheClearKeysRequest{CacheInfo: info, Keys: keys},
		&CacheRemoveKeysRequest{CacheInfo: info, Keys: keys},
	} {
		checkRequest(t, FeaturesClient, q, `
			78563412 01      # cache id, flags
			02000000         # 2 keys
			03 07000000      # int 7
			09 01000000 6b   # "k"`)
	}
}

func TestCacheGetAllResponse(t *testing.T) {
	checkResponse(t, 0, OpCacheGetAll, &EntriesResponse{Entries: []Entry{{Key: value(t, int32(7)), Value: value(t, "v")}}}, `
		01000000         # 1 entry
		03 07000000      # key: int 7
		09 01000000 76   # value: "v"`)
}
