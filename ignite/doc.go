// Package ignite is a thin client of Apache Ignite 2.x (and GridGain 8): caches
// as typed Go values, scans of partitions, SQL, binary types, the data streamer
// and the topology, over the thin client protocol 1.7.0.
//
// A [Client] stands for the cluster. It starts at one address, finds the other
// nodes, and sends a request to the node that owns its key or partition.
//
//	c, err := ignite.Open(ctx, ignite.Config{Addresses: []string{"127.0.0.1:10800"}})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	people := ignite.NewCache[int64, Person](c, "PEOPLE")
//	if err := people.Put(ctx, 1, Person{Name: "Ada"}); err != nil {
//		return err
//	}
//	for e, err := range people.Scan(ctx, ignite.ScanQuery{}) {
//		...
//	}
//
// # Contexts and time
//
// Everything that asks the server takes a context. When it ends, the request
// ends and the shared connection lives on; a cursor that the server opened for
// it in the meantime is closed. Config.RequestTimeout bounds every request that
// has no earlier deadline.
//
// # Errors
//
// Errors are *[OpError] values, which name the operation, the cache, the
// partition and the address. Below them lie *[ServerError] (errors.Is finds the
// wire.Status), *[ConnectError] and the context's errors. [Retryable] says
// whether doing it again is harmless and may help.
//
// # Layers
//
// Package wire has the messages and package binary the values; this package adds
// connections and routing (in ignite/internal) and imports neither the embedded
// node nor anything above it.
package ignite
