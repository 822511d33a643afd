//go:build unix

package conn

import "golang.org/x/sys/unix"

// mapMemory gives n zero bytes that are not Go's; nil when the system has none.
func mapMemory(n int) []byte {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	return b
}

// unmapMemory gives them back; nothing for nil.
func unmapMemory(b []byte) {
	if b != nil {
		_ = unix.Munmap(b) // it fails for what was not mapped only
	}
}
