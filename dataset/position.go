package dataset

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Position says where a stream of batches stands: the version of its form (1),
// the seed of the epoch, the lane whose turn it is, the rows it has given in this
// turn, and for each lane the index of its partition in the epoch's order and
// the rows of it that were delivered. It means something only together with the
// Spec. Empty is the start of the epoch with seed 0; two numbers, version and
// seed, are the start of an epoch with a seed.
//
// The seed permutes the order of the partitions; 0 keeps their own order.
type Position []int64

const (
	positionVersion = 1
	positionHead    = 4
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

// lanes is the number of lanes that the position tells of, 0 at the start of an epoch.
func (p Position) lanes() int { return max(len(p)-positionHead, 0) / 2 }

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
	lanes      []laneState
}

// stateOf takes a position apart, for lanes that share parts partitions.
func stateOf(p Position, lanes, parts, quantum int) (state, error) {
	s := state{seed: p.Seed(), lanes: make([]laneState, lanes)}
	bad := func(format string, args ...any) (state, error) {
		return s, fmt.Errorf("dataset: the position does not fit the spec: "+format, args...)
	}
	if len(p) > 0 && p[0] != positionVersion {
		return bad("version %d, this program knows %d", p[0], positionVersion)
	}
	if len(p) <= 2 {
		if len(p) == 1 {
			return bad("one number is too few")
		}
		for l := range s.lanes {
			s.lanes[l].index = l
		}
		return s, nil
	}
	if len(p) != positionHead+2*lanes {
		return bad("it has %d numbers, %d lanes need %d", len(p), lanes, positionHead+2*lanes)
	}
	s.turn, s.rowsInTurn = int(p[2]), int(p[3])
	if s.turn < 0 || s.turn >= lanes || s.rowsInTurn < 0 || s.rowsInTurn >= quantum {
		return bad("turn %d, row %d of it", p[2], p[3])
	}
	for l := range s.lanes {
		index, row := p[positionHead+2*l], p[positionHead+2*l+1]
		if index < 0 || index >= int64(parts+lanes) || int(index)%lanes != l || row < 0 {
			return bad("lane %d stands at partition index %d of %d, row %d", l, index, parts, row)
		}
		s.lanes[l] = laneState{int(index), row}
	}
	return s, nil
}

// position puts the state together.
func (s *state) position() Position {
	p := make(Position, positionHead, positionHead+2*len(s.lanes))
	p[0], p[1], p[2], p[3] = positionVersion, s.seed, int64(s.turn), int64(s.rowsInTurn)
	for _, l := range s.lanes {
		p = append(p, int64(l.index), l.row)
	}
	return p
}

// epochOrder is the order of the partitions for a seed.
func epochOrder(parts []int, seed int64) []int {
	out := slices.Clone(parts)
	if seed != 0 {
		rng := rand.New(rand.NewPCG(uint64(seed), 0x6b696e646c696e67))
		rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}
