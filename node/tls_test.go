package node_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// certificate makes a certificate for 127.0.0.1, signed by parent or itself.
func certificate(t *testing.T, parent *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: "kindling test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		IsCA:                  parent == nil,
	}
	issuer, signer := template, any(key)
	if parent != nil {
		issuer, signer = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestMutualTLS(t *testing.T) {
	ca := certificate(t, nil)
	pool := x509.NewCertPool()
	pool.AddCert(ca.Leaf)
	n := start(t, node.Config{TLS: &tls.Config{
		Certificates: []tls.Certificate{certificate(t, &ca)},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool,
	}})
	shake := func(cfg *tls.Config) (*client, error) {
		nc := tls.Client(dialRaw(t, n), cfg)
		c := &client{t: t, nc: nc, r: bufio.NewReader(nc), features: wire.FeaturesClient}
		body := (&wire.HandshakeRequest{Features: wire.FeaturesClient}).AppendTo(nil)
		if _, err := nc.Write(append([]byte{byte(len(body)), 0, 0, 0}, body...)); err != nil {
			return nil, err
		}
		answer, err := readFrame(c.r)
		if err != nil {
			return nil, err
		}
		var p wire.HandshakeResponse
		return c, p.Decode(answer)
	}
	c, err := shake(&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", Certificates: []tls.Certificate{certificate(t, &ca)}})
	if err != nil {
		t.Fatal(err)
	}
	ci := c.cacheNamed("C")
	c.fill(ci, 1000, func(i int) any { return int32(i) })
	if c.size(ci) != 1000 || len(c.scan(ci, -1, 100)) != 1000 {
		t.Error("rows were lost over TLS")
	}
	if _, err := shake(&tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}); err == nil {
		t.Error("a client without a certificate got in")
	}
	other := certificate(t, nil)
	if _, err := shake(&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", Certificates: []tls.Certificate{other}}); err == nil {
		t.Error("a client with a foreign certificate got in")
	}
	if answer, err := exchange(t, n, []byte{8, 0, 0, 0, 1, 1, 0, 4, 0, 0, 0, 2}); err == nil && answer[0] == 1 {
		t.Error("a client without TLS got in")
	}
	if _, err := node.Start(t.Context(), node.Config{TLS: &tls.Config{}}); err == nil {
		t.Error("TLS without a certificate started")
	}
}
