//go:build unix

package conn

import (
	"net"
	"syscall"
)

// directWriter writes to a socket without ever waiting for it.
type directWriter struct {
	fd syscall.RawConn // nil: not a plain TCP connection
}

func newDirectWriter(nc net.Conn) directWriter {
	if t, ok := nc.(*net.TCPConn); ok {
		if fd, err := t.SyscallConn(); err == nil {
			return directWriter{fd}
		}
	}
	return directWriter{}
}

// write gives the bytes that the socket took, -1 where it took none.
func (d directWriter) write(p []byte) int {
	if d.fd == nil {
		return -1
	}
	n := -1
	err := d.fd.Write(func(fd uintptr) bool {
		var err error
		if n, err = writeNow(fd, p); err != nil || n == 0 {
			n = -1
		}
		return true // done, whatever came of it: the writer finds out what is wrong
	})
	if err != nil {
		return -1
	}
	return n
}
