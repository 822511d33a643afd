package arch_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	maxFuncLines = 70
	maxFileLines = 500
)

// machinePaths must not stand in a public file: they are of one machine. They are
// written in two parts so that this file does not hold them.
var machinePaths = []string{"/wor" + "k/", "/roo" + "t/", "/hom" + "e/"}

func TestGoFiles(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			checkGoFile(t, filepath.Join(p.Dir, name), true)
		}
		for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
			checkGoFile(t, filepath.Join(p.Dir, name), false)
		}
	}
}

func checkGoFile(t *testing.T, file string, isProduct bool) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(src, []byte("\n")); n > maxFileLines {
		t.Errorf("%s has %d lines, the limit is %d: it holds two things", file, n, maxFileLines)
	}
	for _, path := range machinePaths {
		if bytes.Contains(src, []byte(path)) {
			t.Errorf("%s names the path %s of a machine", file, path)
		}
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if ast.IsGenerated(f) {
		return
	}
	for _, d := range f.Decls {
		checkLength(t, fset, d)
		if isProduct {
			checkDocs(t, fset, d)
		}
	}
}

func checkLength(t *testing.T, fset *token.FileSet, d ast.Decl) {
	t.Helper()
	fn, ok := d.(*ast.FuncDecl)
	if !ok {
		return
	}
	pos := fset.Position(fn.Pos())
	if n := fset.Position(fn.End()).Line - pos.Line + 1; n > maxFuncLines {
		t.Errorf("%s: %s has %d lines, the limit is %d", pos, fn.Name.Name, n, maxFuncLines)
	}
}

// checkDocs wants a comment on each exported function, method of an exported type, and
// type, and on each exported constant or variable, its line or its group.
func checkDocs(t *testing.T, fset *token.FileSet, d ast.Decl) {
	t.Helper()
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && receiverIsExported(d) && !isInterfaceMethod(d) {
			t.Errorf("%s: exported %s has no doc comment", fset.Position(d.Pos()), d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if name := undocumented(spec); name != "" && d.Doc == nil {
				t.Errorf("%s: exported %s has no doc comment", fset.Position(spec.Pos()), name)
			}
		}
	}
}

// undocumented is the first exported name of a spec without a comment of its own.
func undocumented(spec ast.Spec) string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && s.Comment == nil {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() && s.Doc == nil && s.Comment == nil {
				return n.Name
			}
		}
	}
	return ""
}

func receiverIsExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch generic := typ.(type) {
	case *ast.IndexExpr:
		typ = generic.X
	case *ast.IndexListExpr:
		typ = generic.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// isInterfaceMethod names the methods whose meaning the standard library states.
func isInterfaceMethod(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	switch d.Name.Name {
	case "Error", "Unwrap", "Is", "As", "String", "Len", "Less", "Swap",
		"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
		return true
	}
	return false
}

// TestNoMachinePaths looks at what is not Go.
func TestNoMachinePaths(t *testing.T) {
	root := filepath.Join("..", "..")
	skip := map[string]bool{".git": true, ".build": true, ".venv": true, "_lib": true, "_bin": true, "__pycache__": true, "testdata": true}
	err := filepath.WalkDir(root, func(name string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if skip[e.Name()] || strings.HasSuffix(e.Name(), "_cache") {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".py", ".c", ".h", ".md", ".sh", ".toml", ".yml", ".txt", ".java", ".xml", "":
		default:
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, path := range machinePaths {
			if bytes.Contains(text, []byte(path)) {
				t.Errorf("%s names the path %s of a machine", name, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
