package wire

import (
	"math/bits"
	"strconv"
	"strings"
)

// Feature is the number of a bit in the feature mask that client and server
// exchange in the handshake, as in Ignite's ClientBitmaskFeature. A feature
// that both sides have changes the layout of some messages.
type Feature uint8

// The features of Ignite 2.17, and the last four of 2.18.
const (
	FeatureUserAttributes                Feature = 0 // handshake carries a map of user attributes
	FeatureExecuteTaskByName             Feature = 1
	FeatureClusterStates                 Feature = 2 // 5000 answers a state byte instead of a bool
	FeatureClusterGroupGetNodesEndpoints Feature = 3 // 5102 is served
	FeatureClusterGroups                 Feature = 4
	FeatureServiceInvoke                 Feature = 5
	FeatureDefaultQueryTimeout           Feature = 6 // 2004: timeout 0 is none, -1 the server's default
	FeatureQueryPartitionsBatchSize      Feature = 7 // 2004 ends in partitions and update batch size
	FeatureBinaryConfiguration           Feature = 8 // 3004 is served
	FeatureGetServiceDescriptors         Feature = 9
	FeatureServiceInvokeCallContext      Feature = 10 // 7000 ends in a call context
	FeatureHeartbeat                     Feature = 11 // 1 and 2 are served
	FeatureDataReplicationOperations     Feature = 12
	FeatureAllAffinityMappings           Feature = 13 // 1101 asks for custom mappings, answers the default affinity
	FeatureIndexQuery                    Feature = 14
	FeatureIndexQueryLimit               Feature = 15 // 2008 has a limit
	FeatureServiceTopology               Feature = 16
	FeatureCacheInvoke                   Feature = 17
	FeatureTxAwareQueries                Feature = 18 // queries see the writes of their transaction
	FeatureForceDeactivationFlag         Feature = 19 // 5001 ends in a force flag
	FeatureCacheStorages                 Feature = 20
	FeatureSQLCacheCreation              Feature = 21
	FeatureDataCenterAware               Feature = 22 // 1101 names a data center
	FeatureQueryInitiatorID              Feature = 23 // 2004 ends in an initiator id
)

// Two more are not exchanged. They stand for what protocol versions before 1.7.0 lack, and
// a server puts them into the features of a connection of such a version.
const (
	LayoutBefore160 Feature = 62 // no expiry policy in a cache configuration
	LayoutBefore120 Feature = 63 // neither precision nor scale in a query entity
)

// String returns Ignite's name of the feature, such as "CLUSTER_STATES".
func (f Feature) String() string {
	if int(f) < len(featureNames) {
		return featureNames[f]
	}
	return "FEATURE(" + strconv.Itoa(int(f)) + ")"
}

// Features is a set of features. The zero value is the empty set. Values are
// compared with ==. Bits from 62 on, which no Ignite defines, are dropped.
type Features uint64

// FeaturesClient is what a client of this package offers: exactly the
// features whose layouts the messages here follow. Offering a bit that is
// not implemented would make the server speak a layout nobody reads.
const FeaturesClient = Features(1<<FeatureUserAttributes |
	1<<FeatureClusterStates |
	1<<FeatureClusterGroupGetNodesEndpoints |
	1<<FeatureDefaultQueryTimeout |
	1<<FeatureQueryPartitionsBatchSize |
	1<<FeatureBinaryConfiguration |
	1<<FeatureHeartbeat |
	1<<FeatureAllAffinityMappings |
	1<<FeatureForceDeactivationFlag)

// Has reports whether the set contains the feature.
func (s Features) Has(f Feature) bool { return f < 64 && s>>f&1 == 1 }

// With returns the set with the given features added.
func (s Features) With(fs ...Feature) Features {
	for _, f := range fs {
		if f < 64 {
			s |= 1 << f
		}
	}
	return s
}

// Without returns the set with the given features taken away.
func (s Features) Without(fs ...Feature) Features {
	for _, f := range fs {
		if f < 64 {
			s &^= 1 << f
		}
	}
	return s
}

// Intersect returns the features that both sets have: what a server answers
// and what then holds for the connection.
func (s Features) Intersect(o Features) Features { return s & o }

// Bytes returns the set as the wire has it: bit n is bit n%8 of byte n/8,
// without trailing zero bytes (java.util.BitSet.toByteArray).
func (s Features) Bytes() []byte { return s.AppendTo(nil) }

// AppendTo appends [Features.Bytes] to dst.
func (s Features) AppendTo(dst []byte) []byte {
	for ; s != 0; s >>= 8 {
		dst = append(dst, byte(s))
	}
	return dst
}

// FeaturesFromBytes reads a set as [Features.Bytes] writes it. Any length is
// accepted.
func FeaturesFromBytes(b []byte) Features {
	var s Features
	for i, c := range b {
		if i == 8 {
			break
		}
		s |= Features(c) << (8 * i)
	}
	return s.Without(LayoutBefore160, LayoutBefore120)
}

// String lists the features' names, separated by "|".
func (s Features) String() string {
	if s == 0 {
		return "none"
	}
	var names []string
	for ; s != 0; s &= s - 1 {
		names = append(names, Feature(bits.TrailingZeros64(uint64(s))).String())
	}
	return strings.Join(names, "|")
}

var featureNames = [...]string{
	FeatureUserAttributes:                "USER_ATTRIBUTES",
	FeatureExecuteTaskByName:             "EXECUTE_TASK_BY_NAME",
	FeatureClusterStates:                 "CLUSTER_STATES",
	FeatureClusterGroupGetNodesEndpoints: "CLUSTER_GROUP_GET_NODES_ENDPOINTS",
	FeatureClusterGroups:                 "CLUSTER_GROUPS",
	FeatureServiceInvoke:                 "SERVICE_INVOKE",
	FeatureDefaultQueryTimeout:           "DEFAULT_QRY_TIMEOUT",
	FeatureQueryPartitionsBatchSize:      "QRY_PARTITIONS_BATCH_SIZE",
	FeatureBinaryConfiguration:           "BINARY_CONFIGURATION",
	FeatureGetServiceDescriptors:         "GET_SERVICE_DESCRIPTORS",
	FeatureServiceInvokeCallContext:      "SERVICE_INVOKE_CALLCTX",
	FeatureHeartbeat:                     "HEARTBEAT",
	FeatureDataReplicationOperations:     "DATA_REPLICATION_OPERATIONS",
	FeatureAllAffinityMappings:           "ALL_AFFINITY_MAPPINGS",
	FeatureIndexQuery:                    "INDEX_QUERY",
	FeatureIndexQueryLimit:               "INDEX_QUERY_LIMIT",
	FeatureServiceTopology:               "SERVICE_TOPOLOGY",
	FeatureCacheInvoke:                   "CACHE_INVOKE",
	FeatureTxAwareQueries:                "TX_AWARE_QUERIES",
	FeatureForceDeactivationFlag:         "FORCE_DEACTIVATION_FLAG",
	FeatureCacheStorages:                 "CACHE_STORAGES",
	FeatureSQLCacheCreation:              "SQL_CACHE_CREATION",
	FeatureDataCenterAware:               "DC_AWARE",
	FeatureQueryInitiatorID:              "QRY_INITIATOR_ID",
}
