package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	damagedRows = 500
	damageTries = 100
	damageSeed  = 7
	// damagedBlock is small, for pebble looks for the bit that was flipped in a block: in
	// one of 32 KiB that takes seconds.
	damagedBlock = 512
)

// damagedValue is the value of row n: some are large, for those lie in files of their own.
func damagedValue(n int) []byte {
	size := 50 + n%200
	if n%50 == 0 {
		size = 20 << 10
	}
	r := rand.New(rand.NewPCG(uint64(n), 1))
	v := make([]byte, size)
	for i := range v {
		v[i] = byte(r.Uint32())
	}
	return v
}

// fillForDamage writes rows in their order, in batches, and half of them again.
func fillForDamage(t *testing.T, s *Store) {
	t.Helper()
	for _, step := range []int{1, 2} {
		for n := 0; n < damagedRows; n += 50 {
			var rows []Row
			for i := n; i < n+50; i += step {
				rows = append(rows, Row{Key: key(1, i), Value: damagedValue(i)})
			}
			write(t, s, 1, Overwrite, rows...)
		}
	}
	if err := s.PutMeta("cache", "one", []byte("about cache one")); err != nil {
		t.Fatal(err)
	}
}

// closedDir is a directory that was filled and closed.
func closedDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, blockBytes: damagedBlock})
	if err != nil {
		t.Fatal(err)
	}
	fillForDamage(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyDir copies the files of a directory.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// look opens a directory and reads all that is there. It gives the rows that came, and the
// first error.
func look(t *testing.T, dir string) (present map[int]bool, err error) {
	t.Helper()
	fatal := func(err error) { panic(err) } // in this test nothing may come to that
	s, err := Open(Options{Dir: dir, Fatal: fatal})
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := s.Close(); err == nil {
			err = closed
		}
	}()
	if _, err := s.Meta("cache", "one"); err != nil {
		return nil, err
	}
	present = make(map[int]bool)
	for part := range 16 {
		cur, scanErr := s.Scan(1, part, part+1)
		for scanErr == nil && cur.Next() {
			n := int(cur.Key()[2])<<8 | int(cur.Key()[3])
			if present[n] = true; !bytes.Equal(cur.Value(), damagedValue(n)) {
				t.Errorf("the scan gives %d wrong bytes for row %d", len(cur.Value()), n)
			}
		}
		if scanErr == nil {
			scanErr = cur.Close()
		}
		err = cmp.Or(err, scanErr)
	}
	for n := 0; n < damagedRows; n += 25 {
		found, getErr := s.View(key(1, n), func(v []byte) {
			if !bytes.Equal(v, damagedValue(n)) {
				t.Errorf("row %d is %d wrong bytes", n, len(v))
			}
		})
		if getErr == nil && found != present[n] && err == nil {
			t.Errorf("row %d: a get says %t, the scan %t", n, found, present[n])
		}
		err = cmp.Or(err, getErr)
	}
	return present, err
}

// TestDamagedFiles flips a byte or cuts the end off each kind of file of a directory that
// was closed: every row that comes is right, and where one is missing an error says so.
func TestDamagedFiles(t *testing.T) {
	dir := closedDir(t)
	if rows, err := look(t, copyDir(t, dir)); err != nil || len(rows) != damagedRows {
		t.Fatalf("undamaged: %d rows, %v", len(rows), err)
	}
	kinds := map[string]int{}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		name := filepath.Base(file)
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			continue
		}
		kind := strings.Trim(name, "0123456789-")
		if kinds[kind]++; kinds[kind] > 1 {
			continue
		}
		t.Run(kind, func(t *testing.T) { damageOne(t, dir, name) })
	}
	for _, kind := range []string{".sst", ".blob", "MANIFEST", "OPTIONS"} {
		if kinds[kind] == 0 {
			t.Errorf("the directory has no %s: %v", kind, kinds)
		}
	}
}

func damageOne(t *testing.T, dir, name string) {
	random := rand.New(rand.NewPCG(damageSeed, 0))
	told := 0
	for range damageTries {
		broken := copyDir(t, dir)
		how := damage(t, random, filepath.Join(broken, name))
		rows, err := look(t, broken)
		switch {
		case err == nil && len(rows) != damagedRows:
			t.Errorf("%s: %d rows of %d and no error", how, len(rows), damagedRows)
		case err == nil:
		case !errors.Is(err, ErrDamaged):
			t.Errorf("%s: %v", how, err)
		case strings.Contains(strings.SplitN(err.Error(), "\n", 2)[0], "goroutine"):
			t.Errorf("%s: %v", how, err)
		default:
			told++
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d told", told, damageTries)
}

// damage flips a byte, or cuts the file.
func damage(t *testing.T, random *rand.Rand, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := random.IntN(len(b))
	how := fmt.Sprintf("%s flipped at %d of %d", filepath.Base(file), at, len(b))
	if random.IntN(2) == 0 {
		how = fmt.Sprintf("%s cut at %d of %d", filepath.Base(file), at, len(b))
		b = b[:at]
	} else {
		b[at] ^= 1 << random.IntN(8)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return how
}

// TestDamagedLog does the same to the log of a process that was killed. A log that ends
// early looks like that of a process which was killed earlier: rows may be missing, but
// only the last ones.
func TestDamagedLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, blockBytes: damagedBlock})
	var order []int
	for n := 0; n < damagedRows; n += 25 {
		var rows []Row
		for i := n; i < n+25; i++ {
			rows, order = append(rows, Row{Key: key(1, i), Value: damagedValue(i)}), append(order, i)
		}
		write(t, s, 1, Overwrite, rows...)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	if len(files) == 0 {
		t.Fatal("there is no log")
	}
	name := filepath.Base(files[len(files)-1])
	random := rand.New(rand.NewPCG(damageSeed, 0))
	for range damageTries {
		killed := copyDir(t, dir)
		how := damage(t, random, filepath.Join(killed, name))
		rows, err := look(t, killed)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: %v", how, err)
			}
			continue
		}
		for i, n := range order {
			if rows[n] != (i < len(rows)) {
				t.Fatalf("%s: of %d rows, row %d is there: %t", how, len(rows), n, rows[n])
			}
		}
	}
}

// TestManifestGone takes away what says which files belong to the data.
func TestManifestGone(t *testing.T) {
	dir := closedDir(t)
	for _, pattern := range []string{"marker.manifest.*", "MANIFEST-*", "*.sst", "marker.format-version.*"} {
		broken := copyDir(t, dir)
		files, _ := filepath.Glob(filepath.Join(broken, pattern))
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := filepath.Glob(filepath.Join(broken, "*.blob"))
		rows, err := look(t, broken)
		if err == nil && len(rows) == damagedRows {
			continue
		}
		if len(files) == 0 || !errors.Is(err, ErrDamaged) {
			t.Errorf("without %s (%d files): %d rows, %v", pattern, len(files), len(rows), err)
		}
		if after, _ := filepath.Glob(filepath.Join(broken, "*.blob")); len(after) != len(before) {
			t.Errorf("without %s: opening removed %d data files", pattern, len(before)-len(after))
		}
	}
}
