package affinity

// Partition counts that Ignite gives to caches whose configuration does not
// name an affinity function, as caches made through the thin protocol never do.
const (
	// DefaultPartitions is the count of a PARTITIONED cache
	// (RendezvousAffinityFunction.DFLT_PARTITION_COUNT).
	DefaultPartitions = 1024
	// ReplicatedPartitions is the count of a REPLICATED cache
	// (CacheUtils.initializeConfigDefaults).
	ReplicatedPartitions = 512
	// MaxPartitions is the largest count Ignite accepts
	// (CacheConfiguration.MAX_PARTITIONS_COUNT).
	MaxPartitions = 65000
)

// Partition returns the partition in [0, parts) of a key with the given Java
// hash code. A power of two spreads the upper half of the hash and masks;
// anything else takes the absolute remainder. parts must be positive.
//
// Source: RendezvousAffinityFunction.calculatePartition.
func Partition(hash int32, parts int) int {
	if parts&(parts-1) == 0 {
		h := uint32(hash)
		return int((h ^ h>>16) & uint32(parts-1))
	}
	p := int(hash) % parts
	if p < 0 {
		p = -p
	}
	return p
}
