package sql

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// statementsOf gives every statement of testdata.
func statementsOf(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	var all []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			if s, ok := strings.CutPrefix(line, "> "); ok {
				all = append(all, s)
			}
		}
	}
	return all
}
