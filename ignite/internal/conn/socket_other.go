//go:build !linux || 386 || s390x

package conn

import "net"

// newSocket gives the connection to read from; see socket_linux.go.
func newSocket(nc net.Conn) net.Conn { return nc }
