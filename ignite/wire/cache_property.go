package wire

import (
	"math/bits"
	"slices"
	"strconv"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// CacheProperty is the code of a cache property in a request that creates a
// cache (Ignite's ClientCacheConfigurationSerializer).
type CacheProperty int16

// The properties of protocol 1.7.0.
const (
	PropertyName                          CacheProperty = 0
	PropertyCacheMode                     CacheProperty = 1
	PropertyAtomicityMode                 CacheProperty = 2
	PropertyBackups                       CacheProperty = 3
	PropertyWriteSync                     CacheProperty = 4
	PropertyCopyOnRead                    CacheProperty = 5
	PropertyReadFromBackup                CacheProperty = 6
	PropertyDataRegionName                CacheProperty = 100
	PropertyOnheapCacheEnabled            CacheProperty = 101
	PropertyQueryEntities                 CacheProperty = 200
	PropertyQueryParallelism              CacheProperty = 201
	PropertyQueryDetailMetricsSize        CacheProperty = 202
	PropertySQLSchema                     CacheProperty = 203
	PropertySQLIndexMaxInlineSize         CacheProperty = 204
	PropertySQLEscapeAll                  CacheProperty = 205
	PropertyMaxQueryIterators             CacheProperty = 206
	PropertyRebalanceMode                 CacheProperty = 300
	PropertyRebalanceDelay                CacheProperty = 301
	PropertyRebalanceTimeout              CacheProperty = 302
	PropertyRebalanceBatchSize            CacheProperty = 303
	PropertyRebalanceBatchesPrefetchCount CacheProperty = 304
	PropertyRebalanceOrder                CacheProperty = 305
	PropertyRebalanceThrottle             CacheProperty = 306
	PropertyGroupName                     CacheProperty = 400
	PropertyKeyConfigurations             CacheProperty = 401
	PropertyDefaultLockTimeout            CacheProperty = 402
	PropertyMaxConcurrentAsyncOps         CacheProperty = 403
	PropertyPartitionLossPolicy           CacheProperty = 404
	PropertyEagerTTL                      CacheProperty = 405
	PropertyStatisticsEnabled             CacheProperty = 406
	PropertyExpiryPolicy                  CacheProperty = 407
)

// String returns the property's name.
func (p CacheProperty) String() string {
	if name, ok := propertyNames[p]; ok {
		return name
	}
	return "PROPERTY(" + strconv.Itoa(int(p)) + ")"
}

var propertyNames = map[CacheProperty]string{
	PropertyName:                          "Name",
	PropertyCacheMode:                     "CacheMode",
	PropertyAtomicityMode:                 "AtomicityMode",
	PropertyBackups:                       "Backups",
	PropertyWriteSync:                     "WriteSync",
	PropertyCopyOnRead:                    "CopyOnRead",
	PropertyReadFromBackup:                "ReadFromBackup",
	PropertyDataRegionName:                "DataRegionName",
	PropertyOnheapCacheEnabled:            "OnheapCacheEnabled",
	PropertyQueryEntities:                 "QueryEntities",
	PropertyQueryParallelism:              "QueryParallelism",
	PropertyQueryDetailMetricsSize:        "QueryDetailMetricsSize",
	PropertySQLSchema:                     "SQLSchema",
	PropertySQLIndexMaxInlineSize:         "SQLIndexMaxInlineSize",
	PropertySQLEscapeAll:                  "SQLEscapeAll",
	PropertyMaxQueryIterators:             "MaxQueryIterators",
	PropertyRebalanceMode:                 "RebalanceMode",
	PropertyRebalanceDelay:                "RebalanceDelay",
	PropertyRebalanceTimeout:              "RebalanceTimeout",
	PropertyRebalanceBatchSize:            "RebalanceBatchSize",
	PropertyRebalanceBatchesPrefetchCount: "RebalanceBatchesPrefetchCount",
	PropertyRebalanceOrder:                "RebalanceOrder",
	PropertyRebalanceThrottle:             "RebalanceThrottle",
	PropertyGroupName:                     "GroupName",
	PropertyKeyConfigurations:             "KeyConfigurations",
	PropertyDefaultLockTimeout:            "DefaultLockTimeout",
	PropertyMaxConcurrentAsyncOps:         "MaxConcurrentAsyncOps",
	PropertyPartitionLossPolicy:           "PartitionLossPolicy",
	PropertyEagerTTL:                      "EagerTTL",
	PropertyStatisticsEnabled:             "StatisticsEnabled",
	PropertyExpiryPolicy:                  "ExpiryPolicy",
}

// CachePropertySet is a set of properties; the zero value is empty. Codes
// that Ignite does not define are never in it.
type CachePropertySet uint64

// Has reports whether the property is in the set.
func (s CachePropertySet) Has(p CacheProperty) bool {
	i := slices.Index(requestOrder, p)
	return i >= 0 && s>>i&1 == 1
}

// With returns the set with the properties added.
func (s CachePropertySet) With(ps ...CacheProperty) CachePropertySet {
	for _, p := range ps {
		if i := slices.Index(requestOrder, p); i >= 0 {
			s |= 1 << i
		}
	}
	return s
}

// Len returns how many properties the set has.
func (s CachePropertySet) Len() int { return bits.OnesCount64(uint64(s)) }

// requestOrder is the order in which a request is written; a server takes any.
var requestOrder = []CacheProperty{
	PropertyName, PropertyCacheMode, PropertyAtomicityMode, PropertyBackups,
	PropertyWriteSync, PropertyCopyOnRead, PropertyReadFromBackup, PropertyDataRegionName,
	PropertyOnheapCacheEnabled, PropertyQueryEntities, PropertyQueryParallelism, PropertyQueryDetailMetricsSize,
	PropertySQLSchema, PropertySQLIndexMaxInlineSize, PropertySQLEscapeAll, PropertyMaxQueryIterators,
	PropertyRebalanceMode, PropertyRebalanceDelay, PropertyRebalanceTimeout, PropertyRebalanceBatchSize,
	PropertyRebalanceBatchesPrefetchCount, PropertyRebalanceOrder, PropertyRebalanceThrottle, PropertyGroupName,
	PropertyKeyConfigurations, PropertyDefaultLockTimeout, PropertyMaxConcurrentAsyncOps, PropertyPartitionLossPolicy,
	PropertyEagerTTL, PropertyStatisticsEnabled, PropertyExpiryPolicy,
}

// propertyCodec moves one property between a configuration and the wire.
type propertyCodec struct {
	given func(*CacheConfiguration) bool // says something else than "server's default"
	put   func(*binary.Writer, *CacheConfiguration)
	read  func(*binary.Reader, *CacheConfiguration)
}

var propertyCodecs = map[CacheProperty]propertyCodec{
	PropertyName:                          strProperty(func(c *CacheConfiguration) *string { return &c.Name }),
	PropertyCacheMode:                     enumProperty(0, func(c *CacheConfiguration) *CacheMode { return &c.Mode }),
	PropertyAtomicityMode:                 enumProperty(1, func(c *CacheConfiguration) *AtomicityMode { return &c.Atomicity }),
	PropertyBackups:                       intProperty(func(c *CacheConfiguration) *int32 { return &c.Backups }),
	PropertyWriteSync:                     enumProperty(1, func(c *CacheConfiguration) *WriteSyncMode { return &c.WriteSync }),
	PropertyCopyOnRead:                    optBoolProperty(func(c *CacheConfiguration) **bool { return &c.CopyOnRead }),
	PropertyReadFromBackup:                optBoolProperty(func(c *CacheConfiguration) **bool { return &c.ReadFromBackup }),
	PropertyDataRegionName:                strProperty(func(c *CacheConfiguration) *string { return &c.DataRegionName }),
	PropertyOnheapCacheEnabled:            boolProperty(func(c *CacheConfiguration) *bool { return &c.OnheapCacheEnabled }),
	PropertyQueryEntities:                 listProperty(queryEntityMinBytes, readQueryEntity, putQueryEntity, queryEntities),
	PropertyQueryParallelism:              intProperty(func(c *CacheConfiguration) *int32 { return &c.QueryParallelism }),
	PropertyQueryDetailMetricsSize:        intProperty(func(c *CacheConfiguration) *int32 { return &c.QueryDetailMetricsSize }),
	PropertySQLSchema:                     strProperty(func(c *CacheConfiguration) *string { return &c.SQLSchema }),
	PropertySQLIndexMaxInlineSize:         intProperty(func(c *CacheConfiguration) *int32 { return &c.SQLIndexMaxInlineSize }),
	PropertySQLEscapeAll:                  boolProperty(func(c *CacheConfiguration) *bool { return &c.SQLEscapeAll }),
	PropertyMaxQueryIterators:             intProperty(func(c *CacheConfiguration) *int32 { return &c.MaxQueryIterators }),
	PropertyRebalanceMode:                 enumProperty(1, func(c *CacheConfiguration) *RebalanceMode { return &c.RebalanceMode }),
	PropertyRebalanceDelay:                longProperty(func(c *CacheConfiguration) *int64 { return &c.RebalanceDelayMillis }),
	PropertyRebalanceTimeout:              longProperty(func(c *CacheConfiguration) *int64 { return &c.RebalanceTimeoutMillis }),
	PropertyRebalanceBatchSize:            intProperty(func(c *CacheConfiguration) *int32 { return &c.RebalanceBatchBytes }),
	PropertyRebalanceBatchesPrefetchCount: longProperty(func(c *CacheConfiguration) *int64 { return &c.RebalanceBatchesPrefetchCount }),
	PropertyRebalanceOrder:                intProperty(func(c *CacheConfiguration) *int32 { return &c.RebalanceOrder }),
	PropertyRebalanceThrottle:             longProperty(func(c *CacheConfiguration) *int64 { return &c.RebalanceThrottleMillis }),
	PropertyGroupName:                     strProperty(func(c *CacheConfiguration) *string { return &c.GroupName }),
	PropertyKeyConfigurations: listProperty(keyConfigurationMinBytes, readKeyConfiguration, putKeyConfiguration,
		func(c *CacheConfiguration) *[]KeyConfiguration { return &c.KeyConfigurations }),
	PropertyDefaultLockTimeout:    longProperty(func(c *CacheConfiguration) *int64 { return &c.DefaultLockTimeoutMillis }),
	PropertyMaxConcurrentAsyncOps: intProperty(func(c *CacheConfiguration) *int32 { return &c.MaxConcurrentAsyncOps }),
	PropertyPartitionLossPolicy:   enumProperty(1, func(c *CacheConfiguration) *PartitionLossPolicy { return &c.PartitionLossPolicy }),
	PropertyEagerTTL:              optBoolProperty(func(c *CacheConfiguration) **bool { return &c.EagerTTL }),
	PropertyStatisticsEnabled:     boolProperty(func(c *CacheConfiguration) *bool { return &c.StatisticsEnabled }),
	PropertyExpiryPolicy:          expiryProperty,
}

// queryEntitiesBefore120 is PropertyQueryEntities with [LayoutBefore120].
var queryEntitiesBefore120 = listProperty(queryEntityMinBytes, readQueryEntityBefore120, putQueryEntityBefore120, queryEntities)

func queryEntities(c *CacheConfiguration) *[]QueryEntity { return &c.QueryEntities }

// codecOf returns the codec of a property with the features, false when there is no such
// property.
func codecOf(p CacheProperty, f Features) (propertyCodec, bool) {
	if p == PropertyQueryEntities && f.Has(LayoutBefore120) {
		return queryEntitiesBefore120, true
	}
	codec, ok := propertyCodecs[p]
	return codec, ok && (p != PropertyExpiryPolicy || !f.Has(LayoutBefore160))
}

func strProperty(at func(*CacheConfiguration) *string) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) != "" },
		put:   func(w *binary.Writer, c *CacheConfiguration) { putStr(w, *at(c)) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = r.Str() },
	}
}

func boolProperty(at func(*CacheConfiguration) *bool) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) },
		put:   func(w *binary.Writer, c *CacheConfiguration) { w.PutBool(*at(c)) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = r.Bool() },
	}
}

// optBoolProperty is a property whose default is true.
func optBoolProperty(at func(*CacheConfiguration) **bool) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) != nil },
		put:   func(w *binary.Writer, c *CacheConfiguration) { w.PutBool(*at(c) == nil || **at(c)) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = new(r.Bool()) },
	}
}

func intProperty(at func(*CacheConfiguration) *int32) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) != 0 },
		put:   func(w *binary.Writer, c *CacheConfiguration) { w.PutInt32(*at(c)) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = r.Int32() },
	}
}

func longProperty(at func(*CacheConfiguration) *int64) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) != 0 },
		put:   func(w *binary.Writer, c *CacheConfiguration) { w.PutInt64(*at(c)) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = r.Int64() },
	}
}

// enumProperty is an int32 on the wire; the Go value is greater by shift, so
// that 0 stays free for "server's default".
func enumProperty[E ~int32](shift E, at func(*CacheConfiguration) *E) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return *at(c) != 0 },
		put:   func(w *binary.Writer, c *CacheConfiguration) { w.PutInt32(int32(*at(c) - shift)) },
		read: func(r *binary.Reader, c *CacheConfiguration) {
			v := r.Int32()
			if v < 0 || v > maxEnum {
				r.Fail("cache configuration", "enum value "+strconv.Itoa(int(v))+" is out of range")
				return
			}
			*at(c) = E(v) + shift
		},
	}
}

// maxEnum is above any ordinal that Ignite has or will have.
const maxEnum = 127

func listProperty[T any](
	minBytes int, read func(*binary.Reader) T, put func(*binary.Writer, T), at func(*CacheConfiguration) *[]T,
) propertyCodec {
	return propertyCodec{
		given: func(c *CacheConfiguration) bool { return len(*at(c)) > 0 },
		put:   func(w *binary.Writer, c *CacheConfiguration) { putList(w, *at(c), put) },
		read:  func(r *binary.Reader, c *CacheConfiguration) { *at(c) = readList(r, minBytes, read) },
	}
}

var expiryProperty = propertyCodec{
	given: func(c *CacheConfiguration) bool { return c.ExpiryPolicy != nil },
	put: func(w *binary.Writer, c *CacheConfiguration) {
		w.PutBool(c.ExpiryPolicy != nil)
		if c.ExpiryPolicy != nil {
			for _, ms := range c.ExpiryPolicy {
				w.PutInt64(ms)
			}
		}
	},
	read: func(r *binary.Reader, c *CacheConfiguration) {
		c.ExpiryPolicy = nil
		if r.Bool() {
			c.ExpiryPolicy = &[3]int64{r.Int64(), r.Int64(), r.Int64()}
		}
	},
}
