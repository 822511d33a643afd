package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

func (s *disk) putMeta(kind, id string, value []byte) error {
	return metaError(kind, id, s.flushed(func() error { return s.db.Set(metaKey(kind, id), value, s.commits) }))
}

func (s *disk) deleteMeta(kind, id string) error {
	return metaError(kind, id, s.flushed(func() error { return s.db.Delete(metaKey(kind, id), s.commits) }))
}

func (s *disk) meta(kind, id string) ([]byte, error) {
	v, closer, err := s.db.Get(metaKey(kind, id))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, metaError(kind, id, err)
	}
	defer func() { _ = closer.Close() }()
	return append([]byte{}, v...), nil
}

func (s *disk) eachMeta(kind string, f func(id string, value []byte) error) error {
	lo := metaKey(kind, "")
	hi := bytes.Clone(lo)
	hi[len(hi)-1]++
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lo, UpperBound: hi})
	if err != nil {
		return metaError(kind, "*", err)
	}
	for it.First(); it.Valid(); it.Next() {
		v, err := it.ValueAndErr()
		if err == nil {
			err = f(string(it.Key()[len(lo):]), v)
		}
		if err != nil {
			return errors.Join(metaError(kind, string(it.Key()[len(lo):]), err), it.Close())
		}
	}
	return metaError(kind, "*", errors.Join(it.Error(), it.Close()))
}

func metaError(kind, id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: catalog record %s/%s: %w", kind, id, damaged(err))
}
