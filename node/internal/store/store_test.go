package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"
)

// TestMain looks for goroutines that are left. Those of pebble's cache of open files stay where
// pebble has panicked over a file of large values; an open store has others.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/cockroachdb/pebble/v2/internal/genericcache.(*shard[...]).releaseLoop"))
}

func open(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// inBoth runs a test with a store in memory and one in a directory.
func inBoth(t *testing.T, test func(*testing.T, *Store)) {
	for name, o := range stores(t) {
		t.Run(name, func(t *testing.T) { test(t, open(t, o)) })
	}
}

func key(cache int32, n int) Key {
	b := binary.BigEndian.AppendUint32(nil, uint32(n))
	return Key{Cache: cache, Partition: uint16(n % 16), Hash: int32(n*7919 - 40000), Bytes: b}
}

func row(cache int32, n int, value string) Row {
	r := Row{Key: key(cache, n)}
	if value != "" {
		r.Value = []byte(value)
	}
	return r
}

func get(t *testing.T, s *Store, k Key) string {
	t.Helper()
	var out string
	if _, err := s.View(k, func(v []byte) { out = string(v) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t testing.TB, s *Store, cache int32, mode Mode, rows ...Row) {
	t.Helper()
	if _, err := s.Write(cache, rows, mode); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, s *Store, cache int32, want int64) {
	t.Helper()
	if n, err := s.Size(cache); err != nil || n != want {
		t.Errorf("Size(%d) = %d, %v; want %d", cache, n, err, want)
	}
}

func TestWriteModes(t *testing.T) { inBoth(t, testWriteModes) }

func testWriteModes(t *testing.T, s *Store) {
	write(t, s, 1, Overwrite, row(1, 1, "a"), row(1, 2, "b"), row(1, 1, "c"))
	size(t, s, 1, 2)
	if v := get(t, s, key(1, 1)); v != "c" {
		t.Errorf("of two rows with one key the last must count, got %q", v)
	}
	write(t, s, 1, Absent, row(1, 1, "x"), row(1, 3, "d"), row(1, 3, "e"), row(1, 2, ""))
	size(t, s, 1, 3)
	for n, want := range map[int]string{1: "c", 2: "b", 3: "d"} {
		if v := get(t, s, key(1, n)); v != want {
			t.Errorf("key %d = %q, want %q", n, v, want)
		}
	}
	write(t, s, 1, Overwrite, row(1, 1, ""), row(1, 9, ""), row(1, 4, "f"), row(1, 4, ""))
	size(t, s, 1, 2)
	if v := get(t, s, key(2, 2)); v != "" {
		t.Errorf("another cache has %q", v)
	}
}

func TestUpdate(t *testing.T) { inBoth(t, testUpdate) }

func testUpdate(t *testing.T, s *Store) {
	set := func(want, value string) {
		t.Helper()
		err := s.Update(key(1, 1), func(old []byte) Change {
			if string(old) != want || (old == nil) != (want == "") {
				t.Errorf("old = %q, want %q", old, want)
			}
			return Change{Write: true, Value: row(1, 1, value).Value}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("", "a")
	set("a", "b")
	set("b", "")
	size(t, s, 1, 0)
	set("", "")
	size(t, s, 1, 0)
	set("", "c")
	size(t, s, 1, 1)
}

func TestUpdateIsAtomic(t *testing.T) { inBoth(t, testUpdateIsAtomic) }

func testUpdateIsAtomic(t *testing.T, s *Store) {
	const workers, rounds = 8, 200
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				err := s.Update(key(1, 1), func(old []byte) Change {
					var n uint64
					if old != nil {
						n = binary.BigEndian.Uint64(old)
					}
					return Change{Write: true, Value: binary.BigEndian.AppendUint64(nil, n+1)}
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := binary.BigEndian.Uint64([]byte(get(t, s, key(1, 1)))); n != workers*rounds {
		t.Errorf("counted %d, want %d", n, workers*rounds)
	}
}

func TestConcurrentBatches(t *testing.T) { inBoth(t, testConcurrentBatches) }

func testConcurrentBatches(t *testing.T, s *Store) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(w)))
			for range 50 {
				var rows []Row
				for range 40 {
					rows = append(rows, row(1, rng.IntN(100), fmt.Sprint(w)))
				}
				if _, err := s.Write(1, rows, Mode(rng.IntN(2))); err != nil {
					t.Error(err)
				}
				if _, err := s.Write(1, []Row{row(1, rng.IntN(100), "")}, Overwrite); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	cur, err := s.Scan(1, 0, 16)
	if err != nil {
		t.Fatal(err)
	}
	defer cur.Close()
	var n int64
	for cur.Next() {
		n++
	}
	size(t, s, 1, n)
}

func TestScanOrderAndSnapshot(t *testing.T) { inBoth(t, testScanOrderAndSnapshot) }

func testScanOrderAndSnapshot(t *testing.T, s *Store) {
	for n := range 200 {
		write(t, s, -5, Overwrite, row(-5, n, fmt.Sprint(n)))
		write(t, s, -4, Overwrite, row(-4, n, "other"))
	}
	cur, err := s.Scan(-5, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, -5, Overwrite, row(-5, 3, "late"), row(-5, 19, ""))
	if err := s.Clear(-5); err != nil {
		t.Fatal(err)
	}
	size(t, s, -5, 0)
	size(t, s, -4, 200)

	var hashes []int32
	for cur.Next() {
		n := int(binary.BigEndian.Uint32(cur.Key()))
		if cur.Partition() != 3 || n%16 != 3 || string(cur.Value()) != fmt.Sprint(n) {
			t.Errorf("row %d of partition %d: %q", n, cur.Partition(), cur.Value())
		}
		hashes = append(hashes, key(0, n).Hash)
	}
	if err := cur.Close(); err != nil {
		t.Fatal(err)
	}
	if cur.Next() {
		t.Error("a closed cursor goes on")
	}
	if len(hashes) != 13 || !slices.IsSorted(hashes) {
		t.Errorf("13 rows in the order of signed hash codes wanted, got %v", hashes)
	}
}

func TestScanBounds(t *testing.T) { inBoth(t, testScanBounds) }

func testScanBounds(t *testing.T, s *Store) {
	for _, cache := range []int32{-1, 0, 1, -2147483648, 2147483647} {
		k := Key{Cache: cache, Partition: 65535, Hash: -1, Bytes: []byte{0xff, 0xff}}
		write(t, s, cache, Overwrite, Row{Key: k, Value: []byte{1}})
	}
	for _, cache := range []int32{-1, 0, 1, -2147483648, 2147483647} {
		cur, err := s.Scan(cache, 0, 1<<16)
		if err != nil {
			t.Fatal(err)
		}
		if !cur.Next() || cur.Next() {
			t.Errorf("cache %d: one row wanted, err %v", cache, cur.Err())
		}
		cur.Close()
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	big := string(bytes.Repeat([]byte("tensor "), 1<<17)) // separated into a blob file
	write(t, s, 1, Overwrite, row(1, 1, "a"), row(1, 2, big), row(1, 3, "c"))
	write(t, s, 1, Overwrite, row(1, 3, ""))
	if err := s.PutMeta("cache", "b", []byte("B")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutMeta("cache", "a", []byte("A")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("second open of a directory: %v, want ErrInUse", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, Options{Dir: dir})
	size(t, s, 1, 2)
	if get(t, s, key(1, 1)) != "a" || get(t, s, key(1, 2)) != big || get(t, s, key(1, 3)) != "" {
		t.Error("the rows are not the ones written")
	}
	var ids string
	if err := s.EachMeta("cache", func(id string, v []byte) error { ids += id + string(v); return nil }); err != nil {
		t.Fatal(err)
	}
	if ids != "aAbB" {
		t.Errorf("catalog = %q", ids)
	}
	if err := s.DeleteMeta("cache", "a"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Meta("cache", "a"); v != nil || err != nil {
		t.Errorf("deleted record = %q, %v", v, err)
	}
}

// TestWritesOutliveTheProcess copies the directory of an open store, which is
// what a killed process leaves behind: every write that was answered is in it.
func TestWritesOutliveTheProcess(t *testing.T) {
	dir, left := t.TempDir(), t.TempDir()
	s := open(t, Options{Dir: dir})
	for n := range 100 {
		write(t, s, 1, Overwrite, row(1, n, fmt.Sprint(n)))
	}
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{Dir: left})
	size(t, s, 1, 100)
	for n := range 100 {
		if v := get(t, s, key(1, n)); v != fmt.Sprint(n) {
			t.Errorf("row %d = %q", n, v)
		}
	}
}

// TestSyncPolicy counts the flushes of the log: none for writes, real ones for
// records of the catalog.
func TestSyncPolicy(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	counted := &countingFile{}
	d := s.engine.(*disk)
	f := &logFile{File: counted, fs: d.log}
	sync := func() error {
		_, err := f.SyncTo(1)
		return errors.Join(f.Sync(), f.SyncData(), err)
	}
	if err := sync(); err != nil || counted.syncs != 0 {
		t.Errorf("%d flushes by plain writes, %v", counted.syncs, err)
	}
	if err := d.flushed(sync); err != nil || counted.syncs != 3 {
		t.Errorf("%d flushes of 3, %v", counted.syncs, err)
	}
	if err := sync(); err != nil || counted.syncs != 3 {
		t.Errorf("%d flushes after the catalog's, %v", counted.syncs-3, err)
	}
}

type countingFile struct {
	vfs.File
	syncs int
}

func (f *countingFile) Sync() error                { f.syncs++; return nil }
func (f *countingFile) SyncData() error            { f.syncs++; return nil }
func (f *countingFile) SyncTo(int64) (bool, error) { f.syncs++; return true, nil }

func TestVersionStamp(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutMeta("store", "version", []byte("kindling-store 99")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir}); !errors.Is(err, ErrVersion) {
		t.Errorf("open of a newer format: %v, want ErrVersion", err)
	}
}

// TestOpenIsFast holds the store's share of the node's 200 ms.
func TestOpenIsFast(t *testing.T) {
	start := time.Now()
	open(t, Options{})
	if d := time.Since(start); d > 100*time.Millisecond {
		t.Errorf("opening in memory took %v", d)
	}
}
