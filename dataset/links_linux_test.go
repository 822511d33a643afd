//go:build links

package dataset_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignitetest"
)

// linkBytes is the speed of each node's link in bytes a second.
const linkBytes = 100_000_000

// TestThreeLinks reads a cache from one node and from three, each behind a link of
// 100 MB/s: three give at least 2.7 times as much, so the client reads from all at
// once. It needs a network namespace of its own, whose loopback it may slow down:
// make test-links.
func TestThreeLinks(t *testing.T) {
	const (
		cache, partitions = "LINKS", 1024
		rows, rowBytes    = 3 * 5000, 64 << 10
		rounds            = 3
	)
	command(t, "ip", "link", "set", "lo", "up")
	opts := []ignitetest.Option{ignitetest.WithHeap("1g"), ignitetest.WithRegionMiB(2048), ignitetest.WithCache(cache, partitions)}
	one := linked(t, cache, rows, rowBytes, opts...)
	three := linked(t, cache, rows, rowBytes, append(opts, ignitetest.WithNodes(3))...)
	command(t, "tc", "qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb", "default", "0")
	for i, addr := range append(slices.Clone(one.Addrs), three.Addrs...) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		class := fmt.Sprintf("1:%d", i+1)
		rate := fmt.Sprintf("%dbit", 8*linkBytes)
		command(t, "tc", "class", "add", "dev", "lo", "parent", "1:", "classid", class, "htb", "rate", rate, "burst", "256k")
		command(t, "tc", "filter", "add", "dev", "lo", "parent", "1:", "protocol", "ip", "u32",
			"match", "ip", "protocol", "6", "0xff", "match", "ip", "sport", port, "0xffff", "flowid", class)
	}
	var speeds [2][]float64
	for round := range rounds + 1 {
		for i, srv := range []*ignitetest.Server{one, three} {
			speed := readSpeed(t, srv, cache, rows, rowBytes)
			if round > 0 { // the first one warms Java up
				speeds[i] = append(speeds[i], speed)
			}
		}
	}
	for i := range speeds {
		slices.Sort(speeds[i])
	}
	single, all := speeds[0][rounds/2], speeds[1][rounds/2]
	t.Logf("one node %.1f MB/s, three %.1f MB/s: %.2f times", single/1e6, all/1e6, all/single)
	if single > linkBytes || single < 0.8*linkBytes {
		t.Errorf("one node gives %.1f MB/s through a link of %d MB/s", single/1e6, linkBytes/1_000_000)
	}
	if all < 2.7*single {
		t.Errorf("three nodes give %.2f times as much as one", all/single)
	}
}

// linked starts nodes with rows in a cache, as many on each.
func linked(t *testing.T, cache string, rows, rowBytes int, opts ...ignitetest.Option) *ignitetest.Server {
	t.Helper()
	srv, err := ignitetest.StartReal(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := linkClient(t, srv)
	st, err := c.NewStreamer(t.Context(), cache, ignite.StreamerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	owners := settled(t, c, cache, len(srv.Addrs))
	value := make([]byte, rowBytes)
	loaded, each := map[uuid.UUID]int{}, rows/len(srv.Addrs)
	for key, left := int64(0), rows; left > 0; key++ {
		raw, err := binary.AppendValue(nil, key)
		if err != nil {
			t.Fatal(err)
		}
		p, known := owners.Partition(raw)
		node, owned := owners.Owner(p)
		if !known || !owned {
			t.Fatalf("key %d is on no node that is known", key)
		}
		if loaded[node] == each {
			continue
		}
		if err := st.Add(t.Context(), key, value); err != nil {
			t.Fatal(err)
		}
		loaded[node]++
		left--
	}
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return srv
}

// settled waits until each of the nodes owns partitions.
func settled(t *testing.T, c *ignite.Client, cache string, nodes int) *ignite.PartitionMap {
	t.Helper()
	deadline, tick := time.After(time.Minute), time.NewTicker(100*time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := ignite.NewCache[int64, []byte](c, cache).Size(t.Context()); err != nil { // the answer tells of a new topology
			t.Fatal(err)
		}
		m, err := c.Partitions(t.Context(), cache)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[uuid.UUID]bool{}
		for p := range m.Count() {
			if id, ok := m.Owner(p); ok {
				seen[id] = true
			}
		}
		if len(seen) == nodes {
			return m
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d of %d nodes own partitions", len(seen), nodes)
		}
	}
}

func linkClient(t *testing.T, srv *ignitetest.Server) *ignite.Client {
	t.Helper()
	cfg := srv.Config
	cfg.ConnectionsPerNode = 2
	c, err := ignite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// readSpeed reads the cache once, in bytes a second.
func readSpeed(t *testing.T, srv *ignitetest.Server, cache string, rows, rowBytes int) float64 {
	t.Helper()
	c := linkClient(t, srv)
	schema, err := dataset.Discover(t.Context(), c, dataset.DiscoverOptions{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := dataset.Open(t.Context(), c, dataset.Spec{Cache: cache, Part: dataset.AllPartitions, Schema: *schema, BatchRows: 64}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	seen := 0
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		seen += b.Rows
		b.Release()
	}
	took := time.Since(began).Seconds()
	if seen != rows {
		t.Fatalf("%d rows, not %d", seen, rows)
	}
	if nodes := len(r.Stats().Nodes); nodes != len(srv.Addrs) {
		t.Errorf("rows came from %d nodes of %d", nodes, len(srv.Addrs))
	}
	return float64(rows) * float64(rowBytes) / took
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}
