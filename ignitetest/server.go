package ignitetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

// A Server is a running embedded node or a real Ignite.
// It is safe for use by many goroutines.
type Server struct {
	Name   string        // "embedded" or "ignite-2.17.0", as subtests are named after it
	Addr   string        // host:port of the first node's client connector
	Addrs  []string      // of all nodes
	Config ignite.Config // opens a client: addresses, TLS and account are filled in
	Certs  *Certificates // with TLS, else nil

	real *realNodes // nil for an embedded node

	stopOnce sync.Once
	stopFunc func() error
	stopErr  error
}

// Real says whether the server is an Apache Ignite and not the embedded node.
func (s *Server) Real() bool { return s.real != nil }

// Stop ends the server and waits until it is gone. Calling it again does nothing.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() { s.stopErr = s.stopFunc() })
	return s.stopErr
}

// Client opens a client with s.Config and closes it when the test ends.
func (s *Server) Client(t testing.TB) *ignite.Client {
	t.Helper()
	return s.Open(t, s.Config)
}

// Open opens a client with a configuration of the test's own, changed from s.Config,
// and closes it when the test ends.
func (s *Server) Open(t testing.TB, cfg ignite.Config) *ignite.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := ignite.Open(ctx, cfg)
	if err != nil {
		t.Fatalf("open a client of %s at %v: %v", s.Name, s.Addrs, err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, ignite.ErrClosed) {
			t.Errorf("close the client of %s: %v", s.Name, err)
		}
	})
	return c
}

// config fills in what a client needs to reach the server.
func (o *options) config(addrs []string) ignite.Config {
	cfg := ignite.Config{Addresses: addrs}
	if o.auth {
		cfg.Username, cfg.Password = DefaultUsername, DefaultPassword
	}
	if o.certs != nil {
		cfg.TLS = &ignite.TLSConfig{CAFile: o.certs.CAFile}
		if o.mutual {
			cfg.TLS.CertFile = o.certs.ClientCertFile
			cfg.TLS.KeyFile = o.certs.ClientKeyFile
			cfg.TLS.KeyPassword = o.certs.ClientKeyPassword
		}
	}
	return cfg
}
