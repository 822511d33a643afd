//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignitetest"
)

// finish waits for a process and returns its exit code, -1 for a signal.
func finish(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

func signalTo(t *testing.T, cmd *exec.Cmd, s os.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// startNode starts "kindling node" and returns the address that it prints.
func startNode(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := command(t, nil, append([]string{"node", "--port", "0", "--json"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ready struct {
		Address string
		PID     int
	}
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	if ready.PID != cmd.Process.Pid {
		t.Errorf("the node says its process is %d, it is %d", ready.PID, cmd.Process.Pid)
	}
	return cmd, ready.Address
}

func TestNode(t *testing.T) {
	dir := t.TempDir()
	for i, stop := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd, addr := startNode(t, "--data-dir", dir)
		s := at(t, addr)
		if i == 0 {
			s.ok("load", "KEPT", file(t, "a.csv", "a\n1\n2\n"))
		}
		s.prints("CACHE  ROWS\nKEPT      2\n", "caches")
		s.fails(exitFailure, []string{addr}, "node", "--port", addr[strings.LastIndex(addr, ":")+1:])
		s.fails(exitFailure, nil, "node", "--port", "0", "--data-dir", dir)
		signalTo(t, cmd, stop)
		if code := finish(t, cmd); code != exitOK {
			t.Errorf("after %s the node ended with %d", stop, code)
		}
		s.fails(exitConnect, []string{addr}, "caches")
	}
}

// TestInterrupt ends commands at places where they wait.
func TestInterrupt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := command(t, nil, "caches", "-a", "ignite://"+l.Addr().String()+"/?handshake_timeout=50s")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		silent, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		signalTo(t, cmd, sig)
		if code := finish(t, cmd); code != exitInterrupted || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("waiting for the server, %s: exit code %d, %q", sig, code, stderr.String())
		}
		_ = silent.Close()
	}
}

func TestInterruptReadingStdin(t *testing.T) {
	srv := ignitetest.Embedded(t)
	for _, args := range [][]string{{"load", "X", "-", "--format", "csv"}, {"sql"}} {
		cmd := command(t, []string{envAddress + "=" + srv.Addr}, args...)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// More than a pipe holds: when it is written, the command reads.
		if _, err := io.WriteString(stdin, strings.Repeat("12345678\n", 100_000)); err != nil {
			t.Fatal(err)
		}
		signalTo(t, cmd, os.Interrupt)
		if code := finish(t, cmd); code != exitInterrupted || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
}

// TestClosedOutput is "kindling peek | head": the reader goes away, nothing is said.
func TestClosedOutput(t *testing.T) {
	srv := ignitetest.Embedded(t)
	s := at(t, srv.Addr)
	s.ok("load", "C", file(t, "c.csv", "a\n"+strings.Repeat("1\n", 5000)))
	for _, args := range [][]string{{"peek", "C", "-n", "5000"}, {"peek", "C", "-n", "5000", "--json"}, {"sql", "SELECT * FROM C.C"}, {"schema", "C"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := command(t, s.env, args...)
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = w, &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		_ = w.Close()
		finish(t, cmd)
		if stderr.Len() > 0 {
			t.Errorf("%v: standard error has %q", args, stderr.String())
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGPIPE {
			t.Errorf("%v: ended with %v, want SIGPIPE", args, cmd.ProcessState)
		}
	}
}

// TestQuickstartChild passes on the exit code of Python, and its arguments.
func TestQuickstartChild(t *testing.T) {
	python := file(t, "python", "#!/bin/sh\ncase $1 in -c) exit 0;; esac\necho \"$@\"\nexit 7\n")
	if err := os.Chmod(python, 0o700); err != nil {
		t.Fatal(err)
	}
	got := runIn(t, "", nil, "quickstart", "--python", python, "--epochs", "2", "--out", "x")
	if got.code != 7 || got.stdout != "-m kindling.quickstart --out x --epochs 2\n" || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	python := file(t, "python", "#!/bin/sh\ncase $1 in -c) exit 0;; esac\ntrap '' INT\necho ready\nwhile :; do sleep 1; done\n")
	if err := os.Chmod(python, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, nil, "quickstart", "--python", python)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // the child that ignores the signal
	if _, err := stdout.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	signalTo(t, cmd, os.Interrupt)
	for ticker := time.NewTicker(20 * time.Millisecond); cmd.Process.Signal(syscall.Signal(0)) == nil; <-ticker.C {
		signalTo(t, cmd, os.Interrupt)
		if waited(cmd) {
			break
		}
	}
	if took := time.Since(start); took > childGrace/2 {
		t.Errorf("the second interrupt took %s", took)
	}
}

// waited takes the process if it has ended.
func waited(cmd *exec.Cmd) bool {
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WNOHANG, nil)
	return err != nil || pid == cmd.Process.Pid
}
