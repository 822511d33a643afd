package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
)

// reader reads a cache once.
type reader struct {
	kind    readerKind
	name    string
	server  string
	pids    []int // of the server
	reads   bool  // what it counts must have been sent by the server in this pass
	partial bool  // stops after a time; others must read all rows
	rows    int   // all rows
	rounds  int   // at most so many; 0: all
	// pipeline is what a reader of that block does.
	pipeline *pipeline
	// read makes a pass; warm is true in the first round, which is not counted.
	read func(ctx context.Context, warm bool) (pass, error)
}

// ceilingsKept is how many shapes of the ceiling go on after the first round: what is
// slower then will not be the best median.
const ceilingsKept = 2

// measure lets all readers read in turn: once to warm up, and then in rounds. Each round
// begins with another reader, so that none always comes after the same one.
func measure(ctx context.Context, what string, rounds int, w *workload, readers []reader) ([]figures, error) {
	warm, err := round(ctx, w, readers, 0, true)
	if err != nil {
		return nil, err
	}
	readers = keepBestCeilings(readers, warm)
	passes := make([][]pass, len(readers))
	for n := range rounds {
		fmt.Fprintf(os.Stderr, "bench: %s: round %d of %d\n", what, n+1, rounds)
		some, err := round(ctx, w, readers, n, false)
		if err != nil {
			return nil, err
		}
		for i, p := range some {
			if p.Rows > 0 {
				passes[i] = append(passes[i], p)
			}
		}
	}
	var all []figures
	for i, r := range readers {
		all = append(all, newFigures(r, w.RowBytes, passes[i]))
	}
	return all, nil
}

// round makes one pass of each reader, in the order of readers in the result.
func round(ctx context.Context, w *workload, readers []reader, n int, warm bool) ([]pass, error) {
	passes := make([]pass, len(readers))
	for i := range readers {
		i = (i + n) % len(readers)
		r := readers[i]
		if r.rounds > 0 && n >= r.rounds {
			continue
		}
		p, err := r.pass(ctx, w, warm)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		passes[i] = p
	}
	return passes, nil
}

// pass is read with what the servers spent on it.
func (r *reader) pass(ctx context.Context, w *workload, warm bool) (pass, error) {
	before := make([]usage, len(r.pids))
	for i, pid := range r.pids {
		before[i] = usageOfOne(pid)
	}
	p, err := r.read(ctx, warm)
	if err != nil {
		return p, err
	}
	var sent int64
	for i, pid := range r.pids {
		used := usageOfOne(pid).minus(before[i])
		p.ServerCPU += used.CPU.Seconds()
		p.ServerBytes = append(p.ServerBytes, used.Written)
		sent += used.Written
	}
	if least := int64(p.Rows) * int64(w.RowBytes); r.reads && sent > 0 && sent < least {
		return p, fmt.Errorf("the server sent %d bytes for %d rows, less than the %d of their values", sent, p.Rows, least)
	}
	if !r.partial && p.Rows != r.rows {
		return p, fmt.Errorf("%d rows were read of %d", p.Rows, r.rows)
	}
	if p.Rows == 0 || p.Seconds <= 0 {
		return p, fmt.Errorf("%d rows were read in %g s", p.Rows, p.Seconds)
	}
	return p, nil
}

// keepBestCeilings leaves out the slower shapes of each server.
func keepBestCeilings(readers []reader, warm []pass) []reader {
	rates := map[string][]float64{}
	for i, r := range readers {
		if r.kind == kindCeiling {
			rates[r.server] = append(rates[r.server], warm[i].rate())
		}
	}
	for _, v := range rates {
		slices.SortFunc(v, func(a, b float64) int { return cmp.Compare(b, a) })
	}
	var kept []reader
	for i, r := range readers {
		v := rates[r.server]
		if r.kind == kindCeiling && len(v) > ceilingsKept && warm[i].rate() < v[ceilingsKept-1] {
			continue
		}
		kept = append(kept, r)
	}
	return kept
}
