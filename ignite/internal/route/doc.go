// Package route decides which server node a request goes to: it parses address
// lists, keeps connections to the nodes, fails over between them, and computes
// the partition of a key and the node that owns it, as Ignite's
// RendezvousAffinityFunction and thin client partition awareness do.
//
//	pool, err := route.Open(ctx, route.Options{Seeds: []string{"127.0.0.1:10800"}})
//	if err != nil {
//		return err
//	}
//	defer pool.Close()
//	c, err := pool.Any(ctx)
package route
