package dataset

import (
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// maxAccounts bounds the datasets that a ledger knows apart, as long as not
	// more of them have open readers.
	maxAccounts = 256
	// maxCaches bounds the caches that it knows apart; what was read of further
	// ones is counted with otherCaches.
	maxCaches   = 256
	otherCaches = ""
)

// ledger sums up the recorders of the readers of many datasets, open and closed.
// It is safe for several goroutines; the zero value is empty.
type ledger struct {
	mu       sync.Mutex
	accounts map[[32]byte]*account
	caches   map[string]Stats // closed readers of all accounts, without partitions
	turn     int64
}

// account is what the ledger knows of a dataset.
type account struct {
	cache  string
	closed Stats
	open   []*recorder
	begin  time.Time
	turn   int64 // of the ledger, when a reader was opened last
}

// CacheStats are the Stats of all readers of a cache.
type CacheStats struct {
	Cache string
	Stats
}

// add counts a reader from now on.
func (l *ledger) add(hash [32]byte, r *recorder) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.accounts == nil {
		l.accounts, l.caches = make(map[[32]byte]*account), make(map[string]Stats)
	}
	a := l.accounts[hash]
	if a == nil {
		l.drop()
		a = &account{cache: r.cache, begin: r.begin}
		l.accounts[hash] = a
	}
	l.turn++
	a.turn = l.turn
	a.closed.Readers++
	a.open = append(a.open, r)
}

// drop makes room for an account: the one that was used least lately and has no
// open reader goes. What it read stays counted by cache.
func (l *ledger) drop() {
	if len(l.accounts) < maxAccounts {
		return
	}
	var oldest [32]byte
	turn := int64(-1)
	for hash, a := range l.accounts {
		if len(a.open) == 0 && (turn < 0 || a.turn < turn) {
			oldest, turn = hash, a.turn
		}
	}
	if turn >= 0 {
		delete(l.accounts, oldest)
	}
}

// starved counts a wait of the consumer that no reader has seen.
func (l *ledger) starved(hash [32]byte, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[hash]
	if a == nil {
		return
	}
	a.closed.Wait.Starved += took
	cache := l.cache(a.cache, l.caches)
	sum := l.caches[cache]
	sum.Wait.Starved += took
	l.caches[cache] = sum
}

// done folds a reader that is closed into the sum of its dataset and its cache.
func (l *ledger) done(hash [32]byte, r *recorder) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[hash]
	if a == nil {
		return
	}
	i := slices.Index(a.open, r)
	if i < 0 {
		return
	}
	a.open = slices.Delete(a.open, i, i+1)
	s := r.snapshot()
	s.BufferedBytes, s.RowsPerSecond, s.BytesPerSecond, s.PagesPerSecond = 0, 0, 0, 0
	a.closed = a.closed.Add(s).boundNodes()
	s.Readers, s.Partitions = 1, PartitionStats{}
	cache := l.cache(r.cache, l.caches)
	l.caches[cache] = l.caches[cache].Add(s).boundNodes()
}

// cache is the name that a cache is counted under.
func (l *ledger) cache(name string, known map[string]Stats) string {
	if _, ok := known[name]; !ok && len(known) >= maxCaches {
		return otherCaches
	}
	return name
}

// boundNodes counts all nodes as one once there are too many.
func (s Stats) boundNodes() Stats {
	if len(s.Nodes) <= maxNodes {
		return s
	}
	var sum NodeStats
	for _, n := range s.Nodes {
		sum = NodeStats{sum.Rows + n.Rows, sum.Bytes + n.Bytes, sum.Pages + n.Pages, sum.Wait + n.Wait}
	}
	s.Nodes = map[string]NodeStats{otherNodes: sum}
	return s
}

// stats is the sum over the readers of a dataset.
func (l *ledger) stats(hash [32]byte) Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.accounts[hash]
	if a == nil {
		return Stats{}.Add(Stats{})
	}
	s := a.closed
	for _, r := range a.open {
		s = s.Add(r.snapshot())
	}
	s.OpenReaders, s.Elapsed = int64(len(a.open)), time.Since(a.begin)
	return s.Add(Stats{}) // maps and slices of its own
}

// byCache is the sum over the readers of each cache, in the order of their names,
// without the partitions.
func (l *ledger) byCache() []CacheStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	sums := maps.Clone(l.caches)
	for _, a := range l.accounts {
		for _, r := range a.open {
			s := r.snapshot()
			s.Readers, s.OpenReaders, s.Partitions = 1, 1, PartitionStats{}
			cache := l.cache(r.cache, sums)
			sums[cache] = sums[cache].Add(s)
		}
	}
	out := make([]CacheStats, 0, len(sums))
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, CacheStats{name, sums[name]})
	}
	return out
}

// total is the sum over all readers.
func (l *ledger) total() Stats {
	var sum Stats
	for _, c := range l.byCache() {
		sum = sum.Add(c.Stats)
	}
	return sum
}
