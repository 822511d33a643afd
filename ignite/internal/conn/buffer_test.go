package conn

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"
)

// zeros is a reader without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestLargeFramesForceNoCollection reads frames above what is pooled, one after the other:
// nobody has the collector run for that, and their memory is given back with each of them.
func TestLargeFramesForceNoCollection(t *testing.T) {
	const frames, size = 8, 1<<maxBits + 1<<20
	head := binary.LittleEndian.AppendUint32(nil, size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mapped := virtualBytes(t)
	for range frames {
		c := readerConn(io.MultiReader(bytes.NewReader(head), io.LimitReader(zeros{}, size)), 512<<20)
		f, err := c.readFrame()
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Body) < 1<<maxBits {
			t.Errorf("the body has %d bytes", len(f.Body))
		}
		f.Release()
	}
	runtime.ReadMemStats(&after)
	if n := after.NumForcedGC - before.NumForcedGC; n > 0 {
		t.Errorf("the collector was forced to run %d times for %d frames", n, frames)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > size {
		t.Errorf("%d bytes of Go's heap were taken for %d frames of %d", n, frames, size)
	}
	if n := virtualBytes(t) - mapped; n > 2*size {
		t.Errorf("the process has %d bytes more after %d frames of %d", n, frames, size)
	}
}

// virtualBytes is the memory that the process has mapped; 0 where the system does not tell.
func virtualBytes(t *testing.T) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var pages int64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
