//go:build !linux

package conn

import "net"

// markReads gives the connection to read from; see mark_linux.go.
func markReads(nc net.Conn) net.Conn { return nc }
