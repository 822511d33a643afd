package wire

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// CacheGetConfigurationRequest asks for a cache's configuration; answered by
// [CacheGetConfigurationResponse].
type CacheGetConfigurationRequest struct{ CacheInfo }

// Op implements [Request].
func (*CacheGetConfigurationRequest) Op() Op { return OpCacheGetConfiguration }

// Encode implements [Request].
func (q *CacheGetConfigurationRequest) Encode(w *binary.Writer, _ Features) { q.encodeBase(w) }

// Decode implements [Request].
func (q *CacheGetConfigurationRequest) Decode(r *binary.Reader, _ Features) { q.decodeBase(r) }

// CacheGetConfigurationResponse has every property of the configuration. Its
// layout is the order of Ignite's ClientCacheConfigurationSerializer.write.
type CacheGetConfigurationResponse struct{ Config CacheConfiguration }

// Encode implements [Response]. Properties that the configuration leaves open
// are sent with Ignite's defaults.
func (p *CacheGetConfigurationResponse) Encode(w *binary.Writer, f Features) {
	c := p.Config.WithDefaults()
	body := binary.Writer{}
	for _, prop := range configurationOrder {
		if codec, ok := codecOf(prop, f); ok {
			codec.put(&body, &c)
		}
	}
	w.PutInt32(int32(len(body.Buf)))
	w.PutBytes(body.Buf)
}

// Decode implements [Response]. Set names every property that the layout has.
func (p *CacheGetConfigurationResponse) Decode(r *binary.Reader, f Features) {
	p.Config = CacheConfiguration{}
	n := r.Int32()
	if n < 0 || int(n) > r.Len() {
		r.Fail("cache configuration", fmt.Sprintf("length %d, %d bytes remain", n, r.Len()))
		return
	}
	end := r.Pos() + int(n)
	for _, prop := range configurationOrder {
		if codec, ok := codecOf(prop, f); ok {
			codec.read(r, &p.Config)
			p.Config.Set = p.Config.Set.With(prop)
		}
	}
	if r.Err() == nil && r.Pos() != end {
		r.Fail("cache configuration", fmt.Sprintf("length %d does not end at byte %d", n, r.Pos()))
	}
}

// configurationOrder is the order of properties in the response.
var configurationOrder = []CacheProperty{
	PropertyAtomicityMode, PropertyBackups, PropertyCacheMode, PropertyCopyOnRead, PropertyDataRegionName,
	PropertyEagerTTL, PropertyStatisticsEnabled, PropertyGroupName, PropertyDefaultLockTimeout,
	PropertyMaxConcurrentAsyncOps, PropertyMaxQueryIterators, PropertyName, PropertyOnheapCacheEnabled,
	PropertyPartitionLossPolicy, PropertyQueryDetailMetricsSize, PropertyQueryParallelism, PropertyReadFromBackup,
	PropertyRebalanceBatchSize, PropertyRebalanceBatchesPrefetchCount, PropertyRebalanceDelay,
	PropertyRebalanceMode, PropertyRebalanceOrder, PropertyRebalanceThrottle, PropertyRebalanceTimeout,
	PropertySQLEscapeAll, PropertySQLIndexMaxInlineSize, PropertySQLSchema, PropertyWriteSync,
	PropertyKeyConfigurations, PropertyQueryEntities, PropertyExpiryPolicy,
}
