package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignitetest"
)

func TestSQL(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { testSQL(t, ignitetest.Embedded(t)) })
	t.Run("ignite-"+ignitetest.IgniteVersion, func(t *testing.T) { testSQL(t, ignitetest.Real(t)) })
}

func testSQL(t *testing.T, srv *ignitetest.Server) {
	s := at(t, srv.Addr)
	notes := func(want string, args ...string) {
		t.Helper()
		got := runIn(t, "", s.env, args...)
		if got.code != exitOK || got.stdout != "" || got.stderr != want {
			t.Errorf("kindling %v: %+v, want %q on standard error", args, got, want)
		}
	}
	notes("done\n", "sql", "CREATE TABLE KITTEN_CACHE (ID LONG PRIMARY KEY, NAME VARCHAR)")
	notes("1 row changed\n", "sql", "INSERT INTO KITTEN_CACHE VALUES (1, 'WARM KITTY')")
	script := file(t, "kittens.sql", `-- the others; all of them
INSERT INTO KITTEN_CACHE VALUES (2, 'SOFT; KITTY'),
	(3, 'LITTLE BALL OF FUR');
/* and one; without a name */ INSERT INTO KITTEN_CACHE (ID) VALUES (10);
`)
	notes("2 rows changed\n1 row changed\n", "sql", "--file", script)
	query := "SELECT ID, NAME FROM KITTEN_CACHE ORDER BY ID"
	s.prints("ID  NAME\n 1  WARM KITTY\n 2  SOFT; KITTY\n 3  LITTLE BALL OF FUR\n10  null\n", "sql", query)
	s.prints("{\"ID\":1,\"NAME\":\"WARM KITTY\"}\n{\"ID\":2,\"NAME\":\"SOFT; KITTY\"}\n", "sql", "--json", query+" LIMIT 2")
	s.prints("{\"ID\":1,\"ID_2\":1}\n", "sql", "--json", "SELECT ID, ID FROM KITTEN_CACHE WHERE ID = 1")
	s.prints("UPDATED\n      7\n", "sql", "SELECT 7 AS UPDATED")
	s.prints("ID\n", "sql", "SELECT ID FROM KITTEN_CACHE WHERE ID = 0")
	s.prints("key  val.NAME\n  2  SOFT; KITTY\n", "peek", "SQL_PUBLIC_KITTEN_CACHE", "--partition", "2")

	piped := runIn(t, query+" LIMIT 1; SELECT COUNT(*) N FROM KITTEN_CACHE", s.env, "sql")
	if want := "ID  NAME\n 1  WARM KITTY\nN\n4\n"; piped.code != exitOK || piped.stdout != want {
		t.Errorf("from standard input: %+v, want %q", piped, want)
	}
	s.fails(exitFailure, []string{srv.Addr, "SELEC"}, "sql", "SELEC 1")
	s.fails(exitFailure, []string{"NOWHERE"}, "sql", "SELECT * FROM NOWHERE")
	broken := file(t, "broken.sql", "\n-- first\n\nSELEC 1;\nCREATE TABLE NEVER (ID LONG PRIMARY KEY, V LONG);")
	s.fails(exitFailure, []string{broken + ": line 4: "}, "sql", "-f", broken)
	if names := s.ok("caches"); strings.Contains(names, "NEVER") {
		t.Error("the script went on after a statement that failed")
	}
	s.fails(exitUsage, []string{"no statement"}, "sql", " ; -- nothing")
	s.fails(exitUsage, []string{"/*"}, "sql", "SELECT 1; /* open")
	notes("done\n", "sql", "DROP TABLE KITTEN_CACHE")
}

func TestSplitScript(t *testing.T) {
	type want struct {
		texts    []string
		lines    []int
		rest     string
		unclosed string
	}
	for text, want := range map[string]want{
		"":                            {},
		" ;; \n;":                     {},
		"A":                           {rest: "A"},
		"A;":                          {texts: []string{"A"}, lines: []int{1}},
		"A; B ;\n\nC":                 {texts: []string{"A", "B"}, lines: []int{1, 1}, rest: "C"},
		"\n-- c;\nA\n;B;":             {texts: []string{"-- c;\nA", "B"}, lines: []int{3, 4}},
		"A ';' B;":                    {texts: []string{"A ';' B"}, lines: []int{1}},
		"A 'it''s; -- no' B;":         {texts: []string{"A 'it''s; -- no' B"}, lines: []int{1}},
		`A "a;b" /* ; */ B;`:          {texts: []string{`A "a;b" /* ; */ B`}, lines: []int{1}},
		"A; -- the end":               {texts: []string{"A"}, lines: []int{1}},
		"SELECT /*+ HINT; */ 1;":      {texts: []string{"SELECT /*+ HINT; */ 1"}, lines: []int{1}},
		"A 'x;":                       {rest: "A 'x;", unclosed: "'"},
		`A; B "x`:                     {texts: []string{"A"}, lines: []int{1}, rest: `B "x`, unclosed: `"`},
		"A; /* x":                     {texts: []string{"A"}, lines: []int{1}, rest: "/* x", unclosed: "/*"},
		"'\u732b;\u732b';\u00e4;":     {texts: []string{"'\u732b;\u732b'", "\u00e4"}, lines: []int{1, 1}},
		"A -- 'no quote\n; B -- \"\n": {texts: []string{"A -- 'no quote"}, lines: []int{1}, rest: "B -- \""},
	} {
		got := splitScript(text)
		var texts []string
		var lines []int
		for _, s := range got.statements {
			texts, lines = append(texts, s.text), append(lines, s.line)
		}
		if !slices.Equal(texts, want.texts) || !slices.Equal(lines, want.lines) || got.rest.text != want.rest || got.unclosed != want.unclosed {
			t.Errorf("splitScript(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestFirstWord(t *testing.T) {
	for text, want := range map[string]string{
		"select 1": "SELECT", "-- insert\n /* update */ Delete from T": "DELETE", "(select 1)": "", "": "", "-- only": "",
	} {
		if got := firstWord(text); got != want {
			t.Errorf("firstWord(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzSplitScript(f *testing.F) {
	f.Add("A 'x;y'; -- c\nB /* ; */;")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range splitScript(text).all() {
			if strings.TrimSpace(s.text) == "" || s.line < 1 || !strings.Contains(text, s.text) {
				t.Errorf("statement %+v of %q", s, text)
			}
		}
	})
}
