package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReportHidesNothing(t *testing.T) {
	var out strings.Builder
	r := report{out: &out, verbose: true, output: map[string][]string{}}
	for _, e := range []event{
		{Action: "output", Package: "p", Test: "A", Output: "quiet\n"},
		{Action: "pass", Package: "p", Test: "A", Elapsed: 0.5},
		{Action: "output", Package: "p", Test: "B", Output: "--- SKIP: B\n    why\n"},
		{Action: "skip", Package: "p", Test: "B"},
		{Action: "output", Package: "p", Test: "C", Output: "got 1, want 2\n"},
		{Action: "fail", Package: "p", Test: "C"},
		{Action: "output", Package: "p", Output: "exit status 1\n"},
		{Action: "fail", Package: "p", Elapsed: 1},
		{Action: "output", Package: "q", Output: "ok  \tq\t0.1s\n"},
		{Action: "pass", Package: "q"},
	} {
		r.handle(e)
	}
	want := "--- PASS: A (0.50s)\np: --- SKIP: B\n    why\np: got 1, want 2\nexit status 1\nFAIL\tp\t1.000s\nok  \tq\t0.1s\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if r.total != (tally{Passed: 1, Failed: 1, Skipped: 1}) {
		t.Errorf("counted %+v", r.total)
	}
}

func TestSummary(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"steps.txt":  "     3 s  build\n",
		"go.json":    `{"passed": 5, "failed": 0, "skipped": 1}`,
		"python.xml": `<testsuites><testsuite tests="9" failures="0" errors="0" skipped="2"></testsuite></testsuites>`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := summarize(&out, dir, 65); err != nil {
		t.Fatal(err)
	}
	if want := "===== 12 passed, 0 failed, 3 skipped in 65.00s =====\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("the summary is\n%s\nwant it to end in\n%s", out.String(), want)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.json"), []byte(`{"passed": 5, "failed": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := summarize(&out, dir, 65); err == nil {
		t.Error("a failed test passes")
	}
}
