package ignitetest

import (
	"errors"
	"strconv"
	"time"
)

// Defaults of a real Ignite started for a test.
const (
	DefaultHeap         = "512m"           // Java heap
	DefaultRegionMiB    = 512              // off-heap data region, reserved lazily
	DefaultStartTimeout = 90 * time.Second // for one node; a quiet machine needs 4-9 s
)

// The account that Ignite creates when authentication is on.
const (
	DefaultUsername = "ignite"
	DefaultPassword = "ignite"
)

// An Option changes how a server is started. An option that a kind of server does not
// have is an error of the start, never ignored.
type Option func(*options)

type options struct {
	heap         string
	regionMiB    int
	nodes        int
	port         int
	auth         bool
	certs        *Certificates
	mutual       bool
	caches       string
	startTimeout time.Duration
}

// WithHeap sets the Java heap of each real node, as in -Xmx ("512m", "2g").
func WithHeap(size string) Option { return func(o *options) { o.heap = size } }

// WithRegionMiB sets the largest size of each real node's off-heap data region in MiB.
func WithRegionMiB(mib int) Option { return func(o *options) { o.regionMiB = mib } }

// WithNodes starts a cluster of n real nodes; Server.Addrs has one address for each.
func WithNodes(n int) Option { return func(o *options) { o.nodes = n } }

// WithCache makes a cache with so many partitions at the start of a real Ignite, which a
// thin client cannot configure. It may be given several times.
func WithCache(name string, partitions int) Option {
	return func(o *options) {
		if o.caches != "" {
			o.caches += ","
		}
		o.caches += name + ":" + strconv.Itoa(partitions)
	}
}

// WithPort asks for a fixed port of the first node, instead of a free one.
func WithPort(port int) Option { return func(o *options) { o.port = port } }

// WithAuthentication turns user accounts on; Server.Config logs in as [DefaultUsername].
// A real Ignite then keeps its data on disk, in its own temporary folder.
func WithAuthentication() Option { return func(o *options) { o.auth = true } }

// WithTLS makes the server speak TLS with the server certificate of c.
func WithTLS(c *Certificates) Option { return func(o *options) { o.certs = c } }

// WithMutualTLS is WithTLS, and the server refuses clients without a certificate of the same CA.
func WithMutualTLS(c *Certificates) Option {
	return func(o *options) { o.certs, o.mutual = c, true }
}

// WithStartTimeout bounds the wait for each node to be ready.
func WithStartTimeout(d time.Duration) Option { return func(o *options) { o.startTimeout = d } }

func newOptions(opts []Option) (*options, error) {
	o := &options{
		heap: DefaultHeap, regionMiB: DefaultRegionMiB, nodes: 1, startTimeout: DefaultStartTimeout,
	}
	for _, opt := range opts {
		opt(o)
	}
	switch {
	case o.nodes < 1:
		return nil, errors.New("ignitetest: WithNodes needs 1 or more")
	case o.nodes > 1 && o.auth:
		return nil, errors.New("ignitetest: WithAuthentication is for one node")
	case o.regionMiB < 64:
		return nil, errors.New("ignitetest: WithRegionMiB needs 64 or more")
	}
	return o, nil
}

// plain says that the server differs from the shared one in nothing.
func (o *options) plain() bool {
	return *o == options{
		heap: DefaultHeap, regionMiB: DefaultRegionMiB, nodes: 1, startTimeout: DefaultStartTimeout,
	}
}

func (o *options) tlsMode() string {
	switch {
	case o.certs == nil:
		return "off"
	case o.mutual:
		return "mutual"
	}
	return "server"
}
