package dataset_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// digits loads rows {label, pixels} with the keys 0 to n-1 into the cache DIGITS.
func digits(t testing.TB, c *ignite.Client, n int) {
	t.Helper()
	if err := c.GetOrCreateCache(t.Context(), wire.CacheConfiguration{Name: "DIGITS"}); err != nil {
		t.Fatal(err)
	}
	st, err := c.NewStreamer(t.Context(), "DIGITS", ignite.StreamerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		pixels := []byte{byte(i), byte(i >> 8), 3, 4}
		if err := st.Add(t.Context(), int64(i), binary.NewObject("Digit").Set("label", int32(i%10)).Set("pixels", pixels)); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func discover(t testing.TB, c *ignite.Client, cache string) dataset.Schema {
	t.Helper()
	s, err := dataset.Discover(t.Context(), c, dataset.DiscoverOptions{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	return *s
}

type batch struct {
	keys  []int64
	after dataset.Position
}

// readAll reads to the end or to the first error.
func readAll(t testing.TB, c *ignite.Client, spec dataset.Spec, pos dataset.Position) (out []batch, err error) {
	t.Helper()
	r, err := dataset.Open(t.Context(), c, spec, pos)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if err := b.Validate(); err != nil {
			t.Fatal(err)
		}
		one := batch{after: r.Position()}
		for i := range b.Rows {
			k := b.Columns[0].Value(i).(int64)
			want := map[string]any{"label": int32(k % 10), "pixels": []any{uint8(k), uint8(k >> 8), uint8(3), uint8(4)}}
			if got := b.Columns[1].Value(i); !reflect.DeepEqual(got, want) {
				t.Fatalf("key %d: %v", k, got)
			}
			one.keys = append(one.keys, k)
		}
		b.Release()
		out = append(out, one)
	}
}

func keys(all []batch) (out []int64) {
	for _, b := range all {
		out = append(out, b.keys...)
	}
	return out
}

func TestCacheIsReadOnceInOneOrder(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	digits(t, c, 1000)
	schema := discover(t, c, "DIGITS")
	if schema.String() != "{key: long, val: {label: int, pixels: byte[]}}" || schema.RowBytes == 0 {
		t.Fatalf("%s, %d bytes", &schema, schema.RowBytes)
	}
	for _, spec := range []dataset.Spec{{}, {BatchRows: 64}, {BatchRows: 7, Lanes: 3, QuantumRows: 2, PageRows: 1}, {BatchRows: 100, Local: true}} {
		spec.Cache, spec.Part, spec.Schema = "DIGITS", dataset.AllPartitions, schema
		all, err := readAll(t, c, spec, nil)
		if err != nil {
			t.Fatal(err)
		}
		sorted := keys(all)
		slices.Sort(sorted)
		if len(sorted) != 1000 || len(slices.Compact(sorted)) != 1000 {
			t.Fatalf("%d rows, want each of 1000 once", len(keys(all)))
		}
		for _, n := range []int{0, len(all) / 2, len(all) - 2, len(all) - 1} {
			rest, err := readAll(t, c, spec, all[n].after)
			if err != nil || !reflect.DeepEqual(keys(rest), keys(all[n+1:])) {
				t.Fatalf("after batch %d of %d: %d rows, %v", n, len(all), len(keys(rest)), err)
			}
		}
	}
	other, err := readAll(t, c, dataset.Spec{Cache: "DIGITS", Part: -1, Schema: schema, BatchRows: 64}, dataset.StartPosition(7))
	if err != nil || len(keys(other)) != 1000 {
		t.Fatalf("seed 7: %d rows, %v", len(keys(other)), err)
	}
}

func TestOnePartitionAndNone(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	digits(t, c, 100)
	schema := discover(t, c, "DIGITS")
	n := 0
	for p := range 1024 {
		if p%64 != 5 {
			continue
		}
		all, err := readAll(t, c, dataset.Spec{Cache: "DIGITS", Part: p, Schema: schema}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys(all) {
			if int(k^k>>16)&1023 != p {
				t.Errorf("key %d in partition %d", k, p)
			}
			n++
		}
	}
	if n != 2 { // keys 5 and 69
		t.Errorf("%d rows in the partitions 5, 69, ...", n)
	}
	for want, spec := range map[string]dataset.Spec{
		"has no partition 1024 to read: it has 1024":                 {Cache: "DIGITS", Part: 1024, Schema: schema},
		"Cache does not exist":                                       {Cache: "NOWHERE", Part: -1, Schema: schema},
		"val.label: the row holds a value of type int, the schema s": {Cache: "DIGITS", Part: -1, Schema: func() dataset.Schema { s := schema; s.Value = narrow(s.Value); return s }()},
	} {
		_, err := readAll(t, c, spec, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"`+spec.Cache+`"`) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func narrow(f dataset.Field) dataset.Field {
	f.Fields = slices.Clone(f.Fields)
	f.Fields[0].Type = binary.TypeByte
	return f
}

func TestTablesAndEmptyCaches(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	for _, q := range []string{
		"CREATE TABLE KITTEN_CACHE (ID LONG PRIMARY KEY, NAME VARCHAR)",
		"INSERT INTO KITTEN_CACHE VALUES (1, 'WARM KITTY'), (2, 'SOFT KITTY'), (3, 'LITTLE BALL OF FUR')",
		"CREATE TABLE EMPTY_T (ID INT PRIMARY KEY, NAME VARCHAR, AT TIMESTAMP, D DATE)",
	} {
		if _, err := c.Exec(t.Context(), ignite.SQL{Statement: q}); err != nil {
			t.Fatal(err)
		}
	}
	schema := discover(t, c, "SQL_PUBLIC_KITTEN_CACHE")
	r, err := dataset.Open(t.Context(), c, dataset.Spec{Cache: "SQL_PUBLIC_KITTEN_CACHE", Part: -1, Schema: schema, BatchRows: 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := r.Next(t.Context())
	if err != nil || b.Rows != 3 {
		t.Fatalf("%v", err)
	}
	for i, name := range []string{"WARM KITTY", "SOFT KITTY", "LITTLE BALL OF FUR"} {
		if b.Columns[0].Value(i) != int64(i+1) || !reflect.DeepEqual(b.Columns[1].Value(i), map[string]any{"NAME": name}) {
			t.Errorf("%v %v", b.Columns[0].Value(i), b.Columns[1].Value(i))
		}
	}
	b.Release()

	schema = discover(t, c, "SQL_PUBLIC_EMPTY_T")
	if schema.String() != "{key: int, val: {NAME: string?, AT: timestamp?, D: date?}}" {
		t.Errorf("an empty table: %s", &schema)
	}
	if all, err := readAll(t, c, dataset.Spec{Cache: "SQL_PUBLIC_EMPTY_T", Part: -1, Schema: schema}, nil); err != nil || len(all) != 0 {
		t.Errorf("an empty table has %d batches, %v", len(all), err)
	}
	if err := c.GetOrCreateCache(t.Context(), wire.CacheConfiguration{Name: "EMPTY"}); err != nil {
		t.Fatal(err)
	}
	var se *dataset.SchemaError
	if _, err := dataset.Discover(t.Context(), c, dataset.DiscoverOptions{Cache: "EMPTY"}); !errors.As(err, &se) || se.Cache != "EMPTY" {
		t.Errorf("an empty cache of unknown type: %v", err)
	}
}

func TestReplicatedCacheIsReadByPartitions(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	if err := c.GetOrCreateCache(t.Context(), wire.CacheConfiguration{Name: "R", Mode: wire.CacheModeReplicated}); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if err := ignite.NewCache[int64, string](c, "R").Put(t.Context(), int64(i), "v"); err != nil {
			t.Fatal(err)
		}
	}
	r, err := dataset.Open(t.Context(), c, dataset.Spec{Cache: "R", Part: -1, Schema: discover(t, c, "R"), BatchRows: 100}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := r.Count(t.Context()); err != nil || n != 50 {
		t.Errorf("Count: %d, %v", n, err)
	}
	b, err := r.Next(t.Context())
	if err != nil || b.Rows != 50 {
		t.Fatalf("%v, %v", b, err)
	}
	b.Release()
}

func TestServerClosedInTheMiddle(t *testing.T) {
	srv := ignitetest.Embedded(t)
	c := srv.Client(t)
	digits(t, c, 2000)
	spec := dataset.Spec{Cache: "DIGITS", Part: -1, Schema: discover(t, c, "DIGITS"), BatchRows: 1, PageRows: 1, BufferBytes: 1}
	r, err := dataset.Open(t.Context(), c, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for n := 0; ; n++ {
		b, err := r.Next(t.Context())
		if err == nil {
			b.Release()
			if n == 100 {
				if err := srv.Stop(); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		var oe *ignite.OpError
		if !errors.As(err, &oe) || oe.Cache != "DIGITS" || oe.Partition < 0 || !strings.Contains(err.Error(), srv.Addr) {
			t.Fatalf("after %d rows: %v", n, err)
		}
		if n < 100 {
			t.Fatalf("only %d rows", n)
		}
		return
	}
}

func TestStreamsOnACluster(t *testing.T) {
	srv := ignitetest.Embedded(t)
	digits(t, srv.Client(t), 300)
	s := dataset.NewStreams(dataset.StreamsConfig{Getenv: func(name string) string {
		if name == dataset.EnvPrefix+"CACHE_NAME" {
			return "DIGITS"
		}
		return ""
	}})
	spec := dataset.Spec{Cache: "overridden", Addresses: []string{srv.Addr}, Part: -1}
	schema, err := s.Discover(t.Context(), spec, dataset.DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	spec.Schema, spec.BatchRows = *schema, 32
	if n, err := s.Count(t.Context(), spec); err != nil || n != 300 {
		t.Fatalf("%d, %v", n, err)
	}
	var pos dataset.Position
	n := 0
	for {
		b, next, err := s.Next(t.Context(), spec, pos)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n += b.Rows
		b.Release()
		pos = next
	}
	if n != 300 || s.Open() != 0 {
		t.Fatalf("%d rows, %d readers open", n, s.Open())
	}
	if err := s.CloseAll(); err != nil {
		t.Fatal(err)
	}
}

func TestRowsAsGoValues(t *testing.T) {
	c := ignitetest.Embedded(t).Client(t)
	digits(t, c, 200)
	type digit struct {
		Label  int32
		Pixels []byte
	}
	spec := dataset.Spec{Cache: "DIGITS", Part: -1}
	n := 0
	for row, err := range dataset.Rows[int64, digit](t.Context(), c, spec) {
		if err != nil {
			t.Fatal(err)
		}
		if int64(row.Value.Label) != row.Key%10 || row.Value.Pixels[0] != byte(row.Key) {
			t.Fatalf("%+v", row)
		}
		n++
	}
	for d, err := range dataset.Of[digit](t.Context(), c, spec) { // breaking out frees the cursors
		if err != nil || len(d.Pixels) != 4 {
			t.Fatalf("%+v, %v", d, err)
		}
		break
	}
	if n != 200 {
		t.Fatalf("%d rows", n)
	}
	for _, err := range dataset.Of[[]int32](t.Context(), c, spec) {
		var re *dataset.RowError
		if !errors.As(err, &re) || re.Cache != "DIGITS" {
			t.Fatalf("objects as []int32: %v", err)
		}
	}
}

func Example() {
	ctx := context.Background()
	srv, err := ignitetest.StartEmbedded(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer func() { _ = srv.Stop() }()
	client, err := ignite.Open(ctx, srv.Config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer client.Close()
	for _, q := range []string{"CREATE TABLE CATS (ID LONG PRIMARY KEY, NAME VARCHAR)", "INSERT INTO CATS VALUES (1, 'Mia'), (2, 'Tom')"} {
		if _, err := client.Exec(ctx, ignite.SQL{Statement: q}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}

	schema, err := dataset.Discover(ctx, client, dataset.DiscoverOptions{Cache: "SQL_PUBLIC_CATS"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(schema)
	r, err := dataset.Open(ctx, client, dataset.Spec{Cache: "SQL_PUBLIC_CATS", Part: dataset.AllPartitions, Schema: *schema, BatchRows: 256}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer r.Close()
	for {
		batch, err := r.Next(ctx)
		if err != nil { // io.EOF at the end
			return
		}
		for i := range batch.Rows {
			fmt.Println(batch.Columns[0].Value(i), batch.Columns[1].Value(i))
		}
		batch.Release()
	}
	// Output:
	// {key: long, val: {NAME: string?}}
	// 1 map[NAME:Mia]
	// 2 map[NAME:Tom]
}
