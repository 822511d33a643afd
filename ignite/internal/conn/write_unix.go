//go:build unix && (!linux || 386 || s390x)

package conn

import "syscall"

// writeNow writes what a socket that never waits takes at once; see socket_linux.go.
func writeNow(fd uintptr, p []byte) (int, error) { return syscall.Write(int(fd), p) }
