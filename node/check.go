package node

import (
	"fmt"
	"strconv"

	"github.com/kindling-ml/kindling/node/internal/affinity"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// ErrDataDamaged says that files of Config.DataDir are broken or missing. The error
// names the file where one is known.
var ErrDataDamaged = store.ErrDamaged

// CacheCheck is what Check found of one cache.
type CacheCheck struct {
	Name       string
	Stored     int64 // entries that the cache has, by its own count; -1 when that is lost
	Readable   int64 // entries that can be read
	Partitions int   // partitions of which some entries can't be read
	Err        error // the first error; nil when all is readable
}

// Check reads every entry in a data directory, which no node may have open, and says
// for each cache what can be read. It changes nothing. The error is ErrDataDamaged
// when not even the list of caches can be read; ErrDataDirInUse; or of the file system.
func Check(dir string) (found []CacheCheck, err error) {
	s, err := store.Open(store.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	defer func() {
		if closed := s.Close(); err == nil && closed != nil {
			err = fmt.Errorf("node: close %s: %w", dir, closed)
		}
	}()
	partitions := DefaultPartitions
	if stored, err := s.Meta("node", "partitions"); err != nil {
		return nil, err
	} else if n, err := strconv.Atoi(string(stored)); err == nil && n > 0 && n <= affinity.MaxPartitions {
		partitions = n
	}
	caches, err := loadCatalog(s, partitions)
	if err != nil {
		return nil, err
	}
	if _, err := loadTypes(s); err != nil {
		return nil, err
	}
	for _, ch := range caches.all() {
		found = append(found, checkCache(s, ch))
	}
	return found, nil
}

func checkCache(s *store.Store, ch *cache) CacheCheck {
	found := CacheCheck{Name: ch.name()}
	var err error
	if found.Stored, err = s.Size(ch.id); err != nil {
		found.Stored, found.Err = -1, err
	}
	for part := range ch.partitions {
		n, err := checkPartition(s, ch.id, part)
		found.Readable += n
		if err == nil {
			continue
		}
		found.Partitions++
		if found.Err == nil {
			found.Err = err
		}
	}
	return found
}

func checkPartition(s *store.Store, cache int32, part int) (int64, error) {
	cur, err := s.Scan(cache, part, part+1)
	if err != nil {
		return 0, err
	}
	var n int64
	for cur.Next() {
		n++
	}
	return n, cur.Close()
}
