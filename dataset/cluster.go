package dataset

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// clusterSource reads a cache of a cluster.
type clusterSource struct {
	c    *ignite.Client
	spec *Spec
	node uuid.UUID // the one to ask in a local scan, set by partitions
}

// batchMemory gives the memory of batches where no allocator is stated.
var batchMemory = column.NewPool(0)

// Open starts reading what the spec says, at a position: nil for the start. ctx
// bounds the opening; the reader lives until Close and must be closed before the
// client is. The client is shared and stays open.
//
// Errors of the client name the operation, cache, partition and address; errors
// of rows are of type *RowError; a position of another spec is refused.
func Open(ctx context.Context, c *ignite.Client, spec Spec, pos Position) (*Reader, error) {
	return OpenWith(ctx, c, spec, pos, batchMemory)
}

// OpenWith is Open with the allocator that gives the memory of the batches.
func OpenWith(ctx context.Context, c *ignite.Client, spec Spec, pos Position, alloc column.Allocator) (*Reader, error) {
	return openReader(ctx, &clusterSource{c: c, spec: &spec}, spec, pos, alloc, Hooks{})
}

// partitions gives 0 to n-1; for a local scan those that the node holds as
// primary, or AllPartitions where the cluster does not tell which these are.
func (s *clusterSource) partitions(ctx context.Context) ([]int, error) {
	if s.spec.Local {
		return s.localPartitions(ctx)
	}
	n, err := s.c.PartitionCount(ctx, s.spec.Cache)
	if err != nil {
		return nil, err
	}
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out, nil
}

func (s *clusterSource) localPartitions(ctx context.Context) ([]int, error) {
	cur, err := s.c.OpenScan(ctx, ignite.RawScan{Cache: s.spec.Cache, Partition: AllPartitions, PageRows: 1, Local: true})
	if err != nil {
		return nil, err
	}
	s.node = cur.Node()
	if err := cur.Close(); err != nil {
		return nil, err
	}
	m, err := s.c.Partitions(ctx, s.spec.Cache)
	if err != nil || !m.Applicable() {
		return []int{AllPartitions}, err
	}
	var out []int
	for p := range m.Count() {
		if owner, ok := m.Owner(p); ok && owner == s.node {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return []int{AllPartitions}, nil
	}
	return out, nil
}

// owners numbers the nodes in the order of their ids; those after the 256th share
// the numbers of the first.
func (s *clusterSource) owners(ctx context.Context, parts []int) ([]byte, error) {
	if s.spec.Local {
		return nil, nil
	}
	m, err := s.c.Partitions(ctx, s.spec.Cache)
	if err != nil || !m.Applicable() {
		return nil, err
	}
	of := make([]uuid.UUID, len(parts))
	for i, p := range parts {
		id, ok := m.Owner(p)
		if !ok {
			return nil, nil
		}
		of[i] = id
	}
	compare := func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
	nodes := slices.SortedFunc(slices.Values(of), compare)
	if nodes = slices.Compact(nodes); len(nodes) < 2 {
		return nil, nil
	}
	out := make([]byte, len(parts))
	for i, id := range of {
		n, _ := slices.BinarySearchFunc(nodes, id, compare)
		out[i] = byte(n)
	}
	return out, nil
}

func (s *clusterSource) open(ctx context.Context, partition, pageRows int, p *placer) (cursor, error) {
	scan := ignite.RawScan{
		Cache: s.spec.Cache, Partition: partition, PageRows: pageRows, Local: s.spec.Local, Node: s.node,
	}
	if p != nil {
		scan.Sink = p
	}
	cur, err := s.c.OpenScan(ctx, scan)
	if err != nil {
		return nil, err
	}
	return &clusterCursor{cur, p, p.taken()}, nil
}

func (s *clusterSource) resolver(ctx context.Context) binary.Resolver { return s.c.Resolver(ctx) }

func (s *clusterSource) count(ctx context.Context) (int64, error) {
	if s.spec.Local || s.spec.Part >= 0 || len(s.spec.Parts) > 0 {
		return -1, nil
	}
	return s.size(ctx)
}

func (s *clusterSource) partitionRows(ctx context.Context) (int64, error) {
	rows, err := s.size(ctx)
	if err != nil {
		return 0, err
	}
	n, err := s.c.PartitionCount(ctx, s.spec.Cache)
	return rows / int64(max(n, 1)), err
}

func (s *clusterSource) size(ctx context.Context) (int64, error) {
	return ignite.NewCache[binary.Raw, binary.Raw](s.c, s.spec.Cache).Size(ctx)
}

// clusterCursor is a cursor and what was placed of its first page, which comes
// with the answer that opens it.
type clusterCursor struct {
	cur    *ignite.Cursor
	placer *placer
	first  *placed
}

func (c *clusterCursor) next(ctx context.Context) (page, error) {
	p, err := c.cur.Next(ctx)
	if err != nil {
		return page{}, err
	}
	got := c.first
	if c.first = nil; got == nil {
		got = c.placer.taken()
	}
	return page{rows: p.Rows, data: p.Data, placed: got, release: p.Release, server: p.Server, network: p.Network}, nil
}

func (c *clusterCursor) node() nodeName { return c.cur.Addr() }

// close tells the server at once; that it can't be told is of no consequence,
// for then the connection is gone and the cursor with it.
func (c *clusterCursor) close() { _ = c.cur.Close() }
