// Package node is the embedded node: one Go process that serves Ignite's thin
// client protocol 1.7.0 as an Ignite 2.17 server does, for trying things out,
// for tests and for work on one machine.
//
//	n, err := node.Start(ctx, node.Config{})   // 127.0.0.1:10800, data in memory
//	if err != nil { ... }
//	defer n.Close()
//	fmt.Println(n.Addr())
//
// The node owns every partition of every cache. Keys go to partitions by
// Ignite's rendezvous rule, rows of a partition come in Ignite's order (Java
// hash code, then bytes), and what a client reads back has Ignite's shape: a
// top-level object is wrapped into a byte array, as the server sends it to
// clients that keep objects binary.
//
// Its limits, each of which answers with a clear error: no scan filters,
// transactions, expiry policies, continuous queries, compute, services or
// atomic data structures; SQL is what node/internal/sql supports. Protocol
// versions 1.0.0 to 1.7.0 are accepted, with the response header of each;
// messages that carry a cache configuration need 1.6.0, where their layout
// settled.
//
// The package shares the codec with the client and nothing else: it must not
// import package ignite.
package node
