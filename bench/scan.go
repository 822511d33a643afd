package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

const (
	serverIgnite = "ignite"
	serverNode   = "embedded"

	nodeHeap   = "2g" // of Java, each node
	heatPasses = 10   // times -seconds, for each node
	slowRounds = 3    // of pyignite
)

// endpoint is a server that caches are read from.
type endpoint struct {
	name   string
	addr   string // of the first node
	pids   []int
	client *ignite.Client
}

// session is one Ignite and the workers that live as long as it.
type session struct {
	settings
	rep    *report
	server endpoint
	java   *worker        // the thin client
	stops  []func() error // in the order of their starts
	logs   []func() string
	heated map[string]bool // by server
}

func (s *session) later(stop func() error) { s.stops = append(s.stops, stop) }

// end stops everything, the youngest first, after it has shown the servers' logs if the
// session failed.
func (s *session) end(failed error) error {
	if failed != nil {
		for _, log := range s.logs {
			fmt.Fprint(os.Stderr, log())
		}
	}
	errs := []error{failed}
	for _, stop := range slices.Backward(s.stops) {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

// scanAll measures all readers on a cluster of one node.
func scanAll(ctx context.Context, set settings, rep *report) (err error) {
	s := &session{settings: set, rep: rep, heated: map[string]bool{}}
	defer func() { err = s.end(err) }()
	opts := []ignitetest.Option{ignitetest.WithHeap(nodeHeap), ignitetest.WithRegionMiB(6 << 10)}
	var todo []workload
	for _, w := range workloads(s.scale) {
		if !slices.Contains(s.workloads, w.Name) {
			continue
		}
		todo = append(todo, w)
		for _, n := range s.partitions {
			opts = append(opts, ignitetest.WithCache(w.cacheName(n), n))
		}
	}
	if s.server, err = s.startIgnite(ctx, serverIgnite, opts...); err != nil {
		return err
	}
	if s.wants("java") {
		if s.java, err = startJava(s.server.pids[0], "ThinReader.java", nil); err != nil {
			return err
		}
		s.later(s.java.stop)
		rep.about(s.java.about)
	}
	for i := range todo {
		for _, n := range s.partitions {
			if err := s.scanBlock(ctx, &todo[i], n); err != nil {
				return fmt.Errorf("%s with %d partitions: %w", todo[i].Name, n, err)
			}
		}
	}
	return nil
}

// startIgnite starts a cluster with a client that has seen it.
func (s *session) startIgnite(ctx context.Context, name string, opts ...ignitetest.Option) (endpoint, error) {
	fmt.Fprintln(os.Stderr, "bench: start Apache Ignite", ignitetest.IgniteVersion)
	srv, err := ignitetest.StartReal(ctx, opts...)
	if err != nil {
		return endpoint{}, err
	}
	s.later(srv.Stop)
	s.logs = append(s.logs, srv.LogTail)
	return s.connect(ctx, endpoint{name: name, addr: srv.Addr, pids: srv.Pids()}, srv.Config)
}

func (s *session) connect(ctx context.Context, e endpoint, cfg ignite.Config) (endpoint, error) {
	client, err := ignite.Open(ctx, cfg)
	if err != nil {
		return e, err
	}
	s.later(client.Close)
	e.client = client
	return e, nil
}

// scanBlock loads a workload into a cache, measures all readers, and destroys the cache.
func (s *session) scanBlock(ctx context.Context, w *workload, partitions int) (err error) {
	local := &session{settings: s.settings, rep: s.rep, server: s.server, java: s.java}
	defer func() { err = local.end(err) }()
	cache := w.cacheName(partitions)
	if err := fill(ctx, s.server.client, cache, w, w.Rows); err != nil {
		return err
	}
	local.later(func() error { return s.server.client.DestroyCache(context.WithoutCancel(ctx), cache) })
	if err := s.heat(ctx, s.server, cache, w); err != nil {
		return err
	}
	readers, err := local.readers(ctx, w, cache, partitions)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s, %d partitions", w.Name, partitions)
	found, err := measure(ctx, what, s.rounds, w, readers)
	if err != nil {
		return err
	}
	s.rep.add(block{workload: *w, Phase: phaseScan, Partitions: partitions, Readers: found})
	return nil
}

// heat reads the first cache of a server for a while, until Java has compiled what serves it:
// on each node by itself, so three nodes, each with a third of the reading, are given three times as long.
func (s *session) heat(ctx context.Context, e endpoint, cache string, w *workload) error {
	if s.heated[e.name] {
		return nil
	}
	s.heated[e.name] = true
	shares, err := sharesOf(ctx, e, cache)
	if err != nil {
		return err
	}
	enough := heatPasses * s.seconds * float64(len(e.pids))
	for began := time.Now(); time.Since(began).Seconds() < enough; {
		for _, shape := range shapes(w.pageRows) {
			if _, err := shape.read(ctx, cache, shares); err != nil {
				return err
			}
		}
	}
	return nil
}

// readers are all that read a cache of the server, with the workers that they need.
func (s *session) readers(ctx context.Context, w *workload, cache string, partitions int) ([]reader, error) {
	var all []reader
	if s.wants("ceiling") {
		some, err := ceilings(ctx, s.server, w, cache)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if s.wants("go") {
		all = append(all, goReader(s.server, w, cache, s.profile))
	}
	req := request{Cache: cache, RowBytes: w.RowBytes, BatchRows: w.BatchRows, PageRows: 2 * w.pageRows, Partitions: partitions, Rows: w.Rows}
	some, tf, err := s.kindlingReaders(w, req)
	if err != nil {
		return nil, err
	}
	all = append(all, some...)
	if some, err = s.peers(req); err != nil {
		return nil, err
	}
	all = append(all, some...)
	for i := range all {
		all[i].rows = w.Rows
	}
	// The embedded node has its own number of partitions: it is measured once.
	if s.wants("node") && partitions == s.partitions[0] {
		if some, err = s.nodeReaders(ctx, w, tf); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// kindlingReaders are those through IgniteDataset, and the worker of the first of them.
func (s *session) kindlingReaders(w *workload, req request) (all []reader, tf *worker, err error) {
	if s.wants("tf") || s.wants("rows") || s.wants("node") {
		if tf, err = s.startKindling(); err != nil {
			return nil, nil, err
		}
	}
	if s.wants("tf") {
		all = append(all, tfReaders(tf, s.server, w, req.Cache, w.Rows)...)
	}
	if s.wants("rows") {
		all = append(all, s.partial(tf, kindRows, "Kindling, TensorFlow row by row", req))
		if w.arrays {
			all = append(
				all,
				s.partial(tf, kindStated, "Kindling, row by row, lengths stated", req),
				s.partial(tf, kindSymbolic, "the same, symbolic checkpoints", req),
			)
		}
	}
	if s.wants("fit") && w.fit {
		fit, err := s.startPython("fit_worker.py")
		if err != nil {
			return nil, nil, err
		}
		small := req
		small.BatchRows = smallBatch
		all = append(
			all,
			s.partial(fit, kindFit, "Kindling, model.fit in batches of 256", small),
			alone(s.partial(fit, kindFitMem, "model.fit with data in memory", small)),
		)
	}
	return all, tf, nil
}

// peers are the readers that are not Kindling.
func (s *session) peers(req request) ([]reader, error) {
	var all []reader
	if s.wants("rows") || s.wants("tfrecord") {
		tf, err := s.startPython("peers_worker.py")
		if err != nil {
			return nil, err
		}
		if s.wants("rows") {
			all = append(all, alone(s.partial(tf, kindUnbatch, "TensorFlow unbatch() of data in memory", req)))
		}
		if s.wants("tfrecord") {
			all = append(all, alone(s.partial(tf, kindTFRecord, "TFRecord on tmpfs, same batches", req)))
		}
	}
	if s.wants("java") {
		one, four := req, req
		one.Threads, four.Threads = 1, 4
		all = append(
			all,
			s.partial(s.java, kindJava1, "Java thin client, 1 thread", one),
			s.partial(s.java, kindJava4, "Java thin client, 4 threads", four),
		)
	}
	if s.wants("pyignite") {
		py, err := s.startPython("pyignite_worker.py")
		if err != nil {
			return nil, err
		}
		slow := s.partial(py, kindPyignite, "pyignite", req)
		slow.rounds = slowRounds
		all = append(all, slow)
	}
	return all, nil
}

// startKindling starts a TensorFlow of this block's own, so that its memory begins low.
func (s *session) startKindling() (*worker, error) {
	return s.startPython("kindling_worker.py")
}

// startPython starts one of the scripts beside this file until the end of the session.
func (s *session) startPython(script string) (*worker, error) {
	w, err := startPython(s.python, filepath.Join("bench", script))
	if err != nil {
		return nil, err
	}
	s.later(w.stop)
	s.rep.about(w.about)
	return w, nil
}

// ops are what workers call the readers that stop after a time.
var ops = map[readerKind]string{
	kindRows: "rows", kindStated: "rows-stated", kindSymbolic: "rows-symbolic", kindUnbatch: "unbatch", kindFit: "fit", kindFitMem: "fit-memory", kindTFRecord: "tfrecord",
	kindJava1: "scan", kindJava4: "scan", kindPyignite: "scan",
}

// partial is a reader that stops after a time.
func (s *session) partial(w *worker, kind readerKind, name string, req request) reader {
	req.Op, req.Address = ops[kind], s.server.addr
	return reader{
		kind: kind, name: name, server: s.server.name, pids: s.server.pids, partial: true,
		read: func(_ context.Context, warm bool) (pass, error) {
			timed := req
			timed.Seconds = s.seconds
			if warm {
				timed.Seconds = s.seconds / 2
			}
			return w.ask(timed)
		},
	}
}

// alone is a reader that asks no server while it is measured.
func alone(r reader) reader {
	r.pids = nil
	return r
}

func ceilings(ctx context.Context, e endpoint, w *workload, cache string) ([]reader, error) {
	shares, err := sharesOf(ctx, e, cache)
	if err != nil {
		return nil, err
	}
	var all []reader
	for _, shape := range shapes(w.pageRows) {
		all = append(all, reader{
			kind: kindCeiling, name: "ceiling, " + shape.String(), server: e.name, pids: e.pids, reads: true,
			read: func(ctx context.Context, _ bool) (pass, error) { return shape.read(ctx, cache, shares) },
		})
	}
	return all, nil
}

func goReader(e endpoint, w *workload, cache, profile string) reader {
	return reader{
		kind: kindGo, name: fmt.Sprintf("Kindling, Go batches of %d", w.BatchRows), server: e.name, pids: e.pids, reads: true,
		read: func(ctx context.Context, _ bool) (p pass, err error) {
			err = profiled(profile, cache, func() error {
				p, err = readBatches(ctx, e.client, cache, w.BatchRows)
				return err
			})
			return p, err
		},
	}
}

// tfReaders read whole batches: of the workload's size, and of the size that people take
// when they do not think about it.
func tfReaders(tf *worker, e endpoint, w *workload, cache string, rows int) []reader {
	var all []reader
	add := func(kind readerKind, batch int) {
		all = append(all, reader{
			kind: kind, name: fmt.Sprintf("Kindling, TensorFlow batches of %d", batch), server: e.name, pids: e.pids, reads: true,
			read: func(_ context.Context, warm bool) (pass, error) {
				return tf.ask(request{Op: "batches", Address: e.addr, Cache: cache, BatchRows: batch, Rows: rows, Count: warm})
			},
		})
	}
	add(kindTF, w.BatchRows)
	if w.BatchRows > smallBatch {
		add(kindTF256, smallBatch)
	}
	return all
}

// createCache makes a cache with the server's own number of partitions.
func createCache(ctx context.Context, e endpoint, name string) error {
	return e.client.CreateCache(ctx, wire.CacheConfiguration{Name: name})
}
