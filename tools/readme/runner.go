package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

const (
	snippetTimeout = 10 * time.Minute
	serverTimeout  = 20 * time.Second
	defaultPort    = "10800"
)

var portFlag = regexp.MustCompile(`--port[= ](\d+)`)

// runner runs snippets and keeps the servers that some of them start.
type runner struct {
	root    string
	work    string
	env     []string
	servers []*exec.Cmd
}

func newRunner() (*runner, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(filepath.Join(root, ".build"), "readme-")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(root, ".build", "bin") + string(os.PathListSeparator) +
		filepath.Join(root, ".venv", "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	return &runner{root: root, work: work, env: append(os.Environ(), "PATH="+path)}, nil
}

func (r *runner) run(ctx context.Context, s snippet) error {
	if command, ok := s.server(); ok {
		return r.start(ctx, command)
	}
	ctx, cancel := context.WithTimeout(ctx, snippetTimeout)
	defer cancel()
	cmd, err := r.command(ctx, s)
	if err != nil {
		return err
	}
	var stdout bytes.Buffer
	cmd.Env, cmd.Stderr = r.env, os.Stderr
	cmd.Stdout = io.MultiWriter(&stdout, os.Stdout)
	if err := cmd.Run(); err != nil {
		return err
	}
	if s.output != nil && !matches(*s.output, stdout.String()) {
		return fmt.Errorf("it printed\n%s\nand the file says\n%s", &stdout, *s.output)
	}
	return nil
}

func (r *runner) command(ctx context.Context, s snippet) (*exec.Cmd, error) {
	var cmd *exec.Cmd
	switch s.language {
	case "bash":
		cmd = exec.CommandContext(ctx, "bash", "-c", "set -euo pipefail\n"+s.code)
	case "python":
		cmd = exec.CommandContext(ctx, filepath.Join(r.root, ".venv", "bin", "python"), "-c", s.code)
	default: // go: it must lie inside the module
		file := filepath.Join(r.work, s.name, "main.go")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, []byte(s.code), 0o644); err != nil {
			return nil, err
		}
		cmd = exec.CommandContext(ctx, "go", "run", file)
	}
	cmd.Dir = r.work
	return cmd, nil
}

// start starts a server and waits until it accepts a connection.
func (r *runner) start(ctx context.Context, command string) error {
	port := defaultPort
	if m := portFlag.FindStringSubmatch(command); m != nil {
		port = m[1]
	}
	address := net.JoinHostPort("127.0.0.1", port)
	if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
		return errors.Join(fmt.Errorf("something listens on %s already", address), conn.Close())
	}
	cmd := exec.Command("bash", "-c", "exec "+command)
	cmd.Dir, cmd.Env, cmd.Stderr = r.work, r.env, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	r.servers = append(r.servers, cmd)
	ctx, cancel := context.WithTimeout(ctx, serverTimeout)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen on %s: %w", command, address, err)
		}
	}
}

func (r *runner) close() error {
	for _, cmd := range r.servers {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it ends by the signal
	}
	return os.RemoveAll(r.work)
}
