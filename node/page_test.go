package node_test

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// configs are the two places of the data: values of one are sent from where
// they lie, of the other copied.
func configs(t *testing.T) map[string]node.Config {
	return map[string]node.Config{"memory": {}, "directory": {DataDir: t.TempDir()}}
}

// TestPagesEndAtTheirLimit: a page ends at 8 MiB, or after one row that is
// longer, and nothing is lost.
func TestPagesEndAtTheirLimit(t *testing.T) {
	for name, cfg := range configs(t) {
		t.Run(name, func(t *testing.T) {
			c := dial(t, start(t, cfg))
			ci := c.cacheNamed("C")
			sizes := []int{1 << 20, 3 << 20, 10 << 20, 100, 3000}
			total := 0
			for i := range 10 {
				size := sizes[i%len(sizes)]
				c.put(ci, int64(i), bytes.Repeat([]byte{byte(i)}, size))
				total += size
			}
			var p wire.QueryScanResponse
			c.do(scanRequest(ci, -1, 1000), &p)
			page, pages, got := p.Page, 0, 0
			for more := p.More; ; {
				pages++
				if len(page.Data) > 19<<20 {
					t.Errorf("a page of %d rows has %d bytes", page.Rows, len(page.Data))
				}
				keys, values := rows(t, &page)
				for i, k := range keys {
					v, ok := c.dec(values[i]).([]byte)
					if want := sizes[int(k)%len(sizes)]; !ok || !bytes.Equal(v, bytes.Repeat([]byte{byte(k)}, want)) {
						t.Errorf("row %d is not what was put", k)
					}
					got += len(v)
				}
				if !more {
					break
				}
				var next wire.PageResponse
				c.do(&wire.QueryScanPageRequest{CursorID: p.CursorID}, &next)
				page, more = next.Page, next.More
			}
			if got != total || pages < total/(19<<20) {
				t.Errorf("%d bytes in %d pages, want %d", got, pages, total)
			}
		})
	}
}

// TestScanUnderWrites: pages show the rows as they were, each value whole,
// while others replace them. The last cursor is closed in the middle.
func TestScanUnderWrites(t *testing.T) {
	for name, cfg := range configs(t) {
		t.Run(name, func(t *testing.T) {
			n := start(t, cfg)
			c := dial(t, n)
			ci := c.cacheNamed("C")
			const keys, size = 100, 16 << 10
			put := func(c *client, generation byte) {
				q := &wire.CachePutAllRequest{CacheInfo: ci}
				for k := range int64(keys) {
					q.Entries = append(q.Entries, wire.Entry{Key: enc(k), Value: enc(bytes.Repeat([]byte{generation}, size))})
				}
				c.do(q, nil)
			}
			put(c, 0)
			stop := make(chan struct{})
			var writer sync.WaitGroup
			w := dial(t, n)
			writer.Go(func() {
				for g := byte(1); ; g++ {
					select {
					case <-stop:
						return
					default:
						put(w, g)
					}
				}
			})
			for range 10 {
				if got := wholeGeneration(c, ci, 7); got != keys {
					t.Errorf("%d rows, want %d", got, keys)
				}
			}
			var p wire.QueryScanResponse
			c.do(scanRequest(ci, -1, 7), &p)
			c.do(&wire.ResourceCloseRequest{ID: p.CursorID}, nil)
			c.refused(&wire.QueryScanPageRequest{CursorID: p.CursorID}, wire.StatusResourceDoesNotExist,
				fmt.Sprintf("50000: Failed to find resource with id: %d", p.CursorID))
			close(stop)
			writer.Wait()
		})
	}
}

// wholeGeneration scans rows of equal bytes, which must all be of one batch.
func wholeGeneration(c *client, ci wire.CacheInfo, pageRows int32) (n int) {
	c.t.Helper()
	var p wire.QueryScanResponse
	c.do(scanRequest(ci, -1, pageRows), &p)
	page, more := p.Page, p.More
	seen := map[byte]bool{}
	for {
		_, values := rows(c.t, &page)
		for _, raw := range values {
			v, ok := c.dec(raw).([]byte)
			if !ok || bytes.Count(v, v[:1]) != len(v) {
				c.t.Fatal("a value is mixed of two writes")
			}
			seen[v[0]] = true
			n++
		}
		if !more {
			break
		}
		var next wire.PageResponse
		c.do(&wire.QueryScanPageRequest{CursorID: p.CursorID}, &next)
		page, more = next.Page, next.More
	}
	if len(seen) != 1 {
		c.t.Errorf("one scan shows %d batches", len(seen))
	}
	return n
}

// TestRequestsGoOnBesideAnUnreadPage: a client that writes a long request before
// it reads the pages it asked for must not wait for itself.
func TestRequestsGoOnBesideAnUnreadPage(t *testing.T) {
	n := start(t, node.Config{})
	d := dial(t, n)
	ci := d.cacheNamed("C")
	big := bytes.Repeat([]byte{5}, 24<<20) // more than the sockets hold
	d.put(ci, int64(0), big)
	c := dial(t, n) // nothing else to do for its reader, which serves the scan
	if err := c.nc.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	want := map[int64]bool{c.post(scanRequest(ci, -1, 1)): true}
	if _, err := c.r.Peek(1); err != nil { // the page is under way
		t.Fatal(err)
	}
	want[c.post(&wire.CachePutRequest{CacheInfo: ci, Key: enc(int64(1)), Value: enc(big)})] = true
	for len(want) > 0 {
		h, _ := c.next()
		if err := h.Err(); err != nil || !want[h.RequestID] {
			t.Fatalf("answer to request %d: %v", h.RequestID, err)
		}
		delete(want, h.RequestID)
	}
}

// TestCloseInTheMiddleOfAPage: a client that took a part of a page does not hold
// up the end of the node.
func TestCloseInTheMiddleOfAPage(t *testing.T) {
	for name, cfg := range configs(t) {
		t.Run(name, func(t *testing.T) {
			n := start(t, cfg)
			c := dial(t, n)
			ci := c.cacheNamed("C")
			c.put(ci, int64(1), make([]byte, 20<<20))
			c.post(scanRequest(ci, -1, 1))
			if _, err := c.r.Peek(1000); err != nil {
				t.Fatal(err)
			}
			closeSoon(t, n)
		})
	}
}

// TestLongObjectsAndGetAll: values that are sent from where they lie have their
// wrapping around them, in all kinds of answers.
func TestLongObjectsAndGetAll(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	text := string(bytes.Repeat([]byte("text "), 2000))
	q := &wire.CacheGetAllRequest{CacheInfo: ci}
	for k := range int64(5) {
		c.put(ci, k, fmt.Sprint(k, text))
		q.Keys = append(q.Keys, enc(k))
		if v := c.get(ci, k); v != fmt.Sprint(k, text) {
			t.Errorf("get of %d is another text", k)
		}
	}
	var p wire.EntriesResponse
	c.do(q, &p)
	if len(p.Entries) != 5 {
		t.Fatalf("%d entries", len(p.Entries))
	}
	for _, e := range p.Entries {
		if want := fmt.Sprint(c.dec(e.Key), text); c.dec(e.Value) != want {
			t.Errorf("entry %v is another text", c.dec(e.Key))
		}
	}
	object, err := binary.AppendValue(nil, binary.NewObject("test.Long").Set("text", text))
	if err != nil {
		t.Fatal(err)
	}
	c.do(&wire.CachePutRequest{CacheInfo: ci, Key: enc("object"), Value: binary.Raw(object)}, nil)
	var got wire.ObjectResponse
	c.do(&wire.CacheGetRequest{CacheInfo: ci, Key: enc("object")}, &got)
	inner, err := binary.ParseObject(got.Value)
	if err != nil || got.Value.Type() != binary.TypeWrapped || !bytes.Equal(inner.Bytes(), object) {
		t.Errorf("object came back as type %d: %v", got.Value.Type(), err)
	}
}
