package node

import (
	"errors"
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// statusError is an error with the status that answers it.
type statusError struct {
	status  wire.Status
	message string
}

func (e *statusError) Error() string { return e.message }

func (e *statusError) Unwrap() error { return e.status }

// fail makes an error that is answered with the status and the text alone.
func fail(status wire.Status, format string, args ...any) error {
	return &statusError{status: status, message: fmt.Sprintf(format, args...)}
}

func failed(format string, args ...any) error { return fail(wire.StatusFailed, format, args...) }

// unsupported answers an operation, or a part of one, that this node lacks.
func unsupported(what string) error {
	return fail(wire.StatusFunctionalityDisabled, "%s is not supported by the embedded node; use an Ignite cluster", what)
}

// statusOf returns the status and the text with which an error is answered.
func statusOf(err error) (wire.Status, string) {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status, e.message
	}
	return wire.StatusFailed, err.Error()
}

// Texts that Ignite's servers answer with, word for word.
const (
	textInactive = "Can not perform the operation because the cluster is inactive. Note, that the cluster is considered " +
		"inactive by default if Ignite Persistent Store is used to let all the nodes join the cluster. To activate the " +
		"cluster call Ignite.cluster().state(ClusterState.ACTIVE)."
	textTooManyCursors = "Too many open cursors (either close other open cursors or increase the limit through " +
		"ClientConnectorConfiguration.maxOpenCursorsPerConnection) [maximum=%d, current=%d]"
	textCursorInvalidated = "50000: Failed to get next data row due to underlying cursor invalidation"
)

func noSuchCache(id int32) error {
	return fail(wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= %d]", id)
}

func noSuchResource(id int64) error {
	return fail(wire.StatusResourceDoesNotExist, "Failed to find resource with id: %d", id)
}

// notNull refuses nulls where Ignite does.
func notNull(name string, v binary.Raw) error {
	if v.IsNull() || len(v) == 0 {
		return failed("Ouch! Argument cannot be null: %s", name)
	}
	return nil
}
