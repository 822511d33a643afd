package dataset

import (
	"context"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// source is where the pages come from: a cluster, or a test's tables. It is safe
// for several goroutines.
type source interface {
	// partitions lists the partitions to read, in their own order.
	partitions(ctx context.Context) ([]int, error)
	// open begins the scan of a partition, in pages of pageRows rows.
	open(ctx context.Context, partition, pageRows int) (cursor, error)
	// resolver gives the metadata of binary types while ctx lasts.
	resolver(ctx context.Context) binary.Resolver
	// count is the number of rows in the source, -1 when it can't be told.
	count(ctx context.Context) (int64, error)
}

// cursor is an open scan, for one goroutine. No two requests are ever in flight
// on it.
type cursor interface {
	// next gives the next page, io.EOF after the last one.
	next(ctx context.Context) (page, error)
	// close frees the scan on the server. It does not wait for long.
	close()
}

// page is rows as they came: key, value, key, value...
type page struct {
	rows    int
	data    []byte
	release func() // gives data back; nil is allowed
}

func (p *page) free() {
	if p.release != nil {
		p.release()
	}
	*p = page{}
}
