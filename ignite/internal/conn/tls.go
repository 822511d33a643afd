package conn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// tlsProbe remembers what was seen of the server during a TLS handshake, so that
// a connection that just ends can be explained.
type tlsProbe struct {
	net.Conn
	addr    string
	read    atomic.Int64 // bytes that the server sent
	asked   atomic.Bool  // it asked for a client certificate
	offered bool         // there is one in the configuration
}

func (p *tlsProbe) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	p.read.Add(int64(n))
	return n, err
}

// startTLS performs the client side of a TLS handshake.
func startTLS(ctx context.Context, nc net.Conn, o Options) (*tls.Conn, *tlsProbe, error) {
	cfg := o.TLS.Clone()
	if cfg.ServerName == "" {
		host, _, err := net.SplitHostPort(o.Addr)
		if err != nil {
			host = o.Addr
		}
		cfg.ServerName = host
	}
	p := &tlsProbe{Conn: nc, addr: o.Addr, offered: len(cfg.Certificates) > 0}
	certs := cfg.Certificates
	cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		p.asked.Store(true)
		if len(certs) == 0 {
			return new(tls.Certificate), nil
		}
		// The server's list of authorities is a hint only; what it says to a
		// certificate outside of it is clearer than sending none.
		return &certs[0], nil
	}
	tc := tls.Client(p, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		return nil, nil, p.explain(err, cfg.ServerName)
	}
	return tc, p, nil
}

// explain turns a failed TLS handshake into an error that says what to set.
func (p *tlsProbe) explain(err error, name string) error {
	var (
		cve *tls.CertificateVerificationError
		rhe tls.RecordHeaderError
		ne  net.Error
	)
	switch {
	case errors.As(err, &cve):
		return p.fail(ReasonTLSUnverified, unverified(cve, name))
	case errors.As(err, &rhe):
		return p.fail(ReasonNotTLS, fmt.Errorf("the server does not speak TLS on this port: %w", err))
	}
	if ce := p.clientCertError(err); ce != nil {
		return ce
	}
	switch {
	case closedByPeer(err) && p.read.Load() == 0:
		return p.fail(ReasonNotTLS, errors.New("the server closed the connection at the beginning of TLS: it does not speak TLS on this port"))
	case errors.As(err, &ne) && ne.Timeout():
		return err
	}
	return p.fail(ReasonTLS, fmt.Errorf("the TLS handshake failed: %w", err))
}

func unverified(cve *tls.CertificateVerificationError, name string) error {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(cve, &authority):
		return fmt.Errorf("the server's certificate is not signed by a trusted authority (set CAFile to the authority's certificate): %w", cve)
	case errors.As(cve, &host):
		return fmt.Errorf("the server's certificate is not for %q (set ServerName to a name it has): %w", name, cve)
	case errors.As(cve, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("the server's certificate is outside its time of validity: %w", cve)
	}
	return fmt.Errorf("the server's certificate was not accepted: %w", cve)
}

// clientCertError is not nil when err is how a server says that it did not get
// the client certificate that it wants.
func (p *tlsProbe) clientCertError(err error) error {
	if !p.asked.Load() || !(closedByPeer(err) || isAlert(err)) {
		return nil
	}
	if !p.offered {
		return p.fail(ReasonClientCertificate, fmt.Errorf("the server requires a client certificate and none is set (CertFile, KeyFile): %w", err))
	}
	return p.fail(ReasonClientCertificate, fmt.Errorf("the server did not accept the client certificate: %w", err))
}

func (p *tlsProbe) fail(r Reason, err error) error { return &Error{Addr: p.addr, Reason: r, Err: err} }

// isAlert reports whether the server ended TLS with an alert.
func isAlert(err error) bool {
	var (
		alert tls.AlertError
		op    *net.OpError
	)
	return errors.As(err, &alert) || errors.As(err, &op) && op.Op == "remote error"
}

func closedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}
