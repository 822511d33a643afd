package ignitetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// programTimeout is for a program that makes hundreds of caches on a busy machine.
const programTimeout = 10 * time.Minute

// RunJava compiles and runs a Java program on Ignite's class path, as "java CLASS args...",
// and returns what it printed on standard output. The program is the file's class, which
// is in no package, and the classes beside it that it uses. The error carries what it
// printed on standard error. The server may be of either kind: it only lends its Java.
func RunJava(ctx context.Context, file string, args ...string) (_ string, err error) {
	chain, err := findToolchain(ctx)
	if err != nil {
		return "", err
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return "", err
	}
	classes, err := os.MkdirTemp("", "classes-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(classes)) }()
	if out, err := chain.run(ctx, chain.classPath(), []string{
		"-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-d", classes, "-sourcepath", filepath.Dir(file), file,
	}); err != nil {
		return out, err
	}
	class := strings.TrimSuffix(filepath.Base(file), ".java")
	return chain.run(ctx, classes+string(os.PathListSeparator)+chain.classPath(), append([]string{class}, args...))
}

// RunSqlline runs a script of SQL statements through sqlline, Ignite's own command line,
// over JDBC, and returns its output as CSV. Username and password may be empty.
func RunSqlline(ctx context.Context, addr, username, password, script string) (string, error) {
	chain, err := findToolchain(ctx)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "*.sql")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(script + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	return chain.run(ctx, chain.classPath(), []string{
		"sqlline.SqlLine", "-d", "org.apache.ignite.IgniteJdbcThinDriver", "-u", "jdbc:ignite:thin://" + addr,
		"-n", username, "-p", password, "--outputformat=csv", "--silent=true", "--run=" + file.Name(),
	})
}

func (c toolchain) run(ctx context.Context, classPath string, program []string) (string, error) {
	args := append([]string{"-Xmx512m"}, javaFlags...)
	args = append(append(args, "-cp", classPath), program...)
	cmd := exec.CommandContext(ctx, c.java, args...)
	cmd.Dir = c.home
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(out), fmt.Errorf("ignitetest: %s: %w\n%s%s", program[0], err, out, exit.Stderr)
	}
	return string(out), err
}

// Java is [RunJava] for a test: a failure fails the test.
func Java(t testing.TB, file string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), programTimeout)
	defer cancel()
	out, err := RunJava(ctx, file, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Sqlline is [RunSqlline] against s for a test: a failure fails the test.
func (s *Server) Sqlline(t testing.TB, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), programTimeout)
	defer cancel()
	out, err := RunSqlline(ctx, s.Addr, s.Config.Username, s.Config.Password, script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
