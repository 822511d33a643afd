package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignitetest"
)

// asCommand makes this test binary be the command instead, so that the tests see
// a process as a shell does.
const asCommand = "KINDLING_TEST_AS_COMMAND"

const testLimit = 60 * time.Second // a process that runs this long is stuck

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(ignitetest.Main(m))
}

// outcome is what a process left.
type outcome struct {
	code           int
	stdout, stderr string
}

// command is the process of a command line. Only env, and a folder of the test's
// own for everything that is kept, reach it.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	home := t.TempDir()
	cmd.Env = append([]string{asCommand + "=1", "HOME=" + home, "XDG_CACHE_HOME=" + home, "PATH=" + os.Getenv("PATH")}, env...)
	cmd.Dir = t.TempDir()
	return cmd
}

func runIn(t *testing.T, stdin string, env []string, args ...string) outcome {
	t.Helper()
	cmd := command(t, env, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// shell runs command lines against one server.
type shell struct {
	t   *testing.T
	env []string
}

func at(t *testing.T, addr string) shell { return shell{t, []string{envAddress + "=" + addr}} }

// ok runs a command that must succeed and returns its standard output.
func (s shell) ok(args ...string) string {
	s.t.Helper()
	got := runIn(s.t, "", s.env, args...)
	if got.code != exitOK {
		s.t.Fatalf("kindling %s: exit code %d: %s", strings.Join(args, " "), got.code, got.stderr)
	}
	return got.stdout
}

// prints runs a command whose standard output must be want.
func (s shell) prints(want string, args ...string) {
	s.t.Helper()
	if got := s.ok(args...); got != want {
		s.t.Errorf("kindling %s printed\n%s\nwant\n%s", strings.Join(args, " "), got, want)
	}
}

// fails runs a command that must end with the code and one line on standard error
// that has each of the words, and nothing on standard output.
func (s shell) fails(code int, words []string, args ...string) {
	s.t.Helper()
	checkFailure(s.t, runIn(s.t, "", s.env, args...), code, words)
}

func checkFailure(t *testing.T, got outcome, code int, words []string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit code %d, want %d: %s", got.code, code, got.stderr)
	}
	if got.stdout != "" {
		t.Errorf("standard output has %q", got.stdout)
	}
	if strings.Count(got.stderr, "\n") != 1 || !strings.HasPrefix(got.stderr, "kindling: ") {
		t.Errorf("standard error is not one line of kindling: %q", got.stderr)
	}
	for _, word := range words {
		if !strings.Contains(got.stderr, word) {
			t.Errorf("standard error %q does not name %q", got.stderr, word)
		}
	}
}

// file writes a file of the test's own.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
