package wire

import "testing"

func TestCacheGetNames(t *testing.T) {
	checkRequest(t, 0, &CacheGetNamesRequest{}, "")
	checkResponse(t, 0, OpCacheGetNames, &CacheGetNamesResponse{Names: []string{"A", "B"}}, `
		02000000         # 2 names
		09 01000000 41
		09 01000000 42`)
	checkResponse(t, 0, OpCacheGetNames, &CacheGetNamesResponse{}, "00000000")
}
