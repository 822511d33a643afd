package dataset

import (
	"context"
	"fmt"
	"slices"
)

const (
	// leafRows is about how many rows a leaf of a partition's tree holds in Ignite. A
	// cursor keeps all rows of a leaf on the server's heap, however small its pages are.
	leafRows = 300
	// heapBytes bounds what the cursors of one reader may keep on a node. Without it
	// eight cursors in rows of 1 MiB end a server that has 2 GiB of heap.
	heapBytes = 256 << 20
	// largeRow is from which size on rows are taken one by one from the lanes: where a page
	// has a few of them, turns of several would need as many pages read ahead.
	largeRow = 128 << 10
	// smallRow is below which size many are taken in turn: those of one shape are decoded
	// together.
	smallRow          = 512
	quantumOfSmallRow = 16
	// maxLanes bounds the lanes of many nodes; each node has one at least.
	maxLanes = 64
)

// lay gives an epoch's start its lanes and turns; a position from the middle has them,
// and goes on with them.
func (st *state) lay(ctx context.Context, src source, spec *Spec, parts []int) error {
	most := max(len(parts), 1)
	if st.lanes != nil {
		if want := min(spec.Lanes, most); spec.Lanes != 0 && want != len(st.lanes) {
			return fmt.Errorf("dataset: the position does not fit the spec: it has %d lanes, not %d", len(st.lanes), want)
		}
		if spec.QuantumRows != 0 && spec.QuantumRows != st.quantum {
			return fmt.Errorf("dataset: the position does not fit the spec: it has turns of %d rows, not %d", st.quantum, spec.QuantumRows)
		}
		return nil
	}
	owners, err := src.owners(ctx, parts)
	if err != nil {
		return err
	}
	lanes := spec.Lanes
	if lanes == 0 {
		nodes := 1
		if owners != nil {
			nodes = int(slices.Max(owners)) + 1
		}
		if lanes, err = chooseLanes(ctx, src, spec, nodes); err != nil {
			return err
		}
	}
	quantum := spec.QuantumRows
	if quantum == 0 {
		quantum = chooseQuantum(spec)
	}
	st.begin(min(lanes, most), quantum, owners)
	return nil
}

// chooseQuantum is the number of rows in turn where the spec states none. It does not go by
// the size of batches: the rows have one order, whatever they are put into.
func chooseQuantum(spec *Spec) int {
	switch row := spec.Schema.leastBytes(); {
	case row >= largeRow:
		return 1
	case row >= smallRow || row == 0:
		return DefaultQuantumRows
	default:
		return quantumOfSmallRow
	}
}

// chooseLanes is the number of lanes where the spec states none: fewer where the rows are
// so large that the servers could not keep so many leaves. It is the same for the same
// rows in the cache.
func chooseLanes(ctx context.Context, src source, spec *Spec, nodes int) (int, error) {
	each := max(min(max(DefaultLanes/nodes, DefaultLanesPerNode), maxLanes/nodes), 1)
	row := max(spec.Schema.leastBytes(), 1)
	if row > heapBytes/(leafRows*each) {
		rows, err := src.partitionRows(ctx)
		if err != nil {
			return 0, err
		}
		each = min(max(heapBytes/row/int(min(max(rows, 1), leafRows)), 1), each)
	}
	return each * nodes, nil
}
