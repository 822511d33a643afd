package sql

import (
	"errors"
	"fmt"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// Codes of Ignite's IgniteQueryErrorCode, which JDBC shows as "code=".
const (
	CodeUnknown              = 1
	CodeParsing              = 1001
	CodeUnsupported          = 1002
	CodeUnexpectedOperation  = 2001
	CodeTableNotFound        = 3001
	CodeColumnNotFound       = 3003
	CodeTableExists          = 3002
	CodeIndexExists          = 3004
	CodeIndexNotFound        = 3005
	CodeColumnExists         = 3007
	CodeConversionFailed     = 3013
	CodeQueryCanceled        = 3014
	CodeDuplicateKey         = 4001
	CodeNullKey              = 4002
	CodeNullValue            = 4003
	CodeTooLong              = 4004
	CodeScaleOutOfRange      = 4005
	CodeKeyUpdate            = 4006
	stateGeneral             = "50000"
	stateSyntax              = "42000"
	stateUnsupported         = "0A000"
	stateConstraint          = "23000"
	stateNull                = "22004"
	stateConversion          = "0700B"
	stateCanceled            = "57014"
	messageUpdatePlan        = "Failed to prepare update plan."
	messageKeyUpdate         = "SQL UPDATE can't modify key or its fields directly"
	messageCompositeKey      = "Update of composite key column is not supported"
	messageCompositeUpdate   = "Update of composite value column is not supported"
	messageNullValue         = "Value for INSERT, COPY, MERGE, or UPDATE must not be null"
	messageHiddenColumns     = "Direct specification of _KEY and _VAL columns is forbidden"
	messageNoPrimaryKey      = "No PRIMARY KEY defined for CREATE TABLE"
	messageOnlyPrimaryKey    = "Table must have at least one non PRIMARY KEY column."
	messageExplicitDefault   = "Explicit DEFAULT values are unsupported for INSERT."
	messageColumnCount       = "Column count does not match"
	messageAlterUnsupported  = "The store of this node does not support changes of a cache configuration: %s"
	messageSubqueryColumns   = "Subquery is not a single column query"
	messageWrapValueMultiple = "WRAP_VALUE cannot be false when multiple non-primary key columns exist."
	messageWrapKeyComposite  = "WRAP_KEY cannot be false when composite primary key exists."
)

// Error is a statement that failed, as Ignite reports it. Safe to share between goroutines.
type Error struct {
	Code     int    // one of the Code constants (Ignite's IgniteQueryErrorCode)
	SQLState string // five characters, for example "42000"
	Message  string // Ignite's sentence
	cause    error
}

// Error gives "SQLSTATE: message", the text that Ignite sends to thin clients.
func (e *Error) Error() string { return e.SQLState + ": " + e.Message }

// Unwrap gives the error of the store or of the context that was behind it, if any.
func (e *Error) Unwrap() error { return e.cause }

func fail(code int, state, format string, args ...any) *Error {
	return &Error{Code: code, SQLState: state, Message: fmt.Sprintf(format, args...)}
}

// queryError is an error of H2's kind: a sentence, the statement, H2's code.
func queryError(sql string, h2 int, format string, args ...any) *Error {
	return fail(CodeParsing, stateSyntax, "Failed to parse query. %s; SQL statement:\n%s [%d-197]", fmt.Sprintf(format, args...), sql, h2)
}

func errTableNotFound(sql, name string) *Error {
	return queryError(sql, 42102, "Table %q not found", name)
}

func errColumnNotFound(sql, name string) *Error {
	return queryError(sql, 42122, "Column %q not found", name)
}

func errSchemaNotFound(sql, name string) *Error {
	return queryError(sql, 90079, "Schema %q not found", name)
}

// asError turns any error into an *Error, keeping the cause.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var syntax *parse.Error
	if errors.As(err, &syntax) {
		return &Error{Code: CodeParsing, SQLState: stateSyntax, Message: "Failed to parse query. " + syntax.Error(), cause: err}
	}
	var un *parse.Unsupported
	if errors.As(err, &un) {
		if un.General {
			return &Error{Code: CodeUnknown, SQLState: stateGeneral, Message: un.Message, cause: err}
		}
		return &Error{Code: CodeUnsupported, SQLState: stateUnsupported, Message: un.Message, cause: err}
	}
	return &Error{Code: CodeUnknown, SQLState: stateGeneral, Message: err.Error(), cause: err}
}

func errCanceled(err error) *Error {
	return &Error{Code: CodeQueryCanceled, SQLState: stateCanceled, Message: "The query was cancelled while executing.", cause: err}
}
