package main

import (
	"fmt"
	"io"
	"strings"
)

var headings = map[string]string{
	phaseScan:    "%s, %d partitions: %d rows of %d bytes\n",
	phaseCluster: "one node and three: %s, %d partitions: %d rows of %d bytes\n",
	phaseLoad:    "loading: %s, %d partitions: %d rows of %d bytes\n",

	phasePipelines: "pipelines: %s, %d partitions: %d rows of %d bytes\n",
}

// printBlock prints a table for people.
func printBlock(out io.Writer, b *block) {
	fmt.Fprintf(out, "\n"+headings[b.Phase], b.Name, b.Partitions, b.Rows, b.RowBytes)
	if b.Phase == phasePipelines {
		printPipelines(out, b)
		return
	}
	server := ""
	for i := range b.Readers {
		f := &b.Readers[i]
		if f.Server != server {
			server = f.Server
			fmt.Fprintf(out, "%-42s %9s %7s %7s %8s %7s %7s %7s %7s %7s %7s\n", from(server), "rows/s", "MB/s", "spread", "ceiling", "x Java", "x pyign",
				"CPU/GB", "srv/GB", "1st ms", "MiB")
		}
		line := fmt.Sprintf("  %-40s %9.0f %7.0f %6.0f%% %8s %7s %7s %7s %7s %7s %7s  %s", f.Name, f.RowsPerSecond, f.MBPerSecond, f.Spread*100,
			figure(f.OfCeiling, 2), figure(f.TimesJava, 2), figure(f.TimesPyignite, 1), figure(f.CPUPerGB, 2), figure(f.ServerPerGB, 2),
			figure(f.FirstMillis, 0), figure(f.PeakMiB, 0), remarks(f))
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

// from names a server. The embedded node has its own number of partitions.
func from(server string) string {
	if server == serverNode {
		return "from the embedded node, own partitions:"
	}
	return "from " + server + ":"
}

// remarks are figures that few readers have.
func remarks(f *figures) string {
	var all []string
	if f.Partial {
		all = append(all, "part of the rows")
	}
	if f.WaitShare > 0 {
		all = append(all, fmt.Sprintf("waits %.1f%%", f.WaitShare*100))
	}
	if f.StarvedShare > 0 {
		all = append(all, fmt.Sprintf("starved %.1f%%", f.StarvedShare*100))
	}
	if len(f.NodeShares) > 1 {
		var shares []string
		for _, s := range f.NodeShares {
			shares = append(shares, fmt.Sprintf("%.0f", s*100))
		}
		all = append(all, "nodes "+strings.Join(shares, "/")+"%")
	}
	return strings.Join(all, ", ")
}

// figure is a number, or nothing where there is none.
func figure(v float64, digits int) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.*f", digits, v)
}
