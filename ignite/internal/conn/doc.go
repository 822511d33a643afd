// Package conn is one connection of the thin client: TCP, TLS, the handshake,
// frames, and requests that share the connection.
//
// A [Conn] owns two goroutines. The writer takes encoded frames from a bounded
// queue, so that a cancelled caller never waits for a slow socket. The reader
// takes frames off the socket into pooled buffers and hands each to the request
// with the same id. [Conn.Close] ends both and waits for them.
//
// A request ends with its context, the connection does not: the answer that
// arrives later is dropped, or given to the request's [Late] function, which can
// release what the server opened for it.
//
// The package knows frames and headers. What a body means, which node to ask and
// whether to ask again is decided above it.
//
//	c, err := conn.Dial(ctx, conn.Options{Addr: "127.0.0.1:10800"})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	frame, err := c.Do(ctx, &wire.CacheGetNamesRequest{}, conn.Call{Timeout: time.Second})
package conn
