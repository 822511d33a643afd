package wire

import "testing"

func TestCacheInfo(t *testing.T) {
	key := value(t, true)
	expiry := &[3]int64{1000, ExpiryUnchanged, ExpiryEternal}
	checkRequest(t, 0, &CacheGetRequest{CacheInfo: CacheInfo{CacheID: 1, Flags: FlagTransactional, TxID: 5}, Key: key}, `
		01000000 02   # cache id, flags
		05000000      # transaction
		08 01`)
	checkRequest(t, 0, &CacheGetRequest{CacheInfo: CacheInfo{CacheID: 1, Flags: FlagKeepBinary | FlagTransactional, TxID: 5, Expiry: expiry}, Key: key}, `
		01000000 07        # cache id, flags
		e803000000000000   # after creation: 1 s
		feffffffffffffff   # after update: unchanged
		ffffffffffffffff   # after access: eternal
		05000000           # transaction, after the expiry policy
		08 01`)
}

// The flag follows the field, whatever the caller wrote.
func TestCacheInfoExpiryFlag(t *testing.T) {
	got := encodeBody(&CacheClearRequest{CacheInfo{CacheID: 1, Flags: FlagExpiryPolicy}}, 0)
	if want := fromHex(t, "01000000 00"); string(got) != string(want) {
		t.Errorf("encodes to %x, want %x", got, want)
	}
}

// Requests on a cache's configuration have no transaction.
func TestCacheInfoWithoutTransaction(t *testing.T) {
	checkRequest(t, 0, &CacheGetConfigurationRequest{CacheInfo{CacheID: 1, Flags: FlagTransactional}}, "01000000 02")
	checkRequest(t, 0, &CacheNodePartitionsRequest{CacheInfo{CacheID: 1}}, "01000000 00")
}
