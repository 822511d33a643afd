//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignitetest"
)

// TestBenchScanServesMetrics scrapes a scan that would go on for long, and ends it:
// what it read until then is printed.
func TestBenchScanServesMetrics(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	benchCache(s)
	cmd := command(t, s.env, "bench", "scan", "B", "--seconds", "3600", "--metrics", "0")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url, found := strings.CutPrefix(strings.TrimSpace(first), "metrics at ")
	if !found || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("the first line is %q", first)
	}
	for {
		text := scrape(t, url)
		if strings.Contains(text, "\nkindling_batches_total{cache=\"B\"} ") && !strings.Contains(text, "\nkindling_batches_total{cache=\"B\"} 0\n") &&
			strings.Contains(text, "\nkindling_pages_total{cache=\"B\",node=") {
			break
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	signalTo(t, cmd, os.Interrupt)
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if code := finish(t, cmd); code != exitInterrupted || string(rest) != "kindling: interrupted\n" || !strings.Contains(stdout.String(), "\nstarved ") {
		t.Errorf("interrupted: exit code %d, %q\n%s", code, rest, stdout.String())
	}
}

func scrape(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
