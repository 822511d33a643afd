package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kindling-ml/kindling/ignitetest"
)

// report is everything that a run found out; -out writes it.
type report struct {
	Began    time.Time         `json:"began"`
	Ended    time.Time         `json:"ended"`
	Machine  machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Rounds   int               `json:"rounds"`
	Scale    float64           `json:"scale"`
	Noise    noise             `json:"noise"`
	Blocks   []block           `json:"blocks"`
	Verdicts []verdict         `json:"verdicts"`
}

// noise is how much the ceiling changed from round to round: (fastest - slowest) / median.
type noise struct {
	Median float64 `json:"median"` // of all blocks
	Worst  float64 `json:"worst"`
}

func newReport(s settings) *report {
	versions := map[string]string{"ignite": ignitetest.IgniteVersion, "go": strings.TrimPrefix(runtime.Version(), "go")}
	if c := commit(); c != "" {
		versions["commit"] = c
	}
	return &report{Began: time.Now().UTC(), Machine: thisMachine(), Rounds: s.rounds, Scale: s.scale, Versions: versions}
}

func (r *report) about(versions map[string]string) { maps.Copy(r.Versions, versions) }

// add takes a block and shows it at once: a run is long.
func (r *report) add(b block) {
	b.relate()
	r.Blocks = append(r.Blocks, b)
	printBlock(os.Stdout, &b)
}

// finish draws the conclusions.
func (r *report) finish() {
	r.Ended, r.Machine.LoadEnded = time.Now().UTC(), loadAverage()
	var spreads []float64
	for i := range r.Blocks {
		if c := r.Blocks[i].best(serverIgnite, kindCeiling); c != nil {
			spreads = append(spreads, c.Spread)
		}
	}
	if len(spreads) > 0 {
		r.Noise = noise{Median: median(spreads), Worst: slices.Max(spreads)}
	}
	r.Verdicts = judge(r)
}

// printEnd prints what is known of the whole run.
func (r *report) printEnd(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", &r.Machine)
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(out, "%s %s  ", name, r.Versions[name])
	}
	fmt.Fprintf(out, "\n%d rounds, scale %g, %s; load average %s before and %s after; the ceiling's spread is %.0f %% (median), %.0f %% (worst)\n",
		r.Rounds, r.Scale, r.Ended.Sub(r.Began).Round(time.Second), r.Machine.LoadBegan, r.Machine.LoadEnded, r.Noise.Median*100, r.Noise.Worst*100)
	if len(r.Verdicts) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%-58s %12s %16s\n", "target", "figure", "wanted")
	for _, v := range r.Verdicts {
		fmt.Fprintf(out, "%-58s %12s %16s  %s\n", v.Name, v.Figure, v.Wanted, v)
	}
}

// write leaves the figures and the chart where the flags say.
func (r *report) write(s settings) error {
	if s.out != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(s.out, append(text, '\n'), 0o644); err != nil { //nolint:gosec // a file that the user named
			return err
		}
	}
	if s.svg == "" {
		return nil
	}
	return os.WriteFile(s.svg, []byte(chart(r)), 0o644)
}
