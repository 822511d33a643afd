package metrics_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/internal/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

const want = `# HELP kindling_batches_total Batches given to the consumer.
# TYPE kindling_batches_total counter
kindling_batches_total{cache="\"\\\n?"} 0
kindling_batches_total{cache="C"} 2
# HELP kindling_buffered_bytes Bytes that are read ahead now.
# TYPE kindling_buffered_bytes gauge
kindling_buffered_bytes{cache="\"\\\n?"} 0
kindling_buffered_bytes{cache="C"} 7
# HELP kindling_bytes_total Bytes of rows that came from a node.
# TYPE kindling_bytes_total counter
kindling_bytes_total{cache="C",node="a:1"} 100
kindling_bytes_total{cache="C",node="b:1"} 50
# HELP kindling_open_readers Readers that are open now.
# TYPE kindling_open_readers gauge
kindling_open_readers{cache="\"\\\n?"} 0
kindling_open_readers{cache="C"} 1
# HELP kindling_pages_total Pages that came from a node.
# TYPE kindling_pages_total counter
kindling_pages_total{cache="C",node="a:1"} 4
kindling_pages_total{cache="C",node="b:1"} 3
# HELP kindling_readers_total Readers that were opened.
# TYPE kindling_readers_total counter
kindling_readers_total{cache="\"\\\n?"} 0
kindling_readers_total{cache="C"} 5
# HELP kindling_rows_total Rows given to the consumer.
# TYPE kindling_rows_total counter
kindling_rows_total{cache="\"\\\n?"} 0
kindling_rows_total{cache="C"} 30
# HELP kindling_wait_seconds_total Time by its cause: server and network are sums over the lanes, starved is the consumer's wait for data.
# TYPE kindling_wait_seconds_total counter
kindling_wait_seconds_total{cache="C",cause="consumer"} 0
kindling_wait_seconds_total{cache="C",cause="decode"} 0
kindling_wait_seconds_total{cache="C",cause="network"} 0
kindling_wait_seconds_total{cache="C",cause="server"} 1.5
kindling_wait_seconds_total{cache="C",cause="starved"} 0.25
`

func TestServe(t *testing.T) {
	var scrapes atomic.Int64
	s, err := metrics.Serve(t.Context(), ":0", func() []dataset.CacheStats {
		rows := 10 * (2 + scrapes.Add(1))
		return []dataset.CacheStats{{Cache: "C", Stats: dataset.Stats{
			Rows: rows, Batches: 2, BufferedBytes: 7, Readers: 5, OpenReaders: 1,
			Wait:  dataset.Waits{Server: 1500 * time.Millisecond, Starved: 250 * time.Millisecond},
			Nodes: map[string]dataset.NodeStats{"a:1": {Bytes: 100, Pages: 4}, "b:1": {Bytes: 50, Pages: 3}},
		}}, {Cache: "\"\\\n\xff"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if host, _, err := net.SplitHostPort(s.Addr()); err != nil || host != metrics.Loopback {
		t.Errorf("without a host it listens on %s", s.Addr())
	}
	code, text := get(t, "http://"+s.Addr()+metrics.Path)
	var ours strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, "kindling_") && !strings.Contains(line, `cache="\"\\\n?",`) {
			ours.WriteString(line)
		}
	}
	if code != http.StatusOK || ours.String() != want {
		t.Errorf("%d:\n%s\nwant\n%s", code, ours.String(), want)
	}
	for _, name := range []string{"go_goroutines ", "process_cpu_seconds_total "} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("there is no %s", name)
		}
	}
	if _, text = get(t, "http://"+s.Addr()+metrics.Path); !strings.Contains(text, "kindling_rows_total{cache=\"C\"} 40\n") {
		t.Errorf("the second scrape shows the rows of the first:\n%s", text)
	}
	if code, _ := get(t, "http://"+s.Addr()+"/"); code != http.StatusNotFound {
		t.Errorf("/ gives %d", code)
	}
	addr := s.Addr()
	if _, err := metrics.Serve(t.Context(), addr, nil); err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("a taken address gives %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again, err := metrics.Serve(context.Background(), addr, func() []dataset.CacheStats { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := get(t, "http://"+addr+metrics.Path); code != http.StatusOK {
		t.Errorf("without a cache: %d", code)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestBadAddresses(t *testing.T) {
	for _, addr := range []string{"", "nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", ":-1", "-1", "99999", "[::1", "a:b:c"} {
		s, err := metrics.Serve(t.Context(), addr, nil)
		if err == nil {
			t.Errorf("%q is taken: %s", addr, s.Addr())
			_ = s.Close()
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, "metrics: ") || strings.Contains(text, "\n") || !strings.Contains(text, strings.Trim(addr, "-")) {
			t.Errorf("%q: %s", addr, text)
		}
	}
}
