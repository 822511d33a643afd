package conformance_test

import (
	"bytes"
	"context"
	"fmt"
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

// javaDifference declares checks of the Java program that the embedded node answers in
// another way than a real Ignite: by name, or with a * at the end all that begin so.
type javaDifference struct{ checks, reason string }

// Reasons that several differences share.
const (
	needsClasses = "a real Ignite must have the class to take a Java-serialised value, and cuts the connection without it; " +
		"the embedded node keeps the bytes"
	identity   = "a real Ignite compares by the class's equals, which is identity; the embedded node compares bytes"
	equalLists = "Java takes collections and arrays of several classes for equal keys, and a real Ignite mixes them up"
	refusal    = "the text of the refusal says more"
	emptyName  = "a text without characters is none for the embedded node; a real Ignite cuts the connection or fails"
	parallel   = "a real Ignite cuts the connection; the embedded node answers an error"
)

// javaDifferences are all that there are.
var javaDifferences = slices.Concat(
	sampleDifferences("value", needsClasses, "Class[]", "Vector", "Arrays.asList", "singletonList", "EnumSet", "EnumMap", "Map.of",
		"Custom", "Externalizable", "Externalizable[]", "proxy", "Class of user"),
	sampleDifferences("key", needsClasses, "Class[]", "Vector", "Arrays.asList", "singletonList", "EnumSet", "EnumMap", "Map.of",
		"Custom", "Externalizable", "Externalizable[]", "proxy", "Class of user"),
	sampleDifferences("value", identity, "ArrayDeque", "PriorityQueue", "AtomicInteger", "StringBuilder", "Exception",
		"ArrayList of arrays", "HashMap of arrays"),
	sampleDifferences("key", identity, "ArrayDeque", "PriorityQueue", "AtomicInteger", "StringBuilder", "Exception",
		"ArrayList of arrays", "HashMap of arrays"),
	sampleDifferences("value", refusal, "Object[] of itself"),
	sampleDifferences("key", refusal, "Object[] of itself"),
	sampleDifferences("key", equalLists, "LinkedList", "Integer[0]", "ConcurrentSkipListMap", "emptyList", "synchronizedList",
		"unmodifiableMap"),
	[]javaDifference{
		{"value.Number[] in field", "the embedded node knows no names of the JDK's classes that no client told it"},
		{"config.data region \"\"*", emptyName},
		{"config.schema .*", emptyName},
		{"config.group \"\"*", emptyName},
		{"config.query parallelism -1 create", parallel},
		{"config.query parallelism 0 create", parallel},
		{"config.expiry*", "the embedded node has no expiry policies"},
		{"state.inactive sql", "the embedded node's text has no SQL state"},
		{"state.nodes", "the embedded node has no cluster groups"},
	},
)

// sampleDifferences declares all checks of a group on some of its values.
func sampleDifferences(group, reason string, samples ...string) []javaDifference {
	var all []javaDifference
	for _, name := range samples {
		all = append(all, javaDifference{group + "." + name + " *", reason})
	}
	return all
}

// declares reports whether the difference is about the check.
func (d javaDifference) declares(check string) bool {
	prefix, many := strings.CutSuffix(d.checks, "*")
	return check == d.checks || many && strings.HasPrefix(check, prefix)
}

// byteDifferences are the entries of JAVA_BYTES_VALUES whose bytes differ, by the beginning
// of their keys.
var byteDifferences = []javaDifference{
	{"Hashtable*", "a real Ignite reads a Java-serialised table and writes a smaller one"},
	{"Class[]*", needsClasses},
	{"Vector*", needsClasses},
	{"Arrays.asList*", needsClasses},
	{"singletonList*", needsClasses},
	{"EnumSet*", needsClasses},
	{"EnumMap*", needsClasses},
	{"Map.of*", needsClasses},
	{"Custom*", needsClasses},
	{"Externalizable*", needsClasses},
	{"proxy*", needsClasses},
	{"Class of user*", needsClasses},
}

// TestJavaCompare asks both servers the same things with Ignite's own thin client and
// compares the answers line by line. Then it compares the bytes of the entries that the
// program left behind.
func TestJavaCompare(t *testing.T) {
	program := filepath.Join("testdata", "java", "compare", "Compare.java")
	sides := []*ignitetest.Server{ignitetest.Embedded(t), ignitetest.Real(t)}
	var answers []map[string]string
	var order []string
	for _, srv := range sides {
		all, names := javaAnswers(t, ignitetest.Java(t, program, srv.Addr))
		answers = append(answers, all)
		for _, name := range names {
			if !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	if len(order) < minChecks {
		t.Errorf("the program made %d checks, want %d at least", len(order), minChecks)
	}
	compareAnswers(t, order, answers[0], answers[1])
	for _, name := range []string{"JAVA_BYTES_VALUES", "JAVA_BYTES_BINARY"} {
		t.Run(name, func(t *testing.T) { compareBytes(t, name, sides) })
	}
}

// compareAnswers compares the answers of the embedded node to those of a real Ignite. A
// check that one of them did not get to has no answer there.
func compareAnswers(t *testing.T, order []string, got, want map[string]string) {
	differ := make([]int, len(javaDifferences))
	for _, name := range order {
		if got[name] == want[name] {
			continue
		}
		i := slices.IndexFunc(javaDifferences, func(d javaDifference) bool { return d.declares(name) })
		if i >= 0 {
			differ[i]++
			continue
		}
		t.Errorf("check %s answers\n  %s\non a real Ignite\n  %s", name, got[name], want[name])
	}
	for i, d := range javaDifferences {
		if differ[i] == 0 {
			t.Errorf("no check %s differs any more; it was declared for: %s", d.checks, d.reason)
		}
	}
	t.Logf("%d checks, %d declared differences", len(order), len(javaDifferences))
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
	differ := make([]int, len(byteDifferences))
	for key := range want {
		if _, ok := got[key]; !ok {
			got[key] = nil // an entry that the embedded node lacks has no bytes there
		}
	}
	for key, have := range got {
		if bytes.Equal(have, want[key]) {
			continue
		}
		i := slices.IndexFunc(byteDifferences, func(d javaDifference) bool { return d.declares(key) })
		if i >= 0 {
			differ[i]++
			continue
		}
		t.Errorf("the entry %q is\n%x\non a real Ignite\n%x", key, have, want[key])
	}
	for i, d := range byteDifferences {
		if name == "JAVA_BYTES_VALUES" && differ[i] == 0 {
			t.Errorf("no entry %s differs any more; it was declared for: %s", d.checks, d.reason)
		}
	}
}

// rawEntries are the values of a cache as bytes, by their keys, which are texts.
func rawEntries(ctx context.Context, t *testing.T, srv *ignitetest.Server, name string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for entry, err := range ignite.NewCache[binary.Raw, binary.Raw](srv.Client(t), name).Scan(ctx, ignite.ScanQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		key, err := binary.DecodeValue(entry.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(key)] = bytes.Clone(entry.Value)
	}
	return all
}
