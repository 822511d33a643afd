//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// flip changes a byte in the middle of the newest file of a pattern.
func flip(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s: %v", pattern, err)
	}
	name := files[len(files)-1]
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 4
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(name)
}

// filledDir is a data directory with a cache of many rows, closed.
func filledDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd, addr := startNode(t, "--data-dir", dir)
	var rows strings.Builder
	rows.WriteString("id,text\n")
	for i := range 3000 {
		rows.WriteString(strings.Repeat("1", 1+i%9) + "0" + strings.Repeat("2", i/9%300) + ",x\n")
	}
	at(t, addr).ok("load", "KEPT", file(t, "a.csv", rows.String()))
	stopNode(t, cmd)
	return dir
}

// TestDamagedTable: a node with a broken table file starts and goes on; reading what it
// held is an error of one line that names the file.
func TestDamagedTable(t *testing.T) {
	dir := filledDir(t)
	name := flip(t, filepath.Join(dir, "*.sst"))
	cmd, addr := startNode(t, "--data-dir", dir)
	s := at(t, addr)
	s.fails(exitFailure, []string{name, "damaged"}, "peek", "KEPT", "-n", "5000")
	s.ok("load", "OTHER", file(t, "b.csv", "a\n1\n2\n"))
	s.ok("peek", "OTHER")
	stopNode(t, cmd)
	check := runIn(t, "", nil, "node", "--check", dir)
	if check.code != exitDamaged || !strings.Contains(check.stdout, name) || !strings.Contains(check.stdout, "OTHER: 2 of 2 entries can be read\n") ||
		!strings.Contains(check.stderr, "1 of 2 caches can't be read whole") || strings.Count(check.stderr, "\n") != 1 {
		t.Errorf("exit code %d, %q, %q", check.code, check.stdout, check.stderr)
	}
}

// TestDamagedManifest: without a list of its files a directory can't be opened.
func TestDamagedManifest(t *testing.T) {
	dir := filledDir(t)
	if err := os.Remove(filepath.Join(dir, flip(t, filepath.Join(dir, "MANIFEST-*")))); err != nil {
		t.Fatal(err)
	}
	s := at(t, "127.0.0.1:1")
	s.fails(exitDamaged, []string{"damaged", dir, "--check"}, "node", "--port", "0", "--data-dir", dir)
	s.fails(exitDamaged, []string{"damaged", dir}, "node", "--check", dir)
}

// TestCheck says of a sound directory that all of it can be read.
func TestCheck(t *testing.T) {
	dir := filledDir(t)
	s := at(t, "127.0.0.1:1")
	if out := s.ok("node", "--check", dir); !strings.Contains(out, "KEPT: ") || !strings.Contains(out, "entries can be read") {
		t.Errorf("a sound directory: %q", out)
	}
	s.fails(exitNotFound, []string{"no such"}, "node", "--check", filepath.Join(dir, "none"))
	empty := t.TempDir()
	s.fails(exitNotFound, []string{"has no data of a node", empty}, "node", "--check", empty)
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("the check left %v in an empty folder, %v", left, err)
	}
	s.fails(exitFailure, []string{"is a file"}, "node", "--check", file(t, "a.csv", "a\n1\n"))
	s.fails(exitUsage, []string{"--memory"}, "node", "--memory", "12 bananas")
}
