package wire

import "testing"

func TestOpString(t *testing.T) {
	for op, want := range map[Op]string{
		OpResourceClose:                      "OP_RESOURCE_CLOSE",
		OpCacheGet:                           "OP_CACHE_GET",
		OpQuerySQLFieldsCursorGetPage:        "OP_QUERY_SQL_FIELDS_CURSOR_GET_PAGE",
		OpAtomicLongValueCompareAndSetAndGet: "OP_ATOMIC_LONG_VALUE_COMPARE_AND_SET_AND_GET",
		OpStopWarmup:                         "OP_STOP_WARMUP",
		4242:                                 "OP(4242)",
		OpClusterGroupGetNodeEndpoints:       "OP_CLUSTER_GROUP_GET_NODE_ENDPOINTS",
		OpQueryContinuousEventNotification:   "OP_QUERY_CONTINUOUS_EVENT_NOTIFICATION",
		OpCacheGetOrCreateWithConfiguration:  "OP_CACHE_GET_OR_CREATE_WITH_CONFIGURATION",
		OpDataStreamerAddData:                "OP_DATA_STREAMER_ADD_DATA",
		OpBinaryConfigurationGet:             "OP_BINARY_CONFIGURATION_GET",
		OpSetIteratorGetPage:                 "OP_SET_ITERATOR_GET_PAGE",
	} {
		if got := op.String(); got != want {
			t.Errorf("%d is %s, want %s", int16(op), got, want)
		}
	}
	if len(opNames) != 94 {
		t.Errorf("%d operations, want the 93 of Ignite 2.17 and one of 2.18", len(opNames))
	}
}
