package wire

import "strconv"

// Op is an operation code of the thin client protocol: the first field of a
// request and, in a notification, of the message it carries. The codes and
// their names are those of Ignite's ClientMessageParser.
type Op int16

// The operation codes of protocol 1.7.0, and
// [OpClusterGetDataCenterNodes], which Ignite 2.18 added. The package has
// messages for those that [NewRequest] knows.
const (
	OpResourceClose                      Op = 0
	OpHeartbeat                          Op = 1
	OpGetIdleTimeout                     Op = 2
	OpCacheGet                           Op = 1000
	OpCachePut                           Op = 1001
	OpCachePutIfAbsent                   Op = 1002
	OpCacheGetAll                        Op = 1003
	OpCachePutAll                        Op = 1004
	OpCacheGetAndPut                     Op = 1005
	OpCacheGetAndReplace                 Op = 1006
	OpCacheGetAndRemove                  Op = 1007
	OpCacheGetAndPutIfAbsent             Op = 1008
	OpCacheReplace                       Op = 1009
	OpCacheReplaceIfEquals               Op = 1010
	OpCacheContainsKey                   Op = 1011
	OpCacheContainsKeys                  Op = 1012
	OpCacheClear                         Op = 1013
	OpCacheClearKey                      Op = 1014
	OpCacheClearKeys                     Op = 1015
	OpCacheRemoveKey                     Op = 1016
	OpCacheRemoveIfEquals                Op = 1017
	OpCacheRemoveKeys                    Op = 1018
	OpCacheRemoveAll                     Op = 1019
	OpCacheGetSize                       Op = 1020
	OpCacheLocalPeek                     Op = 1021
	OpCachePutAllConflict                Op = 1022
	OpCacheRemoveAllConflict             Op = 1023
	OpCacheInvoke                        Op = 1024
	OpCacheInvokeAll                     Op = 1025
	OpCacheGetNames                      Op = 1050
	OpCacheCreateWithName                Op = 1051
	OpCacheGetOrCreateWithName           Op = 1052
	OpCacheCreateWithConfiguration       Op = 1053
	OpCacheGetOrCreateWithConfiguration  Op = 1054
	OpCacheGetConfiguration              Op = 1055
	OpCacheDestroy                       Op = 1056
	OpCacheNodePartitions                Op = 1100
	OpCachePartitions                    Op = 1101
	OpQueryScan                          Op = 2000
	OpQueryScanCursorGetPage             Op = 2001
	OpQuerySQL                           Op = 2002
	OpQuerySQLCursorGetPage              Op = 2003
	OpQuerySQLFields                     Op = 2004
	OpQuerySQLFieldsCursorGetPage        Op = 2005
	OpQueryContinuous                    Op = 2006
	OpQueryContinuousEventNotification   Op = 2007
	OpQueryIndex                         Op = 2008
	OpQueryIndexCursorGetPage            Op = 2009
	OpBinaryTypeNameGet                  Op = 3000
	OpBinaryTypeNamePut                  Op = 3001
	OpBinaryTypeGet                      Op = 3002
	OpBinaryTypePut                      Op = 3003
	OpBinaryConfigurationGet             Op = 3004
	OpTxStart                            Op = 4000
	OpTxEnd                              Op = 4001
	OpClusterGetState                    Op = 5000
	OpClusterChangeState                 Op = 5001
	OpClusterChangeWalState              Op = 5002
	OpClusterGetWalState                 Op = 5003
	OpClusterGroupGetNodeIds             Op = 5100
	OpClusterGroupGetNodeInfo            Op = 5101
	OpClusterGroupGetNodeEndpoints       Op = 5102
	OpClusterGetDataCenterNodes          Op = 5103
	OpComputeTaskExecute                 Op = 6000
	OpComputeTaskFinished                Op = 6001
	OpServiceInvoke                      Op = 7000
	OpServiceGetDescriptors              Op = 7001
	OpServiceGetDescriptor               Op = 7002
	OpServiceGetTopology                 Op = 7003
	OpDataStreamerStart                  Op = 8000
	OpDataStreamerAddData                Op = 8001
	OpAtomicLongCreate                   Op = 9000
	OpAtomicLongRemove                   Op = 9001
	OpAtomicLongExists                   Op = 9002
	OpAtomicLongValueGet                 Op = 9003
	OpAtomicLongValueAddAndGet           Op = 9004
	OpAtomicLongValueGetAndSet           Op = 9005
	OpAtomicLongValueCompareAndSet       Op = 9006
	OpAtomicLongValueCompareAndSetAndGet Op = 9007
	OpSetGetOrCreate                     Op = 9010
	OpSetClose                           Op = 9011
	OpSetExists                          Op = 9012
	OpSetValueAdd                        Op = 9013
	OpSetValueAddAll                     Op = 9014
	OpSetValueRemove                     Op = 9015
	OpSetValueRemoveAll                  Op = 9016
	OpSetValueContains                   Op = 9017
	OpSetValueContainsAll                Op = 9018
	OpSetValueRetainAll                  Op = 9019
	OpSetSize                            Op = 9020
	OpSetClear                           Op = 9021
	OpSetIteratorStart                   Op = 9022
	OpSetIteratorGetPage                 Op = 9023
	OpStopWarmup                         Op = 10000
)

// String returns Ignite's name of the operation, such as "OP_CACHE_GET", and
// "OP(n)" for a code this package does not know.
func (op Op) String() string {
	if name, ok := opNames[op]; ok {
		return name
	}
	return "OP(" + strconv.Itoa(int(op)) + ")"
}

// Known reports whether the code is one that Ignite defines, whether or not
// this package has messages for it.
func (op Op) Known() bool {
	_, ok := opNames[op]
	return ok
}

var opNames = map[Op]string{
	OpResourceClose:                      "OP_RESOURCE_CLOSE",
	OpHeartbeat:                          "OP_HEARTBEAT",
	OpGetIdleTimeout:                     "OP_GET_IDLE_TIMEOUT",
	OpCacheGet:                           "OP_CACHE_GET",
	OpCachePut:                           "OP_CACHE_PUT",
	OpCachePutIfAbsent:                   "OP_CACHE_PUT_IF_ABSENT",
	OpCacheGetAll:                        "OP_CACHE_GET_ALL",
	OpCachePutAll:                        "OP_CACHE_PUT_ALL",
	OpCacheGetAndPut:                     "OP_CACHE_GET_AND_PUT",
	OpCacheGetAndReplace:                 "OP_CACHE_GET_AND_REPLACE",
	OpCacheGetAndRemove:                  "OP_CACHE_GET_AND_REMOVE",
	OpCacheGetAndPutIfAbsent:             "OP_CACHE_GET_AND_PUT_IF_ABSENT",
	OpCacheReplace:                       "OP_CACHE_REPLACE",
	OpCacheReplaceIfEquals:               "OP_CACHE_REPLACE_IF_EQUALS",
	OpCacheContainsKey:                   "OP_CACHE_CONTAINS_KEY",
	OpCacheContainsKeys:                  "OP_CACHE_CONTAINS_KEYS",
	OpCacheClear:                         "OP_CACHE_CLEAR",
	OpCacheClearKey:                      "OP_CACHE_CLEAR_KEY",
	OpCacheClearKeys:                     "OP_CACHE_CLEAR_KEYS",
	OpCacheRemoveKey:                     "OP_CACHE_REMOVE_KEY",
	OpCacheRemoveIfEquals:                "OP_CACHE_REMOVE_IF_EQUALS",
	OpCacheRemoveKeys:                    "OP_CACHE_REMOVE_KEYS",
	OpCacheRemoveAll:                     "OP_CACHE_REMOVE_ALL",
	OpCacheGetSize:                       "OP_CACHE_GET_SIZE",
	OpCacheLocalPeek:                     "OP_CACHE_LOCAL_PEEK",
	OpCachePutAllConflict:                "OP_CACHE_PUT_ALL_CONFLICT",
	OpCacheRemoveAllConflict:             "OP_CACHE_REMOVE_ALL_CONFLICT",
	OpCacheInvoke:                        "OP_CACHE_INVOKE",
	OpCacheInvokeAll:                     "OP_CACHE_INVOKE_ALL",
	OpCacheGetNames:                      "OP_CACHE_GET_NAMES",
	OpCacheCreateWithName:                "OP_CACHE_CREATE_WITH_NAME",
	OpCacheGetOrCreateWithName:           "OP_CACHE_GET_OR_CREATE_WITH_NAME",
	OpCacheCreateWithConfiguration:       "OP_CACHE_CREATE_WITH_CONFIGURATION",
	OpCacheGetOrCreateWithConfiguration:  "OP_CACHE_GET_OR_CREATE_WITH_CONFIGURATION",
	OpCacheGetConfiguration:              "OP_CACHE_GET_CONFIGURATION",
	OpCacheDestroy:                       "OP_CACHE_DESTROY",
	OpCacheNodePartitions:                "OP_CACHE_NODE_PARTITIONS",
	OpCachePartitions:                    "OP_CACHE_PARTITIONS",
	OpQueryScan:                          "OP_QUERY_SCAN",
	OpQueryScanCursorGetPage:             "OP_QUERY_SCAN_CURSOR_GET_PAGE",
	OpQuerySQL:                           "OP_QUERY_SQL",
	OpQuerySQLCursorGetPage:              "OP_QUERY_SQL_CURSOR_GET_PAGE",
	OpQuerySQLFields:                     "OP_QUERY_SQL_FIELDS",
	OpQuerySQLFieldsCursorGetPage:        "OP_QUERY_SQL_FIELDS_CURSOR_GET_PAGE",
	OpQueryContinuous:                    "OP_QUERY_CONTINUOUS",
	OpQueryContinuousEventNotification:   "OP_QUERY_CONTINUOUS_EVENT_NOTIFICATION",
	OpQueryIndex:                         "OP_QUERY_INDEX",
	OpQueryIndexCursorGetPage:            "OP_QUERY_INDEX_CURSOR_GET_PAGE",
	OpBinaryTypeNameGet:                  "OP_BINARY_TYPE_NAME_GET",
	OpBinaryTypeNamePut:                  "OP_BINARY_TYPE_NAME_PUT",
	OpBinaryTypeGet:                      "OP_BINARY_TYPE_GET",
	OpBinaryTypePut:                      "OP_BINARY_TYPE_PUT",
	OpBinaryConfigurationGet:             "OP_BINARY_CONFIGURATION_GET",
	OpTxStart:                            "OP_TX_START",
	OpTxEnd:                              "OP_TX_END",
	OpClusterGetState:                    "OP_CLUSTER_GET_STATE",
	OpClusterChangeState:                 "OP_CLUSTER_CHANGE_STATE",
	OpClusterChangeWalState:              "OP_CLUSTER_CHANGE_WAL_STATE",
	OpClusterGetWalState:                 "OP_CLUSTER_GET_WAL_STATE",
	OpClusterGroupGetNodeIds:             "OP_CLUSTER_GROUP_GET_NODE_IDS",
	OpClusterGroupGetNodeInfo:            "OP_CLUSTER_GROUP_GET_NODE_INFO",
	OpClusterGroupGetNodeEndpoints:       "OP_CLUSTER_GROUP_GET_NODE_ENDPOINTS",
	OpClusterGetDataCenterNodes:          "OP_CLUSTER_GET_DATA_CENTER_NODES",
	OpComputeTaskExecute:                 "OP_COMPUTE_TASK_EXECUTE",
	OpComputeTaskFinished:                "OP_COMPUTE_TASK_FINISHED",
	OpServiceInvoke:                      "OP_SERVICE_INVOKE",
	OpServiceGetDescriptors:              "OP_SERVICE_GET_DESCRIPTORS",
	OpServiceGetDescriptor:               "OP_SERVICE_GET_DESCRIPTOR",
	OpServiceGetTopology:                 "OP_SERVICE_GET_TOPOLOGY",
	OpDataStreamerStart:                  "OP_DATA_STREAMER_START",
	OpDataStreamerAddData:                "OP_DATA_STREAMER_ADD_DATA",
	OpAtomicLongCreate:                   "OP_ATOMIC_LONG_CREATE",
	OpAtomicLongRemove:                   "OP_ATOMIC_LONG_REMOVE",
	OpAtomicLongExists:                   "OP_ATOMIC_LONG_EXISTS",
	OpAtomicLongValueGet:                 "OP_ATOMIC_LONG_VALUE_GET",
	OpAtomicLongValueAddAndGet:           "OP_ATOMIC_LONG_VALUE_ADD_AND_GET",
	OpAtomicLongValueGetAndSet:           "OP_ATOMIC_LONG_VALUE_GET_AND_SET",
	OpAtomicLongValueCompareAndSet:       "OP_ATOMIC_LONG_VALUE_COMPARE_AND_SET",
	OpAtomicLongValueCompareAndSetAndGet: "OP_ATOMIC_LONG_VALUE_COMPARE_AND_SET_AND_GET",
	OpSetGetOrCreate:                     "OP_SET_GET_OR_CREATE",
	OpSetClose:                           "OP_SET_CLOSE",
	OpSetExists:                          "OP_SET_EXISTS",
	OpSetValueAdd:                        "OP_SET_VALUE_ADD",
	OpSetValueAddAll:                     "OP_SET_VALUE_ADD_ALL",
	OpSetValueRemove:                     "OP_SET_VALUE_REMOVE",
	OpSetValueRemoveAll:                  "OP_SET_VALUE_REMOVE_ALL",
	OpSetValueContains:                   "OP_SET_VALUE_CONTAINS",
	OpSetValueContainsAll:                "OP_SET_VALUE_CONTAINS_ALL",
	OpSetValueRetainAll:                  "OP_SET_VALUE_RETAIN_ALL",
	OpSetSize:                            "OP_SET_SIZE",
	OpSetClear:                           "OP_SET_CLEAR",
	OpSetIteratorStart:                   "OP_SET_ITERATOR_START",
	OpSetIteratorGetPage:                 "OP_SET_ITERATOR_GET_PAGE",
	OpStopWarmup:                         "OP_STOP_WARMUP",
}
