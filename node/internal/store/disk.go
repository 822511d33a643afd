package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
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
	db, err := pebble.Open(o.Dir, opts)
	if err != nil {
		return nil, openError(o.Dir, err)
	}
	s := &disk{
		db:      db,
		commits: pebble.Sync,
		log:     log,
		seed:    maphash.MakeSeed(),
		caches:  make(map[int32]*cacheState),
	}
	if err := s.checkVersion(o.Dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *disk) close() error {
	err := s.idle.drop()
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

func pebbleOptions(o Options) *pebble.Options {
	if o.CacheBytes <= 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	opts := &pebble.Options{
		FS:                          vfs.Default,
		CacheSize:                   o.CacheBytes,
		FormatMajorVersion:          pebble.FormatNewest,
		MemTableSize:                32 << 20,
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       64,
		LBaseMaxBytes:               128 << 20,
		Merger:                      sumMerger,
		Logger:                      pebbleLogger{o.Logger},
		CompactionConcurrencyRange:  func() (int, int) { return 1, max(1, runtime.GOMAXPROCS(0)/2) },
	}
	opts.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	for i := range opts.Levels {
		opts.Levels[i].BlockSize = 32 << 10
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	// Large values are written once and then only referred to: tensors and file
	// blocks would otherwise be copied by every compaction.
	opts.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
		return pebble.ValueSeparationPolicy{
			Enabled:               true,
			MinimumSize:           8 << 10,
			MaxBlobReferenceDepth: 8,
			TargetGarbageRatio:    0.3,
		}
	}
	return opts
}

func openError(dir string, err error) error {
	if pebble.IsCorruptionError(err) || errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("store: open %s: %w", dir, err)
	}
	if isLocked(err) {
		return fmt.Errorf("%w: %s: %w", ErrInUse, dir, err)
	}
	return fmt.Errorf("store: open %s: %w", dir, err)
}

// checkVersion reads the stamp, or writes it into an empty store.
func (s *disk) checkVersion(dir string) error {
	stamp, err := s.meta("store", "version")
	if err != nil {
		return err
	}
	if stamp == nil {
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
		return 0, fmt.Errorf("store: count of cache %d: %w", id, err)
	}
	defer func() { _ = closer.Close() }()
	if len(v) != 8 {
		return 0, fmt.Errorf("store: count of cache %d is broken", id)
	}
	return int64(binary.BigEndian.Uint64(v)), nil
}

// pebbleLogger drops what pebble says for its own developers.
type pebbleLogger struct{ log *slog.Logger }

func (pebbleLogger) Infof(string, ...any) {}

func (l pebbleLogger) Errorf(format string, args ...any) {
	if l.log != nil {
		l.log.Error("store", "error", fmt.Sprintf(format, args...))
	}
}

// Fatalf is called on corruption that pebble can't go on from; it must not
// return.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	l.Errorf(format, args...)
	panic(fmt.Sprintf("store: "+format, args...))
}
