package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ingest"
)

// TensorFlow's status codes (tsl/c/tsl_status.h) that errors become. UNAVAILABLE
// and ABORTED are not among them: tf.data rewrites the first, and both invite
// callers to try the same again.
const (
	codeCancelled          = 1
	codeUnknown            = 2
	codeInvalidArgument    = 3
	codeDeadlineExceeded   = 4
	codeNotFound           = 5
	codePermissionDenied   = 7
	codeFailedPrecondition = 9
	codeOutOfRange         = 11
	codeUnimplemented      = 12
	codeInternal           = 13
	codeDataLoss           = 15
	codeUnauthenticated    = 16
)

// errorClass is a class of errors as Python sees it: its name in
// kindling.errors, the classes that it derives from, and TensorFlow's code for
// it. is says whether an error belongs to it.
type errorClass struct {
	Name    string   `json:"class"`
	Parents []string `json:"parents"`
	Code    int      `json:"code"`

	is func(error) bool
}

// errorClasses is the one table of errors; the first class that fits holds, the
// last one fits everything. A Python test compares kindling.errors with it.
var errorClasses = []errorClass{
	{"ForkError", []string{"IgniteError"}, codeFailedPrecondition, as[*forkError]},
	{"InternalError", []string{"IgniteError"}, codeInternal, as[*panicError]},
	{"AuthenticationError", []string{"ServerError"}, codeUnauthenticated, status(wire.StatusAuthFailed)},
	{"AuthorizationError", []string{"ServerError"}, codePermissionDenied, status(wire.StatusSecurityViolation)},
	{"CacheNotFoundError", []string{"ServerError", "LookupError"}, codeNotFound, status(wire.StatusCacheDoesNotExist)},
	{"ServerError", []string{"IgniteError"}, codeUnknown, as[*ignite.ServerError]},
	{"SchemaError", []string{"IgniteError", "ValueError"}, codeInvalidArgument, isSchema},
	{"DataError", []string{"IgniteError", "ValueError"}, codeDataLoss, as[*binary.FormatError]},
	{"CancelledError", []string{"IgniteError"}, codeCancelled, status(context.Canceled)},
	{"ConnectError", []string{"IgniteError", "ConnectionError"}, codeFailedPrecondition, isConnect},
	{"TimeoutError", []string{"IgniteError", "builtins.TimeoutError"}, codeDeadlineExceeded, status(context.DeadlineExceeded)},
	{"ClosedError", []string{"IgniteError"}, codeFailedPrecondition, isClosed},
	{"UnsupportedError", []string{"IgniteError", "NotImplementedError"}, codeUnimplemented, status(ignite.ErrUnsupported)},
	{"ArgumentError", []string{"IgniteError", "ValueError"}, codeInvalidArgument, isArgument},
	{"IgniteError", []string{"Exception"}, codeInvalidArgument, func(error) bool { return true }},
}

// forkError is what every function answers in a forked child.
type forkError struct{}

func (*forkError) Error() string { return "kindling: this process was forked" }

// panicError is a panic that was caught before it could reach C: a defect of
// Kindling. What it happened in is not used again.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("kindling: internal error, please report it: %v\n%s", e.value, e.stack)
}

// argumentError is a request that makes no sense.
type argumentError struct{ text string }

func (e *argumentError) Error() string { return "kindling: " + e.text }

func badArgument(format string, args ...any) error {
	return &argumentError{fmt.Sprintf(format, args...)}
}

// classify finds the class of an error.
func classify(err error) *errorClass {
	for i := range errorClasses {
		if errorClasses[i].is(err) {
			return &errorClasses[i]
		}
	}
	return &errorClasses[len(errorClasses)-1]
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func status(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isSchema(err error) bool {
	return as[*dataset.SchemaError](err) || as[*dataset.RowError](err) && !as[*binary.FormatError](err) || errors.Is(err, ingest.ErrSchema)
}

func isConnect(err error) bool {
	return as[*ignite.ConnectError](err) || errors.Is(err, ignite.ErrNoNode)
}

func isClosed(err error) bool {
	return errors.Is(err, ignite.ErrClosed) || errors.Is(err, dataset.ErrClosed)
}

func isArgument(err error) bool {
	return as[*argumentError](err) || as[*ignite.ConfigError](err)
}
