package ignitetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	readyLine   = "READY"
	stopTimeout = 10 * time.Second
	logLines    = 40 // of a node's log in an error
)

// javaFlags are what Ignite asks of a modular Java, and what keeps a test node quiet
// and on the loopback interface.
var javaFlags = []string{
	"--add-opens=java.base/jdk.internal.access=ALL-UNNAMED",
	"--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
	"--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
	"--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
	"--add-opens=java.management/com.sun.jmx.mbeanserver=ALL-UNNAMED",
	"--add-opens=jdk.internal.jvmstat/sun.jvmstat.monitor=ALL-UNNAMED",
	"--add-opens=java.base/sun.reflect.generics.reflectiveObjects=ALL-UNNAMED",
	"--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
	"--add-opens=java.base/java.io=ALL-UNNAMED",
	"--add-opens=java.base/java.nio=ALL-UNNAMED",
	"--add-opens=java.base/java.net=ALL-UNNAMED",
	"--add-opens=java.base/java.util=ALL-UNNAMED",
	"--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
	"--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED",
	"--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
	"--add-opens=java.base/java.lang=ALL-UNNAMED",
	"--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
	"--add-opens=java.base/java.math=ALL-UNNAMED",
	"--add-opens=java.base/java.time=ALL-UNNAMED",
	"--add-opens=java.sql/java.sql=ALL-UNNAMED",
	"-Djava.net.preferIPv4Stack=true",
	"-DIGNITE_UPDATE_NOTIFIER=false",
	"-DIGNITE_QUIET=true",
	"-DIGNITE_NO_ASCII=true",
	"-DIGNITE_PERFORMANCE_SUGGESTIONS_DISABLED=true",
	"-Duser.timezone=UTC",
	"-Dfile.encoding=UTF-8",
}

// process is one running node of a real Ignite.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer // the node ends when this closes
	log   string    // file
	ready chan struct{}
	done  chan struct{} // closed when the process is gone, err is then set
	err   error
}

// nodePorts are the three ports that a node listens on.
type nodePorts struct{ client, discovery, communication int }

// launch starts one node and returns at once; wait says when it is ready.
func (c toolchain) launch(o *options, name, work string, ports nodePorts, peers []string) (*process, error) {
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	args := append([]string{"-Xms128m", "-Xmx" + o.heap, "-XX:+UseG1GC", "-XX:MaxDirectMemorySize=512m"}, javaFlags...)
	args = append(
		args, "-cp", c.classPath(), c.launcher(),
		"name="+name, "work="+work, "region="+strconv.Itoa(o.regionMiB), "auth="+strconv.FormatBool(o.auth),
		"port="+strconv.Itoa(ports.client), "discovery="+strconv.Itoa(ports.discovery),
		"communication="+strconv.Itoa(ports.communication), "peers="+strings.Join(peers, ","),
		"tls="+o.tlsMode(),
	)
	if o.caches != "" {
		args = append(args, "caches="+o.caches)
	}
	if o.certs != nil {
		args = append(args, "cert="+o.certs.ServerCertFile, "key="+o.certs.ServerKeyFile, "ca="+o.certs.CAFile)
	}
	p := &process{
		log:   filepath.Join(work, "node.log"),
		ready: make(chan struct{}),
		done:  make(chan struct{}),
	}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()    // the child has its own
	p.cmd = exec.Command(c.java, args...) //nolint:noctx // lives until stop, not until a context ends
	p.cmd.Dir = work
	p.cmd.Stderr = log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("ignitetest: start Java: %w", err)
	}
	go p.watch(stdout)
	return p, nil
}

// watch reads standard output until the process ends, then reaps it.
func (p *process) watch(stdout io.Reader) {
	defer close(p.done)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if lines.Text() == readyLine {
			close(p.ready)
			break
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
	p.err = p.cmd.Wait()
}

// wait returns when the node serves, or with the tail of its log.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.ready:
		return nil
	case <-p.done:
		return fmt.Errorf("ignitetest: Ignite ended before it was ready: %w\n%s", errOr(p.err, "exit status 0"), p.tail())
	case <-ctx.Done():
		return fmt.Errorf("ignitetest: Ignite is not ready: %w\n%s", context.Cause(ctx), p.tail())
	}
}

// stop ends the node and waits for its end.
func (p *process) stop() error {
	_ = p.stdin.Close()
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	err := p.cmd.Process.Kill()
	<-p.done
	return err
}

func (p *process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(tail(text, logLines))
}

func errOr(err error, text string) error {
	if err != nil {
		return err
	}
	return errors.New(text)
}

// freePorts returns n different free ports of the loopback interface. They are free
// when it returns; who takes one meanwhile makes the start fail, and it is tried again.
func freePorts(n int) ([]int, error) {
	var lc net.ListenConfig
	ports := make([]int, 0, n)
	for range n {
		l, err := lc.Listen(context.Background(), "tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
