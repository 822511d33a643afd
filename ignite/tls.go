package ignite

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/youmark/pkcs8"
)

// TLSConfig says how to encrypt and whom to trust. The zero value verifies the
// server against the system's authorities, by the name that was dialled.
type TLSConfig struct {
	// CertFile has the client's certificate, and the chain above it, in PEM. It is
	// for servers that require one (sslClientAuth).
	CertFile string
	// KeyFile has the private key of CertFile in PEM: PKCS#8, PKCS#1 or SEC 1,
	// plain or encrypted. Empty: the key is in CertFile too.
	KeyFile string
	// KeyPassword decrypts the key. It is not used when the key is not encrypted.
	KeyPassword string
	// CAFile has the authorities to trust instead of the system's, in PEM.
	CAFile string
	// ServerName is the name to verify instead of the host that was dialled.
	ServerName string
	// SkipServerName accepts any name on a certificate that a trusted authority
	// has signed: the tls=verify-ca of an address string.
	SkipServerName bool
	// InsecureSkipVerify accepts any certificate: anyone between here and the
	// server can read and change everything.
	InsecureSkipVerify bool
}

func (t *TLSConfig) validate() []error {
	var errs []error
	bad := func(field, text string) {
		errs = append(errs, &ConfigError{Field: field, Err: errors.New(text)})
	}
	if t.CertFile == "" && t.KeyFile != "" {
		bad("TLS.KeyFile", "there is a key but no CertFile")
	}
	if t.CertFile == "" && t.KeyPassword != "" {
		bad("TLS.KeyPassword", "there is a key password but no CertFile")
	}
	if t.InsecureSkipVerify && t.CAFile != "" {
		bad("TLS.CAFile", "there is an authority to verify against, yet InsecureSkipVerify verifies nothing")
	}
	if (t.InsecureSkipVerify || t.SkipServerName) && t.ServerName != "" {
		bad("TLS.ServerName", "there is a name to verify, yet names are not verified")
	}
	return errs
}

// build reads the files. No error shows the password or the key.
func (t *TLSConfig) build() (*tls.Config, error) {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: t.ServerName,
		//nolint:gosec // The user asked for it by name.
		InsecureSkipVerify: t.InsecureSkipVerify || t.SkipServerName,
	}
	if t.CAFile != "" {
		pool, err := readAuthorities(t.CAFile)
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = pool
	}
	if t.SkipServerName && !t.InsecureSkipVerify {
		cfg.VerifyConnection = verifyChain(cfg.RootCAs)
	}
	if t.CertFile != "" {
		cert, err := t.clientCertificate()
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// verifyChain does what crypto/tls does without a look at the name.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errors.New("the server showed no certificate")
		}
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		if _, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between}); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
		return nil
	}
}

func readAuthorities(file string) (*x509.CertPool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, &ConfigError{Field: "TLS.CAFile", Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, &ConfigError{Field: "TLS.CAFile", Err: fmt.Errorf("%s has no certificate in PEM", file)}
	}
	return pool, nil
}

func (t *TLSConfig) clientCertificate() (tls.Certificate, error) {
	var cert tls.Certificate
	b, err := os.ReadFile(t.CertFile)
	if err != nil {
		return cert, &ConfigError{Field: "TLS.CertFile", Err: err}
	}
	var certs []byte
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			certs = append(certs, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})...)
		}
	}
	if certs == nil {
		return cert, &ConfigError{Field: "TLS.CertFile", Err: fmt.Errorf("%s has no certificate in PEM", t.CertFile)}
	}
	key, err := t.privateKey(b)
	if err != nil {
		return cert, err
	}
	cert, err = tls.X509KeyPair(certs, key)
	if err != nil {
		return cert, &ConfigError{Field: "TLS.CertFile", Err: fmt.Errorf("%s does not go with its key: %w", t.CertFile, err)}
	}
	return cert, nil
}

// privateKey finds the key and returns it in PEM, decrypted.
func (t *TLSConfig) privateKey(inCertFile []byte) ([]byte, error) {
	field, file, b := "TLS.KeyFile", t.KeyFile, inCertFile
	if file == "" {
		field, file = "TLS.CertFile", t.CertFile
	} else {
		var err error
		if b, err = os.ReadFile(file); err != nil {
			return nil, &ConfigError{Field: field, Err: err}
		}
	}
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "PRIVATE KEY" || strings.HasSuffix(block.Type, " PRIVATE KEY") {
			return t.decrypt(block, file)
		}
	}
	return nil, &ConfigError{Field: field, Err: fmt.Errorf("%s has no private key in PEM", file)}
}

func (t *TLSConfig) decrypt(block *pem.Block, file string) ([]byte, error) {
	//nolint:staticcheck // Keys in this old form are still about, and reading one is not choosing it.
	legacy := x509.IsEncryptedPEMBlock(block)
	if !legacy && block.Type != "ENCRYPTED PRIVATE KEY" {
		return pem.EncodeToMemory(block), nil
	}
	fail := func(err error) error { return &ConfigError{Field: "TLS.KeyPassword", Err: err} }
	if t.KeyPassword == "" {
		return nil, fail(fmt.Errorf("the private key in %s is encrypted and there is no password", file))
	}
	if legacy {
		//nolint:staticcheck // As above.
		der, err := x509.DecryptPEMBlock(block, []byte(t.KeyPassword))
		if err != nil || !isKey(der) {
			return nil, fail(fmt.Errorf("the password does not decrypt the private key in %s", file))
		}
		return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
	}
	key, _, err := pkcs8.ParsePrivateKey(block.Bytes, []byte(t.KeyPassword))
	if err != nil {
		if strings.Contains(err.Error(), "unsupported") || strings.Contains(err.Error(), "only P") {
			return nil, fail(fmt.Errorf("the private key in %s is encrypted in a way that can't be read: %w", file, err))
		}
		return nil, fail(fmt.Errorf("the password does not decrypt the private key in %s", file))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fail(fmt.Errorf("the private key in %s is of a kind that can't be used: %w", file, err))
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// isKey guards against the old format's padding, which a wrong password can
// satisfy by chance.
func isKey(der []byte) bool {
	parsers := []func([]byte) error{
		func(b []byte) error { _, err := x509.ParsePKCS1PrivateKey(b); return err },
		func(b []byte) error { _, err := x509.ParseECPrivateKey(b); return err },
		func(b []byte) error { _, err := x509.ParsePKCS8PrivateKey(b); return err },
	}
	return slices.ContainsFunc(parsers, func(p func([]byte) error) bool { return p(der) == nil })
}
