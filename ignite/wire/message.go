package wire

import (
	"github.com/kindling-ml/kindling/ignite/binary"
)

// Request is the body of a request: what follows operation code and request
// id. Encode and Decode take the features negotiated in the handshake and
// touch conditional fields only when their feature is there.
//
// Decode reports through the Reader's error. Values and byte slices it sets
// alias the Reader's input. Implementations hold no locks: one value must not
// be used by two goroutines at once.
type Request interface {
	Op() Op
	Encode(w *binary.Writer, f Features)
	Decode(r *binary.Reader, f Features)
}

// Response is the body of a successful response: what follows the header.
// The rules of [Request] hold.
type Response interface {
	Encode(w *binary.Writer, f Features)
	Decode(r *binary.Reader, f Features)
}

// messages has the constructors of each operation's request and response.
var messages = map[Op]struct {
	request  func() Request
	response func() Response
}{
	OpResourceClose:  {newRequest[ResourceCloseRequest], newResponse[EmptyResponse]},
	OpHeartbeat:      {newRequest[HeartbeatRequest], newResponse[EmptyResponse]},
	OpGetIdleTimeout: {newRequest[GetIdleTimeoutRequest], newResponse[LongResponse]},

	OpCacheGet:               {newRequest[CacheGetRequest], newResponse[ObjectResponse]},
	OpCachePut:               {newRequest[CachePutRequest], newResponse[EmptyResponse]},
	OpCachePutIfAbsent:       {newRequest[CachePutIfAbsentRequest], newResponse[BoolResponse]},
	OpCacheGetAll:            {newRequest[CacheGetAllRequest], newResponse[EntriesResponse]},
	OpCachePutAll:            {newRequest[CachePutAllRequest], newResponse[EmptyResponse]},
	OpCacheGetAndPut:         {newRequest[CacheGetAndPutRequest], newResponse[ObjectResponse]},
	OpCacheGetAndReplace:     {newRequest[CacheGetAndReplaceRequest], newResponse[ObjectResponse]},
	OpCacheGetAndRemove:      {newRequest[CacheGetAndRemoveRequest], newResponse[ObjectResponse]},
	OpCacheGetAndPutIfAbsent: {newRequest[CacheGetAndPutIfAbsentRequest], newResponse[ObjectResponse]},
	OpCacheReplace:           {newRequest[CacheReplaceRequest], newResponse[BoolResponse]},
	OpCacheReplaceIfEquals:   {newRequest[CacheReplaceIfEqualsRequest], newResponse[BoolResponse]},
	OpCacheContainsKey:       {newRequest[CacheContainsKeyRequest], newResponse[BoolResponse]},
	OpCacheContainsKeys:      {newRequest[CacheContainsKeysRequest], newResponse[BoolResponse]},
	OpCacheClear:             {newRequest[CacheClearRequest], newResponse[EmptyResponse]},
	OpCacheClearKey:          {newRequest[CacheClearKeyRequest], newResponse[EmptyResponse]},
	OpCacheClearKeys:         {newRequest[CacheClearKeysRequest], newResponse[EmptyResponse]},
	OpCacheRemoveKey:         {newRequest[CacheRemoveKeyRequest], newResponse[BoolResponse]},
	OpCacheRemoveIfEquals:    {newRequest[CacheRemoveIfEqualsRequest], newResponse[BoolResponse]},
	OpCacheRemoveKeys:        {newRequest[CacheRemoveKeysRequest], newResponse[EmptyResponse]},
	OpCacheRemoveAll:         {newRequest[CacheRemoveAllRequest], newResponse[EmptyResponse]},
	OpCacheGetSize:           {newRequest[CacheGetSizeRequest], newResponse[LongResponse]},
	OpCacheLocalPeek:         {newRequest[CacheLocalPeekRequest], newResponse[ObjectResponse]},

	OpCacheGetNames:                     {newRequest[CacheGetNamesRequest], newResponse[CacheGetNamesResponse]},
	OpCacheCreateWithName:               {newRequest[CacheCreateWithNameRequest], newResponse[EmptyResponse]},
	OpCacheGetOrCreateWithName:          {newRequest[CacheGetOrCreateWithNameRequest], newResponse[EmptyResponse]},
	OpCacheCreateWithConfiguration:      {newRequest[CacheCreateWithConfigurationRequest], newResponse[EmptyResponse]},
	OpCacheGetOrCreateWithConfiguration: {newRequest[CacheGetOrCreateWithConfigurationRequest], newResponse[EmptyResponse]},
	OpCacheGetConfiguration:             {newRequest[CacheGetConfigurationRequest], newResponse[CacheGetConfigurationResponse]},
	OpCacheDestroy:                      {newRequest[CacheDestroyRequest], newResponse[EmptyResponse]},
	OpCacheNodePartitions:               {newRequest[CacheNodePartitionsRequest], newResponse[CacheNodePartitionsResponse]},
	OpCachePartitions:                   {newRequest[CachePartitionsRequest], newResponse[CachePartitionsResponse]},

	OpQueryScan:                   {newRequest[QueryScanRequest], newResponse[QueryScanResponse]},
	OpQueryScanCursorGetPage:      {newRequest[QueryScanPageRequest], newResponse[PageResponse]},
	OpQuerySQL:                    {newRequest[QuerySQLRequest], newResponse[QuerySQLResponse]},
	OpQuerySQLCursorGetPage:       {newRequest[SQLPageRequest], newResponse[PageResponse]},
	OpQuerySQLFields:              {newRequest[QuerySQLFieldsRequest], newResponse[QuerySQLFieldsResponse]},
	OpQuerySQLFieldsCursorGetPage: {newRequest[SQLFieldsPageRequest], newResponse[PageResponse]},
	OpQueryIndexCursorGetPage:     {newRequest[IndexPageRequest], newResponse[PageResponse]},

	OpBinaryTypeNameGet:      {newRequest[BinaryTypeNameGetRequest], newResponse[StringResponse]},
	OpBinaryTypeNamePut:      {newRequest[BinaryTypeNamePutRequest], newResponse[BoolResponse]},
	OpBinaryTypeGet:          {newRequest[BinaryTypeGetRequest], newResponse[BinaryTypeGetResponse]},
	OpBinaryTypePut:          {newRequest[BinaryTypePutRequest], newResponse[EmptyResponse]},
	OpBinaryConfigurationGet: {newRequest[BinaryConfigurationGetRequest], newResponse[BinaryConfigurationGetResponse]},

	OpTxStart: {newRequest[TxStartRequest], newResponse[IntResponse]},
	OpTxEnd:   {newRequest[TxEndRequest], newResponse[EmptyResponse]},

	OpClusterGetState:              {newRequest[ClusterGetStateRequest], newResponse[ClusterGetStateResponse]},
	OpClusterChangeState:           {newRequest[ClusterChangeStateRequest], newResponse[EmptyResponse]},
	OpClusterChangeWalState:        {newRequest[ClusterChangeWalStateRequest], newResponse[BoolResponse]},
	OpClusterGetWalState:           {newRequest[ClusterGetWalStateRequest], newResponse[BoolResponse]},
	OpClusterGroupGetNodeEndpoints: {newRequest[ClusterGroupGetNodeEndpointsRequest], newResponse[ClusterGroupGetNodeEndpointsResponse]},

	OpDataStreamerStart:   {newRequest[DataStreamerStartRequest], newResponse[LongResponse]},
	OpDataStreamerAddData: {newRequest[DataStreamerAddDataRequest], newResponse[EmptyResponse]},
}

func newRequest[T any, P interface {
	*T
	Request
}]() Request {
	return P(new(T))
}

func newResponse[T any, P interface {
	*T
	Response
}]() Response {
	return P(new(T))
}

// NewRequest returns an empty request of the operation, ready for Decode, or
// nil when this package has no message for it.
func NewRequest(op Op) Request {
	if m, ok := messages[op]; ok {
		return m.request()
	}
	return nil
}

// NewResponse returns an empty response body of the operation, ready for
// Decode, or nil when this package has no message for it.
func NewResponse(op Op) Response {
	if m, ok := messages[op]; ok {
		return m.response()
	}
	return nil
}

const (
	int32Bytes    = 4
	valueMinBytes = 1 // null
)

// maxPrealloc bounds how many elements are allocated before any was read.
const maxPrealloc = 256

// readList reads a count and that many elements of at least minBytes each,
// stopping at the first error. No elements give nil.
func readList[T any](r *binary.Reader, minBytes int, read func(*binary.Reader) T) []T {
	n := r.Count(minBytes)
	if n == 0 {
		return nil
	}
	list := make([]T, 0, min(n, maxPrealloc))
	for range n {
		v := read(r)
		if r.Err() != nil {
			return nil
		}
		list = append(list, v)
	}
	return list
}

// putList writes a count and the elements.
func putList[T any](w *binary.Writer, list []T, put func(*binary.Writer, T)) {
	w.PutInt32(int32(len(list)))
	for _, v := range list {
		put(w, v)
	}
}

// readOptValue reads any encoded value and gives nil for null.
func readOptValue(r *binary.Reader) binary.Raw {
	v := r.Raw()
	if v.IsNull() {
		return nil
	}
	return v
}

// putStr writes a string, null when it is empty.
func putStr(w *binary.Writer, s string) { w.PutOptStr(s, s != "") }

func putInts(w *binary.Writer, list []int32) { putList(w, list, (*binary.Writer).PutInt32) }

func readInts(r *binary.Reader) []int32 { return readList(r, int32Bytes, (*binary.Reader).Int32) }

func putStrs(w *binary.Writer, list []string) { putList(w, list, (*binary.Writer).PutStr) }

func readStrs(r *binary.Reader) []string { return readList(r, valueMinBytes, (*binary.Reader).Str) }

func putValues(w *binary.Writer, list []binary.Raw) { putList(w, list, (*binary.Writer).PutRaw) }

func readValues(r *binary.Reader) []binary.Raw {
	return readList(r, valueMinBytes, (*binary.Reader).Raw)
}
