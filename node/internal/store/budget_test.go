package store

import (
	"errors"
	"math/rand/v2"
	"testing"

	budget "github.com/kindling-ml/kindling/node/internal/memory"
)

func bytesOf(n int) []byte { return make([]byte, n) }

// TestBudgetOfRows fills a store up to its limit and empties it again.
func TestBudgetOfRows(t *testing.T) {
	b := budget.NewBudget(1 << 20).Data
	s := open(t, Options{Budget: b})
	var stored int
	for n := range 2000 {
		_, err := s.Write(1, []Row{{Key: key(1, n), Value: bytesOf(1000)}}, Overwrite)
		if err != nil {
			if !errors.Is(err, budget.ErrOver) {
				t.Fatal(err)
			}
			break
		}
		stored++
	}
	if stored < 700 || stored > 917 { // seven eighths of the limit
		t.Errorf("%d rows of 1000 bytes fit into 1 MiB", stored)
	}
	size(t, s, 1, int64(stored))
	if err := s.Update(key(1, 0), func([]byte) Change { return Change{Write: true, Value: bytesOf(1 << 19)} }); !errors.Is(err, budget.ErrOver) {
		t.Errorf("a row of half the limit in a full store: %v", err)
	}
	write(t, s, 1, Absent, row(1, 0, "is there already"))
	for n := range stored {
		write(t, s, 1, Overwrite, row(1, n, ""))
	}
	if b.Used() != 0 {
		t.Errorf("the empty store holds %d bytes", b.Used())
	}
	write(t, s, 1, Overwrite, row(1, 1, "a"), row(1, 2, "b"))
	if err := s.Clear(1); err != nil || b.Used() != 0 {
		t.Errorf("the cleared store holds %d bytes, %v", b.Used(), err)
	}
}

// TestBudgetOfCursors overwrites rows that cursors have still to read. They count until
// the last cursor that can see them ends.
func TestBudgetOfCursors(t *testing.T) {
	b := budget.NewBudget(1 << 30).Data
	s := open(t, Options{Budget: b})
	random := rand.New(rand.NewPCG(3, 0))
	var cursors []*Cursor
	for range 300 {
		switch random.IntN(4) {
		case 0:
			cur, err := s.Scan(1, 0, 16)
			if err != nil {
				t.Fatal(err)
			}
			cursors = append(cursors, cur)
		case 1:
			if n := len(cursors); n > 0 {
				i := random.IntN(n)
				if err := cursors[i].Close(); err != nil {
					t.Fatal(err)
				}
				cursors = append(cursors[:i], cursors[i+1:]...)
			}
		default:
			n := random.IntN(40)
			value := bytesOf(1 + random.IntN(500))
			if random.IntN(5) == 0 {
				value = nil
			}
			write(t, s, 1, Overwrite, Row{Key: key(1, n), Value: value})
		}
		if got, want := b.Used(), reachable(s, cursors); got != want {
			t.Fatalf("%d bytes are counted, %d can be reached", got, want)
		}
	}
	for _, c := range cursors {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.Used(), reachable(s, nil); got != want {
		t.Errorf("%d bytes are counted after the last cursor, %d can be reached", got, want)
	}
}

// reachable sums the entries of the store and of the snapshots of cursors, each once.
func reachable(s *Store, cursors []*Cursor) int64 {
	trees := []*tree{s.engine.(*memory).cache(1).rows}
	for _, c := range cursors {
		trees = append(trees, c.walk.(*memoryWalk).view.rows)
	}
	seen := map[*byte]bool{}
	var sum int64
	for _, rows := range trees {
		for p, value := range rows.Ascend(allPlaces()) {
			if !seen[&value[0]] {
				seen[&value[0]] = true
				e := entry{p, value}
				sum += e.bytes()
			}
		}
	}
	return sum
}

// TestCursorsGoOnInThePresent: writing goes on though cursors hold on to old rows. Where
// there is no memory for those, a cursor gives the rows that are there, each once.
func TestCursorsGoOnInThePresent(t *testing.T) {
	const rows, rowBytes = 64, 10_000
	b := budget.NewBudget(4 * rows * rowBytes).Data
	s := open(t, Options{Budget: b})
	var cursors []*Cursor
	for round := range byte(20) {
		for n := range rows {
			value := bytesOf(rowBytes)
			value[0] = round
			write(t, s, 1, Overwrite, Row{Key: key(1, n), Value: value})
		}
		cur, err := s.Scan(1, 0, 16)
		if err != nil {
			t.Fatal(err)
		}
		cur.Next()
		cursors = append(cursors, cur)
	}
	old := 0
	for i, c := range cursors {
		seen := map[string]byte{string(c.Key()): c.Value()[0]}
		last := byte(0)
		for c.Next() {
			last = c.Value()[0]
			seen[string(c.Key())] = last
		}
		if err := c.Close(); err != nil || len(seen) != rows {
			t.Errorf("cursor %d: %d rows, %v", i, len(seen), err)
		}
		if int(last) == i {
			old++
		} else if last != 19 {
			t.Errorf("cursor %d ends in rows of round %d", i, last)
		}
	}
	if old < 2 || old > 5 {
		t.Errorf("%d of 20 cursors kept their snapshot", old)
	}
	if got, want := b.Used(), reachable(s, nil); got != want {
		t.Errorf("%d bytes are counted after all, %d can be reached", got, want)
	}
}

// TestParkedCursorsOnDisk: a cursor that is left alone while much is written goes on
// behind the entry that it stood on, which stays as it was.
func TestParkedCursorsOnDisk(t *testing.T) {
	const rows = 64
	s := open(t, Options{Dir: t.TempDir(), MemoryBytes: 1})
	fill := func(round byte) {
		for n := range rows {
			value := bytesOf(40_000)
			value[0] = round
			write(t, s, 1, Overwrite, Row{Key: key(1, n), Value: value})
		}
	}
	fill(0)
	cur, err := s.Scan(1, 0, 16)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		cur.Next()
	}
	at := string(cur.Key())
	cur.Park()
	for round := range byte(8) {
		fill(round + 1)
	}
	cur.Unpark()
	if string(cur.Key()) != at || cur.Value()[0] != 0 || len(cur.Value()) != 40_000 {
		t.Errorf("the entry is now %x, round %d", cur.Key(), cur.Value()[0])
	}
	n := 0
	for cur.Next() {
		if n++; string(cur.Key()) == at || cur.Value()[0] != 8 {
			t.Errorf("entry %d behind it is %x of round %d", n, cur.Key(), cur.Value()[0])
		}
	}
	if err := cur.Close(); err != nil || n != rows-10 {
		t.Errorf("%d entries came behind the tenth of %d, %v", n, rows, err)
	}
}

// TestWalksAreNotParkedForTheNext: a cursor that is closed while it is parked leaves its
// iterator to the next one, which is in use and keeps its entries.
func TestWalksAreNotParkedForTheNext(t *testing.T) {
	const rows = 64
	s := open(t, Options{Dir: t.TempDir(), MemoryBytes: 1})
	fill := func(round byte) {
		for n := range rows {
			value := bytesOf(40_000)
			value[0] = round
			write(t, s, 1, Overwrite, Row{Key: key(1, n), Value: value})
		}
	}
	fill(0)
	scan := func() *Cursor {
		cur, err := s.Scan(1, 0, 16)
		if err != nil || !cur.Next() {
			t.Fatal(err)
		}
		return cur
	}
	first := scan()
	first.Park()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	cur := scan()
	for round := range byte(8) {
		fill(round + 1)
	}
	n := 1
	for ; cur.Next(); n++ {
		if cur.Value()[0] != 0 {
			t.Fatalf("entry %d is of round %d", n, cur.Value()[0])
		}
	}
	if err := cur.Close(); err != nil || n != rows {
		t.Errorf("%d entries of %d, %v", n, rows, err)
	}
}
