package node

import (
	"fmt"
	"sync/atomic"

	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// cluster is what clients see of the cluster: its state and the version of its
// affinity topology. A node alone is topology 1; the minor version counts the
// caches made and destroyed and the changes of state.
type cluster struct {
	store *store.Store
	state atomic.Uint32 // a wire.ClusterState
	minor atomic.Int32
}

func loadCluster(s *store.Store) (*cluster, error) {
	c := &cluster{store: s}
	c.state.Store(uint32(wire.ClusterActive))
	v, err := s.Meta("cluster", "state")
	if err != nil {
		return nil, err
	}
	if len(v) == 1 {
		c.state.Store(uint32(v[0]))
	} else if v != nil {
		return nil, fmt.Errorf("node: stored cluster state has %d bytes", len(v))
	}
	return c, nil
}

func (c *cluster) get() wire.ClusterState { return wire.ClusterState(c.state.Load()) }

func (c *cluster) set(s wire.ClusterState) error {
	if c.get() == s {
		return nil
	}
	if err := c.store.PutMeta("cluster", "state", []byte{byte(s)}); err != nil {
		return err
	}
	c.state.Store(uint32(s))
	c.changed()
	return nil
}

// changed moves the affinity topology on.
func (c *cluster) changed() { c.minor.Add(1) }

func (c *cluster) topology() wire.AffinityVersion {
	return wire.AffinityVersion{Major: 1, Minor: c.minor.Load()}
}

// active refuses everything on data while the cluster is inactive.
func (c *cluster) active() error {
	if c.get() == wire.ClusterInactive {
		return failed(textInactive)
	}
	return nil
}

// writable refuses writes while the cluster is inactive or read-only.
func (c *cluster) writable(ch *cache) error {
	if c.get() == wire.ClusterActiveReadOnly {
		return failed("class org.apache.ignite.internal.processors.cache.CacheInvalidStateException: "+
			"Failed to perform cache operation (cluster is in read-only mode) [cacheGrp=%s, cache=%s]", orNull(ch.config.Load().GroupName), ch.name())
	}
	return c.active()
}

// changeable refuses an operation on a whole cache while the cluster is inactive or
// read-only. group is the name of the cache's group, as far as Ignite tells it.
func (c *cluster) changeable(operation, group, cache string) error {
	if c.get() == wire.ClusterActiveReadOnly {
		return failed("class org.apache.ignite.internal.processors.cache.distributed.dht.IgniteClusterReadOnlyException: "+
			"Failed to perform %s operation (cluster is in read-only mode) [cacheGrp=%s, cache=%s]", operation, orNull(group), cache)
	}
	return c.active()
}
