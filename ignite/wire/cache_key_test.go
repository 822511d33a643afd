package wire

import "testing"

func TestCacheKeyRequests(t *testing.T) {
	info := CacheInfo{CacheID: 0x12345678, Flags: FlagKeepBinary}
	key := value(t, int32(7))
	for _, q := range []Request{
		&CacheGetRequest{CacheInfo: info, Key: key},
		&CacheContainsKeyRequest{CacheInfo: info, Key: key},
		&CacheGetAndRemoveRequest{CacheInfo: info, Key: key},
		&CacheRemoveKeyRequest{CacheInfo: info, Key: key},
		&CacheClearKeyRequest{CacheInfo: info, Key: key},
		&CacheLocalPeekRequest{CacheInfo: info, Key: key},
	} {
		checkRequest(t, FeaturesClient, q, `
			78563412 01   # cache id, flags
			03 07000000   # key: int 7`)
	}
}

func TestCacheGetResponse(t *testing.T) {
	checkResponse(t, 0, OpCacheGet, &ObjectResponse{Value: value(t, "v")}, "09 01000000 76")
	checkResponse(t, 0, OpCacheGet, &ObjectResponse{Value: value(t, nil)}, "65")
}

// A Raw that was left out is null, so that the message stays whole.
func TestCacheKeyRequestWithoutKey(t *testing.T) {
	if got := encodeBody(&CacheGetRequest{}, 0); string(got) != "\x00\x00\x00\x00\x00\x65" {
		t.Errorf("encodes to %x", got)
	}
}
