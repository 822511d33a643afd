//go:build !unix

package conn

import "net"

// directWriter writes nothing here; see direct_unix.go.
type directWriter struct{}

func newDirectWriter(net.Conn) directWriter { return directWriter{} }

func (directWriter) write([]byte) int { return -1 }
