package dataset

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// Stats is what one reader, or all readers of a dataset, have done so far. It is
// a snapshot: nobody changes it any more. The counts are taken one after the
// other while the reader works, so they may be a page apart from each other.
//
// As JSON its names are in snake_case with the units last, and durations are
// seconds.
type Stats struct {
	// Rows and Batches are what the consumer was given, BatchBytes the memory of
	// those batches.
	Rows       int64 `json:"rows"`
	Batches    int64 `json:"batches"`
	BatchBytes int64 `json:"batch_bytes"`
	// Pages, PageRows and Bytes are what came from the servers: rows that were
	// read ahead, or were skipped on the way to a position, count here. Bytes are
	// those of the rows as they travel.
	Pages    int64 `json:"pages"`
	PageRows int64 `json:"page_rows"`
	Bytes    int64 `json:"bytes"`
	// Wait tells the time by its cause.
	Wait Waits `json:"-"`
	// BufferedBytes is what is read ahead now, BufferedPeakBytes the most that one
	// reader has had.
	BufferedBytes     int64 `json:"buffered_bytes"`
	BufferedPeakBytes int64 `json:"buffered_peak_bytes"`
	// Readers is how many readers were opened, OpenReaders how many of them still
	// are; both are 0 in the Stats of a Reader itself.
	Readers     int64 `json:"readers"`
	OpenReaders int64 `json:"open_readers"`
	// Elapsed is the time since the first of the readers was opened.
	Elapsed time.Duration `json:"-"`
	// The rates of now: over the last 2 to 4 seconds in a snapshot, over the time
	// between the two in what Sub gives.
	RowsPerSecond  float64 `json:"rows_per_second"`
	BytesPerSecond float64 `json:"bytes_per_second"`
	PagesPerSecond float64 `json:"pages_per_second"`
	// Nodes tells apart who sent the pages, by the name of the node.
	Nodes map[string]NodeStats `json:"nodes"`
	// Partitions tells apart where the pages came from.
	Partitions PartitionStats `json:"partitions"`
}

// Waits is where time went. Server and Network are sums over the lanes, which
// wait at the same time, so they may exceed the time on the clock.
type Waits struct {
	// Server is from a request for a page until the first byte of the answer.
	Server time.Duration
	// Network is from the first byte of a page until its last.
	Network time.Duration
	// Decode is the work of taking rows apart and building batches.
	Decode time.Duration
	// Consumer is how long no batch was built because nobody took those that were
	// there: back-pressure.
	Consumer time.Duration
	// Starved is how long the consumer waited for a batch. It is the one that
	// costs: the others matter where this grows.
	Starved time.Duration
}

// NodeStats is what one node sent.
type NodeStats struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	Pages int64 `json:"pages"`
	// Wait is Server and Network of its pages.
	Wait time.Duration `json:"-"`
}

// PartitionStats has a number for each partition, by its index. What was read of
// a cache without partitions is in none of them.
type PartitionStats struct {
	Rows  []int64 `json:"rows"`
	Bytes []int64 `json:"bytes"`
	Pages []int64 `json:"pages"`
}

// Causes are the names of the waits, in the order of Waits.
func (w Waits) Causes() []Cause {
	return []Cause{{"server", w.Server}, {"network", w.Network}, {"decode", w.Decode}, {"consumer", w.Consumer}, {"starved", w.Starved}}
}

// Cause is one of the Waits by its name.
type Cause struct {
	Name string
	Wait time.Duration
}

func (w Waits) with(o Waits, f func(a, b time.Duration) time.Duration) Waits {
	return Waits{f(w.Server, o.Server), f(w.Network, o.Network), f(w.Decode, o.Decode), f(w.Consumer, o.Consumer), f(w.Starved, o.Starved)}
}

func plus[T int64 | float64 | time.Duration](a, b T) T  { return a + b }
func minus[T int64 | float64 | time.Duration](a, b T) T { return max(a-b, 0) }

// with combines the counts; neither argument is changed.
func (s Stats) with(o Stats, count func(a, b int64) int64, took func(a, b time.Duration) time.Duration) Stats {
	s.Rows, s.Batches, s.BatchBytes = count(s.Rows, o.Rows), count(s.Batches, o.Batches), count(s.BatchBytes, o.BatchBytes)
	s.Pages, s.PageRows, s.Bytes = count(s.Pages, o.Pages), count(s.PageRows, o.PageRows), count(s.Bytes, o.Bytes)
	s.Readers = count(s.Readers, o.Readers)
	s.Wait = s.Wait.with(o.Wait, took)
	nodes := make(map[string]NodeStats, max(len(s.Nodes), len(o.Nodes)))
	maps.Copy(nodes, s.Nodes)
	for name, b := range o.Nodes {
		a := nodes[name]
		nodes[name] = NodeStats{count(a.Rows, b.Rows), count(a.Bytes, b.Bytes), count(a.Pages, b.Pages), took(a.Wait, b.Wait)}
	}
	s.Nodes = nodes
	p, q := s.Partitions, o.Partitions
	s.Partitions = PartitionStats{each(p.Rows, q.Rows, count), each(p.Bytes, q.Bytes, count), each(p.Pages, q.Pages, count)}
	return s
}

// each combines slices of any lengths; what one of them lacks is 0.
func each(a, b []int64, count func(a, b int64) int64) []int64 {
	out := make([]int64, max(len(a), len(b)))
	copy(out, a)
	for i := range b {
		out[i] = count(out[i], b[i])
	}
	return out
}

// Add is both together: of two readers, or of two epochs. Elapsed is the longer
// of the two.
func (s Stats) Add(o Stats) Stats {
	sum := s.with(o, plus[int64], plus[time.Duration])
	sum.BufferedBytes += o.BufferedBytes
	sum.BufferedPeakBytes = max(s.BufferedPeakBytes, o.BufferedPeakBytes)
	sum.OpenReaders += o.OpenReaders
	sum.Elapsed = max(s.Elapsed, o.Elapsed)
	sum.RowsPerSecond += o.RowsPerSecond
	sum.BytesPerSecond += o.BytesPerSecond
	sum.PagesPerSecond += o.PagesPerSecond
	return sum
}

// Sub is what happened since an earlier snapshot of the same reader or dataset,
// with the rates over that time. What is a state and no count stays as it is now:
// BufferedBytes, BufferedPeakBytes, OpenReaders. No count gets below 0.
func (s Stats) Sub(earlier Stats) Stats {
	d := s.with(earlier, minus[int64], minus[time.Duration])
	d.Elapsed = minus(s.Elapsed, earlier.Elapsed)
	d.RowsPerSecond, d.BytesPerSecond, d.PagesPerSecond = 0, 0, 0
	if t := d.Elapsed.Seconds(); t > 0 {
		d.RowsPerSecond, d.BytesPerSecond, d.PagesPerSecond = float64(d.Rows)/t, float64(d.Bytes)/t, float64(d.Pages)/t
	}
	return d
}

// String is one line for people: rows, bytes, rates and waits.
func (s Stats) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows, %s in %d pages, %.0f rows/s, %.1f MB/s, buffered %s; waits:",
		s.Rows, byteText(s.Bytes), s.Pages, s.RowsPerSecond, s.BytesPerSecond/1e6, byteText(s.BufferedBytes))
	for i, c := range s.Wait.Causes() {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %s %.2f s", c.Name, c.Wait.Seconds())
	}
	return b.String()
}

// byteText is a number of bytes for people, in powers of 1000.
func byteText(n int64) string {
	v := float64(n)
	for _, unit := range []string{"B", "kB", "MB"} {
		if v < 1000 {
			return fmt.Sprintf("%.4g %s", v, unit)
		}
		v /= 1000
	}
	return fmt.Sprintf("%.2f GB", v)
}

// statsSeconds are the durations of Stats in JSON.
type statsSeconds struct {
	Total    float64 `json:"elapsed_seconds"`
	Server   float64 `json:"wait_server_seconds"`
	Network  float64 `json:"wait_network_seconds"`
	Decode   float64 `json:"wait_decode_seconds"`
	Consumer float64 `json:"wait_consumer_seconds"`
	Starved  float64 `json:"wait_starved_seconds"`
}

type (
	plainStats Stats
	statsJSON  struct {
		plainStats
		statsSeconds
	}
	plainNode NodeStats
	nodeJSON  struct {
		plainNode
		Wait float64 `json:"wait_seconds"`
	}
)

// MarshalJSON implements json.Marshaler.
func (s Stats) MarshalJSON() ([]byte, error) {
	w := s.Wait
	return json.Marshal(statsJSON{plainStats(s), statsSeconds{
		s.Elapsed.Seconds(), w.Server.Seconds(), w.Network.Seconds(), w.Decode.Seconds(), w.Consumer.Seconds(), w.Starved.Seconds(),
	}})
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Stats) UnmarshalJSON(b []byte) error {
	var in statsJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*s = Stats(in.plainStats)
	s.Elapsed = seconds(in.Total)
	s.Wait = Waits{seconds(in.Server), seconds(in.Network), seconds(in.Decode), seconds(in.Consumer), seconds(in.Starved)}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (n NodeStats) MarshalJSON() ([]byte, error) {
	return json.Marshal(nodeJSON{plainNode(n), n.Wait.Seconds()})
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *NodeStats) UnmarshalJSON(b []byte) error {
	var in nodeJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*n = NodeStats(in.plainNode)
	n.Wait = seconds(in.Wait)
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
