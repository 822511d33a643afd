//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOutboxUnderSanitizers runs carriers and steps of the outbox in C, which no race
// detector of Go sees, under ThreadSanitizer and AddressSanitizer.
func TestOutboxUnderSanitizers(t *testing.T) {
	for _, sanitizer := range []string{"thread", "address,undefined"} {
		t.Run(sanitizer, func(t *testing.T) {
			t.Parallel()
			out, err := outboxProgram(t, sanitizer, "", "")
			if err != nil || string(out) != "ok\n" {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestSanitizersFindMistakes makes mistakes in outbox.c: each must be found, or the test
// above would show nothing.
func TestSanitizersFindMistakes(t *testing.T) {
	for _, c := range []struct{ name, sanitizer, right, wrong, found string }{
		{
			"counters that are not atomic", "thread",
			"#define ADD(field, value) __atomic_add_fetch(&(field), value, __ATOMIC_SEQ_CST)", "#define ADD(field, value) ((field) += (value))",
			"data race",
		},
		{
			"stores that are not atomic", "thread",
			"#define SET(field, value) __atomic_store_n(&(field), value, __ATOMIC_SEQ_CST)", "#define SET(field, value) ((field) = (value))",
			"data race",
		},
		{
			"a stream is freed while steps wait for it", "address,undefined",
			"return GET(s->queue.waiters) ? NULL : s;", "return s;",
			"heap-use-after-free",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if out, err := outboxProgram(t, c.sanitizer, c.right, c.wrong); err == nil || !bytes.Contains(out, []byte(c.found)) {
				t.Errorf("no %s was found: %v\n%s", c.found, err, out)
			}
		})
	}
}

// outboxProgram compiles ctest with a sanitizer, and with one line of outbox.c in place of
// another, and runs it.
func outboxProgram(t *testing.T, sanitizer, right, wrong string) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	box, err := os.ReadFile("outbox.c")
	if err != nil {
		t.Fatal(err)
	}
	if right != "" && strings.Count(string(box), right) != 1 {
		t.Fatalf("outbox.c does not have %q once", right)
	}
	source, program := filepath.Join(dir, "outbox.c"), filepath.Join(dir, "outbox_test")
	if err := os.WriteFile(source, []byte(strings.Replace(string(box), right, wrong, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"outbox_test.c", "_cgo_export.h"} { // go test forgets results when they change
		if _, err := os.ReadFile(filepath.Join("ctest", name)); err != nil {
			t.Fatal(err)
		}
	}
	cc, err := exec.CommandContext(t.Context(), "go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	args := append(strings.Fields(string(cc)), "-std=gnu11", "-g", "-O1", "-Wall", "-fno-omit-frame-pointer", "-fsanitize="+sanitizer, "-fno-sanitize-recover=all",
		"-Ictest", "-I.", "ctest/outbox_test.c", source, "fork.c", "-o", program, "-lpthread")
	if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s does not compile with -fsanitize=%s (gcc needs libtsan, libasan and libubsan, clang compiler-rt): %v\n%s", args[0], sanitizer, err, out)
	}
	out, err := run(t, program)
	if bytes.Contains(out, []byte("unexpected memory mapping")) { // older runtimes, where addresses are spread widely
		out, err = run(t, "setarch", "-R", program)
	}
	return out, err
}

func run(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // a mistake may have it wait for ever
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "TSAN_OPTIONS=halt_on_error=1", "ASAN_OPTIONS=detect_leaks=0") // leaks are counted
	return cmd.CombinedOutput()
}
