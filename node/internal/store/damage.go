package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/blob"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrDamaged says that files of the data directory are broken or missing.
var ErrDamaged = errors.New("the data directory is damaged")

// damaged makes errors about broken bytes say ErrDamaged and name the file; others
// stay as they are.
func damaged(err error) error {
	if err == nil || errors.Is(err, ErrDamaged) || !pebble.IsCorruptionError(err) {
		return err
	}
	if info := pebble.ExtractDataCorruptionInfo(err); info != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, info.Path, firstLineError{err})
	}
	return fmt.Errorf("%w: %w", ErrDamaged, firstLineError{err})
}

// firstLineError is an error whose text is one line: those of pebble carry details for its
// developers.
type firstLineError struct{ error }

func (e firstLineError) Error() string {
	text := e.error.Error()
	for i, c := range text {
		if c == '\n' {
			return text[:i]
		}
	}
	return text
}

func (e firstLineError) Unwrap() error { return e.error }

// damageReport logs the first finding about each file: a broken one is read again
// and again.
type damageReport struct {
	log  pebbleLogger
	mu   sync.Mutex
	seen map[string]bool
}

func (r *damageReport) found(info pebble.DataCorruptionInfo) {
	r.mu.Lock()
	again := r.seen[info.Path]
	if r.seen == nil {
		r.seen = make(map[string]bool)
	}
	r.seen[info.Path] = true
	r.mu.Unlock()
	if !again {
		r.log.Errorf("%v: %s: %v; what it holds is answered with errors", ErrDamaged, info.Path, firstLineError{info.Details})
	}
}

// dataFiles are the files that only a store has.
var dataFiles = []string{"*.sst", "*.blob", "*.log", "MANIFEST-*"}

// checkThere refuses to look for data in a directory that never had any.
func checkThere(dir string) error {
	for _, pattern := range append([]string{"marker.*"}, dataFiles...) {
		if files, _ := filepath.Glob(filepath.Join(dir, pattern)); len(files) > 0 {
			return nil
		}
	}
	return fmt.Errorf("store: %s has no data of a node: %w", dir, os.ErrNotExist)
}

// checkComplete refuses a directory with data files of which nothing says how they
// belong together: pebble would take it for a new one, and remove them.
func checkComplete(dir string) error {
	if info, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err == nil && !info.IsDir() {
		return fmt.Errorf("store: %s is a file, not a data directory", dir)
	}
	desc, err := pebble.Peek(dir, vfs.Default)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, dir, firstLineError{err})
	}
	if desc.Exists {
		return nil
	}
	for _, pattern := range dataFiles {
		if files, _ := filepath.Glob(filepath.Join(dir, pattern)); len(files) > 0 {
			slices.Sort(files)
			return fmt.Errorf("%w: %s: there is %s, but no manifest says what belongs to it", ErrDamaged, dir, filepath.Base(files[0]))
		}
	}
	return nil
}

// rescue makes a panic of pebble's an error: it has one for the files of large values whose
// end it can't read.
func (s *disk) rescue(err *error) {
	if p := recover(); p != nil {
		s.leaked.Store(true)
		*err = fmt.Errorf("%w: a file of large values can't be read: %v", ErrDamaged, p)
	}
}

// damagedBlobs looks at the end of each file of large values, as pebble does when it first
// needs one, and reports those that it will not be able to open.
func damagedBlobs(dir string, report *damageReport) bool {
	found := false
	files, _ := filepath.Glob(filepath.Join(dir, "*.blob"))
	for _, path := range files {
		if err := openBlob(path); err != nil {
			report.found(pebble.DataCorruptionInfo{Path: path, Details: err})
			found = true
		}
	}
	return found
}

func openBlob(path string) error {
	f, err := vfs.Default.Open(path)
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r, err := blob.NewFileReader(context.Background(), readable, blob.FileReaderOptions{})
	if err != nil {
		return errors.Join(err, readable.Close())
	}
	return r.Close()
}

// openPebble opens a directory. Bytes that pebble's decoders panic on are damage, too.
func openPebble(dir string, opts *pebble.Options) (db *pebble.DB, err error) {
	if err := checkComplete(dir); err != nil {
		return nil, err
	}
	if opts.ReadOnly {
		if err := checkThere(dir); err != nil {
			return nil, err
		}
	}
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %s: %v", ErrDamaged, dir, p)
		}
	}()
	db, err = pebble.Open(dir, opts)
	if err != nil {
		return nil, openError(dir, err)
	}
	return db, nil
}

// openError says why a directory can't be opened. Pebble gives no class to most errors
// of files that it can't parse, so what is no error of the file system is damage.
func openError(dir string, err error) error {
	var system *os.PathError
	switch {
	case isLocked(err):
		return fmt.Errorf("%w: %s: %w", ErrInUse, dir, err)
	case pebble.IsCorruptionError(err), errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: %s: %w", ErrDamaged, dir, firstLineError{err})
	case errors.Is(err, os.ErrPermission), errors.As(err, &system):
		return fmt.Errorf("store: open %s: %w", dir, err)
	default:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, dir, firstLineError{err})
	}
}
