package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/kindling-ml/kindling/dataset"
)

// livePause is the time between two states of the live line.
const livePause = 500 * time.Millisecond

// live is a line on a terminal that shows how a scan goes.
type live struct {
	stop chan struct{}
	done sync.WaitGroup
}

// startLive shows the line until end is called; where w is no terminal it shows
// nothing.
func startLive(w *os.File, s *scanBench) *live {
	l := &live{stop: make(chan struct{})}
	if !interactive(w) {
		return l
	}
	l.done.Go(func() {
		ticks := time.NewTicker(livePause)
		defer ticks.Stop()
		for last := s.stats(); ; {
			select {
			case <-ticks.C:
			case <-l.stop:
				fmt.Fprint(w, "\r\x1b[K")
				return
			}
			now := s.stats()
			line := liveLine(now, now.Sub(last))
			if width, _, err := term.GetSize(int(w.Fd())); err == nil && width > 0 {
				line = line[:min(len(line), width-1)]
			}
			fmt.Fprint(w, "\r\x1b[K"+line)
			last = now
		}
	})
	return l
}

// end takes the line away.
func (l *live) end() {
	close(l.stop)
	l.done.Wait()
}

// liveLine is the state of a scan: all rows, and the rates and waits of late.
func liveLine(all, late dataset.Stats) string {
	return fmt.Sprintf("%d rows  %.0f rows/s  %.1f MB/s  %.1f pages/s  %s  buffered %.1f MB",
		all.Rows, late.RowsPerSecond, late.BytesPerSecond/1e6, late.PagesPerSecond, shares(late), float64(all.BufferedBytes)/1e6)
}

// shares are the waits in percent of the time on the clock.
func shares(s dataset.Stats) string {
	var parts []string
	for _, c := range s.Wait.Causes() {
		parts = append(parts, fmt.Sprintf("%s %.0f%%", c.Name, percent(c.Wait, s.Elapsed)))
	}
	return strings.Join(parts, " ")
}

func percent(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// scanReport is the JSON of a scan.
type scanReport struct {
	Cache     string `json:"cache"`
	Epochs    int    `json:"epochs"`
	Lanes     int    `json:"lanes"`
	BatchRows int    `json:"batch_rows"`
	// Stats has the rates over the whole time.
	Stats dataset.Stats `json:"stats"`
}

// report tells what a scan that has ended did.
func (s *scanBench) report() scanReport {
	all := s.stats()
	all.Elapsed = s.took
	return scanReport{s.spec.Cache, s.epochs, s.lanes, s.spec.BatchRows, all.Sub(dataset.Stats{})}
}

// print shows the figures as tables for people.
func (r scanReport) print(w io.Writer) error {
	all, took := r.Stats, r.Stats.Elapsed.Seconds()
	sum := newTable(w, "CACHE", "EPOCHS", "SECONDS", "ROWS", "ROWS/S", "MB", "MB/S", "PAGES", "PAGES/S", "MOST BUFFERED MB")
	sum.add(r.Cache, r.Epochs, fixed(took, 2), all.Rows, int64(all.RowsPerSecond), megabytes(all.Bytes), fixed(all.BytesPerSecond/1e6, 1),
		all.Pages, fixed(all.PagesPerSecond, 1), megabytes(all.BufferedPeakBytes))
	if err := sum.end(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	nodes := newTable(w, "NODE", "ROWS", "MB", "MB/S", "PAGES", "WAIT SECONDS", "MS/PAGE")
	for _, name := range slices.Sorted(maps.Keys(all.Nodes)) {
		n := all.Nodes[name]
		nodes.add(name, n.Rows, megabytes(n.Bytes), fixed(float64(n.Bytes)/1e6/max(took, 1e-9), 1), n.Pages, fixed(n.Wait.Seconds(), 2),
			fixed(1e3*n.Wait.Seconds()/float64(max(n.Pages, 1)), 2))
	}
	if err := nodes.end(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	waits := newTable(w, "WAIT", "SECONDS", "OF THE TIME %")
	for _, c := range all.Wait.Causes() {
		waits.add(c.Name, fixed(c.Wait.Seconds(), 2), fixed(percent(c.Wait, all.Elapsed), 1))
	}
	return waits.end()
}

// fixed rounds to some digits after the point, for a table.
func fixed(v float64, digits int) float64 {
	unit := math.Pow10(digits)
	return math.Round(v*unit) / unit
}

func megabytes(n int64) float64 { return fixed(float64(n)/1e6, 1) }
