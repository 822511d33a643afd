//go:build !unix

package conn

// mapMemory gives nothing here: large buffers are on Go's heap.
func mapMemory(int) []byte { return nil }

func unmapMemory([]byte) {}
