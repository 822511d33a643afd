package dataset

import (
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kindling-ml/kindling/column"
)

func TestStreamsStats(t *testing.T) {
	src, pool := tables(t, []int{5, 0, 4}, func(int) int { return 3 }), column.NewPool(0)
	s, _ := streamsOn(src, pool)
	spec := streamSpec(t)
	if got := s.Stats(spec); got.Readers != 0 || got.Rows != 0 {
		t.Errorf("before the first reader: %+v", got)
	}
	for range 2 {
		steps(t, s, spec, nil)
	}
	if got := s.Stats(spec); got.Rows != 18 || got.PageRows != 18 || got.Readers != 2 || got.OpenReaders != 0 || !slices.Equal(got.Partitions.Rows, []int64{10, 0, 8}) {
		t.Errorf("after two epochs: %+v", got)
	}
	b, _, err := s.Next(t.Context(), spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Release()
	if got := s.Stats(spec); got.Rows != 20 || got.Readers != 3 || got.OpenReaders != 1 {
		t.Errorf("with an open reader: %+v", got)
	}
	other := spec
	other.BatchRows = 3
	if got := s.Stats(other); got.Readers != 0 {
		t.Errorf("another spec has %+v", got)
	}
	// The part of a step counts for the spec that was prepared.
	prepared := spec
	prepared.Lanes = 1
	prepared.Prepare()
	step := prepared
	step.Part = 2
	steps(t, s, step, nil)
	if got := s.Stats(prepared); got.Rows != 4 || !slices.Equal(got.Partitions.Rows, []int64{0, 0, 4}) {
		t.Errorf("by parts: %+v", got)
	}
	unprepared := spec
	unprepared.Lanes, unprepared.Part = 1, 2
	if got := s.Stats(unprepared); got.Readers != 0 {
		t.Errorf("a spec of one part has %+v", got)
	}
	tracked(t, s, src, spec, other)
	caches := s.CacheStats()
	if len(caches) != 1 || caches[0].Cache != "C" || caches[0].Rows != 33 || caches[0].Readers != 5 || caches[0].OpenReaders != 1 {
		t.Errorf("the caches are %+v", caches)
	}
	if err := s.CloseAll(); err != nil {
		t.Error(err)
	}
	if got := s.Stats(spec); got.Rows != 20 || got.OpenReaders != 0 || got.BufferedBytes != 0 {
		t.Errorf("all closed: %+v", got)
	}
}

func TestWhoTakesHandedBatchesTellsItsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, share := range []int64{0, 4} {
			s, _ := streamsOn(&timedSource{timedTables(t), time.Second, 0}, column.NewPool(0))
			s.cfg.HandedShare = share
			spec := streamSpec(t)
			s.Starved(spec, time.Hour) // nothing is read yet
			steps(t, s, spec, nil)
			read := s.Stats(spec).Wait.Starved
			if (read >= time.Second) != (share == 0) || (read == 0) != (share > 0) {
				t.Errorf("share %d: the reader counted %v", share, read)
			}
			s.Starved(spec, time.Minute)
			if got := s.Stats(spec).Wait.Starved; got != read+time.Minute {
				t.Errorf("share %d: with a minute it is %v", share, got)
			}
			if caches := s.CacheStats(); len(caches) != 1 || caches[0].Wait.Starved != read+time.Minute || caches[0].Readers != 1 {
				t.Errorf("share %d: the caches are %+v", share, caches)
			}
			if err := s.CloseAll(); err != nil {
				t.Error(err)
			}
		}
	})
}

// tracked reads spec with a reader of its own, which counts for other.
func tracked(t *testing.T, s *Streams, src source, spec, other Spec) {
	t.Helper()
	r, err := openReader(t.Context(), src, spec, nil, column.NewPool(0), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	done := s.Track(other, r)
	var b *column.Batch
	for err == nil {
		if b, err = r.Next(t.Context()); err == nil {
			b.Release()
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	done()
	if got := s.Stats(other); got.Rows != 9 || got.OpenReaders != 0 {
		t.Errorf("a tracked reader: %+v", got)
	}
}
