package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/node"
)

// TestClosedStreamsHaveNoGoroutine closes streams over rows that nobody fetches: when Close
// returns, nobody reads on. So it is where the rows are refused.
func TestClosedStreamsHaveNoGoroutine(t *testing.T) {
	n, err := node.Start(t.Context(), node.Config{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	c, err := ignite.Open(t.Context(), ignite.Config{Addresses: []string{n.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run := func(statement string) *ignite.Rows {
		rows, err := c.Query(t.Context(), ignite.SQL{Statement: statement, PageRows: sqlPageRows})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	run("CREATE TABLE X (ID INT PRIMARY KEY, NAME VARCHAR)")
	var values []string
	for i := range 200 {
		values = append(values, fmt.Sprintf("(%d, 'n')", i))
	}
	run("INSERT INTO X VALUES " + strings.Join(values, ", "))

	for range 3 {
		life, end := context.WithCancel(t.Context())
		s, err := newSQLStream(life, end, run("SELECT A.ID, B.NAME FROM X A, X B"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		select {
		case row, open := <-s.rows:
			if open {
				t.Fatalf("row %v came after Close", row)
			}
		default:
			t.Fatal("the goroutine reads on after Close")
		}
	}
}
