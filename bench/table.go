package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

const pyigniteName = "pyignite"

// report is what -out writes.
type report struct {
	Ignite  string    `json:"ignite"`
	Rounds  int       `json:"rounds"`
	When    time.Time `json:"when"`
	Results []result  `json:"results"`
}

// result has the figures of one workload.
type result struct {
	workload
	Readers []figures `json:"readers"`
}

// figures are the median over the rounds, and ratios of medians.
type figures struct {
	Name            string    `json:"name"`
	MBPerSecond     float64   `json:"mb_per_second"`
	RowsPerSecond   float64   `json:"rows_per_second"`
	OfCeiling       float64   `json:"of_ceiling"`     // the fastest shape of the ceiling is 1
	TimesPyignite   float64   `json:"times_pyignite"` // pyignite is 1
	SecondsOfRounds []float64 `json:"seconds_of_rounds"`

	ceiling bool
}

func newResult(w workload, readers []reader, times [][]time.Duration) result {
	r := result{workload: w}
	var ceiling, pyignite float64
	for i, reader := range readers {
		f := figures{Name: reader.name, ceiling: reader.ceiling}
		for _, t := range times[i] {
			f.SecondsOfRounds = append(f.SecondsOfRounds, t.Seconds())
		}
		f.RowsPerSecond = float64(w.Rows) / median(f.SecondsOfRounds)
		f.MBPerSecond = f.RowsPerSecond * float64(w.RowBytes) / 1e6
		if f.ceiling {
			ceiling = max(ceiling, f.RowsPerSecond)
		}
		if f.Name == pyigniteName {
			pyignite = f.RowsPerSecond
		}
		r.Readers = append(r.Readers, f)
	}
	for i := range r.Readers {
		r.Readers[i].OfCeiling = r.Readers[i].RowsPerSecond / ceiling
		r.Readers[i].TimesPyignite = r.Readers[i].RowsPerSecond / pyignite
	}
	return r
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func printTable(out io.Writer, results []result) {
	for _, r := range results {
		fmt.Fprintf(out, "\n%-40s %8s %10s %11s %11s\n", fmt.Sprintf("%s (%d rows)", r.Name, r.Rows), "MB/s", "rows/s", "of ceiling", "x pyignite")
		for _, f := range r.Readers {
			fmt.Fprintf(out, "%-40s %8.0f %10.0f %11.2f %11.1f\n", f.Name, f.MBPerSecond, f.RowsPerSecond, f.OfCeiling, f.TimesPyignite)
		}
	}
}
