package dataset

import "context"

const (
	// leafRows is about how many rows a leaf of a partition's tree holds in Ignite. A
	// cursor keeps all rows of a leaf on the server's heap, however small its pages are.
	leafRows = 300
	// heapBytes bounds what the cursors of one reader may keep there. Without it eight
	// cursors in rows of 1 MiB end a server that has 2 GiB of heap.
	heapBytes = 256 << 20
)

// chooseLanes is the number of lanes where the spec states none: DefaultLanes, or
// fewer where rows are so large that the servers could not keep so many leaves. It is
// the same for the same rows in the cache.
func chooseLanes(ctx context.Context, src source, spec *Spec) (int, error) {
	row := int64(max(spec.Schema.RowBytes, 1))
	if row <= heapBytes/(leafRows*DefaultLanes) {
		return DefaultLanes, nil
	}
	rows, err := src.partitionRows(ctx)
	if err != nil {
		return 0, err
	}
	return int(min(max(heapBytes/row/min(max(rows, 1), leafRows), 1), DefaultLanes)), nil
}
