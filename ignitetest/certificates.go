package ignitetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/youmark/pkcs8"
)

const keyBits = 2048

// Certificates are the files of one test authority, all PEM. The server's certificate
// holds for localhost and 127.0.0.1.
type Certificates struct {
	CAFile         string // the authority that signed server and client
	OtherCAFile    string // an authority that signed nothing here, for the wrong-CA case
	ServerCertFile string
	ServerKeyFile  string // PKCS#8, not encrypted
	ClientCertFile string
	ClientKeyFile  string // PKCS#8, encrypted with ClientKeyPassword

	ClientKeyPassword string
}

// MakeCertificates makes an authority and what it signs, valid for a day, in dir.
func MakeCertificates(dir string) (*Certificates, error) {
	c := &Certificates{
		CAFile:            filepath.Join(dir, "ca.pem"),
		OtherCAFile:       filepath.Join(dir, "other-ca.pem"),
		ServerCertFile:    filepath.Join(dir, "server.pem"),
		ServerKeyFile:     filepath.Join(dir, "server.key"),
		ClientCertFile:    filepath.Join(dir, "client.pem"),
		ClientKeyFile:     filepath.Join(dir, "client.key"),
		ClientKeyPassword: "correct horse",
	}
	ca, err := newAuthority("kindling test CA", c.CAFile)
	if err != nil {
		return nil, err
	}
	if _, err := newAuthority("kindling other CA", c.OtherCAFile); err != nil {
		return nil, err
	}
	if err := ca.issue("server", c.ServerCertFile, c.ServerKeyFile, nil); err != nil {
		return nil, err
	}
	if err := ca.issue("client", c.ClientCertFile, c.ClientKeyFile, []byte(c.ClientKeyPassword)); err != nil {
		return nil, err
	}
	return c, nil
}

// NewCertificates is [MakeCertificates] in a folder that goes with the test.
func NewCertificates(t testing.TB) *Certificates {
	t.Helper()
	c, err := MakeCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type authority struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

func newAuthority(name, certFile string) (*authority, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	template := certificateTemplate(name)
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert: cert, key: key}, writePEM(certFile, "CERTIFICATE", der)
}

// issue signs a certificate for a new key and writes both; the key is encrypted when
// there is a password.
func (a *authority) issue(name, certFile, keyFile string, password []byte) error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return err
	}
	template := certificateTemplate(name)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if err := writePEM(certFile, "CERTIFICATE", der); err != nil {
		return err
	}
	keyDER, err := pkcs8.MarshalPrivateKey(key, password, nil)
	if err != nil {
		return fmt.Errorf("ignitetest: encode the key of %s: %w", name, err)
	}
	kind := "PRIVATE KEY"
	if password != nil {
		kind = "ENCRYPTED PRIVATE KEY"
	}
	return writePEM(keyFile, kind, keyDER)
}

func certificateTemplate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // rand.Reader never fails
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
