package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// formatVersion is the stamp of the layout written by this package.
const formatVersion = "kindling-store 1"

// disk is an engine in a directory, on pebble.
type disk struct {
	db      *pebble.DB
	commits *pebble.WriteOptions
	log     *logFS // nil when every write is flushed to the disk
	seed    maphash.Seed
	stripes [stripeCount]sync.Mutex
	idle    idleWalks
	walks   openWalks

	readOnly bool
	leaked   atomic.Bool // a panic was rescued: what it had open can't be closed

	mu     sync.RWMutex
	caches map[int32]*cacheState
}

// cacheState is what is kept in memory of each cache.
type cacheState struct {
	mu    sync.RWMutex // held for reading by writers, for writing by Clear
	count atomic.Int64 // entries
}

func openDisk(o Options) (*disk, error) {
	opts := pebbleOptions(o)
	var log *logFS
	if !o.Sync {
		log = &logFS{FS: opts.FS}
		opts.FS = log
	}
	db, err := openPebble(o.Dir, opts)
	if err != nil {
		return nil, err
	}
	s := &disk{
		db:      db,
		commits: pebble.Sync,
		log:     log,
		seed:    maphash.MakeSeed(),
		caches:  make(map[int32]*cacheState),
		walks:   openWalks{set: make(map[*diskWalk]struct{}), bound: o.pinnedBytes()},

		readOnly: o.ReadOnly,
	}
	if err := s.checkVersion(o.Dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// close moves what is in the log into tables first: a table that is damaged later is
// noticed, the end of a log that is missing is not.
func (s *disk) close() (err error) {
	if s.leaked.Load() {
		defer s.rescue(&err)
	}
	err = s.idle.drop()
	if s.readOnly {
		return errors.Join(err, s.db.Close())
	}
	err = errors.Join(err, s.db.Flush())
	err = errors.Join(err, s.flushed(func() error { return s.db.LogData(nil, pebble.Sync) }))
	return errors.Join(err, s.db.Close())
}

// flushed runs writes that must be on the disk before they are answered.
func (s *disk) flushed(f func() error) error {
	if s.log != nil {
		s.log.flush.Add(1)
		defer s.log.flush.Add(-1)
	}
	return f()
}

// pinnedBytes is how much may be written while an idle cursor keeps its iterator.
func (o *Options) pinnedBytes() int64 { return 4 * o.memTableBytes() }

// memTableBytes is the size of a table in memory; there may be four, and two more
// for each that an iterator keeps.
func (o *Options) memTableBytes() int64 {
	if o.MemoryBytes == 0 {
		return maxMemTableBytes
	}
	return min(max(o.MemoryBytes/32, minMemTableBytes), maxMemTableBytes)
}

const (
	minMemTableBytes = 2 << 20
	maxMemTableBytes = 32 << 20
)

func pebbleOptions(o Options) *pebble.Options {
	cache := int64(DefaultCacheBytes)
	if o.MemoryBytes > 0 {
		cache = min(cache, o.MemoryBytes/4)
	}
	opts := &pebble.Options{
		FS:                          vfs.Default,
		CacheSize:                   cache,
		FormatMajorVersion:          pebble.FormatNewest,
		MemTableSize:                uint64(o.memTableBytes()),
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       64,
		LBaseMaxBytes:               128 << 20,
		Merger:                      sumMerger,
		Logger:                      pebbleLogger{o.Logger, o.Fatal},
		ReadOnly:                    o.ReadOnly,
		CompactionConcurrencyRange:  func() (int, int) { return 1, max(1, runtime.GOMAXPROCS(0)/2) },
	}
	report := &damageReport{log: pebbleLogger{o.Logger, o.Fatal}}
	garbage := 0.3
	if damagedBlobs(o.Dir, report) {
		garbage = 1 // pebble would panic when it rewrites such a file in the background
	}
	opts.EventListener = &pebble.EventListener{DataCorruption: report.found}
	opts.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	for i := range opts.Levels {
		opts.Levels[i].BlockSize = cmp.Or(o.blockBytes, 32<<10)
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	// Large values are written once and then only referred to: tensors and file
	// blocks would otherwise be copied by every compaction.
	opts.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
		return pebble.ValueSeparationPolicy{
			Enabled:               true,
			MinimumSize:           8 << 10,
			MaxBlobReferenceDepth: 8,
			TargetGarbageRatio:    garbage,
		}
	}
	return opts
}

// checkVersion reads the stamp, or writes it into an empty store.
func (s *disk) checkVersion(dir string) error {
	stamp, err := s.meta("store", "version")
	if err != nil {
		return err
	}
	if stamp == nil && !s.readOnly {
		empty, err := s.empty()
		if err != nil {
			return err
		}
		if empty {
			return s.putMeta("store", "version", []byte(formatVersion))
		}
	}
	if string(stamp) != formatVersion {
		return fmt.Errorf("%w: %s: stamp %q, want %q", ErrVersion, dir, stamp, formatVersion)
	}
	return nil
}

func (s *disk) empty() (bool, error) {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	empty := !it.First()
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return empty, nil
}

// cache returns the state of a cache; the first call counts its entries from
// the stored sum.
func (s *disk) cache(id int32) (*cacheState, error) {
	s.mu.RLock()
	c := s.caches[id]
	s.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.caches[id]; c != nil {
		return c, nil
	}
	c = new(cacheState)
	n, err := s.storedCount(id)
	if err != nil {
		return nil, err
	}
	c.count.Store(n)
	s.caches[id] = c
	return c, nil
}

func (s *disk) storedCount(id int32) (int64, error) {
	v, closer, err := s.db.Get(countKey(id))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store: count of cache %d: %w", id, damaged(err))
	}
	defer func() { _ = closer.Close() }()
	if len(v) != 8 {
		return 0, fmt.Errorf("store: count of cache %d is broken", id)
	}
	return int64(binary.BigEndian.Uint64(v)), nil
}

// pebbleLogger drops what pebble says for its own developers.
type pebbleLogger struct {
	log   *slog.Logger
	fatal func(error)
}

func (pebbleLogger) Infof(string, ...any) {}

func (l pebbleLogger) Errorf(format string, args ...any) {
	if l.log != nil {
		l.log.Error("store", "error", firstLineError{fmt.Errorf(format, args...)}.Error())
	}
}

// Fatalf is called where pebble can't go on, as when its log can't be written. It
// must not return.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	err := firstLineError{fmt.Errorf("store: "+format, args...)}
	if l.fatal != nil {
		l.fatal(err)
	}
	panic(err.Error())
}
