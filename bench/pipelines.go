package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/kindling-ml/kindling/ignitetest"
)

const (
	phasePipelines = "pipelines"

	pipelinePartitions = 32
	pipelineBatch      = 128 // rows
	pipelineRows       = 64 << 10
	pipelineRounds     = 2 // at most: there are some two hundred passes in each
)

// shuffleBuffers are the sizes of buffers that shuffling idioms are measured with: one that is
// a small part of the rows, and one that holds nearly all of them.
var shuffleBuffers = []int{1_000, 60_000}

// idiom is a pipeline as users write it. pipelines_worker.py makes it under the same name.
type idiom struct {
	name     string
	shuffles bool    // it is measured once for each size of the buffer
	rowwise  bool    // it takes single rows from the dataset, not batches
	scans    float64 // how often an epoch reads the cache
}

var idioms = []idiom{
	{name: "map-shuffle-batch-prefetch", shuffles: true, rowwise: true, scans: 1},
	{name: "shuffle-map-batch", shuffles: true, rowwise: true, scans: 1},
	{name: "shuffle-batch", shuffles: true, rowwise: true, scans: 1},
	{name: "batch-map", scans: 1},
	{name: "batch-map-cache", scans: 0.5}, // of two epochs the first one reads
	{name: "padded_batch", rowwise: true, scans: 1},
	{name: "ragged_batch", rowwise: true, scans: 1},
	{name: "repeat, steps_per_epoch", scans: 1},
	{name: "zip", rowwise: true, scans: 1},
	{name: "interleave", rowwise: true, scans: 1},
	{name: "window", rowwise: true, scans: 1},
	{name: "sample_from_datasets", rowwise: true, scans: 2},
	{name: "shard", rowwise: true, scans: 1},
}

func idiomOf(name string) idiom {
	return idioms[slices.IndexFunc(idioms, func(i idiom) bool { return i.name == name })]
}

// pipeline is what a reader of the block does.
type pipeline struct {
	Idiom    string `json:"idiom"`
	Buffer   int    `json:"buffer,omitempty"`
	Consumer string `json:"consumer"` // loop or fit: what workers call it
	Memory   bool   `json:"memory"`   // the same rows in memory in place of the cache
}

func (p pipeline) String() string {
	name := p.Idiom
	if p.Buffer > 0 {
		name = fmt.Sprintf("%s, %d", p.Idiom, p.Buffer)
	}
	return name
}

// pipelineWorkloads are the kinds of rows of the block: all of them a label and pixels.
func pipelineWorkloads(scale float64) []workload {
	all := []workload{
		{Name: "32B", RowBytes: 32, pageRows: 1024},
		{Name: "785B", RowBytes: 785, pageRows: 512},
		{Name: "4KiB", RowBytes: 4 << 10, pageRows: 128},
	}
	for i := range all {
		w := &all[i]
		w.BatchRows, w.value, w.arrays, w.fit = pipelineBatch, (*rows).image, true, true
		w.Rows = max(int(pipelineRows*scale)/w.BatchRows, 4) * w.BatchRows
	}
	return all
}

// pipelinesAll measures the idioms on a cluster of one node, beside the same rows in memory.
func pipelinesAll(ctx context.Context, set settings, rep *report) (err error) {
	s := &session{settings: set, rep: rep, heated: map[string]bool{}}
	defer func() { err = s.end(err) }()
	opts := []ignitetest.Option{ignitetest.WithHeap(nodeHeap), ignitetest.WithRegionMiB(2 << 10)}
	todo := slices.DeleteFunc(pipelineWorkloads(s.scale), func(w workload) bool { return !slices.Contains(s.workloads, w.Name) })
	if len(todo) == 0 {
		return nil
	}
	for _, w := range todo {
		opts = append(opts, ignitetest.WithCache(w.cacheName(pipelinePartitions), pipelinePartitions))
	}
	if s.server, err = s.startIgnite(ctx, serverIgnite, opts...); err != nil {
		return err
	}
	for i := range todo {
		if err := s.pipelinesBlock(ctx, &todo[i]); err != nil {
			return fmt.Errorf("pipelines, %s: %w", todo[i].Name, err)
		}
	}
	return nil
}

func (s *session) pipelinesBlock(ctx context.Context, w *workload) (err error) {
	local := &session{settings: s.settings, rep: s.rep, server: s.server}
	defer func() { err = local.end(err) }()
	cache := w.cacheName(pipelinePartitions)
	if err := fill(ctx, s.server.client, cache, w, w.Rows); err != nil {
		return err
	}
	local.later(func() error { return s.server.client.DestroyCache(context.WithoutCancel(ctx), cache) })
	if err := s.heat(ctx, s.server, cache, w); err != nil {
		return err
	}
	all, err := ceilings(ctx, s.server, w, cache)
	if err != nil {
		return err
	}
	tf, err := local.startPython("pipelines_worker.py")
	if err != nil {
		return err
	}
	all = append(all, local.pipelineReaders(tf, w, cache)...)
	for i := range all {
		all[i].rows = w.Rows
	}
	found, err := measure(ctx, "pipelines, "+w.Name, min(s.rounds, pipelineRounds), w, all)
	if err != nil {
		return err
	}
	s.rep.add(block{workload: *w, Phase: phasePipelines, Partitions: pipelinePartitions, Readers: found})
	return nil
}

// pipelineReaders are the idioms, each beside the same over rows in memory, and what TensorFlow
// itself needs for single rows: those that it cuts off tensors, those that it takes out of batches,
// and the same with a function for each row, as rows of a cache need whose arrays may differ in length.
func (s *session) pipelineReaders(tf *worker, w *workload, cache string) []reader {
	req := request{
		Address: s.server.addr, Cache: cache, RowBytes: w.RowBytes, BatchRows: w.BatchRows,
		Partitions: pipelinePartitions, Rows: w.Rows,
	}
	all := []reader{
		s.limit(tf, kindSlices, "from_tensor_slices, in memory", req),
		s.limit(tf, kindUnbatch, "unbatch() of batches in memory", req),
		s.limit(tf, kindCut, "unbatch() and a function called for each row, in memory", req),
	}
	for _, i := range idioms {
		buffers := shuffleBuffers
		if !i.shuffles {
			buffers = []int{0}
		}
		for _, buffer := range buffers {
			for _, consumer := range []string{"loop", "fit"} {
				for _, memory := range []bool{false, true} {
					p := pipeline{Idiom: i.name, Buffer: buffer, Consumer: consumer, Memory: memory}
					all = append(all, s.pipelineReader(tf, p, i, req))
				}
			}
		}
	}
	return all
}

// limit is a reader of rows in memory.
func (s *session) limit(tf *worker, kind readerKind, name string, req request) reader {
	req.Op, req.Memory = string(kind), true
	return reader{kind: kind, name: name, server: s.server.name, partial: true, read: s.timed(tf, req)}
}

func (s *session) pipelineReader(tf *worker, p pipeline, i idiom, req request) reader {
	req.Op, req.Idiom, req.Buffer, req.Memory = p.Consumer, p.Idiom, p.Buffer, p.Memory
	r := reader{kind: kindPipeline, name: fmt.Sprintf("%s, %s", p, p.Consumer), server: s.server.name, pipeline: &p, partial: true, read: s.timed(tf, req)}
	if !p.Memory {
		r.pids, r.reads = s.server.pids, i.scans >= 1
	}
	return r
}

// timed is a pass of whole epochs, as many as fit into -seconds, one at least.
func (s *session) timed(tf *worker, req request) func(context.Context, bool) (pass, error) {
	return func(_ context.Context, warm bool) (pass, error) {
		timed := req
		timed.Seconds, timed.Count = s.seconds/2, warm
		return tf.ask(timed)
	}
}
