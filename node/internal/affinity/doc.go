// Package affinity maps keys to partitions the way Ignite's
// RendezvousAffinityFunction does.
//
// Only the key to partition half is here: the embedded node is alone, so it
// owns every partition and nothing has to be rendezvoused.
//
//	p := affinity.Partition(binary.HashCode(key), affinity.DefaultPartitions)
//
// The package has no state and is safe for use by several goroutines.
package affinity
