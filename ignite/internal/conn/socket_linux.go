//go:build !386 && !s390x

package conn

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

const (
	// markBytes is what a reader of a large body is woken for, about a page: a wake-up
	// costs as much as copying some ten KiB.
	markBytes = 512 << 10
	// markShare bounds the mark to that part of the socket's buffer. The kernel
	// counts in the buffer what its packets take, with their overhead; as long as the
	// mark is a small part of it, the sender finds the window open until the mark is
	// reached. Should packets be so small that it is not, the kernel wakes the reader
	// before the buffer is full, whatever the mark.
	markShare = 8
	// leastMark is not worth setting.
	leastMark = 32 << 10
	// callBytes bounds one system call: the scheduler does not know of it and can
	// give the processor to nobody else meanwhile.
	callBytes = 512 << 10
	// mostPieces is how many stretches of memory one system call fills (IOV_MAX).
	mostPieces = 1024
)

// socket is a TCP connection that is read by system calls of its own. They never wait:
// when nothing is there the runtime's poller does. So the runtime need not be told of
// them, which for each one would start its watchdog, a tenth of the CPU of a reader.
//
// Its reader sleeps until a good part of what it wants is there (SO_RCVLOWAT), and not
// only the packet that came next. Reading is for one goroutine.
type socket struct {
	net.Conn
	fd   syscall.RawConn
	mark int // as the socket has it
	owed int // bytes that are sure to come: the rest of a frame

	// The read under way, for try, which is a field so that a read allocates nothing.
	try   func(fd uintptr) bool
	p     []byte
	n     int
	errno syscall.Errno

	tryAll func(fd uintptr) bool // the same of readAll
	pieces []syscall.Iovec
}

// newSocket gives the connection to read from, which may be nc itself.
func newSocket(nc net.Conn) net.Conn {
	if t, ok := nc.(*net.TCPConn); ok {
		if fd, err := t.SyscallConn(); err == nil {
			s := &socket{Conn: nc, fd: fd, mark: 1}
			s.try, s.tryAll = s.tryRead, s.tryReadAll
			return s
		}
	}
	return nc
}

// expect implements expecter.
func (s *socket) expect(n int) { s.owed = max(n, 0) }

// Read implements io.Reader.
func (s *socket) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.p = p[:min(len(p), callBytes)]
	err := s.fd.Read(s.try)
	s.p = nil
	return s.result(err)
}

// tryRead reads what is there; false when nothing is.
func (s *socket) tryRead(fd uintptr) bool {
	s.setMark(fd)
	return s.call(syscall.SYS_READ, fd, unsafe.Pointer(unsafe.SliceData(s.p)), len(s.p))
}

// readAll implements scatterer.
func (s *socket) readAll(list [][]byte) (int, error) {
	total := 0
	for _, p := range list {
		if len(s.pieces) == mostPieces || total == callBytes {
			break
		}
		if len(p) == 0 {
			continue
		}
		p = p[:min(len(p), callBytes-total)]
		total += len(p)
		piece := syscall.Iovec{Base: unsafe.SliceData(p)}
		piece.SetLen(len(p))
		s.pieces = append(s.pieces, piece)
	}
	if total == 0 {
		return 0, nil
	}
	err := s.fd.Read(s.tryAll)
	clear(s.pieces) // they hold memory that may be let go
	s.pieces = s.pieces[:0]
	return s.result(err)
}

func (s *socket) tryReadAll(fd uintptr) bool {
	s.setMark(fd)
	return s.call(syscall.SYS_READV, fd, unsafe.Pointer(unsafe.SliceData(s.pieces)), len(s.pieces))
}

// call makes a system call that reads, again when a signal came in between; false when
// it would have to wait.
func (s *socket) call(number, fd uintptr, p unsafe.Pointer, n int) bool {
	for {
		got, _, errno := syscall.RawSyscall(number, fd, uintptr(p), uintptr(n))
		switch errno {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		case 0:
			arrived(fd)
			s.n, s.errno = int(got), 0
			return true
		default:
			s.n, s.errno = 0, errno
			return true
		}
	}
}

// result is that of a read, with the errors that the connection itself would give.
func (s *socket) result(err error) (int, error) {
	switch {
	case err != nil:
		var waited *net.OpError
		if errors.As(err, &waited) {
			err = waited.Err
		}
	case s.errno != 0:
		err = os.NewSyscallError("read", s.errno)
	case s.n == 0:
		return 0, io.EOF
	default:
		s.owed = max(s.owed-s.n, 0)
		return s.n, nil
	}
	local := s.LocalAddr()
	return 0, &net.OpError{Op: "read", Net: local.Network(), Source: local, Addr: s.RemoteAddr(), Err: err}
}

// setMark sets the mark for what is owed, or a smaller one where the socket's buffer is
// small. An error is for the read to tell.
func (s *socket) setMark(fd uintptr) {
	mark := min(s.owed, markBytes)
	if mark < leastMark {
		mark = 1
	}
	if mark == s.mark || mark > s.mark && s.mark > 1 {
		return
	}
	if mark > 1 {
		buffer := socketOption(fd, syscall.SO_RCVBUF)
		if mark = min(mark, buffer/markShare); mark < leastMark {
			mark = 1
		}
	}
	if mark != s.mark && setSocketOption(fd, syscall.SO_RCVLOWAT, mark) {
		s.mark = mark
	}
}

// socketOption reads an option, 0 where that is not possible.
func socketOption(fd uintptr, name int) int {
	var v int32
	size := uint32(unsafe.Sizeof(v))
	_, _, errno := syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, fd, syscall.SOL_SOCKET, uintptr(name),
		uintptr(unsafe.Pointer(&v)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	return int(v)
}

func setSocketOption(fd uintptr, name, value int) bool {
	v := int32(value)
	_, _, errno := syscall.RawSyscall6(syscall.SYS_SETSOCKOPT, fd, syscall.SOL_SOCKET, uintptr(name),
		uintptr(unsafe.Pointer(&v)), unsafe.Sizeof(v), 0)
	return errno == 0
}

// writeNow writes what a socket that never waits takes at once.
func writeNow(fd uintptr, p []byte) (int, error) {
	leaves(fd)
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case syscall.EINTR:
		case 0:
			return int(n), nil
		default:
			return 0, errno
		}
	}
}
