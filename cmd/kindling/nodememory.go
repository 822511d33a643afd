package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/pbnjay/memory"

	"github.com/kindling-ml/kindling/node"
)

// heapBeside is what the process may need beside the bytes that the node counts: its
// code, goroutines, buffers of connections.
const heapBeside = 32 << 20

// memoryLimit reads --memory; "" is half of what the machine, or the container, has.
func memoryLimit(text string) (int64, error) {
	if text == "" {
		return max(int64(machineBytes()/2), node.MinMemoryBytes), nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n < node.MinMemoryBytes || n > math.MaxInt64/2 {
		return 0, usageError{fmt.Errorf("--memory %q: a size such as 512MiB or 4GiB, %s or more", text, humanize.IBytes(node.MinMemoryBytes))}
	}
	return int64(n), nil
}

// machineBytes is the memory of the machine, or of the container where that is less.
func machineBytes() uint64 {
	total := memory.TotalMemory()
	if total == 0 {
		total = 8 << 30
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			total = min(total, n)
		}
	}
	return total
}
