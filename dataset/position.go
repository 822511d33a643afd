package dataset

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Position says where a stream of batches stands: the version of its form (3),
// the seed of the epoch, the lane whose turn it is, the rows it has given in this
// turn, the rows of a turn, the number of lanes, for each lane the index of its partition in the
// epoch's order and the rows of it that were delivered, and where there are
// several nodes the one that each partition was on when the epoch began, eight to
// a number. It means something only together with the Spec. Empty is the start of
// the epoch with seed 0; two numbers, version and seed, are the start of an epoch
// with a seed.
//
// The seed permutes the order of the partitions; 0 keeps their own order. Those of
// several nodes take turns.
type Position []int64

const (
	positionVersion = 3
	positionHead    = 6
)

// StartPosition is the start of an epoch.
func StartPosition(seed int64) Position { return Position{positionVersion, seed} }

// Seed is the epoch's seed.
func (p Position) Seed() int64 {
	if len(p) < 2 {
		return 0
	}
	return p[1]
}

// laneState is where a lane stands.
type laneState struct {
	index int   // of the partition in the epoch's order
	row   int64 // rows of it delivered
}

// state is a position taken apart.
type state struct {
	seed       int64
	turn       int
	rowsInTurn int
	quantum    int         // rows of a turn; 0 at the start of an epoch
	lanes      []laneState // none at the start of an epoch: see begin
	// owners numbers the node of each partition that is read; nil for one node.
	owners []byte
}

// begin is the start of an epoch in so many lanes, with turns of quantum rows.
func (s *state) begin(lanes, quantum int, owners []byte) {
	s.lanes, s.quantum, s.owners = make([]laneState, lanes), quantum, owners
	for l := range s.lanes {
		s.lanes[l].index = l
	}
}

// stateOf takes a position of so many partitions apart.
func stateOf(p Position, parts int) (state, error) {
	s := state{seed: p.Seed()}
	bad := func(format string, args ...any) (state, error) {
		return s, fmt.Errorf("dataset: the position does not fit the spec: "+format, args...)
	}
	switch {
	case len(p) == 0:
		return s, nil
	case p[0] != positionVersion:
		return bad("version %d, this program knows %d", p[0], positionVersion)
	case len(p) == 2:
		return s, nil
	case len(p) < positionHead:
		return bad("%d numbers are too few", len(p))
	}
	if p[5] < 1 || p[5] > int64(max(parts, 1)) {
		return bad("%d lanes, and %d partitions are to be read", p[5], parts)
	}
	lanes, rest := int(p[5]), p[positionHead:]
	if words := len(rest) - 2*lanes; words != 0 && words != ownerWords(parts) {
		return bad("it has %d numbers, which is not what %d lanes in %d partitions need", len(p), lanes, parts)
	}
	s.turn, s.rowsInTurn, s.quantum = int(p[2]), int(p[3]), int(p[4])
	if s.turn < 0 || s.turn >= lanes || s.rowsInTurn < 0 || s.rowsInTurn >= s.quantum {
		return bad("turn %d, row %d of its %d", p[2], p[3], p[4])
	}
	s.lanes = make([]laneState, lanes)
	for l := range s.lanes {
		index, row := rest[2*l], rest[2*l+1]
		if index < 0 || index >= int64(parts+lanes) || int(index)%lanes != l || row < 0 {
			return bad("lane %d stands at partition index %d of %d, row %d", l, index, parts, row)
		}
		s.lanes[l] = laneState{int(index), row}
	}
	for _, word := range rest[2*lanes:] {
		s.owners = binary.LittleEndian.AppendUint64(s.owners, uint64(word))
	}
	if s.owners != nil {
		s.owners = s.owners[:parts]
	}
	return s, nil
}

// ownerWords is how many numbers hold the nodes of so many partitions.
func ownerWords(parts int) int { return (parts + 7) / 8 }

// position puts the state together.
func (s *state) position() Position {
	p := make(Position, positionHead, positionHead+2*len(s.lanes)+ownerWords(len(s.owners)))
	p[0], p[1], p[2], p[3] = positionVersion, s.seed, int64(s.turn), int64(s.rowsInTurn)
	p[4], p[5] = int64(s.quantum), int64(len(s.lanes))
	for _, l := range s.lanes {
		p = append(p, int64(l.index), l.row)
	}
	var word [8]byte
	for eight := range slices.Chunk(s.owners, len(word)) {
		clear(word[copy(word[:], eight):])
		p = append(p, int64(binary.LittleEndian.Uint64(word[:])))
	}
	return p
}

// epochOrder is the order of the partitions for a seed. Where they are on several
// nodes the nodes take turns, so that lanes, which stand next to each other in the
// order, read from all of them at once.
func epochOrder(parts []int, seed int64, owners []byte) []int {
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	if seed != 0 {
		rng := rand.New(rand.NewPCG(uint64(seed), 0x6b696e646c696e67))
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	if owners != nil {
		order = inTurns(order, owners)
	}
	for i, at := range order {
		order[i] = parts[at]
	}
	return order
}

// inTurns takes partitions from each node in turn, in their order.
func inTurns(order []int, owners []byte) []int {
	var queues [256][]int
	for _, at := range order {
		queues[owners[at]] = append(queues[owners[at]], at)
	}
	out := make([]int, 0, len(order))
	for len(out) < len(order) {
		for n, q := range queues {
			if len(q) > 0 {
				out, queues[n] = append(out, q[0]), q[1:]
			}
		}
	}
	return out
}
