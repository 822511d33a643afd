// Command bench measures how fast rows of a real Apache Ignite are read and loaded, as
// ratios within one run: Kindling in Go and in TensorFlow beside the Java thin client,
// pyignite, TFRecord files, and the ceiling, which is a reader that throws the bytes away.
//
//	make bench
//	bench -quick -only 4KiB -partitions 32 -readers ceiling,go,tf
//
// Servers and readers share one machine, and the rounds of all readers are interleaved, so
// that noise falls on all of them. A figure of MB/s means nothing on another machine; a
// ratio does. MB is 1,000,000 bytes of values. docs/manual/benchmark.md says what each
// column means.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
)

// settings are the flags.
type settings struct {
	python     string
	kindling   string
	out, svg   string
	profile    string
	rounds     int
	scale      float64
	seconds    float64 // of a pass that need not read everything
	workloads  []string
	partitions []int
	readers    []string
	quick      bool
}

// What can be chosen with -readers. Those of blocks are blocks of their own.
var (
	selections = []string{
		"ceiling", "go", "tf", "rows", "fit", "java", "pyignite", "tfrecord", "node", "cluster", "load", "pipelines",
	}
	blocks = []string{"cluster", "load", "pipelines"}
)

func (s *settings) wants(selection string) bool { return slices.Contains(s.readers, selection) }

func parse(args []string) (settings, error) {
	var s settings
	var only, partitions, readers string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&s.python, "python", ".venv/bin/python", "the Python with TensorFlow, kindling and pyignite")
	flags.StringVar(&s.kindling, "kindling", ".build/bin/kindling", "the kindling that runs the embedded node")
	flags.StringVar(&s.out, "out", "", "write all figures to this file as JSON")
	flags.StringVar(&s.svg, "svg", "", "draw the ratios into this file")
	flags.StringVar(&s.profile, "profile", "", "write a CPU profile of the Go reader's last pass of each workload into this folder")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each reader reads each cache")
	flags.Float64Var(&s.scale, "scale", 1, "times the number of rows")
	flags.Float64Var(&s.seconds, "seconds", 1.5, "of a pass of readers that are too slow to read all rows")
	flags.StringVar(&only, "only", "", "workloads: 1MiB,64KiB,4KiB,785B,10fields,32B (default all; pipelines have 4KiB, 785B and 32B)")
	flags.StringVar(&partitions, "partitions", "32,1024", "numbers of partitions")
	flags.StringVar(&readers, "readers", "", "what to measure: "+strings.Join(selections, ",")+" (default all)")
	flags.BoolVar(&s.quick, "quick", false, "2 rounds of small caches with 32 partitions: to see that all works")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if s.quick {
		for name, set := range map[string]func(){
			"rounds":     func() { s.rounds = 2 },
			"scale":      func() { s.scale = 0.12 },
			"seconds":    func() { s.seconds = 0.5 },
			"partitions": func() { partitions = "32" },
		} {
			if !given[name] {
				set()
			}
		}
	}
	return s, s.choose(only, partitions, readers, flags.Args())
}

// choose reads the lists.
func (s *settings) choose(only, partitions, readers string, rest []string) error {
	var names []string
	for _, w := range workloads(s.scale) {
		names = append(names, w.Name)
	}
	for _, w := range pipelineWorkloads(s.scale) {
		if !slices.Contains(names, w.Name) {
			names = append(names, w.Name)
		}
	}
	var err error
	if s.workloads, err = chosen("only", only, names); err != nil {
		return err
	}
	if s.readers, err = chosen("readers", readers, selections); err != nil {
		return err
	}
	for _, text := range strings.Split(partitions, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 65000 {
			return fmt.Errorf("-partitions: %q is not a number of partitions", text)
		}
		s.partitions = append(s.partitions, n)
	}
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unknown argument %q", rest[0])
	case s.rounds < 1:
		return fmt.Errorf("-rounds is %d, not 1 or more", s.rounds)
	case s.scale <= 0 || s.seconds <= 0:
		return errors.New("-scale and -seconds are more than 0")
	}
	return nil
}

// chosen is the part of known that a list names, all of it when the list is empty.
func chosen(name, list string, known []string) ([]string, error) {
	if list == "" {
		return known, nil
	}
	some := strings.Split(list, ",")
	for _, s := range some {
		if !slices.Contains(known, s) {
			return nil, fmt.Errorf("-%s: %q is not one of %s", name, s, strings.Join(known, ", "))
		}
	}
	return some, nil
}

func main() {
	s, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		err = run(ctx, s)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// phases are what the chosen readers need.
func (s *settings) phases() []func(context.Context, settings, *report) error {
	var all []func(context.Context, settings, *report) error
	if slices.ContainsFunc(s.readers, func(r string) bool { return !slices.Contains(blocks, r) }) {
		all = append(all, scanAll)
	}
	if s.wants("cluster") {
		all = append(all, clusterAll)
	}
	if s.wants("load") {
		all = append(all, loadAll)
	}
	if s.wants("pipelines") {
		all = append(all, pipelinesAll)
	}
	return all
}

// run measures block by block and then reports.
func run(ctx context.Context, s settings) error {
	rep := newReport(s)
	for _, phase := range s.phases() {
		if err := phase(ctx, s, rep); err != nil {
			return err
		}
	}
	rep.finish()
	rep.printEnd(os.Stdout)
	return rep.write(s)
}
