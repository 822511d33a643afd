package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// memoryOver is what a node may take beside --memory.
const memoryOver = 64 << 20

// peakBytes is the most memory that a process has had, without the pages of its program file.
func peakBytes(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	field := func(name string) int64 {
		_, rest, _ := strings.Cut(string(status), "\n"+name+":")
		rest, _, _ = strings.Cut(rest, " kB")
		n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
		if err != nil {
			t.Fatalf("%s of /proc: %v", name, err)
		}
		return n << 10
	}
	return field("VmHWM") - field("RssFile")
}

// shakeHands makes a connection of protocol 1.4.0 without features.
func shakeHands(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	hello := []byte{8, 0, 0, 0, 1, 1, 0, 4, 0, 0, 0, 2}
	if _, err := c.Write(hello); err != nil {
		t.Fatal(err)
	}
	if answer := readAnswer(t, c); answer[0] != 1 {
		t.Fatalf("the handshake was refused: %q", answer)
	}
	return c
}

func readAnswer(t *testing.T, c net.Conn) []byte {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.LittleEndian.Uint32(head))
	if _, err := io.ReadFull(c, body); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestMemoryOfRequests: twelve clients each send most of a very long request and stop. What
// the node holds stays below its bound, who goes over it is told, and others are served.
func TestMemoryOfRequests(t *testing.T) {
	const memory, promised, sent = 128 << 20, 255 << 20, 96 << 20
	cmd, address := startNode(t, "--memory", "128MiB")
	chunk := make([]byte, 1<<20)
	head := binary.LittleEndian.AppendUint32(nil, promised)
	head = binary.LittleEndian.AppendUint16(head, uint16(wire.OpCachePut))
	head = binary.LittleEndian.AppendUint64(head, 7)
	refused := 0
	for range 12 {
		c := shakeHands(t, address)
		if _, err := c.Write(head); err != nil {
			t.Fatal(err)
		}
		for range sent / len(chunk) {
			if _, err := c.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
		// Those that were refused have their answer though their request goes on.
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, _ := c.Read(make([]byte, 1)); n == 1 {
			refused++
		}
	}
	if refused < 11 {
		t.Errorf("%d of 12 clients were refused", refused)
	}
	putOne(t, address)
	if peak := peakBytes(t, cmd.Process.Pid); peak > memory+memoryOver {
		t.Errorf("the node took %d MiB with --memory 128MiB", peak>>20)
	} else {
		t.Logf("the node took %d MiB", peak>>20)
	}
	stopNode(t, cmd)
}

// TestMemoryOfCursors: twenty cursors stand in rows that are overwritten again and again.
func TestMemoryOfCursors(t *testing.T) { testMemoryOfCursors(t) }

// TestMemoryOfCursorsOnDisk does it with the data in a directory.
func TestMemoryOfCursorsOnDisk(t *testing.T) { testMemoryOfCursors(t, "--data-dir", t.TempDir()) }

func testMemoryOfCursors(t *testing.T, flags ...string) {
	const memory, rows, rowBytes = 128 << 20, 512, 64 << 10
	cmd, address := startNode(t, append(flags, "--memory", "128MiB")...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := clientWithCache(ctx, t, address, "C")
	cache := ignite.NewCache[int64, []byte](client, "C")
	value := make([]byte, rowBytes)
	var cursors []*ignite.Cursor
	for range 20 {
		for i := range rows {
			if err := cache.Put(ctx, int64(i), value); err != nil {
				t.Fatal(err)
			}
		}
		cur, err := client.OpenScan(ctx, ignite.RawScan{Cache: "C", Partition: ignite.NoPartition, PageRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = cur.Close() }()
		cursors = append(cursors, cur)
	}
	for i, cur := range cursors {
		if n, err := countRows(ctx, cur); err != nil || n != rows {
			t.Errorf("cursor %d gives %d rows of %d, %v", i, n, rows, err)
		}
	}
	if peak := peakBytes(t, cmd.Process.Pid); peak > memory+memoryOver {
		t.Errorf("the node took %d MiB with --memory 128MiB", peak>>20)
	} else {
		t.Logf("the node took %d MiB", peak>>20)
	}
	stopNode(t, cmd)
}

// countRows reads a cursor to its end.
func countRows(ctx context.Context, cur *ignite.Cursor) (int, error) {
	n := 0
	for {
		page, err := cur.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += page.Rows
		page.Release()
	}
}

func stopNode(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	signalTo(t, cmd, os.Interrupt)
	if code := finish(t, cmd); code != exitOK {
		t.Errorf("the node ended with %d", code)
	}
}

func putOne(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := clientWithCache(ctx, t, address, "ONE")
	if err := ignite.NewCache[int64, string](client, "ONE").Put(ctx, 1, "one"); err != nil {
		t.Error(err)
	}
}

// clientWithCache connects to a node and makes a cache there.
func clientWithCache(ctx context.Context, t *testing.T, address, cache string) *ignite.Client {
	t.Helper()
	client, err := ignite.Open(ctx, ignite.Config{Addresses: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.CreateCache(ctx, wire.CacheConfiguration{Name: cache}); err != nil {
		t.Fatal(err)
	}
	return client
}
