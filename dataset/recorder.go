package dataset

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// nodeName tells nodes apart in Stats: an address or an id.
type nodeName = string

const (
	// rateWindow is the least time that the rates of a snapshot are taken over;
	// the most is twice that.
	rateWindow = 2 * time.Second
	// maxNodes bounds the nodes that are told apart; the pages of further ones,
	// which only a cluster that restarts all day has, count as otherNodes.
	maxNodes   = 1024
	otherNodes = "others"
)

// Hooks are called as a reader works: after each page that came and each batch
// that was given. They may be called from several goroutines at once, on the path
// of the data: a hook that waits holds the data up. It must not call the reader.
type Hooks struct {
	Page  func(PageEvent)
	Batch func(BatchEvent)
}

// PageEvent is a page that came.
type PageEvent struct {
	// Cache and Partition say what it is of; Partition is AllPartitions where the
	// cache is scanned as a whole.
	Cache     string
	Partition int
	// Node sent it.
	Node string
	// Rows and Bytes are its size.
	Rows, Bytes int
	// Server and Network are the waits for it, as in Waits.
	Server, Network time.Duration
}

// BatchEvent is a batch that the consumer was given.
type BatchEvent struct {
	Cache string
	Rows  int
	Bytes int64 // of memory
}

// recorder counts what a reader does. All methods are safe for several
// goroutines and take no lock, but for the first page of a node.
type recorder struct {
	cache string
	hooks Hooks
	begin time.Time

	rows, batches, batchBytes                  atomic.Int64
	pages, pageRows, bytes                     atomic.Int64
	server, network, decode, consume, starving atomic.Int64 // nanoseconds
	now, peak                                  atomic.Int64 // bytes read ahead

	parts []pageCount
	nodes atomic.Pointer[map[nodeName]*nodeCount]
	grow  sync.Mutex // held while nodes is replaced

	older, newer atomic.Pointer[rateMark]
}

type pageCount struct{ rows, bytes, pages atomic.Int64 }

type nodeCount struct {
	pageCount
	wait atomic.Int64 // nanoseconds
}

// rateMark is what had been counted at a time.
type rateMark struct {
	at                 time.Duration // since the recorder's begin
	rows, bytes, pages int64
}

// newRecorder makes a recorder for a reader of a cache with so many partitions.
func newRecorder(cache string, partitions int, hooks Hooks) *recorder {
	r := &recorder{cache: cache, hooks: hooks, begin: time.Now(), parts: make([]pageCount, max(partitions, 0))}
	r.nodes.Store(&map[nodeName]*nodeCount{})
	r.older.Store(&rateMark{})
	r.newer.Store(&rateMark{})
	return r
}

// page counts a page that came, and how long it took to its first byte and from
// there to its last.
func (r *recorder) page(node nodeName, partition, rows, bytes int, server, network time.Duration) {
	r.pages.Add(1)
	r.pageRows.Add(int64(rows))
	r.bytes.Add(int64(bytes))
	r.server.Add(int64(server))
	r.network.Add(int64(network))
	n := r.node(node)
	n.add(rows, bytes)
	n.wait.Add(int64(server + network))
	if partition >= 0 && partition < len(r.parts) {
		r.parts[partition].add(rows, bytes)
	}
	if r.hooks.Page != nil {
		r.hooks.Page(PageEvent{Cache: r.cache, Partition: partition, Node: node, Rows: rows, Bytes: bytes, Server: server, Network: network})
	}
}

func (c *pageCount) add(rows, bytes int) {
	c.rows.Add(int64(rows))
	c.bytes.Add(int64(bytes))
	c.pages.Add(1)
}

// node gives the counts of a node.
func (r *recorder) node(name nodeName) *nodeCount {
	if n, ok := (*r.nodes.Load())[name]; ok {
		return n
	}
	r.grow.Lock()
	defer r.grow.Unlock()
	have := *r.nodes.Load()
	if len(have) >= maxNodes {
		name = otherNodes
	}
	if n, ok := have[name]; ok {
		return n
	}
	more := make(map[nodeName]*nodeCount, len(have)+1)
	maps.Copy(more, have)
	n := &nodeCount{}
	more[name] = n
	r.nodes.Store(&more)
	return n
}

// decoded counts the work on a batch that was built. Its rows are counted where
// the consumer takes them.
func (r *recorder) decoded(_ int, took time.Duration) { r.decode.Add(int64(took)) }

// consumer counts a wait for the consumer to take something.
func (r *recorder) consumer(took time.Duration) { r.consume.Add(int64(took)) }

// starved counts a wait of the consumer for a batch.
func (r *recorder) starved(took time.Duration) { r.starving.Add(int64(took)) }

// batch counts a batch that the consumer was given, and its memory.
func (r *recorder) batch(rows int, bytes int64) {
	r.batches.Add(1)
	r.rows.Add(int64(rows))
	r.batchBytes.Add(bytes)
	r.mark()
	if r.hooks.Batch != nil {
		r.hooks.Batch(BatchEvent{Cache: r.cache, Rows: rows, Bytes: bytes})
	}
}

// buffered notes how many bytes are read ahead.
func (r *recorder) buffered(now int64) {
	r.now.Store(now)
	for peak := r.peak.Load(); now > peak && !r.peak.CompareAndSwap(peak, now); {
		peak = r.peak.Load()
	}
}

// mark gives the mark that rates are counted from: the older of two that are
// rateWindow apart. So that a reader at rest is seen as such, snapshots set marks
// too.
func (r *recorder) mark() (now rateMark, since *rateMark) {
	now = rateMark{time.Since(r.begin), r.rows.Load(), r.bytes.Load(), r.pages.Load()}
	newer := r.newer.Load()
	if now.at-newer.at >= rateWindow {
		if next := now; r.newer.CompareAndSwap(newer, &next) {
			r.older.Store(newer)
		}
	}
	return now, r.older.Load()
}

// snapshot gives the counts of now.
func (r *recorder) snapshot() Stats {
	now, since := r.mark()
	s := Stats{
		Rows: r.rows.Load(), Batches: r.batches.Load(), BatchBytes: r.batchBytes.Load(),
		Pages: r.pages.Load(), PageRows: r.pageRows.Load(), Bytes: r.bytes.Load(),
		Wait: Waits{
			time.Duration(r.server.Load()), time.Duration(r.network.Load()), time.Duration(r.decode.Load()),
			time.Duration(r.consume.Load()), time.Duration(r.starving.Load()),
		},
		BufferedBytes: r.now.Load(), BufferedPeakBytes: r.peak.Load(), Elapsed: now.at, Nodes: map[string]NodeStats{},
	}
	if t := (now.at - since.at).Seconds(); t > 0 {
		s.RowsPerSecond, s.BytesPerSecond, s.PagesPerSecond = float64(now.rows-since.rows)/t, float64(now.bytes-since.bytes)/t, float64(now.pages-since.pages)/t
	}
	for name, n := range *r.nodes.Load() {
		s.Nodes[name] = NodeStats{n.rows.Load(), n.bytes.Load(), n.pages.Load(), time.Duration(n.wait.Load())}
	}
	p := &s.Partitions
	p.Rows, p.Bytes, p.Pages = make([]int64, len(r.parts)), make([]int64, len(r.parts)), make([]int64, len(r.parts))
	for i := range r.parts {
		p.Rows[i], p.Bytes[i], p.Pages[i] = r.parts[i].rows.Load(), r.parts[i].bytes.Load(), r.parts[i].pages.Load()
	}
	return s
}
