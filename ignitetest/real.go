package ignitetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const startTries = 3 // a free port can be taken before the node binds it

// realNodes are the processes of one real cluster.
type realNodes struct {
	chain toolchain
	work  string // folder of the run, removed at the end
	nodes []*process
}

// Real gives a running Apache Ignite [IgniteVersion]. Without options it is the one
// that all tests of the binary share, started by the first; with options it is the
// test's own and ends with it.
//
// Where Ignite cannot run, the environment variable KINDLING_IGNITE decides: "require"
// fails the test, anything else skips it with the reason; "off" always skips it.
func Real(t testing.TB, opts ...Option) *Server {
	t.Helper()
	mode := os.Getenv("KINDLING_IGNITE")
	switch mode {
	case "", "require":
	case "off":
		t.Skip("KINDLING_IGNITE=off: no test against a real Ignite")
	default:
		t.Fatalf("KINDLING_IGNITE is %q; known are require, off, and unset", mode)
	}
	o, err := newOptions(opts)
	if err != nil {
		t.Fatal(err)
	}
	var srv *Server
	if o.plain() {
		srv, err = shared.get()
	} else {
		srv, err = StartReal(context.Background(), opts...)
	}
	if errors.Is(err, ErrUnavailable) && mode != "require" {
		t.Skipf("%v (KINDLING_IGNITE=require makes this a failure)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", srv.Name, srv.LogTail())
		}
		if o.plain() {
			return
		}
		if err := srv.Stop(); err != nil {
			t.Errorf("stop %s: %v", srv.Name, err)
		}
	})
	return srv
}

// StartReal starts an Apache Ignite outside of a test; the caller stops it.
// Cancelling ctx ends the wait for it, not the server once it has been returned.
// The error wraps [ErrUnavailable] where Ignite cannot run, and carries the end of
// the node's log where it could not start.
func StartReal(ctx context.Context, opts ...Option) (*Server, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	chain, err := findToolchain(ctx)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		srv, err := chain.start(ctx, o)
		if err == nil {
			return srv, nil
		}
		if try == startTries || ctx.Err() != nil || !portTaken(err) {
			return nil, err
		}
	}
}

func portTaken(err error) bool {
	text := err.Error()
	return strings.Contains(text, "Failed to bind") || strings.Contains(text, "already in use") ||
		strings.Contains(text, "Failed to initialize client connector")
}

// start makes one attempt to start all nodes.
func (c toolchain) start(ctx context.Context, o *options) (_ *Server, err error) {
	runs := filepath.Join(c.home, "runs")
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(runs, "run-")
	if err != nil {
		return nil, err
	}
	cluster := &realNodes{chain: c, work: work}
	defer func() {
		if err != nil {
			err = errors.Join(err, cluster.stop())
		}
	}()
	all, err := freePorts(3 * o.nodes)
	if err != nil {
		return nil, err
	}
	ports, peers, addrs := make([]nodePorts, o.nodes), []string(nil), []string(nil)
	for i := range ports {
		ports[i] = nodePorts{client: all[3*i], discovery: all[3*i+1], communication: all[3*i+2]}
		if i == 0 && o.port != 0 {
			ports[i].client = o.port
		}
		peers = append(peers, local(ports[i].discovery))
		addrs = append(addrs, local(ports[i].client))
	}
	for i := range ports {
		name := "node" + strconv.Itoa(i+1)
		p, err := c.launch(o, name, filepath.Join(work, name), ports[i], peers)
		if err != nil {
			return nil, err
		}
		cluster.nodes = append(cluster.nodes, p)
		if i > 0 {
			continue // the rest join at the same time, once there is a first
		}
		if err := cluster.wait(ctx, o, 0); err != nil {
			return nil, err
		}
	}
	for i := range ports {
		if err := cluster.wait(ctx, o, i); err != nil {
			return nil, err
		}
	}
	return &Server{
		Name: "ignite-" + IgniteVersion, Addr: addrs[0], Addrs: addrs, Config: o.config(addrs),
		Certs: o.certs, real: cluster, stopFunc: cluster.stop,
	}, nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func (r *realNodes) wait(ctx context.Context, o *options, i int) error {
	late := fmt.Errorf("no %s line within %v", readyLine, o.startTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, o.startTimeout, late)
	defer cancel()
	if err := r.nodes[i].wait(ctx); err != nil {
		return fmt.Errorf("node %d of %d: %w", i+1, o.nodes, err)
	}
	return nil
}

// stop ends the nodes, the youngest first, and removes what they wrote.
func (r *realNodes) stop() error {
	var errs []error
	for i := len(r.nodes) - 1; i >= 0; i-- {
		errs = append(errs, r.nodes[i].stop())
	}
	return errors.Join(append(errs, os.RemoveAll(r.work))...)
}

// Pids are the process ids of a real Ignite's nodes, none for an embedded node.
func (s *Server) Pids() []int {
	var pids []int
	if s.real != nil {
		for _, p := range s.real.nodes {
			pids = append(pids, p.cmd.Process.Pid)
		}
	}
	return pids
}

// StopNode ends one node of a real cluster, as a crash would: i counts from 0 as in Addrs.
// The others go on; Stop still ends the rest.
func (s *Server) StopNode(i int) error {
	if s.real == nil || i < 0 || i >= len(s.real.nodes) {
		return fmt.Errorf("ignitetest: %s has no node %d", s.Name, i)
	}
	return s.real.nodes[i].stop()
}

// LogTail is the end of each real node's log, "" for an embedded node.
func (s *Server) LogTail() string {
	if s.real == nil {
		return ""
	}
	var out strings.Builder
	for i, p := range s.real.nodes {
		fmt.Fprintf(&out, "--- %s\n%s\n", s.Addrs[i], p.tail())
	}
	return out.String()
}

// sharedServer starts once and is handed to every test of the binary.
type sharedServer struct {
	once sync.Once
	srv  *Server
	err  error
}

var shared sharedServer

func (s *sharedServer) get() (*Server, error) {
	s.once.Do(func() { s.srv, s.err = StartReal(context.Background()) })
	return s.srv, s.err
}

// Main runs the tests and then ends the server that they shared. In TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(ignitetest.Main(m)) }
//
// The result is the exit code.
func Main(m interface{ Run() int }) int {
	code := m.Run()
	if err := StopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "ignitetest: stop the shared Ignite:", err)
		return max(code, 1)
	}
	return code
}

// StopShared ends the server that the tests of this binary shared, if one was started:
// for a TestMain that looks for leaked goroutines afterwards. The next [Real] without
// options then fails.
func StopShared() error {
	shared.once.Do(func() { shared.err = errors.New("ignitetest: the shared Ignite has been stopped") })
	if shared.srv == nil {
		return nil
	}
	return shared.srv.Stop()
}
