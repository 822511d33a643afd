package store

import (
	"errors"
	"io"
	"log/slog"

	budget "github.com/kindling-ml/kindling/node/internal/memory"
)

// DefaultCacheBytes is the size of a directory's block cache, where there is memory for it.
const DefaultCacheBytes = 64 << 20

// Errors that Open can wrap.
var (
	// ErrInUse says that another process, or another node of this one, has the
	// directory open.
	ErrInUse = errors.New("store: data directory is in use by another node")
	// ErrVersion says that the directory was written by something else.
	ErrVersion = errors.New("store: data directory has an unknown format")
)

// Options of Open. The zero value is a store in memory.
type Options struct {
	Dir         string       // directory of the data; "" keeps everything in memory
	Sync        bool         // fsync before a write returns; see Store.Write
	MemoryBytes int64        // what a directory's caches may take, roughly; no bound when zero
	Logger      *slog.Logger // errors of background work; discarded when nil

	// ReadOnly opens a directory for looking at it; writes fail.
	ReadOnly bool

	// Fatal is called when the store can't go on, as when its log can't be written
	// any more. It must end the process; the store panics when it is nil or returns.
	Fatal func(error)

	// Budget is what the entries of a store in memory, and those that its cursors
	// hold on to, are counted in; nil has no limit.
	Budget *budget.Share

	blockBytes int // of tables; only tests change it
}

// Store is an open store. Close it after the last use.
type Store struct{ engine engine }

// engine is where a store keeps its entries and its catalog.
type engine interface {
	get(k Key) (value []byte, closer io.Closer, ok bool, err error)
	update(k Key, f func(old []byte) Change) error
	write(cache int32, rows []Row, mode Mode) (int64, error)
	scan(cache int32, lo, hi int) (walk, error)
	size(cache int32) (int64, error)
	clear(cache int32) error
	lasting() bool

	putMeta(kind, id string, value []byte) error
	deleteMeta(kind, id string) error
	meta(kind, id string) ([]byte, error)
	eachMeta(kind string, f func(id string, value []byte) error) error

	close() error
}

// Open opens or creates a store. Errors: ErrInUse, ErrVersion, ErrDamaged, and
// those of the file system.
func Open(o Options) (*Store, error) {
	if o.Dir == "" {
		return &Store{engine: newMemory(o.Budget)}, nil
	}
	d, err := openDisk(o)
	if err != nil {
		return nil, err
	}
	return &Store{engine: d}, nil
}

// Close flushes and closes the store. Every Cursor must be closed before.
func (s *Store) Close() error { return s.engine.close() }

// Lasting reports that values which the store gave out stay as they are for as
// long as they are held, beyond the closer of Get, Cursor.Next and Cursor.Close.
// It is so in memory, where a write puts a new value beside the old one.
func (s *Store) Lasting() bool { return s.engine.lasting() }

// View calls f with the value of a key and reports whether there is one. The
// bytes are valid until f returns, or as Lasting says.
func (s *Store) View(k Key, f func(value []byte)) (bool, error) {
	v, closer, ok, err := s.Get(k)
	if !ok || err != nil {
		return ok, err
	}
	f(v)
	return true, closer.Close()
}

// Get returns the value of a key without a copy: it is valid until the closer
// is closed, which is nil when there is no value. It must not be changed.
func (s *Store) Get(k Key) (value []byte, closer io.Closer, ok bool, err error) {
	return s.engine.get(k)
}

// Has reports whether a key has a value.
func (s *Store) Has(k Key) (bool, error) {
	return s.View(k, func([]byte) {})
}

// Update reads the value of a key, asks f for a change and writes it, with no
// other write of that key in between. old is nil when there is no value and
// valid until f returns; f must not call the store, and may be called again when
// room has to be made for what it returned.
func (s *Store) Update(k Key, f func(old []byte) Change) error { return s.engine.update(k, f) }

// Write writes rows of one cache in one batch: scans see, and after a crash
// there are, either all of them or none. Of rows with equal keys the last counts
// (the first, with Absent). It returns the number of entries added minus those
// removed.
//
// In a directory the batch has been handed to the operating system when Write
// returns, and with Options.Sync it is on the disk. Without, as with Ignite's
// WAL mode LOG_ONLY, it outlives the process but perhaps not the machine.
func (s *Store) Write(cache int32, rows []Row, mode Mode) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	return s.engine.write(cache, rows, mode)
}

// Size returns the number of entries of a cache.
func (s *Store) Size(cache int32) (int64, error) { return s.engine.size(cache) }

// Clear removes every entry of a cache.
func (s *Store) Clear(cache int32) error { return s.engine.clear(cache) }

// PutMeta writes a catalog record. Catalog records are always synced to the
// disk, so a cache that was created is there after a power failure.
func (s *Store) PutMeta(kind, id string, value []byte) error {
	return s.engine.putMeta(kind, id, value)
}

// DeleteMeta removes a catalog record.
func (s *Store) DeleteMeta(kind, id string) error { return s.engine.deleteMeta(kind, id) }

// Meta returns a copy of a catalog record, nil when there is none.
func (s *Store) Meta(kind, id string) ([]byte, error) { return s.engine.meta(kind, id) }

// EachMeta calls f with every record of a kind, ordered by id, until it returns
// an error. The value is valid until f returns.
func (s *Store) EachMeta(kind string, f func(id string, value []byte) error) error {
	return s.engine.eachMeta(kind, f)
}
