package ignite

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/conn"
	"github.com/kindling-ml/kindling/ignite/internal/route"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Node is a server node of the cluster as the cluster tells it.
type Node struct {
	ID        uuid.UUID
	Addresses []string // hosts, as the node advertises them: not all can be reached from everywhere
	Port      int      // of its thin client connector
}

// Nodes asks for the cluster's server nodes that have a thin client connector.
// It needs the protocol feature CLUSTER_GROUP_GET_NODES_ENDPOINTS; without it the
// error wraps [ErrUnsupported].
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	if err := c.refreshNodes(ctx, true); err != nil {
		return nil, err
	}
	c.nodesMu.Lock()
	defer c.nodesMu.Unlock()
	return slices.Clone(c.nodes), nil
}

// PartitionMap says which node is the primary of which partition of a cache, at
// one version of the topology.
type PartitionMap struct {
	p    *route.Partitions
	meta func(int32) *binary.Metadata
}

// Applicable is false when the cluster does not tell the mapping: for REPLICATED
// caches and for those with a custom affinity function. Then Count is 0.
func (m *PartitionMap) Applicable() bool { return m.p != nil && m.p.Applicable }

// Count is the number of partitions, 0 when the mapping is not applicable:
// [Client.PartitionCount] finds it out then.
func (m *PartitionMap) Count() int {
	if m.p == nil {
		return 0
	}
	return len(m.p.Owners)
}

// Owner is the primary node of a partition.
func (m *PartitionMap) Owner(p int) (uuid.UUID, bool) {
	if m.p == nil {
		return uuid.Nil, false
	}
	return m.p.Owner(p)
}

// Partition is the partition of an encoded key. It is false when the key's
// placement can't be computed here.
func (m *PartitionMap) Partition(key binary.Raw) (int, bool) {
	if m.p == nil {
		return 0, false
	}
	return m.p.Of(key, m.meta)
}

// Version is the affinity topology version for which the map holds.
func (m *PartitionMap) Version() wire.AffinityVersion {
	if m.p == nil {
		return wire.AffinityVersion{}
	}
	return m.p.Version
}

// Partitions returns the partition map of a cache. It is kept until the cluster
// tells of a new topology.
func (c *Client) Partitions(ctx context.Context, cache string) (*PartitionMap, error) {
	p, err := c.mapping(ctx, cache)
	if err != nil {
		return nil, err
	}
	return &PartitionMap{p: p, meta: c.types.get}, nil
}

// ownerOf is the node that owns the target's key or partition, when it is known
// and it matters.
func (c *Client) ownerOf(ctx context.Context, t target) (uuid.UUID, bool) {
	if c.cfg.NoPartitionAwareness || t.cache == "" {
		return uuid.Nil, false
	}
	if err := c.refreshNodes(ctx, false); err != nil {
		c.log.Debug("ignite: nodes not known", "cause", err)
	}
	if c.pool.Size() < 2 {
		return uuid.Nil, false
	}
	p, err := c.mapping(ctx, t.cache)
	if err != nil || p == nil {
		if err != nil {
			c.log.Debug("ignite: partition map not known", "cache", t.cache, "cause", err)
		}
		return uuid.Nil, false
	}
	part := t.partition
	if t.key != nil {
		var ok bool
		if part, ok = p.Of(t.key, c.types.get); !ok {
			return uuid.Nil, false
		}
	}
	return p.Owner(part)
}

// lockRefresh lets one caller at a time ask for nodes or mappings.
func (c *Client) lockRefresh(ctx context.Context) error {
	select {
	case c.refreshing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Client) unlockRefresh() { <-c.refreshing }

// mapping returns a cache's partition map, asking for it when there is none for
// the present topology. It is nil when the cluster knows none.
func (c *Client) mapping(ctx context.Context, cache string) (*route.Partitions, error) {
	id := binary.CacheID(cache)
	if p, ok := c.affinity.Get(id); ok {
		return p, nil
	}
	if err := c.lockRefresh(ctx); err != nil {
		return nil, err
	}
	defer c.unlockRefresh()
	if p, ok := c.affinity.Get(id); ok {
		return p, nil
	}
	generation := c.affinity.Generation()
	var res wire.CachePartitionsResponse
	req := &wire.CachePartitionsRequest{WithCustomMappings: true, CacheIDs: []int32{id}}
	if err := c.ask(ctx, onCache(cache), req, &res, nil); err != nil {
		return nil, err
	}
	return c.affinity.Put(&res, id, generation), nil
}

// refreshNodes asks for the nodes' endpoints when the topology has changed since
// the last time, or when forced.
func (c *Client) refreshNodes(ctx context.Context, force bool) error {
	if !force && c.nodesFresh() {
		return nil
	}
	if err := c.lockRefresh(ctx); err != nil {
		return err
	}
	defer c.unlockRefresh()
	if !force && c.nodesFresh() {
		return nil
	}
	generation := c.affinity.Generation()
	cn, err := c.pool.Any(ctx)
	if err != nil {
		return connectError(err)
	}
	req := &wire.ClusterGroupGetNodeEndpointsRequest{StartTopology: -1, EndTopology: -1}
	if !cn.Features().Has(wire.FeatureClusterGroupGetNodesEndpoints) {
		c.setNodes(nil, generation)
		return anywhere.wrap(req, cn.Addr(), ErrUnsupported)
	}
	var res wire.ClusterGroupGetNodeEndpointsResponse
	if err := c.ask(ctx, onConn(cn), req, &res, nil); err != nil {
		var se *ServerError
		if errors.As(err, &se) {
			c.setNodes(nil, generation) // it would say the same until the topology changes
		}
		return err
	}
	c.learn(&res, cn, generation)
	return nil
}

func (c *Client) learn(res *wire.ClusterGroupGetNodeEndpointsResponse, cn *conn.Conn, generation uint64) {
	nodes := make([]Node, 0, len(res.Added))
	for _, e := range res.Added {
		nodes = append(nodes, Node{ID: e.ID, Addresses: e.Addresses, Port: int(e.Port)})
	}
	c.pool.SetNodes(res.Added, cn)
	if c.pool.Unreached() {
		c.pool.ExploreSeeds()
	}
	c.setNodes(nodes, generation)
}

func (c *Client) setNodes(nodes []Node, generation uint64) {
	c.nodesMu.Lock()
	defer c.nodesMu.Unlock()
	c.nodes, c.nodesOf = nodes, generation+1
}

func (c *Client) nodesFresh() bool {
	c.nodesMu.Lock()
	defer c.nodesMu.Unlock()
	return c.nodesOf == c.affinity.Generation()+1
}
