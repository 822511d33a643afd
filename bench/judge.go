package main

import (
	"fmt"
	"slices"

	"github.com/kindling-ml/kindling/dataset"
)

// verdict is a target, what was measured, and whether it holds.
type verdict struct {
	Name   string `json:"name"`
	Figure string `json:"figure"`
	Wanted string `json:"wanted"`
	Holds  bool   `json:"holds"`
}

func (v verdict) String() string {
	if v.Holds {
		return "holds"
	}
	return "does not hold"
}

func atLeast(name string, figure, least float64) verdict {
	return verdict{Name: name, Figure: fmt.Sprintf("%.2f", figure), Wanted: fmt.Sprintf(">= %.2f", least), Holds: figure >= least}
}

func atMost(name string, figure, most float64) verdict {
	return verdict{Name: name, Figure: fmt.Sprintf("%.2f", figure), Wanted: fmt.Sprintf("<= %.2f", most), Holds: figure <= most}
}

// Targets of reading into TensorFlow, by workload.
var (
	ofCeilingTargets = map[string]float64{"1MiB": 0.90, "4KiB": 0.85, "785B": 0.75, "10fields": 0.75}
	cpuTargets       = map[string]float64{"1MiB": 0.25, "4KiB": 0.30, "785B": 0.45}
)

const (
	// manyPartitions lower the target of large rows to manyTarget.
	manyPartitions = 1024
	manyTarget     = 0.85
	// The CPU targets are of a machine where the ceiling reader takes so much for a GB.
	// They grow and shrink with it.
	ceilingCPULow, ceilingCPUHigh = 0.12, 0.15

	rowsTarget     = 150_000
	timesJava      = 1.5
	timesPyignite  = 4
	fitWaitTarget  = 0.02
	fitOfCeiling   = 0.9
	memorySlackMiB = 64
	leastNodeShare = 0.25
	ofLoopback     = 0.5
)

// judge holds the report against the targets. What was not measured is left out.
func judge(r *report) []verdict {
	var all []verdict
	for i := range r.Blocks {
		b := &r.Blocks[i]
		switch b.Phase {
		case phaseScan:
			all = slices.Concat(all, judgeTensorFlow(b), judgeRows(b), judgeFit(b), judgeNode(b))
		case phaseCluster:
			all = append(all, judgeCluster(b)...)
		case phaseLoad:
			all = append(all, judgeLoading(b)...)
		case phasePipelines:
			all = append(all, judgePipelines(b)...)
		}
	}
	return all
}

func judgeTensorFlow(b *block) []verdict {
	tf := b.best(serverIgnite, kindTF)
	if tf == nil {
		return nil
	}
	var all []verdict
	name := func(text string) string { return fmt.Sprintf("%s, %d partitions: %s", b.Name, b.Partitions, text) }
	if least, ok := ofCeilingTargets[b.Name]; ok && tf.OfCeiling > 0 {
		if b.Partitions >= manyPartitions {
			least = min(least, manyTarget)
		}
		all = append(all, atLeast(name("TensorFlow batches of the ceiling"), tf.OfCeiling, least))
	}
	if most, ok := cpuTargets[b.Name]; ok {
		if c := b.best(serverIgnite, kindCeiling); c != nil {
			most *= c.CPUPerGB / min(max(c.CPUPerGB, ceilingCPULow), ceilingCPUHigh)
			all = append(all, atMost(name(fmt.Sprintf("CPU s/GB (ceiling's %.2f)", c.CPUPerGB)), tf.CPUPerGB, most))
		}
	}
	if tf.TimesJava > 0 {
		all = append(all, atLeast(name("times the Java thin client"), tf.TimesJava, timesJava))
	}
	if tf.TimesPyignite > 0 {
		all = append(all, atLeast(name("times pyignite"), tf.TimesPyignite, timesPyignite))
	}
	if tf.PeakMiB > 0 {
		all = append(all, atMost(name("peak memory, MiB"), tf.PeakMiB, dataset.DefaultBufferBytes>>20+memorySlackMiB))
	}
	return all
}

// judgeRows compares with the target, or with the slowest round of TensorFlow's own limit where that is less.
func judgeRows(b *block) []verdict {
	limit := b.best(serverIgnite, kindUnbatch)
	if b.Name != "4KiB" || limit == nil {
		return nil
	}
	least := min(rowsTarget, limit.Slowest)
	var all []verdict
	for _, kind := range []readerKind{kindRows, kindStated} {
		if rows := b.best(serverIgnite, kind); rows != nil {
			all = append(all, verdict{
				Name:   fmt.Sprintf("%s, %d partitions: %s, rows/s", b.Name, b.Partitions, kind),
				Figure: fmt.Sprintf("%.0f", rows.RowsPerSecond), Wanted: fmt.Sprintf(">= %.0f", least), Holds: rows.RowsPerSecond >= least,
			})
		}
	}
	return all
}

// judgeFit counts the wait above what the same step waits for batches in memory.
func judgeFit(b *block) []verdict {
	fit, memory := b.best(serverIgnite, kindFit), b.best(serverIgnite, kindFitMem)
	if fit == nil || memory == nil {
		return nil
	}
	wait := fit.WaitShare - memory.WaitShare*fit.RowsPerSecond/memory.RowsPerSecond
	return []verdict{{
		Name:   fmt.Sprintf("%s, %d partitions: model.fit waits, %%; or at the ceiling", b.Name, b.Partitions),
		Figure: fmt.Sprintf("%.1f, %.2f", wait*100, fit.OfCeiling), Wanted: fmt.Sprintf("< %.0f or >= %.1f", fitWaitTarget*100, fitOfCeiling),
		Holds: wait < fitWaitTarget || fit.OfCeiling >= fitOfCeiling,
	}}
}

func judgeNode(b *block) []verdict {
	node := b.best(serverNode, kindCeiling)
	if node == nil {
		return nil
	}
	var all []verdict
	if loop := b.best(serverNode, kindLoopback); loop != nil {
		all = append(all, atLeast(fmt.Sprintf("%s: the embedded node of loopback TCP", b.Name), node.RowsPerSecond/loop.RowsPerSecond, ofLoopback))
	}
	if real := b.best(serverIgnite, kindCeiling); real != nil && b.Name == "4KiB" {
		v := atLeast(fmt.Sprintf("%s: the embedded node, times Ignite", b.Name), node.RowsPerSecond/real.RowsPerSecond, 1)
		v.Wanted, v.Holds = "> 1.00", node.RowsPerSecond > real.RowsPerSecond
		all = append(all, v)
	}
	return all
}

func judgeCluster(b *block) []verdict {
	var all []verdict
	for _, kind := range []readerKind{kindGo, kindTF} {
		one, three := b.best(serverIgnite, kind), b.best(serverCluster, kind)
		if one == nil || three == nil {
			continue
		}
		all = append(all, atLeast(fmt.Sprintf("%s: three nodes, times one, %s", b.Name, kind), three.RowsPerSecond/one.RowsPerSecond, 1))
		if len(three.NodeShares) > 0 {
			all = append(all, atLeast(fmt.Sprintf("%s: least share of a node of three, %s", b.Name, kind), slices.Min(three.NodeShares), leastNodeShare))
		}
	}
	return all
}

func judgeLoading(b *block) []verdict {
	ours := b.best(serverIgnite, kindLoadGo)
	if b.Name != "4KiB" || ours == nil || ours.TimesJava == 0 {
		return nil
	}
	return []verdict{atLeast(fmt.Sprintf("%s: loading, times Java's data streamer", b.Name), ours.TimesJava, 1)}
}
