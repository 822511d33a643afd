// Package dataset reads an Ignite cache or SQL table as a stream of columnar
// batches for training: the partitions are scanned in parallel, rows are decoded
// from page bytes straight into columns by a plan compiled once for each schema
// of a type, and the order of the rows is a function of the Spec and the
// Position alone, whatever the timing. So a Position saved in a checkpoint
// continues exactly where it stood.
//
//	schema, err := dataset.Discover(ctx, client, dataset.DiscoverOptions{Cache: "MNIST_CACHE"})
//	r, err := dataset.Open(ctx, client, dataset.Spec{Cache: "MNIST_CACHE", Part: -1, Schema: *schema, BatchRows: 256}, nil)
//	defer r.Close()
//	for {
//		batch, err := r.Next(ctx) // io.EOF at the end
//		...
//		batch.Release()
//	}
//
// An element is {"key": ..., "val": ...}, nested as the objects are; a plain
// value is val itself.
package dataset
