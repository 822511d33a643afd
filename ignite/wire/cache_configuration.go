package wire

import "strconv"

// CacheConfiguration is what a client can say and learn of a cache's
// configuration (Ignite's CacheConfiguration). In a request that creates a
// cache, fields that hold their zero value are not sent and the server's
// default holds; Set names properties to send nevertheless. Durations are
// milliseconds.
type CacheConfiguration struct {
	Name           string
	Mode           CacheMode
	Atomicity      AtomicityMode
	Backups        int32
	WriteSync      WriteSyncMode
	GroupName      string
	DataRegionName string

	CopyOnRead         *bool // nil: true
	ReadFromBackup     *bool // nil: true
	EagerTTL           *bool // nil: true
	OnheapCacheEnabled bool
	StatisticsEnabled  bool

	// ExpiryPolicy are the times to live after creation, update and access,
	// in milliseconds or [ExpiryUnchanged], [ExpiryEternal], [ExpiryZero];
	// nil for none.
	ExpiryPolicy *[3]int64

	DefaultLockTimeoutMillis int64
	MaxConcurrentAsyncOps    int32 // default 500; 0 in a response is no limit
	PartitionLossPolicy      PartitionLossPolicy

	QueryParallelism       int32 // default 1
	QueryDetailMetricsSize int32
	MaxQueryIterators      int32 // default 1024
	SQLSchema              string
	SQLEscapeAll           bool
	SQLIndexMaxInlineSize  int32 // default -1: from the index's columns

	RebalanceMode                 RebalanceMode
	RebalanceDelayMillis          int64
	RebalanceTimeoutMillis        int64 // default 10000
	RebalanceBatchBytes           int32 // default 524288
	RebalanceBatchesPrefetchCount int64 // default 3
	RebalanceOrder                int32
	RebalanceThrottleMillis       int64

	KeyConfigurations []KeyConfiguration
	QueryEntities     []QueryEntity

	// Set has the properties that are sent even when they hold their zero
	// value. After Decode it has exactly those that were there.
	Set CachePropertySet
}

// WithDefaults returns a copy in which every property that is neither set nor
// other than zero has the default of Ignite 2.17.
func (c CacheConfiguration) WithDefaults() CacheConfiguration {
	fill(&c, PropertyCacheMode, &c.Mode, CacheModePartitioned)
	fill(&c, PropertyAtomicityMode, &c.Atomicity, AtomicityAtomic)
	fill(&c, PropertyWriteSync, &c.WriteSync, WriteSyncPrimarySync)
	fill(&c, PropertyPartitionLossPolicy, &c.PartitionLossPolicy, PartitionLossIgnore)
	fill(&c, PropertyRebalanceMode, &c.RebalanceMode, RebalanceAsync)
	fill(&c, PropertyMaxConcurrentAsyncOps, &c.MaxConcurrentAsyncOps, 500)
	fill(&c, PropertyQueryParallelism, &c.QueryParallelism, 1)
	fill(&c, PropertyMaxQueryIterators, &c.MaxQueryIterators, 1024)
	fill(&c, PropertySQLIndexMaxInlineSize, &c.SQLIndexMaxInlineSize, -1)
	fill(&c, PropertyRebalanceTimeout, &c.RebalanceTimeoutMillis, 10_000)
	fill(&c, PropertyRebalanceBatchSize, &c.RebalanceBatchBytes, 512<<10)
	fill(&c, PropertyRebalanceBatchesPrefetchCount, &c.RebalanceBatchesPrefetchCount, 3)
	for _, b := range []**bool{&c.CopyOnRead, &c.ReadFromBackup, &c.EagerTTL} {
		if *b == nil {
			*b = new(true)
		}
	}
	return c
}

func fill[T comparable](c *CacheConfiguration, p CacheProperty, at *T, def T) {
	var zero T
	if *at == zero && !c.Set.Has(p) {
		*at = def
	}
}

// CacheMode says how entries spread over nodes. The zero value leaves it to
// the server, whose default is partitioned.
type CacheMode int32

// The cache modes; the numbers are the wire's.
const (
	CacheModeReplicated  CacheMode = 1
	CacheModePartitioned CacheMode = 2
)

// String returns Ignite's name of the mode.
func (m CacheMode) String() string { return enumName(int(m), "", "REPLICATED", "PARTITIONED") }

// AtomicityMode says whether a cache takes part in transactions. The zero
// value leaves it to the server, whose default is atomic. The wire's numbers
// are one less.
type AtomicityMode int32

// The atomicity modes.
const (
	AtomicityTransactional AtomicityMode = 1
	AtomicityAtomic        AtomicityMode = 2
)

// String returns Ignite's name of the mode.
func (m AtomicityMode) String() string { return enumName(int(m), "", "TRANSACTIONAL", "ATOMIC") }

// WriteSyncMode says which nodes a write waits for. The zero value leaves it
// to the server, whose default is the primary. The wire's numbers are one
// less.
type WriteSyncMode int32

// The write synchronization modes.
const (
	WriteSyncFullSync    WriteSyncMode = 1
	WriteSyncFullAsync   WriteSyncMode = 2
	WriteSyncPrimarySync WriteSyncMode = 3
)

// String returns Ignite's name of the mode.
func (m WriteSyncMode) String() string {
	return enumName(int(m), "", "FULL_SYNC", "FULL_ASYNC", "PRIMARY_SYNC")
}

// RebalanceMode says how partitions move when nodes come and go. The zero
// value leaves it to the server, whose default is async. The wire's numbers
// are one less.
type RebalanceMode int32

// The rebalance modes.
const (
	RebalanceSync  RebalanceMode = 1
	RebalanceAsync RebalanceMode = 2
	RebalanceNone  RebalanceMode = 3
)

// String returns Ignite's name of the mode.
func (m RebalanceMode) String() string { return enumName(int(m), "", "SYNC", "ASYNC", "NONE") }

// PartitionLossPolicy says what a cache still does once all copies of a
// partition are lost. The zero value leaves it to the server, whose default
// is ignore. The wire's numbers are one less.
type PartitionLossPolicy int32

// The partition loss policies.
const (
	PartitionLossReadOnlySafe  PartitionLossPolicy = 1
	PartitionLossReadOnlyAll   PartitionLossPolicy = 2
	PartitionLossReadWriteSafe PartitionLossPolicy = 3
	PartitionLossReadWriteAll  PartitionLossPolicy = 4
	PartitionLossIgnore        PartitionLossPolicy = 5
)

// String returns Ignite's name of the policy.
func (p PartitionLossPolicy) String() string {
	return enumName(int(p), "", "READ_ONLY_SAFE", "READ_ONLY_ALL", "READ_WRITE_SAFE", "READ_WRITE_ALL", "IGNORE")
}

// enumName picks the i-th name; the number when there is none.
func enumName(i int, names ...string) string {
	if i == 0 && names[0] == "" {
		return "DEFAULT"
	}
	if i >= 0 && i < len(names) {
		return names[i]
	}
	return strconv.Itoa(i)
}
