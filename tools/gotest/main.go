// Command gotest runs "go test -json" and prints it so that nothing hides: one line for
// each package, each skipped test by name, the whole output of each failed test, and with
// -v a line for each test. It counts, and a second run sums the counts up.
//
//	gotest [-v] [-counts FILE] -- GO TEST ARGUMENTS
//	gotest -summary DIR -seconds N
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	verbose := flag.Bool("v", false, "print a line for each test")
	counts := flag.String("counts", "", "write the counts to this file")
	summary := flag.String("summary", "", "sum up the counts in this folder")
	seconds := flag.Int("seconds", 0, "how long everything took, for the summary")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, *verbose, *counts, *summary, *seconds)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(1) // go test has said what failed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, verbose bool, counts, summary string, seconds int) error {
	if summary != "" {
		return summarize(os.Stdout, summary, seconds)
	}
	r := report{out: os.Stdout, verbose: verbose, output: map[string][]string{}}
	err := r.goTest(ctx, flag.Args())
	if counts == "" {
		return err
	}
	if werr := writeCounts(counts, r.total); werr != nil {
		return werr
	}
	return err
}

func writeCounts(name string, c tally) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

// tally counts tests and subtests.
type tally struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

func (c *tally) add(o tally) {
	c.Passed += o.Passed
	c.Failed += o.Failed
	c.Skipped += o.Skipped
}

// event is one line of "go test -json".
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type report struct {
	out     io.Writer
	verbose bool
	output  map[string][]string // by package and test, until the test ends
	total   tally
}

func (r *report) goTest(ctx context.Context, args []string) error {
	goTool := os.Getenv("GO")
	if goTool == "" {
		goTool = "go"
	}
	cmd := exec.CommandContext(ctx, goTool, append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.out, lines.Text()) // not an event: the go tool itself speaks
			continue
		}
		r.handle(e)
	}
	return errors.Join(lines.Err(), cmd.Wait())
}

func (r *report) handle(e event) {
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e, r.output[key])
		} else {
			r.endTest(e, r.output[key])
		}
		delete(r.output, key)
	}
}

func (r *report) endTest(e event, output []string) {
	switch e.Action {
	case "pass":
		r.total.Passed++
		if r.verbose {
			fmt.Fprintf(r.out, "--- PASS: %s (%.2fs)\n", e.Test, e.Elapsed)
		}
	case "skip":
		r.total.Skipped++
		fmt.Fprint(r.out, e.Package, ": ", strings.Join(output, ""))
	case "fail":
		r.total.Failed++
		fmt.Fprint(r.out, e.Package, ": ", strings.Join(output, ""))
	}
}

// endPackage prints the line that go test itself would, or all that a failed package
// printed outside of its tests.
func (r *report) endPackage(e event, output []string) {
	if e.Action == "fail" {
		fmt.Fprint(r.out, strings.Join(output, ""))
		fmt.Fprintf(r.out, "FAIL\t%s\t%.3fs\n", e.Package, e.Elapsed)
		return
	}
	for _, line := range output {
		if strings.HasPrefix(line, "ok ") {
			fmt.Fprint(r.out, line)
		}
	}
}
