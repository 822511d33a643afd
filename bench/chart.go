package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// bar is a kind of reader in the chart.
type bar struct {
	kinds []readerKind
	name  string
	color string
}

var bars = []bar{
	{[]readerKind{kindGo}, "Kindling in Go", "#00786f"},
	{[]readerKind{kindTF}, "Kindling, TensorFlow batches", "#c2410c"},
	{[]readerKind{kindRows}, "Kindling, TensorFlow row by row", "#f59e0b"},
	{[]readerKind{kindJava1, kindJava4}, "Java thin client", "#4b5a8a"},
	{[]readerKind{kindPyignite}, "pyignite", "#8896b8"},
	{[]readerKind{kindTFRecord}, "TFRecord on tmpfs", "#a3a3a3"},
}

// Sizes in the chart's own units.
const (
	chartWidth = 900
	leftWidth  = 150
	plotWidth  = 660
	barHeight  = 11
	blockSpace = 12
	topHeight  = 84
)

// chart draws, for each block of rows of a real Ignite, the readers' rates as parts of the
// ceiling, with a line from the slowest to the fastest round.
func chart(r *report) string {
	most := 1.0
	var scans []*block
	for i := range r.Blocks {
		b := &r.Blocks[i]
		c := b.best(serverIgnite, kindCeiling)
		if b.Phase != phaseScan || c == nil {
			continue
		}
		scans = append(scans, b)
		for _, kind := range bars {
			if f := b.best(serverIgnite, kind.kinds...); f != nil {
				most = max(most, f.Fastest/c.RowsPerSecond)
			}
		}
	}
	var body strings.Builder
	y := topHeight
	for _, b := range scans {
		y = chartBlock(&body, b, y, most) + blockSpace
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", chartWidth, y+24)
	fmt.Fprintf(&out, `<rect width="100%%" height="100%%" fill="#ffffff"/>`+"\n")
	text(&out, 12, 22, "start", "#111111", "Rows a second as a part of the ceiling (a reader that throws the bytes away)")
	text(&out, 12, 38, "start", "#555555", fmt.Sprintf("Apache Ignite %s, %s, medians of %d rounds", r.Versions["ignite"], &r.Machine, r.Rounds))
	for i, kind := range bars {
		x, row := 12+(i%3)*250, 48+(i/3)*15
		fmt.Fprintf(&out, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/>`+"\n", x, row, kind.color)
		text(&out, x+15, row+9, "start", "#111111", kind.name)
	}
	for tick := 0.0; tick <= most+0.001; tick += 0.25 {
		x := leftWidth + int(plotWidth*tick/most)
		fmt.Fprintf(&out, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#dddddd"/>`+"\n", x, topHeight-6, x, y)
		text(&out, x, y+14, "middle", "#555555", fmt.Sprintf("%.2f", tick))
	}
	out.WriteString(body.String())
	out.WriteString("</svg>\n")
	return out.String()
}

// chartBlock draws one block from y on and returns where it ended.
func chartBlock(out *strings.Builder, b *block, y int, most float64) int {
	ceiling := b.best(serverIgnite, kindCeiling).RowsPerSecond
	at := func(rate float64) int { return leftWidth + int(plotWidth*rate/ceiling/most) }
	text(out, leftWidth-8, y+9, "end", "#111111", b.Name)
	text(out, leftWidth-8, y+22, "end", "#555555", fmt.Sprintf("%d partitions", b.Partitions))
	begin := y
	for _, kind := range bars {
		f := b.best(serverIgnite, kind.kinds...)
		if f == nil {
			continue
		}
		end, middle := at(f.RowsPerSecond), y+barHeight/2
		fmt.Fprintf(out, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", leftWidth, y, end-leftWidth, barHeight-1, kind.color)
		fmt.Fprintf(out, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#111111"/>`+"\n", at(f.Slowest), middle, at(f.Fastest), middle)
		text(out, max(end, at(f.Fastest))+5, y+9, "start", "#333333", fmt.Sprintf("%.2f", f.OfCeiling))
		y += barHeight
	}
	return max(y, begin+24)
}

func text(out *strings.Builder, x, y int, anchor, color, s string) {
	fmt.Fprintf(out, `<text x="%d" y="%d" text-anchor="%s" fill="%s">`, x, y, anchor, color)
	_ = xml.EscapeText(out, []byte(s)) // a Builder does not fail
	out.WriteString("</text>\n")
}
