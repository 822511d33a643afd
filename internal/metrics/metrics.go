// Package metrics serves the counts of datasets to Prometheus, over HTTP.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kindling-ml/kindling/dataset"
)

// Loopback is where an address without a host listens.
const Loopback = "127.0.0.1"

// Path is where the metrics are.
const Path = "/metrics"

// shutdownTimeout is how long Close waits for scrapes under way.
const shutdownTimeout = 2 * time.Second

// Source tells what has been read, by cache; it is called for each scrape, from
// several goroutines at once.
type Source func() []dataset.CacheStats

// collector reads the source when it is scraped; nothing is counted twice.
type collector struct {
	source Source

	rows, batches, bytes, pages, wait, buffered, opened, open *prometheus.Desc
}

// NewCollector makes a collector for a registry of one's own.
func NewCollector(source Source) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("kindling_"+name, help, append([]string{"cache"}, labels...), nil)
	}
	return &collector{
		source:   source,
		rows:     desc("rows_total", "Rows given to the consumer."),
		batches:  desc("batches_total", "Batches given to the consumer."),
		bytes:    desc("bytes_total", "Bytes of rows that came from a node.", "node"),
		pages:    desc("pages_total", "Pages that came from a node.", "node"),
		wait:     desc("wait_seconds_total", "Time by its cause: server and network are sums over the lanes, starved is the consumer's wait for data.", "cause"),
		buffered: desc("buffered_bytes", "Bytes that are read ahead now."),
		opened:   desc("readers_total", "Readers that were opened."),
		open:     desc("open_readers", "Readers that are open now."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.rows, c.batches, c.bytes, c.pages, c.wait, c.buffered, c.opened, c.open} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	for _, s := range c.source() {
		put := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
			// Names are bytes of the user's or of a server: a label must be UTF-8.
			cache := strings.ToValidUTF8(s.Cache, "?")
			out <- prometheus.MustNewConstMetric(d, kind, v, append([]string{cache}, labels...)...)
		}
		put(c.rows, prometheus.CounterValue, float64(s.Rows))
		put(c.batches, prometheus.CounterValue, float64(s.Batches))
		for name, n := range s.Nodes {
			put(c.bytes, prometheus.CounterValue, float64(n.Bytes), name)
			put(c.pages, prometheus.CounterValue, float64(n.Pages), name)
		}
		for _, cause := range s.Wait.Causes() {
			put(c.wait, prometheus.CounterValue, cause.Wait.Seconds(), cause.Name)
		}
		put(c.buffered, prometheus.GaugeValue, float64(s.BufferedBytes))
		put(c.opened, prometheus.CounterValue, float64(s.Readers))
		put(c.open, prometheus.GaugeValue, float64(s.OpenReaders))
	}
}

// Server answers scrapes until Close.
type Server struct {
	http     http.Server
	listener net.Listener
	done     chan error
}

// Serve answers scrapes of the source, and of the Go runtime and the process, at
// /metrics of an address: "host:port", or ":port" or a port alone for the
// loopback address; port 0 picks a free one. It is for everyone who can reach the
// address: there is no TLS and no password. ctx bounds the opening only.
func Serve(ctx context.Context, addr string, source Source) (*Server, error) {
	at, err := listenAddress(addr)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{
		NewCollector(source), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", at)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	s := &Server{listener: l, done: make(chan error, 1), http: http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Addr is the address that it listens on, as "host:port".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and waits for it, and a short while for scrapes under way.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // the listener is closed already, and scrapes lose nothing
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// listenAddress completes an address with the loopback host.
func listenAddress(addr string) (string, error) {
	if _, err := strconv.Atoi(addr); err == nil {
		addr = ":" + addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("metrics: %q is no address such as %s:9464: %w", addr, Loopback, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("metrics: the port of %q is not a number from 0 to 65535", addr)
	}
	if host == "" {
		host = Loopback
	}
	return net.JoinHostPort(host, port), nil
}
