package main

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignitetest"
)

// TestReadersSeeEveryRow lets the readers that are written in Go read each kind of row.
func TestReadersSeeEveryRow(t *testing.T) {
	srv := ignitetest.Embedded(t)
	e := endpoint{name: serverNode, addr: srv.Addr, client: srv.Client(t)}
	ctx := t.Context()
	for _, w := range workloads(0.001) {
		cache := w.cacheName(0)
		if err := createCache(ctx, e, cache); err != nil {
			t.Fatal(err)
		}
		if err := fill(ctx, e.client, cache, &w, w.Rows); err != nil {
			t.Fatal(err)
		}
		all, err := ceilings(ctx, e, &w, cache)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range append(all, goReader(e, &w, cache, "")) {
			p, err := r.read(ctx, false)
			if err != nil {
				t.Fatalf("%s, %s: %v", w.Name, r.name, err)
			}
			if p.Rows != w.Rows || p.Seconds <= 0 {
				t.Errorf("%s, %s: %d rows of %d in %g s", w.Name, r.name, p.Rows, w.Rows, p.Seconds)
			}
		}
	}
}

func TestLoopback(t *testing.T) {
	p, err := loopback(t.Context(), 5)
	if err != nil || p.Rows != 5 {
		t.Fatalf("%d MiB of 5: %v", p.Rows, err)
	}
}

// fake is a reader of a fixed rate.
func fake(kind readerKind, server string, rate int) reader {
	return reader{kind: kind, name: string(kind), server: server, rows: rate, read: func(context.Context, bool) (pass, error) {
		return pass{Rows: rate, Seconds: 1, CPU: 1, PeakMiB: 1, First: 0.001}, nil
	}}
}

func measured(t *testing.T, readers ...reader) block {
	t.Helper()
	w := workloads(1)[0]
	found, err := measure(t.Context(), "test", 3, &w, readers)
	if err != nil {
		t.Fatal(err)
	}
	b := block{workload: w, Phase: phaseScan, Partitions: 32, Readers: found}
	b.relate()
	return b
}

func TestRatios(t *testing.T) {
	b := measured(t, fake(kindCeiling, serverIgnite, 700), fake(kindCeiling, serverIgnite, 1000), fake(kindCeiling, serverIgnite, 800),
		fake(kindCeiling, serverNode, 2000), fake(kindTF, serverIgnite, 900), fake(kindTF, serverNode, 900),
		fake(kindJava1, serverIgnite, 300), fake(kindJava4, serverIgnite, 450), fake(kindPyignite, serverIgnite, 100))
	if n := len(slices.DeleteFunc(slices.Clone(b.Readers), func(f figures) bool { return f.Kind != kindCeiling || f.Server != serverIgnite })); n != ceilingsKept {
		t.Errorf("%d shapes of the ceiling went on", n)
	}
	tf, node := b.best(serverIgnite, kindTF), b.best(serverNode, kindTF)
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"of the ceiling", tf.OfCeiling, 0.9},
		{"of the node's ceiling", node.OfCeiling, 0.45},
		{"times Java", tf.TimesJava, 2},
		{"times pyignite", tf.TimesPyignite, 9},
		{"CPU for a GB", tf.CPUPerGB, 1e9 / (900 * mib)},
		{"spread", tf.Spread, 0},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: %g, want %g", c.what, c.got, c.want)
		}
	}
}

func TestMeasureRefusesLostRows(t *testing.T) {
	short := fake(kindGo, serverIgnite, 10)
	short.rows = 11
	broken := fake(kindGo, serverIgnite, 10)
	broken.read = func(context.Context, bool) (pass, error) { return pass{}, io.ErrUnexpectedEOF }
	w := workloads(1)[0]
	if _, err := measure(t.Context(), "test", 1, &w, []reader{short}); err == nil {
		t.Error("a reader that lost a row was counted")
	}
	if _, err := measure(t.Context(), "test", 1, &w, []reader{broken}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that failed gave %v", err)
	}
}

func TestJudge(t *testing.T) {
	for rate, holds := range map[int]bool{890: false, 900: true} {
		r := &report{Blocks: []block{measured(t, fake(kindCeiling, serverIgnite, 1000), fake(kindTF, serverIgnite, rate))}}
		r.finish()
		at := slices.IndexFunc(r.Verdicts, func(v verdict) bool { return strings.HasSuffix(v.Name, "of the ceiling") })
		if at < 0 || r.Verdicts[at].Holds != holds {
			t.Errorf("%d of 1000: %+v", rate, r.Verdicts)
		}
	}
	if r := (&report{Blocks: []block{measured(t, fake(kindGo, serverIgnite, 5))}}); len(judge(r)) != 0 {
		t.Errorf("judged what was not measured: %+v", judge(r))
	}
}

func TestChartIsXML(t *testing.T) {
	r := &report{Versions: map[string]string{"ignite": "<&>"}, Blocks: []block{measured(t, fake(kindCeiling, serverIgnite, 10), fake(kindGo, serverIgnite, 8))}}
	d := xml.NewDecoder(strings.NewReader(chart(r)))
	var rects int
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "rect" {
			rects++
		}
	}
	if want := 1 + len(bars) + 1; rects != want { // background, legend, one bar
		t.Errorf("%d rectangles, want %d", rects, want)
	}
}

func TestFlags(t *testing.T) {
	s, err := parse([]string{"-quick", "-rounds", "4", "-only", "4KiB", "-readers", "ceiling,load"})
	if err != nil {
		t.Fatal(err)
	}
	if s.rounds != 4 || !slices.Equal(s.partitions, []int{32}) || !slices.Equal(s.workloads, []string{"4KiB"}) || len(s.phases()) != 2 {
		t.Errorf("%+v", s)
	}
	if s, err = parse([]string{"-readers", "pipelines", "-only", "32B"}); err != nil || len(s.phases()) != 1 {
		t.Errorf("%d phases: %v", len(s.phases()), err)
	}
	for _, bad := range [][]string{{"-only", "5KiB"}, {"-readers", "x"}, {"-partitions", "0"}, {"-rounds", "0"}, {"-scale", "-1"}, {"x"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
