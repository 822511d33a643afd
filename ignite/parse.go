package ignite

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kindling-ml/kindling/ignite/internal/route"
)

// Scheme starts an address string.
const Scheme = "ignite://"

// The values of the tls key in an address string.
const (
	tlsDisable    = "disable"
	tlsRequire    = "require"
	tlsVerifyCA   = "verify-ca"
	tlsVerifyFull = "verify-full"
)

// configKey is one key of an address string: its name, and how it moves between
// the string and the Config.
type configKey struct {
	name   string
	secret bool
	get    func(*Config) string // "" when it has its default
	set    func(*Config, string) error
}

// configKeys are all keys, in the order in which String writes them.
var configKeys = []configKey{
	{name: "tls", get: tlsMode, set: setTLSMode},
	tlsKey("tls_cert_file", false, func(t *TLSConfig) *string { return &t.CertFile }),
	tlsKey("tls_key_file", false, func(t *TLSConfig) *string { return &t.KeyFile }),
	tlsKey("tls_key_password", true, func(t *TLSConfig) *string { return &t.KeyPassword }),
	tlsKey("tls_ca_file", false, func(t *TLSConfig) *string { return &t.CAFile }),
	tlsKey("tls_server_name", false, func(t *TLSConfig) *string { return &t.ServerName }),
	durationKey("dial_timeout", func(c *Config) *time.Duration { return &c.DialTimeout }),
	durationKey("handshake_timeout", func(c *Config) *time.Duration { return &c.HandshakeTimeout }),
	durationKey("request_timeout", func(c *Config) *time.Duration { return &c.RequestTimeout }),
	intKey("connections_per_node", func(c *Config) *int { return &c.ConnectionsPerNode }),
	intKey("max_frame_bytes", func(c *Config) *int { return &c.MaxFrameBytes }),
	{
		name: "partition_awareness",
		get: func(c *Config) string {
			if c.NoPartitionAwareness {
				return "false"
			}
			return ""
		},
		set: func(c *Config, v string) error {
			on, err := strconv.ParseBool(v)
			c.NoPartitionAwareness = !on
			return err
		},
	},
}

// ParseConfig reads an address string,
//
//	ignite://user:password@host1:10800,host2/?tls=verify-full&tls_ca_file=ca.pem
//
// where everything but the scheme may be left out. The tls key has the values
// disable (the default), require (encrypted, the server is not verified),
// verify-ca (its certificate is verified, its name is not) and verify-full. The
// other keys are those of [Config] and [TLSConfig] in lower case with
// underscores: tls_cert_file, tls_key_file, tls_key_password, tls_ca_file,
// tls_server_name (any of these without tls means verify-full), dial_timeout,
// handshake_timeout, request_timeout, connections_per_node, max_frame_bytes,
// partition_awareness. User, password and values are percent-encoded. A key that
// is unknown or given twice is an error. No error shows a password.
func ParseConfig(s string) (Config, error) {
	var c Config
	rest, ok := strings.CutPrefix(s, Scheme)
	if !ok {
		return c, &ConfigError{Field: "address string", Err: errors.New("it does not begin with " + Scheme)}
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if path != "" {
		return c, &ConfigError{Field: "address string", Err: errors.New("there is a path after the addresses; only a query may follow")}
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := parseUser(&c, authority[:at]); err != nil {
			return Config{}, err
		}
		authority = authority[at+1:]
	}
	if authority != "" {
		for _, a := range strings.Split(authority, ",") {
			if _, err := route.ParseAddress(a); err != nil {
				return Config{}, &ConfigError{Field: "Addresses", Err: err}
			}
			c.Addresses = append(c.Addresses, strings.TrimSpace(a))
		}
	}
	if err := parseQuery(&c, query); err != nil {
		return Config{}, err
	}
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func parseUser(c *Config, s string) error {
	user, password, _ := strings.Cut(s, ":")
	var err1, err2 error
	c.Username, err1 = url.PathUnescape(user)
	c.Password, err2 = url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		// The cause would quote the text, which may be the password.
		return &ConfigError{Field: "Username", Err: errors.New("user or password is not percent-encoded rightly")}
	}
	return nil
}

func parseQuery(c *Config, query string) error {
	seen := make(map[string]bool)
	var mode string
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, escaped, _ := strings.Cut(pair, "=")
		i := slices.IndexFunc(configKeys, func(k configKey) bool { return k.name == name })
		if i < 0 {
			return &ConfigError{Field: name, Err: errors.New("there is no such key in an address string; there are " + keyNames())}
		}
		k := configKeys[i]
		if seen[name] {
			return &ConfigError{Field: name, Err: errors.New("the key is there twice")}
		}
		seen[name] = true
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			return &ConfigError{Field: name, Err: errors.New("the value is not percent-encoded rightly")}
		}
		if name == "tls" {
			mode = value
			continue
		}
		if err := k.set(c, value); err != nil {
			return &ConfigError{Field: name, Err: err}
		}
	}
	if mode == "" {
		return nil
	}
	// Last, because it judges the other TLS keys.
	if err := setTLSMode(c, mode); err != nil {
		return &ConfigError{Field: "tls", Err: err}
	}
	return nil
}

func keyNames() string {
	names := make([]string, len(configKeys))
	for i, k := range configKeys {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

func tlsMode(c *Config) string {
	switch {
	case c.TLS == nil:
		return ""
	case c.TLS.InsecureSkipVerify:
		return tlsRequire
	case c.TLS.SkipServerName:
		return tlsVerifyCA
	}
	return tlsVerifyFull
}

func setTLSMode(c *Config, mode string) error {
	t := c.TLS
	if t == nil {
		t = new(TLSConfig)
	}
	switch mode {
	case tlsDisable:
		if c.TLS != nil {
			return errors.New("TLS is disabled, yet there are tls_ keys")
		}
		return nil
	case tlsRequire:
		t.InsecureSkipVerify = true
	case tlsVerifyCA:
		t.SkipServerName = true
	case tlsVerifyFull:
	default:
		return fmt.Errorf("%q is none of disable, require, verify-ca, verify-full", mode)
	}
	c.TLS = t
	return nil
}

func tlsKey(name string, secret bool, field func(*TLSConfig) *string) configKey {
	return configKey{
		name: name, secret: secret,
		get: func(c *Config) string {
			if c.TLS == nil {
				return ""
			}
			return *field(c.TLS)
		},
		set: func(c *Config, v string) error {
			if c.TLS == nil {
				c.TLS = new(TLSConfig)
			}
			*field(c.TLS) = v
			return nil
		},
	}
}

func durationKey(name string, field func(*Config) *time.Duration) configKey {
	return configKey{
		name: name,
		get: func(c *Config) string {
			if d := *field(c); d != 0 {
				return d.String()
			}
			return ""
		},
		set: func(c *Config, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil {
				return fmt.Errorf("%q is not a duration such as 5s or 500ms", v)
			}
			*field(c) = d
			return nil
		},
	}
}

func intKey(name string, field func(*Config) *int) configKey {
	return configKey{
		name: name,
		get: func(c *Config) string {
			if n := *field(c); n != 0 {
				return strconv.Itoa(n)
			}
			return ""
		},
		set: func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("%q is not a whole number", v)
			}
			*field(c) = n
			return nil
		},
	}
}

func escapeUser(s string) string {
	// PathEscape leaves these, which end or split the user in an address string.
	return strings.NewReplacer(":", "%3A", "@", "%40", "/", "%2F", ",", "%2C", "?", "%3F").Replace(url.PathEscape(s))
}

func escapeQuery(s string) string {
	return strings.NewReplacer("%2F", "/", "%3A", ":").Replace(url.QueryEscape(s))
}
