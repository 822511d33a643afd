package dataset

import (
	"context"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// source is where the pages come from: a cluster, or a test's tables. It is safe
// for several goroutines.
type source interface {
	// partitions lists the partitions to read, in their own order.
	partitions(ctx context.Context) ([]int, error)
	// owners numbers the nodes of these partitions from 0, without gaps; nil when
	// they are on one node or it is not known.
	owners(ctx context.Context, parts []int) ([]byte, error)
	// open begins the scan of a partition, in pages of pageRows rows. The placer,
	// if there is one, is offered each page while it arrives.
	open(ctx context.Context, partition, pageRows int, placer *placer) (cursor, error)
	// resolver gives the metadata of binary types while ctx lasts.
	resolver(ctx context.Context) binary.Resolver
	// count is the number of rows in the source, -1 when it can't be told.
	count(ctx context.Context) (int64, error)
	// partitionRows is about the number of rows of a partition.
	partitionRows(ctx context.Context) (int64, error)
}

// cursor is an open scan, for one goroutine. No two requests are ever in flight
// on it.
type cursor interface {
	// next gives the next page, io.EOF after the last one.
	next(ctx context.Context) (page, error)
	// node is where the pages come from.
	node() nodeName
	// close frees the scan on the server. It does not wait for long.
	close()
}

// page is rows as they came: key, value, key, value...
type page struct {
	rows    int
	data    []byte
	placed  *placed // the arrays that are not in data; nil for none
	release func()  // gives data and placed back; nil is allowed

	server, network time.Duration // how long it took to its first byte, and from there
}

// bytes is the size of the rows as they were sent.
func (p *page) bytes() int {
	if p.placed == nil {
		return len(p.data)
	}
	return len(p.data) + p.placed.bytes
}

func (p *page) free() {
	release := p.release
	*p = page{} // first: what is released may be looked for by the collector at once
	if release != nil {
		release()
	}
}
