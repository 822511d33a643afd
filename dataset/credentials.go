package dataset

import (
	"log/slog"
	"sync"

	"github.com/kindling-ml/kindling/ignite"
)

// Credentials are what a Spec must not hold: the user and the files and
// passwords of TLS. Printing them shows the user's name only.
type Credentials struct {
	// Username and Password are for a cluster with authentication.
	Username, Password string
	// TLS turns TLS on; nil is plain TCP.
	TLS *ignite.TLSConfig
}

// String shows the user's name and whether there is TLS.
func (c Credentials) String() string {
	s := "credentials of user " + c.Username
	if c.TLS != nil {
		s += " over TLS"
	}
	return s
}

// GoString is String, so that %#v shows no secret.
func (c Credentials) GoString() string { return c.String() }

// LogValue is String, so that a log shows no secret.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, so that JSON shows no secret.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

var registry = struct {
	sync.RWMutex
	byID map[string]Credentials
}{byID: make(map[string]Credentials)}

// RegisterCredentials keeps credentials in the memory of this process under an
// id, which should be random, for the specs whose CredentialsID it is. The last
// registration of an id holds. It is safe for several goroutines.
func RegisterCredentials(id string, c Credentials) {
	registry.Lock()
	defer registry.Unlock()
	registry.byID[id] = c
}

// UnregisterCredentials forgets an id.
func UnregisterCredentials(id string) {
	registry.Lock()
	defer registry.Unlock()
	delete(registry.byID, id)
}

// credentials finds what to log in with: what is registered under the id, each
// part overridden by the environment where that says something.
func credentials(id string, getenv func(string) string) (c Credentials, registered bool) {
	registry.RLock()
	c, registered = registry.byID[id]
	registry.RUnlock()
	tls := ignite.TLSConfig{}
	if c.TLS != nil {
		tls = *c.TLS
	}
	over := func(name string, into *string) bool {
		v := getenv(EnvPrefix + name)
		if v != "" {
			*into = v
		}
		return v != ""
	}
	over("USERNAME", &c.Username)
	over("PASSWORD", &c.Password)
	cert := over("CERTFILE", &tls.CertFile)
	if cert {
		tls.KeyFile, tls.KeyPassword = "", "" // another certificate has another key
	}
	key := over("KEYFILE", &tls.KeyFile)
	over("CERT_PASSWORD", &tls.KeyPassword)
	ca := over("CAFILE", &tls.CAFile)
	if c.TLS != nil || cert || key || ca {
		c.TLS = &tls
	}
	return c, registered
}
