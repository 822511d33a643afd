package ignite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// connect opens a client of an embedded node that lives as long as the example.
func connect(ctx context.Context) (*ignite.Client, func()) {
	srv, err := ignitetest.StartEmbedded(ctx)
	if err != nil {
		panic(err)
	}
	c, err := ignite.Open(ctx, srv.Config)
	if err != nil {
		panic(err)
	}
	return c, func() { _, _ = c.Close(), srv.Stop() }
}

type person struct {
	Name string
	Age  int32
}

func ExampleCache() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, done := connect(ctx)
	defer done()
	if err := c.GetOrCreateCache(ctx, wire.CacheConfiguration{Name: "PEOPLE"}); err != nil {
		fmt.Println(err)
		return
	}
	people := ignite.NewCache[int64, person](c, "PEOPLE")
	if err := people.Put(ctx, 1, person{Name: "Ada", Age: 36}); err != nil {
		fmt.Println(err)
		return
	}
	p, ok, err := people.Get(ctx, 1)
	fmt.Println(p.Name, p.Age, ok, err)
	for e, err := range people.Scan(ctx, ignite.ScanQuery{}) {
		fmt.Println(e.Key, e.Value.Name, err)
	}
	_, _, err = ignite.NewCache[int64, person](c, "NOBODY").Get(ctx, 1)
	fmt.Println(errors.Is(err, wire.StatusCacheDoesNotExist))
	// Output:
	// Ada 36 true <nil>
	// 1 Ada <nil>
	// true
}

func ExampleClient_NewStreamer() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, done := connect(ctx)
	defer done()
	if err := c.GetOrCreateCache(ctx, wire.CacheConfiguration{Name: "SQUARES"}); err != nil {
		fmt.Println(err)
		return
	}
	s, err := c.NewStreamer(ctx, "SQUARES", ignite.StreamerConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range int64(5000) {
		if err := s.Add(ctx, i, i*i); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := s.Close(ctx); err != nil {
		fmt.Println(err)
		return
	}
	n, err := ignite.NewCache[int64, int64](c, "SQUARES").Size(ctx)
	fmt.Println(n, err)
	// Output: 5000 <nil>
}

func ExampleClient_OpenScan() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, done := connect(ctx)
	defer done()
	if err := c.GetOrCreateCache(ctx, wire.CacheConfiguration{Name: "C"}); err != nil {
		fmt.Println(err)
		return
	}
	if err := ignite.NewCache[int64, string](c, "C").Put(ctx, 7, "seven"); err != nil {
		fmt.Println(err)
		return
	}
	cur, err := c.OpenScan(ctx, ignite.RawScan{Cache: "C", Partition: ignite.NoPartition})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cur.Close()
	for {
		page, err := cur.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		r := binary.NewReader(page.Data)
		for range page.Rows {
			fmt.Println(r.Value(), r.Value())
		}
		page.Release()
	}
	// Output: 7 seven
}

func ExampleClient_Query() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, done := connect(ctx)
	defer done()
	for _, s := range []string{
		"CREATE TABLE KITTEN (ID LONG PRIMARY KEY, NAME VARCHAR)",
		"INSERT INTO KITTEN (ID, NAME) VALUES (1, 'Tom'), (2, 'Kit')",
	} {
		if _, err := c.Exec(ctx, ignite.SQL{Statement: s}); err != nil {
			fmt.Println(err)
			return
		}
	}
	rows, err := c.Query(ctx, ignite.SQL{Statement: "SELECT ID, NAME FROM KITTEN WHERE ID > ? ORDER BY ID", Args: []any{int64(0)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rows.Columns())
	for row, err := range rows.All() {
		fmt.Println(row, err)
	}
	// Output:
	// [ID NAME]
	// [1 Tom] <nil>
	// [2 Kit] <nil>
}
