package node_test

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// BenchmarkScan reads a cache over the loopback, one cursor after the other,
// pages of about 1 MiB, and throws the bytes away. Compare with
// BenchmarkLoopback, which has a sender without a node.
func BenchmarkScan(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			const total = 128 << 20
			c := dial(b, start(b, node.Config{}))
			ci := c.cacheNamed("C")
			for i := range int64(total / size) {
				c.put(ci, i, make([]byte, size))
			}
			pageRows := int32(max(1, (1<<20)/size))
			b.SetBytes(total)
			for b.Loop() {
				var p wire.QueryScanResponse
				c.do(scanRequest(ci, -1, pageRows), &p)
				for more := p.More; more; {
					var next wire.PageResponse
					c.do(&wire.QueryScanPageRequest{CursorID: p.CursorID}, &next)
					more = next.More
				}
			}
		})
	}
}

// BenchmarkLoopback is the ceiling: 1 MiB writes from one goroutine to another.
func BenchmarkLoopback(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	const total, chunk = 128 << 20, 1 << 20
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		buf := make([]byte, chunk)
		for {
			if _, err := nc.Write(buf); err != nil {
				return
			}
		}
	}()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	buf := make([]byte, chunk)
	b.SetBytes(total)
	for b.Loop() {
		for range total / chunk {
			if _, err := io.ReadFull(nc, buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkPutGet(b *testing.B) {
	c := dial(b, start(b, node.Config{}))
	ci := c.cacheNamed("C")
	var i int64
	for b.Loop() {
		c.put(ci, i%1000, "value")
		c.get(ci, i%1000)
		i++
	}
}

func BenchmarkStreamer(b *testing.B) {
	c := dial(b, start(b, node.Config{}))
	ci := c.cacheNamed("C")
	id := c.stream(ci, 0)
	value := make([]byte, 4<<10)
	b.SetBytes(256 * 4 << 10)
	var k int64
	for b.Loop() {
		q := &wire.DataStreamerAddDataRequest{StreamerID: id}
		for range 256 {
			q.Entries = append(q.Entries, entry(k, value))
			k++
		}
		c.do(q, nil)
	}
}
