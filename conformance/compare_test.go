package conformance_test

import (
	"bytes"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignitetest"
)

// minChecks is how many checks the Java program has at least: a program that ends early
// must not pass for one that finds no difference.
const minChecks = 1000

// javaDifferences are the checks of the Java program that the embedded node answers in
// another way than a real Ignite, by name or by pattern, with the reason. Every check that
// a pattern matches must differ.
var javaDifferences = []struct{ checks, reason string }{}

// TestJavaCompare asks both servers the same things with Ignite's own thin client and
// compares the answers line by line. Then it compares the bytes of the entries that the
// program left behind.
func TestJavaCompare(t *testing.T) {
	program := filepath.Join("testdata", "java", "compare", "Compare.java")
	sides := []*ignitetest.Server{ignitetest.Embedded(t), ignitetest.Real(t)}
	var answers []map[string]string
	var order []string
	for _, srv := range sides {
		var all map[string]string
		all, order = javaAnswers(t, ignitetest.Java(t, program, srv.Addr))
		answers = append(answers, all)
	}
	if len(order) < minChecks {
		t.Errorf("the program made %d checks, want %d at least", len(order), minChecks)
	}
	for name := range answers[0] {
		if _, ok := answers[1][name]; !ok {
			t.Errorf("check %s was made on the embedded node alone", name)
		}
	}
	declared := make([]int, len(javaDifferences))
	for _, name := range order {
		i := slices.IndexFunc(javaDifferences, func(d struct{ checks, reason string }) bool {
			ok, err := path.Match(d.checks, name)
			return err == nil && ok
		})
		got, want := answers[0][name], answers[1][name]
		switch {
		case i >= 0 && got == want:
			t.Errorf("check %s does not differ: %q need not be declared", name, javaDifferences[i].reason)
		case i >= 0:
			declared[i]++
		case got != want:
			t.Errorf("check %s answers\n  %s\non a real Ignite\n  %s", name, got, want)
		}
	}
	for i, d := range javaDifferences {
		if declared[i] == 0 {
			t.Errorf("no check is named %q", d.checks)
		}
	}
	for _, name := range []string{"JAVA_BYTES_VALUES", "JAVA_BYTES_BINARY"} {
		t.Run(name, func(t *testing.T) { compareBytes(t, name, sides) })
	}
}

// javaAnswers takes the program's output apart: the answers by name, and the names in
// their order.
func javaAnswers(t *testing.T, out string) (map[string]string, []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if lines[len(lines)-1] != "END" {
		t.Fatalf("the program ended early:\n%s", out)
	}
	all := make(map[string]string, len(lines))
	var order []string
	for _, line := range lines[:len(lines)-1] {
		name, answer, ok := strings.Cut(line, " = ")
		if _, twice := all[name]; !ok || twice {
			t.Fatalf("the program printed %q", line)
		}
		all[name] = answer
		order = append(order, name)
	}
	return all, order
}

// compareBytes compares a cache of both servers entry by entry: keys and values must be
// the same bytes.
func compareBytes(t *testing.T, name string, sides []*ignitetest.Server) {
	ctx := javaContext(t)
	got, want := rawEntries(ctx, t, sides[0], name), rawEntries(ctx, t, sides[1], name)
	for key, value := range want {
		have, ok := got[key]
		if !ok {
			t.Errorf("there is no entry %q (value %.60x)", key, value)
		} else if !bytes.Equal(have, value) {
			t.Errorf("the entry %q is\n%x\non a real Ignite\n%x", key, have, value)
		}
		delete(got, key)
	}
	for key, value := range got {
		t.Errorf("the entry %q (value %.60x) is in the embedded node alone", key, value)
	}
}

func rawEntries(ctx context.Context, t *testing.T, srv *ignitetest.Server, name string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for entry, err := range ignite.NewCache[binary.Raw, binary.Raw](srv.Client(t), name).Scan(ctx, ignite.ScanQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		all[string(entry.Key)] = bytes.Clone(entry.Value)
	}
	return all
}
