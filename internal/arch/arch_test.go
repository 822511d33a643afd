package arch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kindling-ml/kindling"

// mayImport lists, for each package of the module, the packages of the module that it
// may import directly. A package that is not listed, and a listed one that is gone,
// fails the test.
var mayImport = map[string][]string{
	"internal/version":             {},
	"internal/arch":                {},
	"internal/metrics":             {"dataset"},
	"ignite/binary":                {},
	"ignite/wire":                  {"ignite/binary"},
	"ignite/internal/wiretest":     {"ignite/wire", "ignite/binary"},
	"ignite/internal/conn":         {"ignite/wire", "ignite/binary"},
	"ignite/internal/route":        {"ignite/internal/conn", "ignite/wire", "ignite/binary"},
	"ignite":                       {"ignite/internal/conn", "ignite/internal/route", "ignite/wire", "ignite/binary"},
	"column":                       {},
	"dataset":                      {"ignite", "ignite/wire", "ignite/binary", "column"},
	"ingest":                       {"ignite", "ignite/wire", "ignite/binary", "column"},
	"node/internal/memory":         {},
	"node/internal/store":          {"node/internal/memory", "ignite/binary"},
	"node/internal/affinity":       {"ignite/binary"},
	"node/internal/sql/parse":      {},
	"node/internal/sql":            {"node/internal/sql/parse", "node/internal/store", "node/internal/affinity", "ignite/wire", "ignite/binary"},
	"node":                         {"node/internal/memory", "node/internal/store", "node/internal/affinity", "node/internal/sql", "ignite/wire", "ignite/binary"},
	"bridge":                       {"internal/metrics", "internal/version", "dataset", "column", "ingest", "node", "ignite", "ignite/wire", "ignite/binary"},
	"cmd/kindling":                 {"internal/metrics", "internal/version", "dataset", "column", "ingest", "node", "ignite", "ignite/wire", "ignite/binary"},
	"ignitetest":                   {"ignite", "node"},
	"ignitetest/cmd/ignite-server": {"ignitetest"},
	"conformance":                  {"ignitetest", "ignite", "ignite/wire", "ignite/binary"},
	"bench":                        {"ignitetest", "dataset", "column", "ignite", "ignite/wire", "ignite/binary"},
}

// mustNotImport names packages of the standard library that a layer must not see.
var mustNotImport = map[string][]string{
	"ignite/binary": {"net", "os", "context", "io", "unsafe"},
	"ignite/wire":   {"net", "os", "context", "sync", "time", "unsafe"},
	"column":        {"net", "os", "context"},
}

const (
	cgoOnlyIn = "bridge"
	stdOnly   = "column" // imports the standard library and nothing else
)

// pkg is what "go list" says of a package.
type pkg struct {
	ImportPath, Dir, Doc string
	GoFiles, CgoFiles    []string
	TestGoFiles          []string
	XTestGoFiles         []string
	Imports              []string
}

func (p pkg) rel() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports", module+"/...")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go list:", err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportDirections(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		from := p.rel()
		seen[from] = true
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("package %s is not in the table of imports: decide its layer first", from)
			continue
		}
		for _, imp := range p.Imports {
			to, local := strings.CutPrefix(imp, module+"/")
			if local && !slices.Contains(allowed, to) {
				t.Errorf("%s must not import %s", from, to)
			}
			if slices.Contains(mustNotImport[from], imp) {
				t.Errorf("%s must not import %s", from, imp)
			}
			if from == stdOnly && strings.Contains(imp, ".") {
				t.Errorf("%s must not import %s: it uses the standard library only", from, imp)
			}
		}
		if len(p.CgoFiles) > 0 && from != cgoOnlyIn {
			t.Errorf("%s uses cgo; only %s may", from, cgoOnlyIn)
		}
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("package %s is in the table of imports and does not exist", name)
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.rel())
		}
		files := slices.Concat(p.GoFiles, p.CgoFiles)
		if len(files) > 1 && !slices.Contains(files, "doc.go") && !slices.Contains(files, "main.go") {
			t.Errorf("%s has no doc.go", p.rel())
		}
	}
}
