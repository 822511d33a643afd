package conformance

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testSQL(e *env) {
	e.run("kittens", testKittens)
	e.run("column types", testColumnTypes)
	e.run("partial insert", testPartialInsert)
	e.run("update, merge, delete", testDML)
	e.run("select", testSelect)
	e.run("pages", testSQLPages)
	e.run("composite key", testCompositeKey)
	e.run("key order", testKeyOrder)
	e.run("key order of a type", testKeyOrderOfType)
	e.run("refused", testSQLRefused)
}

// exec runs a statement and gives the number of rows that it changed.
func (e *env) exec(statement string, args ...any) int64 {
	e.Helper()
	n, err := e.c.Exec(e.ctx, ignite.SQL{Statement: statement, Args: args})
	if err != nil {
		e.Fatalf("%s: %v", statement, err)
	}
	return n
}

// query gives all rows of a statement.
func (e *env) query(statement string, args ...any) [][]any {
	e.Helper()
	rows, err := e.c.Query(e.ctx, ignite.SQL{Statement: statement, Args: args})
	if err != nil {
		e.Fatalf("%s: %v", statement, err)
	}
	var all [][]any
	for row, err := range rows.All() {
		if err != nil {
			e.Fatalf("%s: %v", statement, err)
		}
		all = append(all, row)
	}
	return all
}

// table makes a table that goes with the subtest and gives its name.
func (e *env) table(columns string) string {
	e.Helper()
	name := e.cacheName()
	e.exec("CREATE TABLE " + name + " (" + columns + ")")
	e.Cleanup(func() {
		if _, err := e.c.Exec(context.Background(), ignite.SQL{Statement: "DROP TABLE IF EXISTS " + name}); err != nil {
			e.Errorf("drop %s: %v", name, err)
		}
	})
	return name
}

// kittenValue is the value object of the row with NAME 'WARM KITTY' as a real Ignite
// writes it, with zeros in place of the type id, which is new for each table.
const kittenValue = "" +
	"1b 28000000" + // a wrapped object of 40 bytes
	"67 01 2b00 00000000 HASHHASH 28000000 SCHEMASC 27000000" +
	"09 0a000000 5741524d204b49545459" + // the string
	"18" + // its offset
	"00000000" // where the object begins

// testKittens has the article's table: a cache SQL_PUBLIC_..., keys that are longs,
// values that are objects of one field, bytes exactly as Ignite's.
func testKittens(e *env) {
	name := e.table("ID LONG PRIMARY KEY, NAME VARCHAR")
	for i, kitten := range []string{"WARM KITTY", "SOFT KITTY", "LITTLE BALL OF FUR"} {
		if n := e.exec(fmt.Sprintf("INSERT INTO %s VALUES (%d, '%s')", name, i+1, kitten)); n != 1 {
			e.Errorf("INSERT changed %d rows", n)
		}
	}
	cache := "SQL_PUBLIC_" + name
	names, err := e.c.CacheNames(e.ctx)
	e.noError(err)
	if !strings.Contains(strings.Join(names, " ")+" ", cache+" ") {
		e.Fatalf("the cache %s is not among %v", cache, names)
	}
	rows := e.rows(ignite.RawScan{Cache: cache, Partition: ignite.NoPartition})
	if len(rows) != 3 {
		e.Fatalf("the cache has %d rows", len(rows))
	}
	for _, row := range rows {
		if !bytes.Equal(row.Key, []byte{4, 1, 0, 0, 0, 0, 0, 0, 0}) {
			continue
		}
		e.checkKitten(row.Value, name)
		return
	}
	e.Error("no row has the key 1 as a long")
}

func (e *env) checkKitten(value binary.Raw, table string) {
	e.Helper()
	view, err := binary.ParseObject(value)
	e.noError(err)
	meta, err := e.c.Metadata(e.ctx, view.TypeID())
	e.noError(err)
	if meta == nil || !strings.HasPrefix(meta.TypeName, "SQL_PUBLIC_"+table+"_") || binary.TypeID(meta.TypeName) != view.TypeID() {
		e.Fatalf("the value is of type %d, known as %+v", view.TypeID(), meta)
	}
	if len(meta.Fields) != 1 || meta.Fields[0].Name != "NAME" || meta.Fields[0].Type != binary.TypeString {
		e.Errorf("the fields of the type are %+v", meta.Fields)
	}
	got := []byte(value)
	copy(got[5+4:], make([]byte, 4)) // the type id
	if text := hex.EncodeToString(got); text != kittenBytes() {
		e.Errorf("the value is\n%s, want\n%s", text, kittenBytes())
	}
}

// bodyHash is Java's Arrays.hashCode(byte[]).
func bodyHash(body []byte) int32 {
	h := int32(1)
	for _, b := range body {
		h = 31*h + int32(int8(b))
	}
	return h
}

func kittenBytes() string {
	w := binary.Writer{}
	w.PutInt32(bodyHash([]byte("\x09\x0a\x00\x00\x00WARM KITTY")))
	w.PutInt32(binary.SchemaID([]int32{binary.FieldID("NAME")}))
	return strings.NewReplacer(" ", "", "HASHHASH", hex.EncodeToString(w.Buf[:4]), "SCHEMASC", hex.EncodeToString(w.Buf[4:])).Replace(kittenValue)
}

// columnTypes are SQL types, a value to insert, what SELECT gives back, and the type
// code of the field in the value object.
var columnTypes = []struct {
	column string
	value  any
	code   binary.Type
}{
	{"VARCHAR", "text", binary.TypeString},
	{"INT", int32(-5), binary.TypeInt},
	{"BIGINT", int64(1) << 40, binary.TypeLong},
	{"SMALLINT", int16(-7), binary.TypeShort},
	{"TINYINT", int8(-8), binary.TypeByte},
	{"DOUBLE", 2.5, binary.TypeDouble},
	{"REAL", float32(1.25), binary.TypeFloat},
	{"BOOLEAN", true, binary.TypeBool},
	{"DECIMAL(20, 3)", apd.New(12345678, -3), binary.TypeDecimal},
	{"UUID", uuid.MustParse("01234567-89ab-cdef-fedc-ba9876543210"), binary.TypeUUID},
	{"TIMESTAMP", time.Date(2024, 2, 29, 23, 59, 59, 123_456_789, time.UTC), binary.TypeTimestamp},
	{"DATE", binary.SQLDate(1709164800000), binary.TypeOptimized},
	{"TIME", binary.TimeOfDay(3_600_000), binary.TypeTime},
	{"BINARY", []byte{1, 2, 255}, binary.TypeByteArray},
}

// testColumnTypes inserts a value of each column type as a parameter, and reads it by
// SELECT and as the field of the value object.
func testColumnTypes(e *env) {
	for _, ct := range columnTypes {
		e.run(ct.column, func(e *env) {
			name := e.table("ID BIGINT PRIMARY KEY, V " + ct.column)
			e.exec("INSERT INTO "+name+" (ID, V) VALUES (1, ?)", ct.value)
			e.exec("INSERT INTO " + name + " (ID, V) VALUES (2, NULL)")
			rows := e.query("SELECT V FROM " + name + " ORDER BY ID")
			if len(rows) != 2 || !sameValue(rows[0][0], ct.value) || rows[1][0] != nil {
				e.Fatalf("SELECT gives %v, want %s and nil", rows, describe(ct.value))
			}
			for _, row := range e.rows(ignite.RawScan{Cache: "SQL_PUBLIC_" + name, Partition: -1}) {
				key, err := binary.DecodeValue(row.Key, nil)
				e.noError(err)
				view, err := binary.ParseObject(row.Value)
				e.noError(err)
				want := ct.code
				if key == int64(2) {
					want = binary.TypeNull
				}
				if view.NumFields() != 1 || view.FieldRaw(0).Type() != want {
					e.Errorf("row %v has %d fields, the first a %v; want %v", key, view.NumFields(), view.FieldRaw(0).Type(), want)
				}
			}
		})
	}
}

// testPartialInsert: a column that an INSERT does not name is absent from the value
// object, not null, so that a table has several schemas. Columns with a default come first.
func testPartialInsert(e *env) {
	name := e.table("ID BIGINT PRIMARY KEY, A INT, B VARCHAR, C INT DEFAULT 7")
	e.exec("INSERT INTO " + name + " (ID, A) VALUES (1, 10)")
	e.exec("INSERT INTO " + name + " (ID, B, A) VALUES (2, 'b', 20)")
	e.exec("INSERT INTO " + name + " VALUES (3, 30, NULL, NULL)")
	got := e.query("SELECT ID, A, B, C FROM " + name + " ORDER BY ID")
	want := [][]any{
		{int64(1), int32(10), nil, int32(7)},
		{int64(2), int32(20), "b", int32(7)},
		{int64(3), int32(30), nil, nil},
	}
	if !reflect.DeepEqual(got, want) {
		e.Errorf("SELECT gives %v, want %v", got, want)
	}
	fields := map[int64]string{}
	for entry, err := range ignite.NewCache[int64, *binary.Object](e.c, "SQL_PUBLIC_"+name).Scan(e.ctx, ignite.ScanQuery{}) {
		e.noError(err)
		var names []string
		for _, f := range entry.Value.Fields {
			names = append(names, f.Name)
		}
		if e.target.Has(InsertFieldOrder) {
			slices.Sort(names)
		}
		fields[entry.Key] = strings.Join(names, " ")
	}
	wantFields := map[int64]string{1: "C A", 2: "C A B", 3: "C A B"}
	if e.target.Has(InsertFieldOrder) {
		wantFields = map[int64]string{1: "A C", 2: "A B C", 3: "A B C"}
	}
	if !reflect.DeepEqual(fields, wantFields) {
		e.Errorf("the objects have the fields %v, want %v", fields, wantFields)
	}
}

func testDML(e *env) {
	name := e.table("ID INT PRIMARY KEY, A INT, B VARCHAR")
	changed := func(want int64, statement string, args ...any) {
		e.Helper()
		if n := e.exec(strings.ReplaceAll(statement, "$T", name), args...); n != want {
			e.Errorf("%s: %d rows changed, want %d", statement, n, want)
		}
	}
	changed(3, "INSERT INTO $T (ID, A, B) VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z')")
	changed(1, "MERGE INTO $T (ID, A, B) VALUES (3, 33, 'zz')")
	changed(1, "MERGE INTO $T (ID, A, B) VALUES (?, ?, ?)", int32(4), int32(40), "w")
	changed(2, "UPDATE $T SET A = A + 1 WHERE ID < 3")
	changed(0, "UPDATE $T SET A = 0 WHERE ID = 99")
	changed(1, "UPDATE $T SET B = NULL WHERE B = ?", "w")
	changed(1, "DELETE FROM $T WHERE ID = ?", int32(2))
	got := e.query("SELECT ID, A, B FROM " + name + " ORDER BY ID")
	want := [][]any{{int32(1), int32(11), "x"}, {int32(3), int32(33), "zz"}, {int32(4), int32(40), nil}}
	if !reflect.DeepEqual(got, want) {
		e.Errorf("the table is %v, want %v", got, want)
	}
	changed(3, "DELETE FROM $T")
	if left := e.query("SELECT COUNT(*) FROM " + name); left[0][0] != int64(0) {
		e.Errorf("%v rows are left", left)
	}
}

func testSelect(e *env) {
	name := e.table("ID INT PRIMARY KEY, LABEL VARCHAR, N INT, W DOUBLE")
	for i := range 20 {
		e.exec("INSERT INTO "+name+" (ID, LABEL, N, W) VALUES (?, ?, ?, ?)", int32(i), fmt.Sprint("l", i%4), int32(i), float64(i)/2)
	}
	for _, q := range []struct {
		sql  string
		args []any
		want [][]any
	}{
		{"SELECT COUNT(*) FROM $T", nil, [][]any{{int64(20)}}},
		{"SELECT ID FROM $T WHERE ID >= ? AND ID < ? ORDER BY ID DESC", []any{int32(3), int32(6)}, [][]any{{int32(5)}, {int32(4)}, {int32(3)}}},
		{"SELECT LABEL, SUM(N) FROM $T GROUP BY LABEL ORDER BY LABEL", nil, [][]any{{"l0", int64(40)}, {"l1", int64(45)}, {"l2", int64(50)}, {"l3", int64(55)}}},
		{"SELECT MAX(W), MIN(N) FROM $T", nil, [][]any{{9.5, int32(0)}}},
		{"SELECT ID FROM $T WHERE LABEL = 'l1' ORDER BY ID LIMIT 2 OFFSET 1", nil, [][]any{{int32(5)}, {int32(9)}}},
		{"SELECT DISTINCT LABEL FROM $T WHERE N BETWEEN 4 AND 6 ORDER BY LABEL", nil, [][]any{{"l0"}, {"l1"}, {"l2"}}},
		{"SELECT a.ID, b.N FROM $T a JOIN $T b ON a.ID = b.ID WHERE b.N < 2 ORDER BY a.ID", nil, [][]any{{int32(0), int32(0)}, {int32(1), int32(1)}}},
		{"SELECT UPPER(LABEL) || '!' FROM $T WHERE ID IN (1, 2) ORDER BY ID", nil, [][]any{{"L1!"}, {"L2!"}}},
		{"SELECT CASE WHEN N > 17 THEN 'big' ELSE 'small' END FROM $T WHERE ID > 16 ORDER BY ID", nil, [][]any{{"small"}, {"big"}, {"big"}}},
		{"SELECT _KEY FROM $T WHERE ID = 3", nil, [][]any{{int32(3)}}},
	} {
		statement := strings.ReplaceAll(q.sql, "$T", name)
		if got := e.query(statement, q.args...); !reflect.DeepEqual(got, q.want) {
			e.Errorf("%s gives %v, want %v", q.sql, got, q.want)
		}
	}
	rows, err := e.c.Query(e.ctx, ignite.SQL{Statement: "SELECT * FROM " + name + " WHERE ID = 1"})
	e.noError(err)
	if want := []string{"ID", "LABEL", "N", "W"}; !reflect.DeepEqual(rows.Columns(), want) {
		e.Errorf("the columns of * are %v, want %v", rows.Columns(), want)
	}
	e.noError(rows.Close())
}

func testSQLPages(e *env) {
	const n = 500
	name := e.table("ID INT PRIMARY KEY, A INT")
	for i := 0; i < n; i += 100 {
		var values []string
		for j := i; j < i+100; j++ {
			values = append(values, fmt.Sprintf("(%d, %d)", j, j))
		}
		e.exec("INSERT INTO " + name + " (ID, A) VALUES " + strings.Join(values, ", "))
	}
	for _, page := range []int{1, 7, n, 2 * n} {
		rows, err := e.c.Query(e.ctx, ignite.SQL{Statement: "SELECT ID, A FROM " + name + " ORDER BY ID", PageRows: page})
		e.noError(err)
		next := int32(0)
		for row, err := range rows.All() {
			e.noError(err)
			if row[0] != next || row[1] != next {
				e.Fatalf("page %d: row %d is %v", page, next, row)
			}
			next++
		}
		if next != n {
			e.Errorf("page %d: %d rows of %d", page, next, n)
		}
	}
	// A query that is left early gives its place on the server back.
	for range 200 {
		rows, err := e.c.Query(e.ctx, ignite.SQL{Statement: "SELECT ID FROM " + name, PageRows: 1})
		e.noError(err)
		e.noError(rows.Close())
	}
}

func testCompositeKey(e *env) {
	name := e.cacheName()
	e.exec("CREATE TABLE " + name + " (A INT, B VARCHAR, C INT, PRIMARY KEY (A, B)) WITH \"template=partitioned,key_type=CityKey,value_type=City,affinity_key=A,cache_name=CITIES\"")
	e.exec("INSERT INTO "+name+" (A, B, C) VALUES (?, ?, ?)", int32(1), "one", int32(11))
	rows := e.rows(ignite.RawScan{Cache: "CITIES", Partition: ignite.NoPartition})
	if len(rows) != 1 {
		e.Fatalf("the cache has %d rows", len(rows))
	}
	key, err := binary.DecodeValue(rows[0].Key, e.c.Resolver(e.ctx))
	e.noError(err)
	value, err := binary.DecodeValue(rows[0].Value, e.c.Resolver(e.ctx))
	e.noError(err)
	k, v := key.(*binary.Object), value.(*binary.Object)
	a, _ := k.Get("A")
	c, _ := v.Get("C")
	if k.TypeName != "CityKey" || v.TypeName != "City" || a != int32(1) || c != int32(11) {
		e.Errorf("the entry is %+v, %+v", k, v)
	}
	meta, err := e.c.Metadata(e.ctx, k.TypeID)
	e.noError(err)
	if meta.AffinityKeyField != "A" {
		e.Errorf("the affinity field of the key is %q", meta.AffinityKeyField)
	}
	got := e.query("SELECT C FROM " + name + " WHERE A = 1 AND B = 'one'")
	if len(got) != 1 || got[0][0] != int32(11) {
		e.Errorf("SELECT gives %v", got)
	}
	e.exec("DROP TABLE " + name)
}

// testSQLRefused: bad statements are errors of status FAILED that name what is wrong.
func testSQLRefused(e *env) {
	name := e.table("ID INT PRIMARY KEY, A INT")
	e.exec("INSERT INTO " + name + " (ID, A) VALUES (1, 1)")
	for _, bad := range []struct {
		statement, text string
		args            []any
	}{
		{"SELEC 1", "Failed to parse query", nil},
		{"SELECT * FROM NO_SUCH_TABLE", "NO_SUCH_TABLE", nil},
		{"SELECT NO_SUCH_COLUMN FROM $T", "NO_SUCH_COLUMN", nil},
		{"INSERT INTO $T (ID, A) VALUES (1, 2)", "Failed to INSERT some keys because they are already in cache", nil},
		{"CREATE TABLE $T (ID INT PRIMARY KEY, B INT)", "Table already exists", nil},
		{"DROP TABLE NO_SUCH_TABLE", "Table doesn't exist", nil},
		{"SELECT A FROM $T WHERE ID = ?", "", nil},
	} {
		statement := strings.ReplaceAll(bad.statement, "$T", name)
		_, err := e.c.Exec(e.ctx, ignite.SQL{Statement: statement, Args: bad.args})
		if !errors.Is(err, wire.StatusFailed) {
			e.Errorf("%s: %v, want %v", bad.statement, err, wire.StatusFailed)
			continue
		}
		if !strings.Contains(err.Error(), bad.text) && !e.target.Has(SQLMessages) {
			e.Errorf("%s: %v, want a text with %q", bad.statement, err, bad.text)
		}
	}
	if rows := e.query("SELECT A FROM " + name); len(rows) != 1 || rows[0][0] != int32(1) {
		e.Errorf("after the errors the table has %v", rows)
	}
}
