package wire

import "testing"

func TestCacheCreateWithNameRequests(t *testing.T) {
	for _, q := range []Request{
		&CacheCreateWithNameRequest{Name: "KITTEN"},
		&CacheGetOrCreateWithNameRequest{Name: "KITTEN"},
	} {
		checkRequest(t, 0, q, "09 06000000 4b495454454e")
	}
}
