package main

import "slices"

// pass is one reading of a cache. Zero means that a reader does not know a figure.
type pass struct {
	Rows      int     `json:"rows"`
	Seconds   float64 `json:"seconds"`
	First     float64 `json:"first,omitempty"` // seconds until the first batch
	CPU       float64 `json:"cpu,omitempty"`   // seconds of the client, user and system
	ServerCPU float64 `json:"server_cpu,omitempty"`
	// ServerBytes is what each node gave to write calls.
	ServerBytes []int64 `json:"server_bytes,omitempty"`
	PeakMiB     float64 `json:"peak_mib,omitempty"`   // above the client before its first pass
	GrowthMiB   float64 `json:"growth_mib,omitempty"` // above the client before this pass
	Wait        float64 `json:"wait,omitempty"`       // seconds that training steps waited for data
	Starved     float64 `json:"starved,omitempty"`    // wait_starved_seconds of the dataset
}

func (p pass) rate() float64 { return float64(p.Rows) / p.Seconds }

// readerKind is what a reader is, whatever it reads.
type readerKind string

const (
	kindCeiling  readerKind = "ceiling"
	kindGo       readerKind = "go"
	kindTF       readerKind = "tf"
	kindTF256    readerKind = "tf256"
	kindRows     readerKind = "rows"
	kindStated   readerKind = "rows-stated"
	kindSymbolic readerKind = "rows-symbolic"
	kindUnbatch  readerKind = "unbatch"
	kindFit      readerKind = "fit"
	kindFitMem   readerKind = "fit-memory"
	kindJava1    readerKind = "java1"
	kindJava4    readerKind = "java4"
	kindPyignite readerKind = "pyignite"
	kindTFRecord readerKind = "tfrecord"
	kindLoopback readerKind = "loopback"
	kindSlices   readerKind = "slices"
	kindCut      readerKind = "cut"
	kindPipeline readerKind = "pipeline"
	kindLoadGo   readerKind = "load-go"
	kindLoadJava readerKind = "load-java"
)

// figures are a reader's medians over the rounds, and ratios of medians.
type figures struct {
	Kind          readerKind `json:"kind"`
	Name          string     `json:"name"`
	Server        string     `json:"server"`
	RowsPerSecond float64    `json:"rows_per_second"`
	MBPerSecond   float64    `json:"mb_per_second"`
	OfCeiling     float64    `json:"of_ceiling"`     // the best ceiling of the same server is 1
	TimesJava     float64    `json:"times_java"`     // the best Java thin client is 1
	TimesPyignite float64    `json:"times_pyignite"` // pyignite is 1
	CPUPerGB      float64    `json:"cpu_per_gb"`     // seconds of the client
	ServerPerGB   float64    `json:"server_per_gb"`  // seconds of the server
	FirstMillis   float64    `json:"first_millis"`   // until the first batch
	PeakMiB       float64    `json:"peak_mib"`       // the largest of all rounds
	Slowest       float64    `json:"slowest"`        // rows a second
	Fastest       float64    `json:"fastest"`        // rows a second
	Spread        float64    `json:"spread"`         // (fastest - slowest) / median
	WaitShare     float64    `json:"wait_share"`     // of the time of training
	StarvedShare  float64    `json:"starved_share"`  // of the time of training, by Kindling's counter
	NodeShares    []float64  `json:"node_shares"`    // of the bytes that servers sent, by node
	Rounds        []pass     `json:"rounds"`
	Partial       bool       `json:"partial"` // it read a part of the rows only
	Pipeline      *pipeline  `json:"pipeline,omitempty"`
}

func newFigures(r reader, rowBytes int, rounds []pass) figures {
	f := figures{Kind: r.kind, Name: r.name, Server: r.server, Partial: r.partial, Rounds: rounds, Pipeline: r.pipeline}
	gb := func(p pass) float64 { return float64(p.Rows) * float64(rowBytes) / 1e9 }
	each := func(of func(pass) float64) []float64 {
		v := make([]float64, len(rounds))
		for i, p := range rounds {
			v[i] = of(p)
		}
		return v
	}
	rates := each(pass.rate)
	f.RowsPerSecond, f.Slowest, f.Fastest = median(rates), slices.Min(rates), slices.Max(rates)
	f.MBPerSecond = f.RowsPerSecond * float64(rowBytes) / 1e6
	f.Spread = (f.Fastest - f.Slowest) / f.RowsPerSecond
	f.CPUPerGB = median(each(func(p pass) float64 { return p.CPU / gb(p) }))
	f.ServerPerGB = median(each(func(p pass) float64 { return p.ServerCPU / gb(p) }))
	f.FirstMillis = median(each(func(p pass) float64 { return p.First * 1000 }))
	f.PeakMiB = slices.Max(each(func(p pass) float64 { return p.PeakMiB }))
	f.WaitShare = median(each(func(p pass) float64 { return p.Wait / p.Seconds }))
	f.StarvedShare = median(each(func(p pass) float64 { return p.Starved / p.Seconds }))
	f.NodeShares = nodeShares(rounds)
	return f
}

func nodeShares(rounds []pass) []float64 {
	var shares []float64
	var sum int64
	for _, p := range rounds {
		for i, n := range p.ServerBytes {
			if i == len(shares) {
				shares = append(shares, 0)
			}
			shares[i] += float64(n)
			sum += n
		}
	}
	for i := range shares {
		shares[i] /= max(float64(sum), 1)
	}
	return shares
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// block is what was measured of one workload with one number of partitions, round by
// round, with all readers in turn.
type block struct {
	workload
	Phase      string    `json:"phase"` // scan, cluster, load or pipelines
	Partitions int       `json:"partitions"`
	Readers    []figures `json:"readers"`
}

// relate fills in the ratios.
func (b *block) relate() {
	ceilings := map[string]float64{}
	var java, pyignite float64
	for _, f := range b.Readers {
		switch f.Kind {
		case kindCeiling:
			ceilings[f.Server] = max(ceilings[f.Server], f.RowsPerSecond)
		case kindJava1, kindJava4, kindLoadJava:
			java = max(java, f.RowsPerSecond)
		case kindPyignite:
			pyignite = max(pyignite, f.RowsPerSecond)
		}
	}
	ratio := func(a, b float64) float64 {
		if b == 0 {
			return 0
		}
		return a / b
	}
	for i := range b.Readers {
		f := &b.Readers[i]
		f.OfCeiling = ratio(f.RowsPerSecond, ceilings[f.Server])
		f.TimesJava = ratio(f.RowsPerSecond, java)
		f.TimesPyignite = ratio(f.RowsPerSecond, pyignite)
	}
}

// best is the fastest reader of some kinds on a server, nil if none was measured.
func (b *block) best(server string, kinds ...readerKind) *figures {
	var best *figures
	for i := range b.Readers {
		f := &b.Readers[i]
		if f.Server == server && slices.Contains(kinds, f.Kind) && (best == nil || f.RowsPerSecond > best.RowsPerSecond) {
			best = f
		}
	}
	return best
}
