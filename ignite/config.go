package ignite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/kindling-ml/kindling/ignite/internal/route"
)

// Defaults of [Config].
const (
	DefaultAddress          = "127.0.0.1:10800"
	DefaultPort             = route.DefaultPort
	DefaultDialTimeout      = 5 * time.Second
	DefaultHandshakeTimeout = 5 * time.Second
	DefaultRequestTimeout   = 60 * time.Second
	DefaultMaxFrameBytes    = 512 << 20
)

// minFrameBytes is the least that Config.MaxFrameBytes can sensibly be.
const minFrameBytes = 4 << 10

// Config says how to reach a cluster. The zero value connects to
// [DefaultAddress] without TLS and without a user. [ParseConfig] reads the same
// from an address string.
type Config struct {
	// Addresses are tried in order: "host", "host:port", "host:from..to",
	// "[ipv6]:port". The port is 10800 where none is given. One that answers is
	// enough: the other nodes are found through it. Empty: [DefaultAddress].
	Addresses []string

	// Username and Password are for a cluster with authentication. Both empty: none.
	Username, Password string

	// TLS turns on TLS; nil is plain TCP.
	TLS *TLSConfig

	// DialTimeout bounds the TCP connection to one address. 0: 5 s; negative: none.
	DialTimeout time.Duration

	// HandshakeTimeout bounds TLS and the protocol handshake on one address.
	// 0: 5 s; negative: none.
	HandshakeTimeout time.Duration

	// RequestTimeout bounds one request and its answer: one page of a scan, not
	// the scan. An earlier deadline of the call's context goes before it. The
	// connection stays usable after it. 0: 60 s; negative: only the context bounds.
	RequestTimeout time.Duration

	// ConnectionsPerNode is how many connections to one node there may be. A
	// further one is opened when those that stand are busy. 0: 1.
	ConnectionsPerNode int

	// MaxFrameBytes is the largest answer that is accepted; a larger one ends the
	// connection before memory is claimed for it. 0: 512 MiB.
	MaxFrameBytes int

	// NoPartitionAwareness sends everything over whichever connection is least
	// busy, instead of to the node that owns the key or partition.
	NoPartitionAwareness bool

	// Dialer opens TCP connections; nil is a net.Dialer. Addresses of nodes that
	// the cluster advertises go through it too.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)

	// Logger gets connection losses (Warn) and routing decisions (Debug); nil is silent.
	Logger *slog.Logger
}

// Validate reports every contradiction in the configuration at once, as
// [ConfigError] values joined. It reads no files.
func (c Config) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ConfigError{Field: field, Err: fmt.Errorf(format, args...)})
	}
	for _, a := range c.Addresses {
		if _, err := route.ParseAddress(a); err != nil {
			bad("Addresses", "%w", err)
		}
	}
	if c.Username == "" && c.Password != "" {
		bad("Password", "there is a password but no Username")
	}
	if c.ConnectionsPerNode < 0 {
		bad("ConnectionsPerNode", "%d is negative", c.ConnectionsPerNode)
	}
	if c.MaxFrameBytes != 0 && (c.MaxFrameBytes < minFrameBytes || c.MaxFrameBytes > 1<<31-1) {
		bad("MaxFrameBytes", "%d is not between %d and %d", c.MaxFrameBytes, minFrameBytes, 1<<31-1)
	}
	if c.TLS != nil {
		errs = append(errs, c.TLS.validate()...)
	}
	return errors.Join(errs...)
}

// String describes the configuration without its secrets, in the form that
// [ParseConfig] reads.
func (c Config) String() string {
	var b strings.Builder
	b.WriteString(Scheme)
	if c.Username != "" {
		b.WriteString(escapeUser(c.Username))
		if c.Password != "" {
			b.WriteString(":xxxxx")
		}
		b.WriteByte('@')
	}
	b.WriteString(strings.Join(c.addresses(), ","))
	b.WriteByte('/')
	sep := byte('?')
	for _, k := range configKeys {
		if v := k.get(&c); v != "" && !k.secret {
			b.WriteByte(sep)
			b.WriteString(k.name + "=" + escapeQuery(v))
			sep = '&'
		}
	}
	return b.String()
}

// GoString is String, so that %#v shows no secret either.
func (c Config) GoString() string { return "ignite.Config{" + c.String() + "}" }

// LogValue implements slog.LogValuer, without secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) addresses() []string {
	if len(c.Addresses) == 0 {
		return []string{DefaultAddress}
	}
	return slices.Clone(c.Addresses)
}

// seeds are the addresses with their ports, ranges spelled out.
func (c Config) seeds() ([]string, error) {
	var out []string
	for _, a := range c.addresses() {
		hp, err := route.ParseAddress(a)
		if err != nil {
			return nil, &ConfigError{Field: "Addresses", Err: err}
		}
		for _, x := range hp {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// orDefault is d for zero and 0, which stands for none, for a negative duration.
func orDefault(v, d time.Duration) time.Duration {
	switch {
	case v == 0:
		return d
	case v < 0:
		return 0
	}
	return v
}
