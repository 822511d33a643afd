package sql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newEngine(t testing.TB) (*Engine, *memoryStore) {
	t.Helper()
	store := newMemoryStore()
	e := New(store)
	t.Cleanup(func() { e.Close() })
	return e, store
}

func raws(t testing.TB, values ...any) []binary.Raw {
	t.Helper()
	var out []binary.Raw
	for _, v := range values {
		raw, err := binary.AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	return out
}

func mustExec(t testing.TB, e *Engine, sql string, args ...any) int64 {
	t.Helper()
	res, err := e.Execute(context.Background(), Query{SQL: sql, Args: raws(t, args...)})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer res.Close()
	return res.Updated
}

// rowsOf runs a query and gives its rows as text.
func rowsOf(t testing.TB, e *Engine, q Query) []string {
	t.Helper()
	rows, err := textOf(e, q)
	if err != nil {
		t.Fatalf("%s: %v", q.SQL, err)
	}
	return rows
}

// tryRows is rowsOf for any goroutine: only the test's own may end it.
func tryRows(t testing.TB, e *Engine, sql string) []string {
	t.Helper()
	rows, err := textOf(e, Query{SQL: sql})
	if err != nil {
		t.Errorf("%s: %v", sql, err)
	}
	return rows
}

func textOf(e *Engine, q Query) ([]string, error) {
	res, err := e.Execute(context.Background(), q)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []string
	for {
		row, err := res.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		var parts []string
		for _, raw := range row {
			parts = append(parts, valueText(raw, newMemoryStore()))
		}
		out = append(out, strings.Join(parts, ", "))
	}
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestParametersOfEveryType(t *testing.T) {
	e, _ := newEngine(t)
	mustExec(t, e, `CREATE TABLE A (ID BIGINT PRIMARY KEY, S VARCHAR, D DOUBLE, B BOOLEAN, U UUID, BIN BINARY, DT DATE, TS TIMESTAMP, TM TIME, P DECIMAL(10,3), I INT)`)
	u := uuid.MustParse("123e4567-e89b-12d3-a456-426655440000")
	day := time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	at := day.Add(3*time.Hour + 123456789)
	price, _, _ := apd.NewFromString("12.340")
	args := []any{
		int64(1), "x'y\x00z", math.Pi, true, u,
		[]byte{0, 1, 255},
		binary.SQLDate(day.UnixMilli()), at,
		binary.TimeOfDay(3_600_000), price, int32(7),
	}
	mustExec(t, e, "INSERT INTO A VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", args...)
	want := "Long:1, String:x'y\x00z, Double:3.141592653589793, Boolean:true, UUID:" + u.String() +
		", byte[]:[0, 1, 255], Date:2020-01-02, Timestamp:2020-01-02 03:00:00.123456789, Time:01:00:00, BigDecimal:12.340, Integer:7"
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT * FROM A"}), want)
	for i, column := range []string{"ID", "S", "D", "B", "U", "BIN", "DT", "TS", "TM", "P", "I"} {
		q := Query{SQL: "SELECT ID FROM A WHERE " + column + " = ?", Args: raws(t, args[i])}
		wantRows(t, rowsOf(t, e, q), "Long:1")
		q = Query{SQL: "SELECT ?, ID FROM A WHERE " + column + " IN (?, ?)", Args: raws(t, args[i], args[i], nil)}
		if got := rowsOf(t, e, q); len(got) != 1 || !strings.HasSuffix(got[0], ", Long:1") {
			t.Errorf("%s IN: %q", column, got)
		}
	}
	// A date compared with an instant, text with a date, nulls with anything.
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A WHERE DT = ?", Args: raws(t, day)}), "Long:1")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A WHERE TS > ? AND DT = ?", Args: raws(t, "2020-01-02", "2020-1-2")}), "Long:1")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A WHERE S = ?", Args: raws(t, nil)}))
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ?2, ?1", Args: raws(t, "a", "b")}), "String:b, String:a")
	if _, err := e.Execute(context.Background(), Query{SQL: "SELECT ?, ?", Args: raws(t, "a")}); err == nil || !strings.Contains(err.Error(), "expected=2, actual=1") {
		t.Errorf("missing parameter: %v", err)
	}
	if _, err := e.Execute(context.Background(), Query{SQL: "SELECT ?", Args: []binary.Raw{{3, 1}}}); err == nil {
		t.Error("a broken parameter was taken")
	}
}

func TestPrimaryKeyIsLookedUp(t *testing.T) {
	e, store := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	mustExec(t, e, "CREATE TABLE B (X INT, Y VARCHAR, N INT, PRIMARY KEY (X, Y))")
	for i := range 50 {
		mustExec(t, e, fmt.Sprintf("INSERT INTO A VALUES (%d, %d)", i, i*i))
		mustExec(t, e, fmt.Sprintf("INSERT INTO B VALUES (%d, 'y%d', %d)", i, i, -i))
	}
	for _, tc := range []struct {
		sql         string
		args        []any
		want        []string
		gets, scans int
	}{
		{"SELECT N FROM A WHERE ID = 7", nil, []string{"Integer:49"}, 1, 0},
		{"SELECT N FROM A WHERE ID = ?", []any{int32(7)}, []string{"Integer:49"}, 1, 0},
		{"SELECT N FROM A WHERE _KEY = ?", []any{int64(7)}, []string{"Integer:49"}, 1, 0},
		{"SELECT N FROM A WHERE ID = 7.0", nil, []string{"Integer:49"}, 1, 0},
		{"SELECT N FROM A WHERE ID = 7.5", nil, nil, 0, 1},
		{"SELECT N FROM A WHERE ID = '7'", nil, []string{"Integer:49"}, 1, 0},
		{"SELECT N FROM A WHERE ID = NULL", nil, nil, 0, 0},
		{"SELECT N FROM A WHERE ID = 700", nil, nil, 1, 0},
		{"SELECT N FROM A WHERE ID IN (1, 2, 3)", nil, []string{"Integer:1", "Integer:4", "Integer:9"}, 3, 0},
		{"SELECT N FROM A WHERE ID = 7 AND N = 1", nil, nil, 1, 0},
		{"SELECT N FROM B WHERE X = 7 AND Y = 'y7'", nil, []string{"Integer:-7"}, 1, 0},
		{"SELECT N FROM B WHERE Y = 'y7' AND X = 7", nil, []string{"Integer:-7"}, 1, 0},
		{"SELECT N FROM B WHERE X = 7", nil, []string{"Integer:-7"}, 0, 1},
		{"SELECT B.N FROM A JOIN B ON B.X = A.ID AND B.Y = 'y3' WHERE A.ID = 3", nil, []string{"Integer:-3"}, 2, 0},
	} {
		store.gets, store.scans = 0, 0
		got := rowsOf(t, e, Query{SQL: tc.sql, Args: raws(t, tc.args...)})
		if fmt.Sprint(got) != fmt.Sprint(tc.want) || store.gets != tc.gets || store.scans != tc.scans {
			t.Errorf("%s: %q with %d gets and %d scans; want %q, %d, %d", tc.sql, got, store.gets, store.scans, tc.want, tc.gets, tc.scans)
		}
	}
}

func TestPartitionsAndMaxRows(t *testing.T) {
	e, store := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	mustExec(t, e, `CREATE TABLE R (ID BIGINT PRIMARY KEY, N INT) WITH "template=replicated"`)
	for i := range 8 {
		mustExec(t, e, fmt.Sprintf("INSERT INTO A VALUES (%d, 0)", i))
		mustExec(t, e, fmt.Sprintf("INSERT INTO R VALUES (%d, 0)", i))
	}
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A", Partitions: []int32{1, 3}}), "Long:1", "Long:3", "Long:5", "Long:7")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT COUNT(*) FROM A", Partitions: []int32{}}), "Long:0")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT COUNT(*) FROM R", Partitions: []int32{1}}), "Long:8")
	store.gets = 0
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A WHERE ID = 2", Partitions: []int32{1}}))
	if store.gets != 0 {
		t.Error("a key was looked up outside of the partitions")
	}
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT ID FROM A", MaxRows: 2}), "Long:0", "Long:1")
	if n := mustExec(t, e, "DELETE FROM A"); n != 8 {
		t.Errorf("deleted %d", n)
	}
}

// kitten is a cache as a client makes it: query entities with nested fields and aliases, values by the binary API.
func kitten(t testing.TB, store *memoryStore) {
	t.Helper()
	cfg := wire.CacheConfiguration{Name: "Kittens", QueryEntities: []wire.QueryEntity{{
		KeyType: "java.lang.Integer", ValueType: "com.example.Kitten",
		Fields: []wire.QueryField{
			{Name: "name", TypeName: "java.lang.String", Precision: -1, Scale: -1},
			{Name: "meta.weight", TypeName: "java.lang.Double", Precision: -1, Scale: -1},
			{Name: "pixels", TypeName: "[F", Precision: -1, Scale: -1},
			{Name: "born", TypeName: "java.util.Date", Precision: -1, Scale: -1},
		},
		Aliases: []wire.QueryAlias{{Field: "meta.weight", Alias: "weight"}},
	}}}
	if err := store.CreateCache(cfg); err != nil {
		t.Fatal(err)
	}
	enc := binary.Encoder{OnType: store.RegisterType}
	put := func(key int32, v any) {
		k := raws(t, key)[0]
		raw, err := enc.Append(nil, v)
		if err == nil {
			err = store.Put(binary.CacheID("Kittens"), k, raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	born := binary.DateOf(time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC))
	put(1, binary.NewObject("com.example.Kitten").Set("name", "Tom").Set("meta", binary.NewObject("com.example.Meta").Set("weight", 2.5)).
		Set("pixels", []float32{1, 2}).Set("born", born))
	put(2, binary.NewObject("com.example.Kitten").Set("meta", nil).Set("name", "Kit"))
	put(3, binary.NewObject("com.example.Dog").Set("name", "Rex"))
	put(4, "not an object")
}

func TestCacheOfAClientIsATable(t *testing.T) {
	e, store := newEngine(t)
	kitten(t, store)
	const all = "Integer:1, String:Tom, Double:2.5, []float32:[1 2], UtilDate:2020-05-06 07:08:09"
	wantRows(t, rowsOf(t, e, Query{SQL: `SELECT _KEY, K.* FROM "Kittens".Kitten K ORDER BY 1`}), all, "Integer:2, String:Kit, null, null, null")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT NAME FROM KITTEN WHERE WEIGHT > 2", Schema: "Kittens"}), "String:Tom")
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT NAME FROM KITTEN WHERE BORN > '2020-01-01'", CacheID: binary.CacheID("Kittens")}), "String:Tom")
	wantRows(t, rowsOf(t, e, Query{SQL: `SELECT NAME FROM KITTEN WHERE _KEY = 2`, Schema: "Kittens"}), "String:Kit")
	if _, err := e.Execute(context.Background(), Query{SQL: "SELECT 1 FROM KITTEN", Schema: "NOPE"}); err == nil || !strings.Contains(err.Error(), "schema=NOPE") {
		t.Errorf("unknown schema: %v", err)
	}
	q := Query{Schema: "Kittens"}
	q.SQL = "INSERT INTO KITTEN(_KEY, NAME, BORN) VALUES (9, 'New', '2021-01-02 03:04:05')"
	if _, err := e.Execute(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	q.SQL = "UPDATE KITTEN SET NAME = NAME || '!' WHERE _KEY IN (1, 9)"
	if res, err := e.Execute(context.Background(), q); err != nil || res.Updated != 2 {
		t.Fatal(res, err)
	}
	q.SQL = "SELECT NAME, WEIGHT, PIXELS, BORN FROM KITTEN WHERE _KEY <> 2"
	wantRows(t, rowsOf(t, e, q), "String:Tom!, Double:2.5, []float32:[1 2], UtilDate:2020-05-06 07:08:09", "String:New!, null, null, UtilDate:2021-01-02 03:04:05")
	q.SQL = "UPDATE KITTEN SET WEIGHT = 3"
	if _, err := e.Execute(context.Background(), q); err == nil || !strings.Contains(err.Error(), "nested object") {
		t.Errorf("update of a nested field: %v", err)
	}
	q.SQL = "DROP TABLE KITTEN"
	if _, err := e.Execute(context.Background(), q); err == nil {
		t.Error("the cache of a client was dropped by DROP TABLE")
	}
}

func TestErrorsAreIgnites(t *testing.T) {
	e, _ := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT NOT NULL)")
	mustExec(t, e, "INSERT INTO A VALUES (1, 1)")
	for sql, want := range map[string]Error{
		"INSERT INTO A VALUES (1, 1)":                {Code: CodeDuplicateKey, SQLState: "23000"},
		"INSERT INTO A VALUES (2, NULL)":             {Code: CodeNullValue, SQLState: "22004"},
		"INSERT INTO A VALUES (2, 'x')":              {Code: CodeConversionFailed, SQLState: "0700B"},
		"SELECT * FROM":                              {Code: CodeParsing, SQLState: "42000"},
		"SELECT X FROM A":                            {Code: CodeParsing, SQLState: "42000"},
		"CREATE TABLE A (ID INT PRIMARY KEY, B INT)": {Code: CodeTableExists, SQLState: "42000"},
		"DROP TABLE B":                               {Code: CodeTableNotFound, SQLState: "42000"},
		"TRUNCATE TABLE A":                           {Code: CodeUnsupported, SQLState: "0A000"},
		"UPDATE A SET ID = 3":                        {Code: CodeKeyUpdate, SQLState: "42000"},
	} {
		_, err := e.Execute(context.Background(), Query{SQL: sql})
		var got *Error
		if !errors.As(err, &got) || got.Code != want.Code || got.SQLState != want.SQLState || got.Message == "" {
			t.Errorf("%s: %+v, want %+v", sql, err, want)
		}
	}
}

func TestCancelEndsAScan(t *testing.T) {
	e, store := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, ", (%d, %d)", i, i)
	}
	mustExec(t, e, "INSERT INTO A VALUES "+b.String()[2:])
	ctx, cancel := context.WithCancel(context.Background())
	store.onScan = func(n int) {
		if n == 500 {
			cancel()
		}
	}
	_, err := e.Execute(ctx, Query{SQL: "SELECT SUM(N) FROM A"})
	var sqlErr *Error
	if !errors.As(err, &sqlErr) || sqlErr.Code != CodeQueryCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled scan: %v", err)
	}
	store.onScan = nil
	// Between two rows.
	ctx, cancel = context.WithCancel(context.Background())
	res, err := e.Execute(ctx, Query{SQL: "SELECT ID FROM A"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if _, err := res.Next(); err != nil {
		t.Fatal(err)
	}
	cancel()
	for n := 0; err == nil && n < 2001; n++ {
		_, err = res.Next()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled rows: %v", err)
	}
	if _, err := e.Execute(ctx, Query{SQL: "SELECT 1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	// Without a table, in the middle of SQLite.
	ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	endless := "WITH RECURSIVE N(X) AS (SELECT 1 UNION ALL SELECT X + 1 FROM N) SELECT COUNT(*) FROM N"
	if _, err := e.Execute(ctx, Query{SQL: endless}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("endless query: %v", err)
	}
}

func TestInterruptBetweenRows(t *testing.T) {
	e, _ := newEngine(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const onlyOneRow = "WITH RECURSIVE N(X) AS (SELECT 1 UNION ALL SELECT X + 1 FROM N) SELECT X FROM N WHERE X = 1"
	res, err := e.Execute(ctx, Query{SQL: onlyOneRow})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if _, err := res.Next(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(20*time.Millisecond, cancel)
	defer timer.Stop()
	if _, err := res.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("second row: %v", err)
	}
	// Close from another goroutine ends Next as well.
	res2, err := e.Execute(context.Background(), Query{SQL: onlyOneRow})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := res2.Next(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { res2.Close() })
	if _, err := res2.Next(); err == nil {
		t.Error("a row after Close")
	}
}

func TestStoreErrorsComeThrough(t *testing.T) {
	e, store := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	mustExec(t, e, "INSERT INTO A VALUES (1, 1)")
	id := binary.CacheID("SQL_PUBLIC_A")
	for k := range store.caches[id].rows {
		store.caches[id].rows[k] = store.caches[id].rows[k][:20]
	}
	_, err := e.Execute(context.Background(), Query{SQL: "SELECT N FROM A"})
	var format *binary.FormatError
	if !errors.As(err, &format) || !strings.Contains(err.Error(), "SQL_PUBLIC_A") {
		t.Errorf("broken object: %v", err)
	}
	res, err := e.Execute(context.Background(), Query{SQL: "SELECT 1 UNION ALL SELECT 1 FROM A WHERE N > 0"})
	for err == nil {
		_, err = res.Next()
	}
	if !errors.As(err, &format) {
		t.Errorf("broken object behind a row: %v", err)
	}
}

func TestCloseEndsResults(t *testing.T) {
	store := newMemoryStore()
	e := New(store)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	mustExec(t, e, "INSERT INTO A VALUES (1, 1), (2, 2), (3, 3)")
	res, err := e.Execute(context.Background(), Query{SQL: "SELECT * FROM A"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := res.Next(); err != nil {
		t.Fatal(err)
	}
	e.Close()
	if row, err := res.Next(); err == nil {
		t.Errorf("row %v after Close", row)
	}
	if res.Close() != nil || e.Close() != nil {
		t.Error("second Close failed")
	}
	if _, err := e.Execute(context.Background(), Query{SQL: "SELECT 1"}); !errors.Is(err, ErrClosed) {
		t.Errorf("Execute after Close: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	e, _ := newEngine(t)
	mustExec(t, e, "CREATE TABLE A (ID BIGINT PRIMARY KEY, N INT)")
	mustExec(t, e, "INSERT INTO A VALUES (0, 0)")
	const workers, rounds = 4, 25
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				id := w*1000 + i + 1
				tryRows(t, e, fmt.Sprintf("INSERT INTO A VALUES (%d, 1)", id))
				tryRows(t, e, "UPDATE A SET N = N + 1 WHERE ID = 0")
				wantRows(t, tryRows(t, e, fmt.Sprintf("SELECT N FROM A WHERE ID = %d", id)), "Integer:1")
				tryRows(t, e, "SELECT A.N, COUNT(*) FROM A JOIN A B ON A.ID = B.ID GROUP BY A.N")
			}
		})
	}
	for w := range workers {
		wg.Go(func() {
			for range rounds {
				name := fmt.Sprintf("T%d", w)
				tryRows(t, e, "CREATE TABLE "+name+" (ID INT PRIMARY KEY, N INT)")
				tryRows(t, e, "DROP TABLE "+name)
			}
		})
	}
	wg.Wait()
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT N FROM A WHERE ID = 0"}), fmt.Sprintf("Integer:%d", workers*rounds))
	wantRows(t, rowsOf(t, e, Query{SQL: "SELECT COUNT(*) FROM A"}), fmt.Sprintf("Long:%d", workers*rounds+1))
}

// Any text gets an answer or an *Error, and never a panic. What a statement can do is bounded by a deadline.
func FuzzExecute(f *testing.F) {
	for _, s := range statementsOf(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) > 2000 {
			return
		}
		store := newMemoryStore()
		e := New(store)
		defer e.Close()
		mustExec(t, e, "CREATE TABLE T2 (ID LONG PRIMARY KEY, X INT, Y VARCHAR, D DECIMAL(5,2), I DATE)")
		mustExec(t, e, "INSERT INTO T2 VALUES (1, 2, 'c', 1.5, '2020-01-01')")
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		res, err := e.Execute(ctx, Query{SQL: sql, MaxRows: 100})
		for n := 0; err == nil && n < 100; n++ {
			_, err = res.Next()
		}
		if res != nil {
			res.Close()
		}
		var sqlErr *Error
		if err != nil && err != io.EOF && !errors.As(err, &sqlErr) {
			t.Errorf("%q: %T %v", sql, err, err)
		}
	})
}
