package ignite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/internal/route"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Errors to compare with errors.Is. Status codes of the server are errors too:
// errors.Is(err, wire.StatusCacheDoesNotExist).
var (
	// ErrClosed is returned by everything that is used after its Close.
	ErrClosed = errors.New("closed")
	// ErrNoNode says that a node, or every node, can't be reached.
	ErrNoNode = errors.New("no connection to the node")
	// ErrClusterInactive says that the cluster has not been activated: see
	// [Client.SetClusterState].
	ErrClusterInactive = errors.New("the cluster is inactive")
	// ErrCursorBusy says that Next was called while another Next of the same cursor
	// was under way. The server has no lock there: rows would be lost.
	ErrCursorBusy = errors.New("another Next of this cursor is under way")
	// ErrUnsupported says that the server did not agree to a protocol feature that
	// the call needs.
	ErrUnsupported = errors.New("the server does not support it")
)

// OpError says which operation failed, and where. Every error of the client but
// those of the configuration is one. Err is a *[ServerError], a *[ConnectError],
// a context's error, or a decoding error.
type OpError struct {
	Op        wire.Op
	Cache     string // "" when the operation is not on a cache
	Partition int    // -1 when it is not on a partition
	Addr      string // the server asked, "" when none was reached
	Err       error
}

func (e *OpError) Error() string {
	var b strings.Builder
	b.WriteString("ignite: ")
	b.WriteString(e.Op.String())
	if e.Cache != "" {
		fmt.Fprintf(&b, " cache %q", e.Cache)
	}
	if e.Partition >= 0 {
		fmt.Fprintf(&b, " partition %d", e.Partition)
	}
	if e.Addr != "" {
		b.WriteString(" at " + e.Addr)
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *OpError) Unwrap() error { return e.Err }

// Timeout reports whether time ran out, as net.Error has it.
func (e *OpError) Timeout() bool { return errors.Is(e.Err, context.DeadlineExceeded) }

// ServerError is an answer with an error status. errors.Is finds the status, and
// [ErrClusterInactive] where the message says so.
type ServerError struct {
	Status  wire.Status
	Message string // the server's own words
	Addr    string
	Op      wire.Op
}

func (e *ServerError) Error() string {
	s := fmt.Sprintf("%s (%s, status %d)", e.Message, e.Status.String(), int32(e.Status))
	switch {
	case e.inactive():
		s += ": activate the cluster first (SetClusterState, or control.sh --set-state ACTIVE)"
	case e.Status == wire.StatusTooManyCursors:
		s += ": close cursors that are not read to their end, raise ConnectionsPerNode, or raise maxOpenCursorsPerConnection of the server"
	}
	return s
}

func (e *ServerError) inactive() bool {
	return e.Status != wire.StatusSuccess && strings.Contains(e.Message, "cluster is inactive")
}

// Unwrap returns the status and what the message stands for.
func (e *ServerError) Unwrap() []error {
	if e.inactive() {
		return []error{e.Status, ErrClusterInactive}
	}
	return []error{e.Status}
}

// Reason says in one word what went wrong with a connection.
type Reason string

// The reasons of a [ConnectError].
const (
	ReasonDial              = Reason(conn.ReasonDial)              // no TCP connection
	ReasonTimeout           = Reason(conn.ReasonTimeout)           // connected, but the handshake did not end in time
	ReasonTLSUnverified     = Reason(conn.ReasonTLSUnverified)     // the server's certificate was not accepted
	ReasonClientCertificate = Reason(conn.ReasonClientCertificate) // the server wants a client certificate, or refused the one it got
	ReasonTLS               = Reason(conn.ReasonTLS)               // any other TLS failure
	ReasonNotTLS            = Reason(conn.ReasonNotTLS)            // TLS was asked for, the server does not speak it
	ReasonNeedsTLS          = Reason(conn.ReasonNeedsTLS)          // the server seems to want TLS
	ReasonNotIgnite         = Reason(conn.ReasonNotIgnite)         // the peer speaks something else
	ReasonRefused           = Reason(conn.ReasonRefused)           // the handshake was refused: user, password or version
	ReasonProtocol          = Reason(conn.ReasonProtocol)          // the server broke the protocol
	ReasonBroken            = Reason(conn.ReasonBroken)            // an established connection ended
)

// ConnectError says that a connection could not be made, or ended.
type ConnectError struct {
	Addr   string
	Reason Reason
	Sent   bool // the request may have reached the server
	Err    error
}

func (e *ConnectError) Error() string { return e.Addr + ": " + e.Err.Error() }

// Unwrap returns the cause; for a refused user it leads to wire.StatusAuthFailed.
func (e *ConnectError) Unwrap() error { return e.Err }

// ConfigError names a part of the configuration that is wrong. It never holds a secret.
type ConfigError struct {
	Field string // such as "TLS.KeyPassword", or the key of an address string
	Err   error
}

func (e *ConfigError) Error() string {
	return "ignite: configuration: " + e.Field + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// Retryable reports whether doing the same again may succeed and can't do a
// thing twice: no node was reached, the connection broke before the request was
// sent, or the operation only reads. A cursor whose connection broke is gone;
// retrying then means to open it again.
func Retryable(err error) bool {
	var ce *ConnectError
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrClosed) {
		return false
	}
	if errors.As(err, &ce) {
		switch ce.Reason {
		case ReasonDial, ReasonTimeout:
			return true
		case ReasonBroken:
			return !ce.Sent || repeatable(opOf(err))
		}
		return false
	}
	if errors.Is(err, ErrNoNode) || errors.Is(err, wire.StatusInvalidNodeState) || errors.Is(err, wire.StatusNodeInRecoveryMode) {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) && repeatable(opOf(err))
}

func opOf(err error) wire.Op {
	var oe *OpError
	if errors.As(err, &oe) {
		return oe.Op
	}
	return -1
}

// repeatableOps are the operations that can be asked twice without harm: they
// only read, or do nothing the second time.
var repeatableOps = map[wire.Op]bool{
	wire.OpCacheGet: true, wire.OpCacheGetAll: true, wire.OpCacheContainsKey: true, wire.OpCacheContainsKeys: true,
	wire.OpCacheGetSize: true, wire.OpCacheLocalPeek: true, wire.OpCacheGetNames: true, wire.OpCacheGetConfiguration: true,
	wire.OpCacheGetOrCreateWithName: true, wire.OpCacheGetOrCreateWithConfiguration: true,
	wire.OpCachePartitions: true, wire.OpCacheNodePartitions: true, wire.OpQueryScan: true, wire.OpQueryScanCursorGetPage: true,
	wire.OpBinaryTypeNameGet: true, wire.OpBinaryTypeGet: true, wire.OpBinaryTypePut: true, wire.OpBinaryConfigurationGet: true,
	wire.OpClusterGetState: true, wire.OpClusterGroupGetNodeEndpoints: true, wire.OpHeartbeat: true, wire.OpGetIdleTimeout: true,
}

func repeatable(op wire.Op) bool { return repeatableOps[op] }

// connectError turns errors of the inner packages into those of this one.
func connectError(err error) error {
	var (
		ce *conn.Error
		un *route.UnreachableError
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, route.ErrClosed), errors.Is(err, conn.ErrClosed):
		return ErrClosed
	case errors.As(err, &un):
		return &unreachableError{un}
	case errors.As(err, &ce):
		out := &ConnectError{Addr: ce.Addr, Reason: Reason(ce.Reason), Sent: ce.Sent, Err: ce.Err}
		if errors.Is(err, route.ErrNoNode) {
			return fmt.Errorf("%w: %w", ErrNoNode, out)
		}
		return out
	case errors.Is(err, route.ErrNoNode):
		return fmt.Errorf("%w: %w", ErrNoNode, err)
	}
	return err
}

// unreachableError keeps the text for several addresses, and leads to ErrNoNode and
// to the ConnectError of each.
type unreachableError struct{ inner *route.UnreachableError }

func (e *unreachableError) Error() string { return e.inner.Error() }

func (e *unreachableError) Unwrap() []error {
	out := []error{ErrNoNode}
	for _, err := range e.inner.Errs {
		out = append(out, connectError(err))
	}
	return out
}
