package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// fakePipeline is a reader of the block of pipelines of a fixed rate.
func fakePipeline(idiom string, buffer int, consumer string, memory bool, rate int) reader {
	r := fake(kindPipeline, serverIgnite, rate)
	r.pipeline = &pipeline{Idiom: idiom, Buffer: buffer, Consumer: consumer, Memory: memory}
	return r
}

// pairs are an idiom over a cache and in memory, for both consumers.
func pairs(idiom string, buffer, ours, memory int) []reader {
	var all []reader
	for _, consumer := range []string{"loop", "fit"} {
		all = append(all, fakePipeline(idiom, buffer, consumer, false, ours), fakePipeline(idiom, buffer, consumer, true, memory))
	}
	return all
}

func pipelinesOf(t *testing.T, readers ...reader) block {
	t.Helper()
	w := pipelineWorkloads(1)[0]
	found, err := measure(t.Context(), "test", 2, &w, readers)
	if err != nil {
		t.Fatal(err)
	}
	b := block{workload: w, Phase: phasePipelines, Partitions: pipelinePartitions, Readers: found}
	b.relate()
	return b
}

func TestEachIdiomHasItsReaders(t *testing.T) {
	s := &session{}
	var count, limits int
	for _, r := range s.pipelineReaders(nil, &pipelineWorkloads(1)[0], "CACHE") {
		if r.pipeline == nil {
			limits++
			continue
		}
		count++
		if idiomOf(r.pipeline.Idiom).shuffles != (r.pipeline.Buffer > 0) || r.pipeline.Memory && r.pids != nil {
			t.Errorf("%s: %+v", r.name, r.pipeline)
		}
	}
	if want := 4 * (len(idioms) + 3); count != want || limits != 3 {
		t.Errorf("%d readers of idioms, want %d; %d limits", count, want, limits)
	}
}

func TestReasons(t *testing.T) {
	fast := fake(kindCeiling, serverIgnite, 1<<30) // a second of CPU for all its rows is nothing
	slow := fake(kindCeiling, serverIgnite, 1000)
	limits := []reader{fake(kindSlices, serverIgnite, 1<<30), fake(kindCut, serverIgnite, 600)}
	for _, c := range []struct {
		name    string
		idiom   string
		readers []reader
		ours    int
		want    string
	}{
		{"as fast", "batch-map", nil, 2000, ""},
		{"the server's ceiling", "batch-map", []reader{slow}, 900, "ceiling"},
		{"below the ceiling", "batch-map", []reader{fast}, 900, ""},
		{"rows out of batches", "zip", append(limits, fast), 500, "out of batches"},
		{"batches as they are", "batch-map", append(limits, fast), 500, ""},
	} {
		b := pipelinesOf(t, append(pairs(c.idiom, 0, c.ours, 2000), c.readers...)...)
		all := b.comparisons()
		if len(all) != 2 || math.Abs(all[0].ratio()-float64(c.ours)/2000) > 1e-9 {
			t.Fatalf("%s: %+v", c.name, all)
		}
		if got := all[0].reason(); !strings.Contains(got, c.want) || (c.want == "" && all[0].ratio() < pipelineTarget && got != "") {
			t.Errorf("%s: reason %q, want %q", c.name, got, c.want)
		}
	}
}

func TestJudgePipelines(t *testing.T) {
	readers := pairs("shuffle-batch", 1_000, 1000, 1000)
	readers = append(readers, pairs("shuffle-batch", 60_000, 500, 1000)...)
	b := pipelinesOf(t, readers...)
	var out bytes.Buffer
	printBlock(&out, &b)
	if !strings.Contains(out.String(), "! shuffle-batch, 60000, fit: not explained") {
		t.Errorf("the table has no flag:\n%s", &out)
	}
	for _, v := range judge(&report{Blocks: []block{b}}) {
		if v.Holds {
			t.Errorf("%+v holds", v)
		}
	}
	b = pipelinesOf(t, pairs("map-shuffle-batch-prefetch", 1_000, 950, 1000)...)
	for _, v := range judge(&report{Blocks: []block{b}}) {
		if !v.Holds {
			t.Errorf("%+v does not hold", v)
		}
	}
}
