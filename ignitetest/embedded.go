package ignitetest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/kindling-ml/kindling/node"
)

// Embedded starts an embedded node in this process, with its data in memory. It is the
// test's own and ends with it; a start takes milliseconds.
func Embedded(t testing.TB, opts ...Option) *Server {
	t.Helper()
	srv, err := StartEmbedded(context.Background(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Stop(); err != nil {
			t.Errorf("stop the embedded node: %v", err)
		}
	})
	return srv
}

// StartEmbedded starts an embedded node outside of a test; the caller stops it. Options
// of a Java process are errors.
func StartEmbedded(ctx context.Context, opts ...Option) (*Server, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	if o.nodes != 1 || o.heap != DefaultHeap || o.regionMiB != DefaultRegionMiB || o.caches != "" {
		return nil, errors.New("ignitetest: the embedded node is one node without a Java heap, a data region, or caches from the start")
	}
	cfg := node.Config{Address: local(o.port)}
	if o.auth {
		cfg.Users = map[string]string{DefaultUsername: DefaultPassword}
	}
	if o.certs != nil {
		if cfg.TLS, err = o.certs.serverTLS(o.mutual); err != nil {
			return nil, err
		}
	}
	n, err := node.Start(context.WithoutCancel(ctx), cfg)
	if err != nil {
		return nil, err
	}
	addrs := []string{n.Addr()}
	return &Server{
		Name: "embedded", Addr: addrs[0], Addrs: addrs, Config: o.config(addrs), Certs: o.certs, stopFunc: n.Close,
	}, nil
}

// serverTLS is the server's side of the certificates for Go.
func (c *Certificates) serverTLS(mutual bool) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.ServerCertFile, c.ServerKeyFile)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if !mutual {
		return cfg, nil
	}
	ca, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, err
	}
	cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !cfg.ClientCAs.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("ignitetest: no certificate in %s", c.CAFile)
	}
	return cfg, nil
}
