package store

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

func count(t *testing.T, s *Store, cache int32) int {
	t.Helper()
	n, err := countRows(s, cache)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func countRows(s *Store, cache int32) (int, error) {
	cur, err := s.Scan(cache, 0, 1<<16)
	if err != nil {
		return 0, err
	}
	n := 0
	for cur.Next() {
		n++
	}
	return n, cur.Close()
}

// TestScansSeeWhatWasWritten: snapshots and iterators are used again only until
// the next write, of any kind.
func TestScansSeeWhatWasWritten(t *testing.T) { inBoth(t, scansSeeWhatWasWritten) }

func scansSeeWhatWasWritten(t *testing.T, s *Store) {
	expect := func(cache int32, want int) {
		t.Helper()
		for range 3 { // the second one finds what the first has left
			if n := count(t, s, cache); n != want {
				t.Fatalf("%d rows in cache %d, want %d", n, cache, want)
			}
		}
	}
	for n := range 600 { // more than two chunks of a walk
		write(t, s, 1, Overwrite, row(1, n, "v"))
		if n%50 == 0 {
			expect(1, n+1)
		}
	}
	expect(2, 0)
	write(t, s, 2, Absent, row(2, 1, "v"), row(2, 2, "v"))
	expect(2, 2)
	if err := s.Update(key(2, 1), func([]byte) Change { return Change{Write: true} }); err != nil {
		t.Fatal(err)
	}
	expect(2, 1)
	if err := s.Clear(1); err != nil {
		t.Fatal(err)
	}
	expect(1, 0)
	expect(2, 1)
}

// TestBatchesShowWhole: a scan sees all of a batch or nothing of it, also while
// others scan and write.
func TestBatchesShowWhole(t *testing.T) { inBoth(t, batchesShowWhole) }

func batchesShowWhole(t *testing.T, s *Store) {
	const batch, batches = 50, 40
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for last := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				n, err := countRows(s, 1)
				if err != nil {
					t.Error(err)
					return
				}
				if n%batch != 0 || n < last {
					t.Errorf("%d rows after %d, batches have %d", n, last, batch)
				}
				last = n
			}
		})
	}
	for b := range batches {
		var rows []Row
		for n := range batch {
			rows = append(rows, row(1, b*batch+n, fmt.Sprint(b)))
		}
		write(t, s, 1, Overwrite, rows...)
	}
	close(done)
	wg.Wait()
	if n := count(t, s, 1); n != batch*batches {
		t.Errorf("%d rows", n)
	}
}

// TestScanDuringCommit: an iterator made while a commit is under way shows the
// state before it, and so must not be used again once the commit shows.
func TestScanDuringCommit(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	write(t, s, 1, Overwrite, row(1, 1, "v"))
	d := s.engine.(*disk)
	b := d.db.NewBatch()
	if err := put(b, key(1, 2), []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := d.idle.commit(func() error {
		if n := count(t, s, 1); n != 1 {
			t.Errorf("%d rows before the commit, want 1", n)
		}
		err := b.Commit(d.commits)
		if n := count(t, s, 1); n != 2 {
			t.Errorf("%d rows once the commit shows, want 2", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, 1); n != 2 {
		t.Errorf("%d rows after the commit, want 2", n)
	}
}

// TestLastingValues: in memory a value stays as it is after it was replaced,
// and after the caller has used the memory it came in for something else.
func TestLastingValues(t *testing.T) {
	s := open(t, Options{})
	if !s.Lasting() {
		t.Fatal("values in memory don't last")
	}
	for _, size := range []int{10, shareBytes, shareBytes + 1, 1 << 20} {
		given := bytes.Repeat([]byte{1}, size)
		write(t, s, 1, Overwrite, Row{Key: key(1, size), Value: given})
		held, closer, ok, err := s.Get(key(1, size))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
		clear(given)
		write(t, s, 1, Overwrite, Row{Key: key(1, size), Value: bytes.Repeat([]byte{2}, size)})
		if !bytes.Equal(held, bytes.Repeat([]byte{1}, size)) {
			t.Errorf("a value of %d bytes changed while it was held", size)
		}
	}
	if open(t, Options{Dir: t.TempDir()}).Lasting() {
		t.Error("values of a directory lie in blocks that are used again")
	}
}

// TestScanAllocations: rows cost no allocation of their own.
func TestScanAllocations(t *testing.T) {
	s := open(t, Options{})
	const rows = 5000
	var all []Row
	for n := range rows {
		all = append(all, row(1, n, "value"))
	}
	write(t, s, 1, Overwrite, all...)
	if n := testing.AllocsPerRun(20, func() { count(t, s, 1) }); n > 20 {
		t.Errorf("a scan of %d rows allocates %v times", rows, n)
	}
}
