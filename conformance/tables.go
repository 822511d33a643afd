package conformance

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func testTables(e *env) {
	e.run("configurations refused", testConfigurationsRefused)
	e.run("entries that do not fit", testEntriesThatDoNotFit)
	e.run("composite key", testKeyFieldsChecked)
	e.run("defaults", testEntityDefaults)
	e.run("schema of the request", testSchemaOfRequest)
	e.run("entry query", testEntryQuery)
	e.run("array parameter", testArrayParameter)
}

// column is a field of a query entity without limits.
func column(name, class string) wire.QueryField {
	return wire.QueryField{Name: name, TypeName: class, Precision: -1, Scale: -1}
}

// person is a query entity of integer keys.
func person(valueType, table string) wire.QueryEntity {
	id, name, age, code := column("id", "java.lang.Integer"), column("name", "java.lang.String"),
		column("age", "java.lang.Integer"), column("code", "java.lang.String")
	id.IsKey, name.NotNull, code.Precision = true, true, 3
	age.Default, _ = binary.AppendValue(nil, int32(42))
	return wire.QueryEntity{
		KeyType: "java.lang.Integer", ValueType: valueType, TableName: table, KeyField: "id",
		Fields: []wire.QueryField{id, name, age, code},
	}
}

func inPublic(entities ...wire.QueryEntity) func(*wire.CacheConfiguration) {
	return func(cfg *wire.CacheConfiguration) { cfg.SQLSchema, cfg.QueryEntities = "PUBLIC", entities }
}

func object(typeName string, fields ...any) *binary.Object {
	o := binary.NewObject(typeName)
	for pair := range slices.Chunk(fields, 2) {
		o.Set(pair[0].(string), pair[1])
	}
	return o
}

func testConfigurationsRefused(e *env) {
	table, group := e.cacheName(), e.cacheName()
	first := e.newCache(inPublic(person("Refused", table)))
	member := e.newCache(func(cfg *wire.CacheConfiguration) { cfg.GroupName = group })
	a, upper := column("a", "java.lang.Integer"), column("A", "java.lang.Integer")
	for what, change := range map[string]func(*wire.CacheConfiguration){
		"a second table of the name": inPublic(person("Other", table)),
		"a table twice":              inPublic(person("One", table+"_A"), person("Two", table+"_A")),
		"two names that differ in case": inPublic(wire.QueryEntity{
			KeyType: "java.lang.Integer", ValueType: "Cases", Fields: []wire.QueryField{a, upper},
		}),
		"no value type":                inPublic(wire.QueryEntity{KeyType: "java.lang.Integer", Fields: []wire.QueryField{a}}),
		"another mode than the group":  func(cfg *wire.CacheConfiguration) { cfg.GroupName, cfg.Mode = group, wire.CacheModeReplicated },
		"another atomicity":            func(cfg *wire.CacheConfiguration) { cfg.GroupName, cfg.Atomicity = group, wire.AtomicityTransactional },
		"other backups than the group": func(cfg *wire.CacheConfiguration) { cfg.GroupName, cfg.Backups = group, 1 },
		"another loss policy": func(cfg *wire.CacheConfiguration) {
			cfg.GroupName, cfg.PartitionLossPolicy = group, wire.PartitionLossReadOnlySafe
		},
		"the name of a group":       func(cfg *wire.CacheConfiguration) { cfg.Name = group },
		"a group of a cache's name": func(cfg *wire.CacheConfiguration) { cfg.GroupName = first },
		"an unknown data region":    func(cfg *wire.CacheConfiguration) { cfg.DataRegionName = "NO_SUCH_REGION" },
	} {
		cfg := wire.CacheConfiguration{Name: e.cacheName()}
		change(&cfg)
		if err := e.c.CreateCache(e.ctx, cfg); !errors.Is(err, wire.StatusFailed) {
			e.Errorf("%s: %v, want %v", what, err, wire.StatusFailed)
		}
		names, err := e.c.CacheNames(e.ctx)
		e.noError(err)
		for _, n := range names {
			if n == cfg.Name {
				e.Errorf("%s: the cache is there all the same", what)
			}
		}
	}
	for what, change := range map[string]func(*wire.CacheConfiguration){
		"a table of the name in another schema":    func(cfg *wire.CacheConfiguration) { cfg.QueryEntities = []wire.QueryEntity{person("Own", table)} },
		"another write mode than the group":        func(cfg *wire.CacheConfiguration) { cfg.GroupName, cfg.WriteSync = group, wire.WriteSyncFullAsync },
		"another query parallelism":                func(cfg *wire.CacheConfiguration) { cfg.GroupName, cfg.QueryParallelism = group, 2 },
		"the data region that holds what has none": func(cfg *wire.CacheConfiguration) { cfg.DataRegionName = "default" },
	} {
		e.Logf("%s: %s", what, e.newCache(change))
	}
	e.Logf("members of the group: %s", member)
	// Ignite closes the connection at this one, without a word.
	zero := wire.CacheConfiguration{Name: e.cacheName(), Set: wire.CachePropertySet(0).With(wire.PropertyQueryParallelism)}
	if err := e.c.CreateCache(e.ctx, zero); err == nil {
		e.Error("a cache with query parallelism 0 was created")
	}
}

func testEntriesThatDoNotFit(e *env) {
	const typeName = "FitPerson"
	table := e.cacheName()
	name := e.newCache(inPublic(person(typeName, table)))
	cache := ignite.NewCache[any, any](e.c, name)
	good := object(typeName, "name", "a", "age", int32(5))
	noName, null := object(typeName, "age", int32(5)), object(typeName, "name", nil, "age", int32(5))
	e.noError(cache.Put(e.ctx, int32(1), good))
	put := func(k, v any) error { return cache.Put(e.ctx, k, v) }
	_, absentErr := cache.PutIfAbsent(e.ctx, int32(9), noName)
	_, _, swapErr := cache.GetAndPut(e.ctx, int32(9), noName)
	_, _, replaceErr := cache.GetAndReplace(e.ctx, int32(999), noName)
	_, equalErr := cache.ReplaceIfEquals(e.ctx, int32(1), good, noName)
	for what, c := range map[string]struct {
		err  error
		text string
	}{
		"absent":          {put(int32(2), noName), "Null value is not allowed for column 'NAME'"},
		"null":            {put(int32(2), null), "Null value is not allowed for column 'NAME'"},
		"too long":        {put(int32(2), object(typeName, "name", "a", "code", "12345")), "Value for a column 'CODE' is too long. Maximum length: 3, actual length: 5"},
		"long key":        {put(int64(2), good), "incorrect key class [expCls=java.lang.Integer, actualCls=java.lang.Long]"},
		"string key":      {put("x", good), "incorrect key class [expCls=java.lang.Integer, actualCls=java.lang.String]"},
		"PutIfAbsent":     {absentErr, "Null value"},
		"GetAndPut":       {swapErr, "Null value"},
		"GetAndReplace":   {replaceErr, "Null value"},
		"ReplaceIfEquals": {equalErr, "Null value"},
		"PutAll": {cache.PutAll(e.ctx, []ignite.Entry[any, any]{
			{Key: int32(10), Value: good}, {Key: int32(11), Value: noName}, {Key: int32(12), Value: good},
		}), "Null value"},
		"PutAll with a long key": {cache.PutAll(e.ctx, []ignite.Entry[any, any]{{Key: int32(20), Value: good}, {Key: int64(21), Value: good}}), "incorrect key class"},
		"overwriting streamer":   {e.stream(name, ignite.StreamerConfig{AllowOverwrite: true}, int32(42), noName), "Null value"},
	} {
		if !errors.Is(c.err, wire.StatusFailed) || !strings.Contains(c.err.Error(), c.text) {
			e.Errorf("%s: %v, want %v with %q", what, c.err, wire.StatusFailed, c.text)
		}
	}
	// Entries of other value types are no rows, and an initial load is not checked.
	e.noError(put(int64(5), "text"))
	e.noError(put(int32(3), object("FitOther", "x", int32(1))))
	e.noError(e.stream(name, ignite.StreamerConfig{}, int32(40), noName))
	if got, want := e.query("SELECT id, name FROM PUBLIC."+table+" ORDER BY id"), [][]any{{int32(1), "a"}, {int32(40), nil}}; !reflect.DeepEqual(got, want) {
		e.Errorf("the table is %v, want %v", got, want)
	}
	size, err := cache.Size(e.ctx)
	e.noError(err)
	if size != 4 {
		e.Errorf("the cache has %d entries, want 4", size)
	}
}

// stream sends one entry by a data streamer.
func (e *env) stream(cache string, cfg ignite.StreamerConfig, key, value any) error {
	e.Helper()
	s, err := e.c.NewStreamer(e.ctx, cache, cfg)
	e.noError(err)
	if err := s.Add(e.ctx, key, value); err != nil {
		return err
	}
	return s.Close(e.ctx)
}

func testKeyFieldsChecked(e *env) {
	a, b := column("a", "java.lang.Integer"), column("b", "java.lang.String")
	a.IsKey, a.NotNull, b.IsKey, b.Precision = true, true, true, 3
	cache := ignite.NewCache[any, any](e.c, e.newCache(inPublic(wire.QueryEntity{
		KeyType: "FitKey", ValueType: "FitValue", TableName: e.cacheName(), Fields: []wire.QueryField{a, b, column("v", "java.lang.Integer")},
	})))
	value := object("FitValue", "v", int32(1))
	e.noError(cache.Put(e.ctx, object("FitKey", "a", int32(1), "b", "xxx"), value))
	for text, key := range map[string]any{
		"Null value is not allowed for column 'A'":    object("FitKey", "b", "x"),
		"Value for a column 'B' is too long. Maximum": object("FitKey", "a", int32(1), "b", "xxxx"),
	} {
		if err := cache.Put(e.ctx, key, value); !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), text) {
			e.Errorf("%v, want %v with %q", err, wire.StatusFailed, text)
		}
	}
}

func testEntityDefaults(e *env) {
	table := e.cacheName()
	e.newCache(inPublic(person("DefaultPerson", table)))
	e.exec("INSERT INTO PUBLIC." + table + " (id, name) VALUES (1, 'n')")
	e.exec("INSERT INTO PUBLIC." + table + " (id, name, age) VALUES (2, 'n', NULL)")
	e.exec("MERGE INTO PUBLIC." + table + " (id, name) VALUES (3, 'n')")
	if got, want := e.query("SELECT id, age FROM PUBLIC."+table+" ORDER BY id"), [][]any{{int32(1), int32(42)}, {int32(2), nil}, {int32(3), int32(42)}}; !reflect.DeepEqual(got, want) {
		e.Errorf("the table is %v, want %v", got, want)
	}
}

// testSchemaOfRequest: the schema of a request is written as it is, without quotes and in its case.
func testSchemaOfRequest(e *env) {
	own := e.newCache(func(cfg *wire.CacheConfiguration) {
		cfg.QueryEntities = []wire.QueryEntity{person("SchemaPerson", "P")}
	})
	for _, c := range []struct {
		schema, cache string
		known         bool
	}{
		{"PUBLIC", "", true},
		{own, "", true},
		{"", own, true},
		{"public", "", false},
		{`"PUBLIC"`, "", false},
		{strings.ToLower(own), "", false},
		{"NO_SUCH_SCHEMA", "", false},
		{"NO_SUCH_SCHEMA", own, false},
	} {
		_, err := e.c.Exec(e.ctx, ignite.SQL{Statement: "SELECT 1", Schema: c.schema, Cache: c.cache})
		if (err == nil) != c.known || err != nil && !strings.Contains(err.Error(), "Failed to set schema for DB connection for thread [schema="+c.schema+"]") {
			e.Errorf("schema %q, cache %q: %v", c.schema, c.cache, err)
		}
	}
}

func testArrayParameter(e *env) {
	items := make([]any, 1200)
	for i := range items {
		items[i] = int32(i)
	}
	array := &binary.ObjectArray{TypeID: binary.ObjectTypeID, Items: items}
	if got, want := e.query("SELECT COUNT(*), SUM(X) FROM TABLE(X INT = ?)", array), [][]any{{int64(1200), int64(1199 * 600)}}; !reflect.DeepEqual(got, want) {
		e.Errorf("the array has %v, want %v", got, want)
	}
}

// testEntryQuery is OP_QUERY_SQL, which package ignite does not offer: whole entries of one table.
func testEntryQuery(e *env) {
	const typeName = "com.acme.Human"
	table := e.cacheName()
	name := e.newCache(inPublic(person(typeName, table)))
	cache := ignite.NewCache[any, any](e.c, name)
	for i := range int32(5) {
		e.noError(cache.Put(e.ctx, i, object(typeName, "name", "n", "age", 10+i)))
	}
	one, err := binary.AppendValue(nil, int32(11))
	e.noError(err)
	ask := func(text string, args ...binary.Raw) ([]int32, error) {
		return e.entryKeys(&wire.QuerySQLRequest{CacheInfo: wire.CacheInfo{CacheID: binary.CacheID(name)}, Table: "Human", SQL: text, Args: args, PageRows: 2})
	}
	for _, c := range []struct {
		text string
		args []binary.Raw
		want []int32
	}{
		{"age > ? ORDER BY id", []binary.Raw{one}, []int32{2, 3, 4}},
		{"where age < ? order by id", []binary.Raw{one}, []int32{0}},
		{"ORDER BY id DESC LIMIT 1", nil, []int32{4}},
		{"FROM " + table + " WHERE id = 1", nil, []int32{1}},
		{"SELECT * FROM " + table + " WHERE id = 2", nil, []int32{2}},
		{"select p.* from " + table + " p where p.id >= 3 order by p.id", nil, []int32{3, 4}},
		{"id > 100", nil, nil},
	} {
		if got, err := ask(c.text, c.args...); err != nil || !reflect.DeepEqual(got, c.want) {
			e.Errorf("%s gives %v, %v; want %v", c.text, got, err, c.want)
		}
	}
	for _, bad := range []string{" ", "GROUP BY id", "SELECT name FROM " + table, "nope = 1", "DELETE FROM " + table, "id = ?", "id = 1; SELECT 1", "FROM " + table + " p"} {
		if got, err := ask(bad); !errors.Is(err, wire.StatusFailed) {
			e.Errorf("%q gives %v, %v", bad, got, err)
		}
	}
	for _, typ := range []string{typeName, "human", table, "NO_SUCH_TYPE"} {
		q := &wire.QuerySQLRequest{CacheInfo: wire.CacheInfo{CacheID: binary.CacheID(name)}, Table: typ, SQL: "id = 1", PageRows: 2}
		if _, err := e.entryKeys(q); !errors.Is(err, wire.StatusFailed) || !strings.Contains(err.Error(), "Failed to find SQL table for type: "+typ) {
			e.Errorf("type %s: %v", typ, err)
		}
	}
	if _, err := e.entryKeys(&wire.QuerySQLRequest{Table: "Human", SQL: "id = 1", PageRows: 2}); !errors.Is(err, wire.StatusCacheDoesNotExist) {
		e.Errorf("no cache: %v", err)
	}
}

// entryKeys runs an entry query over a connection of its own, and gives the keys of all pages.
func (e *env) entryKeys(q *wire.QuerySQLRequest) ([]int32, error) {
	e.Helper()
	raw := e.dialRaw()
	var first wire.QuerySQLResponse
	if err := raw.call(q, &first); err != nil {
		return nil, err
	}
	keys, err := keysOf(first.Page)
	for more := first.More; more && err == nil; {
		var next wire.PageResponse
		if err := raw.call(&wire.SQLPageRequest{CursorID: first.CursorID}, &next); err != nil {
			return nil, err
		}
		var rest []int32
		rest, err = keysOf(next.Page)
		keys, more = append(keys, rest...), next.More
	}
	return keys, err
}

func keysOf(p wire.Page) ([]int32, error) {
	r := binary.NewReader(p.Data)
	var keys []int32
	for range p.Rows {
		key, ok := r.Value().(int32)
		if !ok {
			return nil, errors.New("a key is no int")
		}
		if t := r.Raw().Type(); t != binary.TypeWrapped && t != binary.TypeObject {
			return nil, errors.New("a value is no object")
		}
		keys = append(keys, key)
	}
	return keys, r.Finish()
}
