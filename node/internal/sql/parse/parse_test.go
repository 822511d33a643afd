package parse

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// statements gives the statements of the engine's testdata.
func statements(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../testdata/*.txt")
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

func TestErrorsSayWhereAndWhat(t *testing.T) {
	for _, tc := range []struct{ sql, marked, expected string }{
		{"SELECT", "SELECT[*]", "literal"},
		{"SELECT * FROM", "SELECT * FROM[*]", "identifier"},
		{"SELECT * FROM A WHERE X = ", "SELECT * FROM A WHERE X = [*]", "literal"},
		{"SELECT A,, B", "SELECT A,,[*] B", "literal"},
		{"SELECT (A", "SELECT (A[*]", ",, )"},
		{"CREATE TABLE A (ID INT", "CREATE TABLE A (ID INT[*]", ",, )"},
		{"CREATE TABLE A (ID)", "CREATE TABLE A (ID)[*]", "data type"},
		{"CREATE TABLE (ID INT)", "CREATE TABLE ([*]ID INT)", "identifier"},
		{"INSERT INTO A (X) 1", "INSERT INTO A (X) 1[*]", "VALUES, SELECT"},
		{"INSERT A", "INSERT A[*]", "INTO"},
		{"UPDATE A X = 1", "UPDATE A X =[*] 1", "SET"},
		{"DELETE FROM", "DELETE FROM[*]", "identifier"},
		{"SELECT CASE 1 END", "SELECT CASE 1 END[*]", "WHEN"},
		{"SELECT CAST(1 INT)", "SELECT CAST(1 INT[*])", "AS"},
		{"SELECT A FROM B JOIN C ON", "ON[*]", "literal"},
		{"SELECT X IS 3", "SELECT X IS 3[*]", "NULL, TRUE, FALSE, DISTINCT"},
		{"ALTER TABLE A 3", "ALTER TABLE A 3[*]", "ADD, DROP"},
		{"DROP 3", "DROP 3[*]", "TABLE, INDEX"},
	} {
		_, err := One(tc.sql)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", tc.sql, err)
			continue
		}
		if !strings.Contains(e.Error(), tc.marked) || !strings.Contains(e.Expected, tc.expected) || !strings.Contains(e.Error(), tc.sql) {
			t.Errorf("%s: %v; want %q and %q", tc.sql, err, tc.marked, tc.expected)
		}
	}
}

// A statement that is cut off anywhere is an error or another statement, never a panic.
func TestEveryPrefix(t *testing.T) {
	for _, s := range statements(t) {
		for i := range s {
			if _, err := One(s[:i]); err != nil {
				checkError(t, s[:i], err)
			}
		}
	}
}

func checkError(t *testing.T, sql string, err error) {
	t.Helper()
	var syntax *Error
	var un *Unsupported
	if !errors.As(err, &syntax) && !errors.As(err, &un) || err.Error() == "" {
		t.Errorf("%q: %T %v", sql, err, err)
	}
	if syntax != nil && (syntax.Pos < 0 || syntax.Pos > len(sql) || syntax.End < syntax.Pos || syntax.End > len(sql)) {
		t.Errorf("%q: position %d to %d", sql, syntax.Pos, syntax.End)
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, sql := range []string{
		"SELECT " + strings.Repeat("(", 1<<20) + "1",
		"SELECT " + strings.Repeat("- ", 1<<20) + "1",
		"SELECT " + strings.Repeat("NOT ", 1<<20) + "TRUE",
		"SELECT 1 " + strings.Repeat("+ 1 ", 1<<18),
		"SELECT 1 " + strings.Repeat("AND 1 ", 1<<18),
		"SELECT 1 " + strings.Repeat("= 1 ", 1<<18),
		"SELECT 1 " + strings.Repeat("::INT ", 1<<18),
		"SELECT 1 " + strings.Repeat("UNION SELECT 1 ", 1<<16),
		"SELECT " + strings.Repeat("CASE WHEN ", 1<<16) + "1",
		"SELECT " + strings.Repeat("UPPER(", 1<<18) + "1",
		"SELECT * FROM " + strings.Repeat("(", 1<<18) + "A",
		"SELECT * FROM " + strings.Repeat("(SELECT * FROM ", 1<<16) + "A",
		"SELECT * FROM A " + strings.Repeat("JOIN A ON 1=1 ", 1<<12),
		"SELECT " + strings.Repeat("X IN (", 1<<16) + "1",
		strings.Repeat("x", MaxLength+1),
	} {
		if _, err := One(sql); err == nil {
			t.Errorf("%.40q: no error", sql)
		}
	}
}

func TestTextOfColumns(t *testing.T) {
	for sql, want := range map[string]string{
		"id+1":                            "ID + 1",
		"(a + b) * 2":                     "(A + B) * 2",
		"(a) + (b)":                       "A + B",
		"(a + b) * (c + d)":               "(A + B) * (C + D)",
		"count(*)":                        "COUNT(*)",
		"count(distinct x)":               "COUNT(DISTINCT X)",
		"t.x || 'it''s'":                  "T.X || 'it''s'",
		`"low"."x y"`:                     `"low"."x y"`,
		"not a":                           "NOT A",
		"a is not null":                   "A IS NOT NULL",
		"x in (1, 2)":                     "X IN(1, 2)",
		"cast(x as decimal(5))":           "CAST(X AS DECIMAL(5))",
		"date '2020-01-01'":               "DATE '2020-01-01'",
		"-x":                              "- X",
		"-1":                              "-1",
		"case x when 1 then 2 else 3 end": "CASE X WHEN 1 THEN 2 ELSE 3 END",
	} {
		one, err := One("SELECT " + sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		item := one.Statement.(*Query).Body.(*Select).Items[0]
		if got := Text(item.Expr); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

// TestSeveralStatements: a second statement, and all that follows a semicolon, is refused before it is read.
func TestSeveralStatements(t *testing.T) {
	for _, sql := range []string{"SELECT 1; SELECT 2", "SELECT 1; garbage (", ";SELECT 1", "SELECT 1;;", "SELECT 1; -- x", "DELETE FROM T; DELETE FROM T"} {
		_, err := One(sql)
		var un *Unsupported
		if !errors.As(err, &un) || un.Message != "Multiple statements queries are not supported." {
			t.Errorf("%s: %v", sql, err)
		}
	}
	one, err := One("INSERT INTO A VALUES (?, ?);  \n")
	if err != nil || one.Params != 2 {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := One(" ; "); err == nil {
		t.Error("a semicolon alone is no error")
	}
}

func FuzzOne(f *testing.F) {
	for _, s := range statements(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		one, err := One(sql)
		if err != nil {
			checkError(t, sql, err)
			return
		}
		q, ok := one.Statement.(*Query)
		if !ok {
			return
		}
		if s, ok := q.Body.(*Select); ok {
			for _, item := range s.Items {
				if !item.Star {
					Text(item.Expr)
				}
			}
		}
	})
}
