package node

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/affinity"
)

// Defaults of Config.
const (
	DefaultAddress                  = "127.0.0.1:10800"
	DefaultPartitions               = affinity.DefaultPartitions
	DefaultMaxCursorsPerConnection  = 128
	DefaultMaxRequestsPerConnection = 32
	DefaultMaxFrameBytes            = 256 << 20
	DefaultHandshakeTimeout         = 10 * time.Second
	DefaultFrameTimeout             = 30 * time.Second
	DefaultWriteTimeout             = 10 * time.Minute
)

// MinMemoryBytes is the smallest Config.MemoryBytes.
const MinMemoryBytes = 16 << 20

// Config says how a node is to run. The zero value is a node on
// DefaultAddress with its data in memory.
type Config struct {
	// Address to listen on, host:port; DefaultAddress when empty. Port 0 picks
	// a free one, which Node.Addr tells.
	Address string

	// DataDir is the directory of the data, made when it does not exist; the
	// data is kept in memory when empty. Two nodes can't share a directory.
	DataDir string

	// SyncWrites flushes every write to the disk before it is answered (Ignite's
	// WAL mode FSYNC). Without it a write is handed to the operating system
	// before it is answered, as with Ignite's default LOG_ONLY: it outlives the
	// process, but the last moments can be lost when the machine fails. Caches,
	// types and tables are always flushed. Only with DataDir.
	SyncWrites bool

	// TLS, when set, is asked of every connection. It needs a certificate, and
	// ClientAuth and ClientCAs to demand one of the clients.
	TLS *tls.Config

	// Users maps names to passwords. When it is not nil, the handshake must
	// carry one of the pairs.
	Users map[string]string

	// Partitions of a PARTITIONED cache; DefaultPartitions when zero. REPLICATED
	// caches have half as many, as in Ignite. With a DataDir it must stay the
	// same over the life of the directory; Start checks that.
	Partitions int

	// MaxCursorsPerConnection bounds the open cursors of a connection;
	// DefaultMaxCursorsPerConnection when zero. One more is answered
	// wire.StatusTooManyCursors.
	MaxCursorsPerConnection int

	// MaxRequestsPerConnection bounds how many requests of a connection run at
	// once; further ones wait in the socket. DefaultMaxRequestsPerConnection
	// when zero.
	MaxRequestsPerConnection int

	// MaxFrameBytes bounds the length of a request; a longer one ends the
	// connection. A page of rows ends early once it has half as many bytes, or
	// 8 MiB; the client asks for the next one as always. DefaultMaxFrameBytes
	// when zero.
	MaxFrameBytes int

	// MemoryBytes bounds what the node holds in memory, over all connections:
	// rows (with a DataDir they are on the disk and do not count), old rows that
	// open cursors have still to read, requests that arrive and answers that
	// wait for their client. Who goes over it gets an error; rows leave an eighth
	// free for requests. Cursors that hold on to old rows let go of them first, and go
	// on in the rows as they are. Go's
	// heap may be larger for some time, unless the process sets a memory limit
	// (debug.SetMemoryLimit), as "kindling node" does. No limit when zero.
	MemoryBytes int64

	// HandshakeTimeout bounds the time from connect to the end of the
	// handshake; DefaultHandshakeTimeout when zero.
	HandshakeTimeout time.Duration

	// IdleTimeout ends connections that sent nothing for so long; never when
	// zero, as in Ignite. Clients ask for it (OP_GET_IDLE_TIMEOUT) and send
	// heartbeats.
	IdleTimeout time.Duration

	// FrameTimeout ends connections that stop for so long in the middle of a
	// request; DefaultFrameTimeout when zero.
	FrameTimeout time.Duration

	// WriteTimeout ends connections whose client does not take an answer for so
	// long; DefaultWriteTimeout when zero.
	WriteTimeout time.Duration

	// OnFatal is called when the data directory can't be written any more, as when
	// the disk is full: nothing can be answered truly then. It must end the
	// process; the node panics when it is nil or returns.
	OnFatal func(error)

	// Logger receives what the node has to say; nothing is logged when nil.
	Logger *slog.Logger
}

// Validate names every contradiction in the configuration.
func (c *Config) Validate() error {
	var errs []error
	if c.Address != "" {
		if _, _, err := net.SplitHostPort(c.Address); err != nil {
			errs = append(errs, fmt.Errorf("node: Address %q is not host:port: %w", c.Address, err))
		}
	}
	if c.Partitions < 0 || c.Partitions > affinity.MaxPartitions {
		errs = append(errs, fmt.Errorf("node: Partitions is %d, must be 1 to %d", c.Partitions, affinity.MaxPartitions))
	}
	if c.SyncWrites && c.DataDir == "" {
		errs = append(errs, errors.New("node: SyncWrites needs a DataDir"))
	}
	if c.TLS != nil && len(c.TLS.Certificates) == 0 && c.TLS.GetCertificate == nil && c.TLS.GetConfigForClient == nil {
		errs = append(errs, errors.New("node: TLS has no certificate"))
	}
	if c.Users != nil && len(c.Users) == 0 {
		errs = append(errs, errors.New("node: Users is empty: nobody could connect; nil switches authentication off"))
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"MaxCursorsPerConnection", int64(c.MaxCursorsPerConnection)},
		{"MaxRequestsPerConnection", int64(c.MaxRequestsPerConnection)},
		{"MaxFrameBytes", int64(c.MaxFrameBytes)},
		{"MemoryBytes", c.MemoryBytes},
		{"HandshakeTimeout", int64(c.HandshakeTimeout)},
		{"FrameTimeout", int64(c.FrameTimeout)},
		{"IdleTimeout", int64(c.IdleTimeout)},
		{"WriteTimeout", int64(c.WriteTimeout)},
	} {
		if f.value < 0 {
			errs = append(errs, fmt.Errorf("node: %s is negative", f.name))
		}
	}
	if c.MemoryBytes > 0 && c.MemoryBytes < MinMemoryBytes {
		errs = append(errs, fmt.Errorf("node: MemoryBytes is %d, must be %d or more", c.MemoryBytes, MinMemoryBytes))
	}
	if c.MaxFrameBytes > wire.MaxFrameBytes {
		errs = append(errs, fmt.Errorf("node: MaxFrameBytes is %d, the protocol ends at %d", c.MaxFrameBytes, wire.MaxFrameBytes))
	}
	return errors.Join(errs...)
}

// withDefaults returns the configuration with every zero value filled in.
func (c Config) withDefaults() Config {
	set(&c.Address, DefaultAddress)
	set(&c.Partitions, DefaultPartitions)
	set(&c.MaxCursorsPerConnection, DefaultMaxCursorsPerConnection)
	set(&c.MaxRequestsPerConnection, DefaultMaxRequestsPerConnection)
	set(&c.MaxFrameBytes, DefaultMaxFrameBytes)
	set(&c.HandshakeTimeout, DefaultHandshakeTimeout)
	set(&c.FrameTimeout, DefaultFrameTimeout)
	set(&c.WriteTimeout, DefaultWriteTimeout)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// String describes the configuration without passwords and keys.
func (c Config) String() string {
	data := c.DataDir
	if data == "" {
		data = "memory"
	}
	return fmt.Sprintf("node.Config{Address: %q, data: %s, TLS: %t, users: %d}", c.Address, data, c.TLS != nil, len(c.Users))
}

// GoString is String, so that no verb prints a password.
func (c Config) GoString() string { return c.String() }
