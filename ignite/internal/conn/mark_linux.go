package conn

import (
	"net"
	"syscall"
)

const (
	// markBytes is what a reader of a large body is woken for: a wake-up costs as
	// much as copying some ten KiB.
	markBytes = 256 << 10
	// markShare bounds the mark to that part of the socket's buffer. The kernel
	// counts in the buffer what its packets take, with their overhead; as long as the
	// mark is a small part of it, the sender finds the window open until the mark is
	// reached. Should packets be so small that it is not, the kernel wakes the reader
	// before the buffer is full, whatever the mark.
	markShare = 8
	// leastMark is not worth setting.
	leastMark = 32 << 10
)

// marked is a TCP connection whose reader sleeps until a good part of what it wants is
// there (SO_RCVLOWAT), and not only the packet that came next. Read is for one
// goroutine.
type marked struct {
	net.Conn
	fd   syscall.RawConn
	mark int // as the socket has it
}

// markReads gives the connection to read from, which may be nc itself.
func markReads(nc net.Conn) net.Conn {
	if t, ok := nc.(*net.TCPConn); ok {
		if fd, err := t.SyscallConn(); err == nil {
			return &marked{Conn: nc, fd: fd, mark: 1}
		}
	}
	return nc
}

// Read implements io.Reader. A p that is larger than the buffer in front is the rest
// of a body, and will be read until it is full: see Body.
func (m *marked) Read(p []byte) (int, error) {
	switch {
	case len(p) <= readBuffer:
		m.set(1)
	case m.mark == 1 || m.mark > len(p):
		m.set(min(len(p), markBytes))
	}
	return m.Conn.Read(p)
}

// set sets the mark, or a smaller one where the socket's buffer is small.
func (m *marked) set(mark int) {
	if mark == m.mark {
		return
	}
	_ = m.fd.Control(func(fd uintptr) { // an error is for Read to tell
		if mark > 1 {
			buffer, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF)
			if mark = min(mark, buffer/markShare); err != nil || mark < leastMark {
				mark = 1
			}
		}
		if mark == m.mark {
			return
		}
		if syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, mark) == nil {
			m.mark = mark
		}
	})
}
