package ignite_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/youmark/pkcs8"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

const keyPassword = "s3cret-key-word"

// authority makes certificates for a test.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = a.write("ca.pem", &pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func (a *authority) write(name string, blocks ...*pem.Block) string {
	a.t.Helper()
	var b []byte
	for _, x := range blocks {
		b = append(b, pem.EncodeToMemory(x)...)
	}
	file := filepath.Join(a.dir, name)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// issue signs a certificate for an RSA key. Keys of this size are for tests only.
func (a *authority) issue(name string, until time.Time) (certDER []byte, key *rsa.PrivateKey) {
	a.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		a.t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if name == "elsewhere" {
		tmpl.DNSNames, tmpl.IPAddresses = []string{"elsewhere"}, nil
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

func (a *authority) server(name string, until time.Time) *tls.Config {
	der, key := a.issue(name, until)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// mutual is a server that wants certificates of its authority.
func (a *authority) mutual(version uint16) *tls.Config {
	cfg := a.server("server", time.Now().Add(time.Hour))
	cfg.ClientCAs = x509.NewCertPool()
	cfg.ClientCAs.AddCert(a.cert)
	cfg.ClientAuth = tls.RequireAndVerifyClientCert
	cfg.MaxVersion = version
	return cfg
}

func certBlock(der []byte) *pem.Block { return &pem.Block{Type: "CERTIFICATE", Bytes: der} }

func (a *authority) must(der []byte, err error) []byte {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	return der
}

func names(t *testing.T, cfg ignite.Config) error {
	t.Helper()
	c, err := ignite.Open(t.Context(), cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.CacheNames(t.Context())
	return err
}

func answerNames(c *wiretest.Conn, id int64, req wire.Request) bool {
	if req.Op() != wire.OpCacheGetNames {
		return false
	}
	c.Reply(id, &wire.CacheGetNamesResponse{Names: []string{"A"}})
	return true
}

func TestClientKeys(t *testing.T) {
	a := newAuthority(t, "test authority")
	srv := wiretest.Start(t, wiretest.Options{TLS: a.mutual(0), Handle: answerNames})
	der, key := a.issue("client", time.Now().Add(time.Hour))
	pk1 := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	pk8 := &pem.Block{Type: "PRIVATE KEY", Bytes: a.must(x509.MarshalPKCS8PrivateKey(key))}
	enc8 := &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: a.must(pkcs8.MarshalPrivateKey(key, []byte(keyPassword), nil))}
	//nolint:staticcheck // The old form is what is tested.
	legacy, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", pk1.Bytes, []byte(keyPassword), x509.PEMCipherAES256)
	if err != nil {
		t.Fatal(err)
	}
	cert := a.write("client.pem", certBlock(der))
	for name, c := range map[string]ignite.TLSConfig{
		"PKCS#1":                   {CertFile: cert, KeyFile: a.write("1", pk1)},
		"PKCS#8":                   {CertFile: cert, KeyFile: a.write("2", pk8)},
		"PKCS#8, idle password":    {CertFile: cert, KeyFile: a.write("3", pk8), KeyPassword: "unused"},
		"encrypted PKCS#8":         {CertFile: cert, KeyFile: a.write("4", enc8), KeyPassword: keyPassword},
		"encrypted PEM":            {CertFile: cert, KeyFile: a.write("5", legacy), KeyPassword: keyPassword},
		"key before certificate":   {CertFile: a.write("6", pk8, certBlock(der))},
		"encrypted, same file":     {CertFile: a.write("7", certBlock(der), enc8), KeyPassword: keyPassword},
		"encrypted PEM, same file": {CertFile: a.write("8", certBlock(der), legacy), KeyPassword: keyPassword},
	} {
		c.CAFile = a.file
		if err := names(t, ignite.Config{Addresses: []string{srv.Addr}, TLS: &c}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		tls   ignite.TLSConfig
		field string
		text  string
	}{
		"wrong password, PKCS#8": {ignite.TLSConfig{CertFile: cert, KeyFile: a.write("11", enc8), KeyPassword: "s3cret-guess"}, "TLS.KeyPassword", "does not decrypt"},
		"wrong password, PEM":    {ignite.TLSConfig{CertFile: cert, KeyFile: a.write("12", legacy), KeyPassword: "s3cret-guess"}, "TLS.KeyPassword", "does not decrypt"},
		"no password, PKCS#8":    {ignite.TLSConfig{CertFile: cert, KeyFile: a.write("13", enc8)}, "TLS.KeyPassword", "no password"},
		"no password, PEM":       {ignite.TLSConfig{CertFile: cert, KeyFile: a.write("14", legacy)}, "TLS.KeyPassword", "no password"},
		"no key":                 {ignite.TLSConfig{CertFile: cert}, "TLS.CertFile", "no private key"},
		"no certificate":         {ignite.TLSConfig{CertFile: a.write("15", pk8)}, "TLS.CertFile", "no certificate"},
		"key of another":         {ignite.TLSConfig{CertFile: a.file, KeyFile: a.write("16", pk8)}, "TLS.CertFile", "does not go with"},
		"missing file":           {ignite.TLSConfig{CertFile: "/nowhere.pem"}, "TLS.CertFile", "/nowhere.pem"},
		"missing key file":       {ignite.TLSConfig{CertFile: cert, KeyFile: "/nowhere.key"}, "TLS.KeyFile", "/nowhere.key"},
		"missing authority":      {ignite.TLSConfig{CAFile: "/nowhere.ca"}, "TLS.CAFile", "/nowhere.ca"},
		"authority not in PEM":   {ignite.TLSConfig{CAFile: a.write("17", pk8)}, "TLS.CAFile", "no certificate"},
	} {
		err := names(t, ignite.Config{Addresses: []string{srv.Addr}, TLS: &c.tls})
		var ce *ignite.ConfigError
		if !errors.As(err, &ce) || ce.Field != c.field || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: a secret in %v", name, err)
		}
	}
}

func TestTLSMatrix(t *testing.T) {
	a, other := newAuthority(t, "test authority"), newAuthority(t, "another authority")
	later := time.Now().Add(time.Hour)
	start := func(cfg *tls.Config) string {
		return wiretest.Start(t, wiretest.Options{TLS: cfg, Handle: answerNames}).Addr
	}
	plain := wiretest.Start(t, wiretest.Options{Handle: answerNames}).Addr
	server := start(a.server("server", later))
	misnamed := start(a.server("elsewhere", later))
	expired := start(a.server("server", time.Now().Add(-time.Minute)))
	mutual12, mutual13 := start(a.mutual(tls.VersionTLS12)), start(a.mutual(tls.VersionTLS13))
	old := a.server("server", later)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	oldest := start(old)
	der, key := other.issue("client", later)
	foreign := other.write("client.pem", certBlock(der), &pem.Block{Type: "PRIVATE KEY", Bytes: a.must(x509.MarshalPKCS8PrivateKey(key))})

	for _, c := range []struct {
		name, addr string
		tls        *ignite.TLSConfig
		reason     ignite.Reason // "" succeeds
		text       string
	}{
		{"verified", server, &ignite.TLSConfig{CAFile: a.file}, "", ""},
		{"other name", misnamed, &ignite.TLSConfig{CAFile: a.file, ServerName: "elsewhere"}, "", ""},
		{"name skipped", misnamed, &ignite.TLSConfig{CAFile: a.file, SkipServerName: true}, "", ""},
		{"not verified", server, &ignite.TLSConfig{InsecureSkipVerify: true}, "", ""},
		{"system authorities", server, &ignite.TLSConfig{}, ignite.ReasonTLSUnverified, "CAFile"},
		{"wrong authority", server, &ignite.TLSConfig{CAFile: other.file}, ignite.ReasonTLSUnverified, "CAFile"},
		{"wrong authority, name skipped", server, &ignite.TLSConfig{CAFile: other.file, SkipServerName: true}, ignite.ReasonTLSUnverified, "CAFile"},
		{"wrong name", misnamed, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonTLSUnverified, "ServerName"},
		{"expired", expired, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonTLSUnverified, "validity"},
		{"no client certificate, 1.2", mutual12, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonClientCertificate, "requires a client certificate"},
		{"no client certificate, 1.3", mutual13, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonClientCertificate, "requires a client certificate"},
		{"foreign certificate, 1.2", mutual12, &ignite.TLSConfig{CAFile: a.file, CertFile: foreign}, ignite.ReasonClientCertificate, "did not accept"},
		{"foreign certificate, 1.3", mutual13, &ignite.TLSConfig{CAFile: a.file, CertFile: foreign}, ignite.ReasonClientCertificate, "did not accept"},
		{"TLS to a plain server", plain, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonNotTLS, "does not speak TLS"},
		{"plain to a TLS server", server, nil, ignite.ReasonNeedsTLS, "TLS"},
		{"too old", oldest, &ignite.TLSConfig{CAFile: a.file}, ignite.ReasonTLS, "protocol version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := names(t, ignite.Config{Addresses: []string{c.addr}, TLS: c.tls})
			if c.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var ce *ignite.ConnectError
			if !errors.As(err, &ce) || ce.Reason != c.reason || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), c.addr) {
				t.Errorf("%v", err)
			}
		})
	}
}
