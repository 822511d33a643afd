package wire

import "testing"

func TestCacheGetConfigurationRequest(t *testing.T) {
	checkRequest(t, 0, &CacheGetConfigurationRequest{CacheInfo{CacheID: 1, Flags: FlagKeepBinary}}, "01000000 01")
}

func TestCacheGetConfigurationResponse(t *testing.T) {
	checkResponse(t, 0, OpCacheGetConfiguration, &CacheGetConfigurationResponse{Config: CacheConfiguration{
		Name: "C", Backups: 1, SQLSchema: "PUBLIC", RebalanceThrottleMillis: 5,
	}}, `
		7e000000              # length
		01000000              # atomicity: atomic
		01000000              # backups
		02000000              # mode: partitioned
		01                    # copy on read
		65                    # data region: the default
		01                    # eager TTL
		00                    # statistics
		65                    # no group
		0000000000000000      # default lock timeout
		f4010000              # max concurrent async operations
		00040000              # max query iterators
		09 01000000 43        # name
		00                    # on-heap cache
		04000000              # partition loss policy: ignore
		00000000              # query detail metrics
		01000000              # query parallelism
		01                    # read from backup
		00000800              # rebalance batch size
		0300000000000000      # rebalance batches prefetched
		0000000000000000      # rebalance delay
		01000000              # rebalance mode: async
		00000000              # rebalance order
		0500000000000000      # rebalance throttle
		1027000000000000      # rebalance timeout
		00                    # escape all
		ffffffff              # SQL index inline size
		09 06000000 5055424c4943 # SQL schema
		02000000              # write synchronization: primary
		00000000              # no key configurations
		00000000              # no query entities
		00                    # no expiry policy`)
}

func TestCacheGetConfigurationLength(t *testing.T) {
	good := encodeBody(&CacheGetConfigurationResponse{}, 0)
	for _, wrong := range []byte{good[0] - 1, good[0] + 1} {
		bad := append([]byte{wrong}, good[1:]...)
		bad = append(bad, 0)
		if err := decodeBody(&CacheGetConfigurationResponse{}, bad, 0); err == nil {
			t.Errorf("no error for a length of %d, want %d", wrong, good[0])
		}
	}
}
