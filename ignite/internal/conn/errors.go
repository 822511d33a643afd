package conn

import (
	"errors"
	"fmt"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// ErrClosed is the cause of failure of a connection that this side closed.
var ErrClosed = errors.New("the connection was closed by the client")

// Reason says in one word what went wrong with a connection.
type Reason string

// The reasons.
const (
	ReasonDial              Reason = "dial"               // no TCP connection
	ReasonTimeout           Reason = "timeout"            // connected, but the handshake did not end in time
	ReasonTLSUnverified     Reason = "tls-unverified"     // the server's certificate was not accepted
	ReasonClientCertificate Reason = "client-certificate" // the server wants a client certificate, or refused the one it got
	ReasonTLS               Reason = "tls"                // any other TLS failure
	ReasonNotTLS            Reason = "not-tls"            // TLS was asked for, the server does not speak it
	ReasonNeedsTLS          Reason = "needs-tls"          // the server seems to want TLS
	ReasonNotIgnite         Reason = "not-ignite"         // the peer speaks something else
	ReasonRefused           Reason = "refused"            // the server refused the handshake
	ReasonProtocol          Reason = "protocol"           // the server broke the protocol
	ReasonBroken            Reason = "broken"             // an established connection ended
	ReasonClosed            Reason = "closed"             // closed by this client
)

// Error is a failure of the connection itself, as opposed to an answer with an
// error status.
type Error struct {
	Addr   string
	Reason Reason
	// Sent says that the request may have reached the server. When it is false,
	// asking again elsewhere can't do a thing twice.
	Sent bool
	Err  error
}

func (e *Error) Error() string { return e.Addr + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// RefusedError is the server's answer to a handshake that it did not accept.
type RefusedError struct {
	Asked   wire.Version // the version that this client asked for
	Server  wire.Version // the version that the server offers, zero when it gave none
	Status  wire.Status
	Message string
}

func (e *RefusedError) Error() string {
	switch {
	case e.Status == wire.StatusAuthFailed:
		return "the server refused the user name or password: " + e.Message
	case e.Server != (wire.Version{}) && e.Server != e.Asked:
		return fmt.Sprintf("the server refused protocol version %d.%d.%d, its own is %d.%d.%d: %s",
			e.Asked.Major, e.Asked.Minor, e.Asked.Patch, e.Server.Major, e.Server.Minor, e.Server.Patch, e.Message)
	}
	return "the server refused the handshake: " + e.Message
}

// Unwrap returns the server's status, so that errors.Is finds it.
func (e *RefusedError) Unwrap() error { return e.Status }
