package wire

import "strconv"

// Status is the status code of a response or of a refused handshake, as in
// Ignite's ClientStatus. A Status is an error, so a caller can ask
// errors.Is(err, wire.StatusCacheDoesNotExist) of any error that wraps one.
type Status int32

// The status codes of Ignite 2.17.
const (
	StatusSuccess                 Status = 0    // success
	StatusFailed                  Status = 1    // operation failed
	StatusInvalidOpCode           Status = 2    // unknown operation code
	StatusInvalidNodeState        Status = 10   // node is not in a state to serve the request
	StatusNodeInRecoveryMode      Status = 11   // node is in recovery mode
	StatusFunctionalityDisabled   Status = 100  // functionality is disabled on the server
	StatusCacheDoesNotExist       Status = 1000 // cache does not exist
	StatusCacheExists             Status = 1001 // cache already exists
	StatusCacheConfigInvalid      Status = 1002 // cache configuration is invalid
	StatusTooManyCursors          Status = 1010 // too many open cursors on the connection
	StatusResourceDoesNotExist    Status = 1011 // cursor or other resource does not exist
	StatusSecurityViolation       Status = 1012 // not authorized
	StatusTxLimitExceeded         Status = 1020 // too many transactions on the connection
	StatusTxNotFound              Status = 1021 // transaction not found
	StatusTooManyComputeTasks     Status = 1030 // too many compute tasks on the connection
	StatusEntryProcessorException Status = 1040 // entry processor failed
	StatusAuthFailed              Status = 2000 // authentication failed
)

// Error describes the status in words, with Ignite's name and number.
func (s Status) Error() string {
	if t, ok := statusTexts[s]; ok {
		return t.text + " (" + t.name + ", status " + strconv.Itoa(int(s)) + ")"
	}
	return "status " + strconv.Itoa(int(s))
}

// String returns Ignite's name of the status, such as "CACHE_DOES_NOT_EXIST".
func (s Status) String() string {
	if t, ok := statusTexts[s]; ok {
		return t.name
	}
	return "STATUS(" + strconv.Itoa(int(s)) + ")"
}

var statusTexts = map[Status]struct{ name, text string }{
	StatusSuccess:                 {"SUCCESS", "success"},
	StatusFailed:                  {"FAILED", "operation failed"},
	StatusInvalidOpCode:           {"INVALID_OP_CODE", "unknown operation code"},
	StatusInvalidNodeState:        {"INVALID_NODE_STATE", "node is not in a state to serve the request"},
	StatusNodeInRecoveryMode:      {"NODE_IN_RECOVERY_MODE", "node is in recovery mode"},
	StatusFunctionalityDisabled:   {"FUNCTIONALITY_DISABLED", "functionality is disabled on the server"},
	StatusCacheDoesNotExist:       {"CACHE_DOES_NOT_EXIST", "cache does not exist"},
	StatusCacheExists:             {"CACHE_EXISTS", "cache already exists"},
	StatusCacheConfigInvalid:      {"CACHE_CONFIG_INVALID", "cache configuration is invalid"},
	StatusTooManyCursors:          {"TOO_MANY_CURSORS", "too many open cursors on the connection"},
	StatusResourceDoesNotExist:    {"RESOURCE_DOES_NOT_EXIST", "cursor or other resource does not exist"},
	StatusSecurityViolation:       {"SECURITY_VIOLATION", "not authorized"},
	StatusTxLimitExceeded:         {"TX_LIMIT_EXCEEDED", "too many transactions on the connection"},
	StatusTxNotFound:              {"TX_NOT_FOUND", "transaction not found"},
	StatusTooManyComputeTasks:     {"TOO_MANY_COMPUTE_TASKS", "too many compute tasks on the connection"},
	StatusEntryProcessorException: {"ENTRY_PROCESSOR_EXCEPTION", "entry processor failed"},
	StatusAuthFailed:              {"AUTH_FAILED", "authentication failed"},
}
