package store

import (
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// logFS makes a commit with sync hand the write-ahead log to the operating
// system and stop there, which is Ignite's WAL mode LOG_ONLY. Pebble knows only
// fsync and "some time later", where a killed process loses its last writes.
//
// While flush is above zero, a sync is a real one.
type logFS struct {
	vfs.FS
	flush atomic.Int32
}

// Create implements vfs.FS.
func (fs *logFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, category)
	return fs.wrap(name, f), err
}

// ReuseForWrite implements vfs.FS: an old log becomes a new one.
func (fs *logFS) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.ReuseForWrite(oldname, newname, category)
	return fs.wrap(newname, f), err
}

// Unwrap implements vfs.FS.
func (fs *logFS) Unwrap() vfs.FS { return fs.FS }

func (fs *logFS) wrap(name string, f vfs.File) vfs.File {
	if f == nil || !strings.HasSuffix(name, ".log") {
		return f
	}
	return &logFile{File: f, fs: fs}
}

// logFile is a write-ahead log whose syncs can be left out.
type logFile struct {
	vfs.File
	fs *logFS
}

func (f *logFile) Sync() error {
	if f.fs.flush.Load() == 0 {
		return nil
	}
	return f.File.Sync()
}

func (f *logFile) SyncData() error {
	if f.fs.flush.Load() == 0 {
		return nil
	}
	return f.File.SyncData()
}

func (f *logFile) SyncTo(length int64) (fullSync bool, err error) {
	if f.fs.flush.Load() == 0 {
		return false, nil
	}
	return f.File.SyncTo(length)
}
