package ignite

import (
	"context"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// CacheNames lists the caches of the cluster, SQL tables included, in no order.
func (c *Client) CacheNames(ctx context.Context) ([]string, error) {
	var res wire.CacheGetNamesResponse
	if err := c.ask(ctx, anywhere, &wire.CacheGetNamesRequest{}, &res, nil); err != nil {
		return nil, err
	}
	return res.Names, nil
}

// CacheConfiguration asks for a cache's configuration. errors.Is finds
// wire.StatusCacheDoesNotExist when there is no such cache.
func (c *Client) CacheConfiguration(ctx context.Context, cache string) (*wire.CacheConfiguration, error) {
	var (
		res wire.CacheGetConfigurationResponse
		out wire.CacheConfiguration
	)
	req := &wire.CacheGetConfigurationRequest{CacheInfo: cacheInfo(cache)}
	err := c.ask(ctx, onCache(cache), req, &res, func() error {
		out = res.Config
		cloneDefaults(&out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// cloneDefaults takes the only encoded values of a configuration, the default
// values of fields, out of the answer's memory.
func cloneDefaults(cfg *wire.CacheConfiguration) {
	for i := range cfg.QueryEntities {
		fields := cfg.QueryEntities[i].Fields
		for j := range fields {
			fields[j].Default = cloneRaw(fields[j].Default)
		}
	}
}

// CreateCache creates a cache. errors.Is finds wire.StatusCacheExists when it is
// there already.
func (c *Client) CreateCache(ctx context.Context, cfg wire.CacheConfiguration) error {
	req := &wire.CacheCreateWithConfigurationRequest{Config: cfg}
	return c.ask(ctx, onCache(cfg.Name), req, &wire.EmptyResponse{}, nil)
}

// GetOrCreateCache creates a cache if there is none of that name. The
// configuration of one that exists is not changed, nor compared.
func (c *Client) GetOrCreateCache(ctx context.Context, cfg wire.CacheConfiguration) error {
	req := &wire.CacheGetOrCreateWithConfigurationRequest{Config: cfg}
	return c.ask(ctx, onCache(cfg.Name), req, &wire.EmptyResponse{}, nil)
}

// DestroyCache destroys a cache and its data. errors.Is finds
// wire.StatusCacheDoesNotExist when there is no such cache.
func (c *Client) DestroyCache(ctx context.Context, cache string) error {
	defer c.declared.reset()
	req := &wire.CacheDestroyRequest{CacheID: binary.CacheID(cache)}
	return c.ask(ctx, onCache(cache), req, &wire.EmptyResponse{}, nil)
}

// ClusterState asks for the cluster's state.
func (c *Client) ClusterState(ctx context.Context) (wire.ClusterState, error) {
	var res wire.ClusterGetStateResponse
	err := c.ask(ctx, anywhere, &wire.ClusterGetStateRequest{}, &res, nil)
	return res.State, err
}

// SetClusterState activates the cluster, makes it read-only, or deactivates it.
// Deactivation that would lose the data of caches in memory is refused by the server.
func (c *Client) SetClusterState(ctx context.Context, state wire.ClusterState) error {
	err := c.ask(ctx, anywhere, &wire.ClusterChangeStateRequest{State: state}, &wire.EmptyResponse{}, nil)
	if err == nil {
		c.affinity.Reset()
	}
	return err
}

// PartitionCount is the number of partitions of a cache. Where the partition map
// does not tell it (REPLICATED caches, custom affinity functions) it is found by
// asking for single partitions, some twenty requests.
func (c *Client) PartitionCount(ctx context.Context, cache string) (int, error) {
	m, err := c.Partitions(ctx, cache)
	if err != nil {
		return 0, err
	}
	if m.Count() > 0 {
		return m.Count(), nil
	}
	low, high := 0, 1 // partition low exists, or low is 0; high is to be tried
	for ; ; low, high = high, 2*high {
		ok, err := c.hasPartition(ctx, cache, high)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
	}
	for high-low > 1 {
		mid := (low + high) / 2
		ok, err := c.hasPartition(ctx, cache, mid)
		if err != nil {
			return 0, err
		}
		if ok {
			low = mid
		} else {
			high = mid
		}
	}
	return high, nil
}

// hasPartition asks for one row of a partition: the server refuses numbers that
// are not below the count.
func (c *Client) hasPartition(ctx context.Context, cache string, p int) (bool, error) {
	cur, err := c.OpenScan(ctx, RawScan{Cache: cache, Partition: p, PageRows: 1})
	if err == nil {
		return true, cur.Close()
	}
	if strings.Contains(err.Error(), "Invalid partition number") {
		return false, nil
	}
	return false, err
}
