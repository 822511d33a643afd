package node

import (
	"github.com/kindling-ml/kindling/ignite/wire"
)

// handler serves an operation. It must not keep parts of the request: the
// buffer behind it is used again.
type handler struct {
	needsActive bool // refused while the cluster is inactive
	short       bool // works on bounded memory and waits for nothing
	run         func(*conn, wire.Request) (wire.Response, error)
}

// always is a handler of an operation that an inactive cluster serves too.
func always[Q wire.Request](run func(*conn, Q) (wire.Response, error)) handler {
	return handler{run: func(c *conn, q wire.Request) (wire.Response, error) { return run(c, q.(Q)) }}
}

// on is a handler of an operation that needs an active cluster.
func on[Q wire.Request](run func(*conn, Q) (wire.Response, error)) handler {
	h := always(run)
	h.needsActive = true
	return h
}

// handlers has every operation that the node serves. It is filled by init,
// because handlers refer to connections that refer to it.
var handlers map[wire.Op]handler

func init() {
	handlers = map[wire.Op]handler{
		wire.OpResourceClose:  always((*conn).resourceClose),
		wire.OpHeartbeat:      always((*conn).heartbeat),
		wire.OpGetIdleTimeout: always((*conn).getIdleTimeout),

		wire.OpCacheGet:               on((*conn).cacheGet),
		wire.OpCachePut:               on((*conn).cachePut),
		wire.OpCachePutIfAbsent:       on((*conn).cachePutIfAbsent),
		wire.OpCacheGetAll:            on((*conn).cacheGetAll),
		wire.OpCachePutAll:            on((*conn).cachePutAll),
		wire.OpCacheGetAndPut:         on((*conn).cacheGetAndPut),
		wire.OpCacheGetAndReplace:     on((*conn).cacheGetAndReplace),
		wire.OpCacheGetAndRemove:      on((*conn).cacheGetAndRemove),
		wire.OpCacheGetAndPutIfAbsent: on((*conn).cacheGetAndPutIfAbsent),
		wire.OpCacheReplace:           on((*conn).cacheReplace),
		wire.OpCacheReplaceIfEquals:   on((*conn).cacheReplaceIfEquals),
		wire.OpCacheContainsKey:       on((*conn).cacheContainsKey),
		wire.OpCacheContainsKeys:      on((*conn).cacheContainsKeys),
		wire.OpCacheClear:             on((*conn).cacheClear),
		wire.OpCacheClearKey:          on((*conn).cacheClearKey),
		wire.OpCacheClearKeys:         on((*conn).cacheClearKeys),
		wire.OpCacheRemoveKey:         on((*conn).cacheRemoveKey),
		wire.OpCacheRemoveIfEquals:    on((*conn).cacheRemoveIfEquals),
		wire.OpCacheRemoveKeys:        on((*conn).cacheRemoveKeys),
		wire.OpCacheRemoveAll:         on((*conn).cacheRemoveAll),
		wire.OpCacheGetSize:           on((*conn).cacheGetSize),
		wire.OpCacheLocalPeek:         on((*conn).cacheLocalPeek),

		wire.OpCacheGetNames:                     on((*conn).cacheGetNames),
		wire.OpCacheCreateWithName:               on((*conn).cacheCreateWithName),
		wire.OpCacheGetOrCreateWithName:          on((*conn).cacheGetOrCreateWithName),
		wire.OpCacheCreateWithConfiguration:      on((*conn).cacheCreateWithConfiguration),
		wire.OpCacheGetOrCreateWithConfiguration: on((*conn).cacheGetOrCreateWithConfiguration),
		wire.OpCacheGetConfiguration:             on((*conn).cacheGetConfiguration),
		wire.OpCacheDestroy:                      always((*conn).cacheDestroy),
		wire.OpCacheNodePartitions:               always((*conn).cacheNodePartitions),
		wire.OpCachePartitions:                   always((*conn).cachePartitions),

		wire.OpQueryScan:                   on((*conn).queryScan),
		wire.OpQueryScanCursorGetPage:      on((*conn).queryScanPage),
		wire.OpQuerySQL:                    on((*conn).querySQL),
		wire.OpQuerySQLCursorGetPage:       on((*conn).sqlPage),
		wire.OpQuerySQLFields:              on((*conn).querySQLFields),
		wire.OpQuerySQLFieldsCursorGetPage: on((*conn).sqlFieldsPage),

		wire.OpBinaryTypeNameGet:      always((*conn).binaryTypeNameGet),
		wire.OpBinaryTypeNamePut:      always((*conn).binaryTypeNamePut),
		wire.OpBinaryTypeGet:          always((*conn).binaryTypeGet),
		wire.OpBinaryTypePut:          always((*conn).binaryTypePut),
		wire.OpBinaryConfigurationGet: always((*conn).binaryConfigurationGet),

		wire.OpClusterGetState:              always((*conn).clusterGetState),
		wire.OpClusterChangeState:           always((*conn).clusterChangeState),
		wire.OpClusterGetWalState:           on((*conn).clusterGetWalState),
		wire.OpClusterChangeWalState:        on((*conn).clusterChangeWalState),
		wire.OpClusterGroupGetNodeEndpoints: always((*conn).clusterGroupGetNodeEndpoints),

		wire.OpDataStreamerStart:   on((*conn).dataStreamerStart),
		wire.OpDataStreamerAddData: on((*conn).dataStreamerAddData),
	}
	for _, op := range []wire.Op{
		wire.OpQueryScan, wire.OpQueryScanCursorGetPage, wire.OpResourceClose, wire.OpHeartbeat,
		wire.OpCacheGet, wire.OpCacheContainsKey, wire.OpCacheGetSize,
	} {
		h := handlers[op]
		h.short = true
		handlers[op] = h
	}
}

// done is the answer that says no more than success.
var done wire.Response = &wire.EmptyResponse{}

func yes(v bool) wire.Response { return &wire.BoolResponse{Value: v} }
