package main

import (
	"fmt"
	"io"
	"runtime"
)

const (
	// pipelineTarget is the least part of the speed in memory that needs no reason.
	pipelineTarget = 0.7
	// shuffleTarget is how much longer an epoch may take with the larger buffer, above
	// what the same rows in memory take longer.
	shuffleTarget = 1.3
	// fitTarget is for map-shuffle-batch-prefetch in fit.
	fitTarget = 0.9
)

// comparison is an idiom over a cache beside the same over rows in memory. Times are
// seconds for an epoch.
type comparison struct {
	pipeline
	ours, memory float64
	// server is what the ceiling reader needs for the rows, cores what the ceiling reader, its
	// server and TensorFlow's work in memory need together of the machine's cores, and rows
	// what TensorFlow needs in memory when the rows come in batches, as they do from a server.
	server, cores, rows float64
}

func (c *comparison) ratio() float64 { return c.memory / c.ours }

// reason says why an idiom is slower than in memory, by the least time that explains it:
// none is "" and means that nothing measured does.
func (c *comparison) reason() string {
	enough := pipelineTarget * c.ours
	switch {
	case c.server >= enough:
		return fmt.Sprintf("server's ceiling: %.2f s", c.server)
	case c.cores >= enough:
		return fmt.Sprintf("server, reader and TensorFlow share %d cores: %.2f s", runtime.NumCPU(), c.cores)
	case c.rows >= enough:
		return fmt.Sprintf("TensorFlow in memory, rows out of batches: %.2f s", c.rows)
	}
	return ""
}

// comparisons pairs the readers of a block of pipelines.
func (b *block) comparisons() []comparison {
	memory := map[pipeline]*figures{}
	for i := range b.Readers {
		if f := &b.Readers[i]; f.Pipeline != nil && f.Pipeline.Memory {
			memory[*f.Pipeline] = f
		}
	}
	var all []comparison
	for i := range b.Readers {
		f := &b.Readers[i]
		if f.Pipeline == nil || f.Pipeline.Memory {
			continue
		}
		same := *f.Pipeline
		same.Memory = true
		if m := memory[same]; m != nil {
			all = append(all, b.compare(f, m))
		}
	}
	return all
}

func (b *block) compare(ours, memory *figures) comparison {
	epoch := func(f *figures) float64 { return float64(b.Rows) / f.RowsPerSecond }
	i := idiomOf(ours.Pipeline.Idiom)
	c := comparison{pipeline: *ours.Pipeline, ours: epoch(ours), memory: epoch(memory)}
	gb := b.gigabytes(b.Rows)
	if ceiling := b.best(serverIgnite, kindCeiling); ceiling != nil {
		c.server = epoch(ceiling) * i.scans
		c.cores = ((ceiling.CPUPerGB+ceiling.ServerPerGB)*i.scans + memory.CPUPerGB) * gb / float64(runtime.NumCPU())
	}
	slices, cut := b.best(serverIgnite, kindSlices), b.best(serverIgnite, kindCut)
	if i.rowwise && slices != nil && cut != nil {
		c.rows = c.memory + (epoch(cut)-epoch(slices))*i.scans
	}
	return c
}

// printPipelines prints a table of seconds for an epoch.
func printPipelines(out io.Writer, b *block) {
	if c := b.best(serverIgnite, kindCeiling); c != nil {
		fmt.Fprintf(out, "%s, needs %.2f s; the server's CPU for it is %.2f s\n", c.Name, float64(b.Rows)/c.RowsPerSecond, c.ServerPerGB*b.gigabytes(b.Rows))
	}
	for _, kind := range []readerKind{kindSlices, kindUnbatch, kindCut} {
		if f := b.best(serverIgnite, kind); f != nil {
			fmt.Fprintf(out, "row by row inside of TensorFlow, %s: %.2f s\n", f.Name, float64(b.Rows)/f.RowsPerSecond)
		}
	}
	fmt.Fprintf(out, "%-34s %26s   %26s\n", "seconds an epoch", "Python loop", "Keras fit")
	fmt.Fprintf(out, "%-34s %8s %8s %8s   %8s %8s %8s\n", "", "ours", "memory", "ratio", "ours", "memory", "ratio")
	all := b.comparisons()
	for i := 0; i+1 < len(all); i += 2 {
		loop, fit := &all[i], &all[i+1]
		fmt.Fprintf(out, "  %-32s %8.3f %8.3f %7.2f%s   %8.3f %8.3f %7.2f%s\n", loop.pipeline, loop.ours, loop.memory, loop.ratio(), mark(loop), fit.ours, fit.memory, fit.ratio(), mark(fit))
	}
	for i := range all {
		if c := &all[i]; c.ratio() < pipelineTarget {
			reason := c.reason()
			if reason == "" {
				reason = "not explained by what was measured"
			}
			fmt.Fprintf(out, "  ! %s, %s: %s\n", c.pipeline, c.Consumer, reason)
		}
	}
}

// mark flags what is slower than it should be.
func mark(c *comparison) string {
	if c.ratio() < pipelineTarget {
		return "!"
	}
	return " "
}

// judgePipelines counts the idioms that nothing explains, and compares the buffers of shuffle.
func judgePipelines(b *block) []verdict {
	all := b.comparisons()
	if len(all) == 0 {
		return nil
	}
	name := func(text string) string { return fmt.Sprintf("%s: %s", b.Name, text) }
	var slow int
	var verdicts []verdict
	epochs := map[pipeline]*comparison{}
	for i := range all {
		c := &all[i]
		epochs[c.pipeline] = c
		if c.ratio() < pipelineTarget && c.reason() == "" {
			slow++
		}
		if c.Idiom == idioms[0].name && c.Consumer == "fit" {
			verdicts = append(verdicts, atLeast(name(fmt.Sprintf("%s, fit, of memory", c.pipeline)), c.ratio(), fitTarget))
		}
	}
	verdicts = append(verdicts, verdict{
		Name: name(fmt.Sprintf("pipelines below %.1f of memory without a reason", pipelineTarget)), Figure: fmt.Sprint(slow), Wanted: "0", Holds: slow == 0,
	})
	for _, consumer := range []string{"loop", "fit"} {
		small := epochs[pipeline{Idiom: "shuffle-batch", Buffer: shuffleBuffers[0], Consumer: consumer}]
		large := epochs[pipeline{Idiom: "shuffle-batch", Buffer: shuffleBuffers[1], Consumer: consumer}]
		if small != nil && large != nil {
			times := (large.ours - (large.memory - small.memory)) / small.ours
			verdicts = append(verdicts, atMost(name(fmt.Sprintf("shuffle(%d), times shuffle(%d), %s", large.Buffer, small.Buffer, consumer)), times, shuffleTarget))
		}
	}
	return verdicts
}
