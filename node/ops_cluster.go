package node

import (
	"net"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func (c *conn) heartbeat(*wire.HeartbeatRequest) (wire.Response, error) { return done, nil }

func (c *conn) getIdleTimeout(*wire.GetIdleTimeoutRequest) (wire.Response, error) {
	return &wire.LongResponse{Value: c.node.cfg.IdleTimeout.Milliseconds()}, nil
}

func (c *conn) clusterGetState(*wire.ClusterGetStateRequest) (wire.Response, error) {
	return &wire.ClusterGetStateResponse{State: c.node.cluster.get()}, nil
}

// clusterChangeState changes the state. Deactivation loses what is in memory,
// as in Ignite, so it has to be forced then.
func (c *conn) clusterChangeState(q *wire.ClusterChangeStateRequest) (wire.Response, error) {
	n := c.node
	if q.State > wire.ClusterActiveReadOnly {
		return nil, failed("Unknown cluster state: %d", uint8(q.State))
	}
	if q.State != wire.ClusterInactive || n.cfg.DataDir != "" {
		return done, n.cluster.set(q.State)
	}
	caches := n.caches.all()
	if len(caches) > 0 && !q.ForceDeactivation {
		names := make([]string, len(caches))
		for i, ch := range caches {
			names[i] = ch.name()
		}
		return nil, failed("Deactivation stopped. Deactivation clears in-memory caches (without persistence) including the "+
			"system caches. In memory caches: [%s] .To deactivate cluster pass '--force' flag.", strings.Join(names, ", "))
	}
	if err := n.cluster.set(q.State); err != nil {
		return nil, err
	}
	for _, ch := range caches {
		if err := n.store.Clear(ch.id); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// clusterGetWalState answers whether writes of a cache are logged.
func (c *conn) clusterGetWalState(q *wire.ClusterGetWalStateRequest) (wire.Response, error) {
	if _, err := c.node.caches.get(binary.CacheID(q.CacheName)); err != nil {
		return nil, failed("Cache not found: %s", q.CacheName)
	}
	return yes(c.node.cfg.DataDir != ""), nil
}

func (c *conn) clusterChangeWalState(q *wire.ClusterChangeWalStateRequest) (wire.Response, error) {
	if c.node.cfg.DataDir == "" {
		return nil, failed("Cannot change WAL mode because persistence is not enabled for cache(s) [caches=[%s], dataRegion=null]", q.CacheName)
	}
	if !q.Enabled {
		return nil, unsupported("a cache without a write-ahead log")
	}
	return yes(false), nil
}

func (c *conn) clusterGroupGetNodeEndpoints(q *wire.ClusterGroupGetNodeEndpointsRequest) (wire.Response, error) {
	p := &wire.ClusterGroupGetNodeEndpointsResponse{Topology: c.node.cluster.topology().Major}
	if q.StartTopology <= 0 {
		hosts, port := c.node.endpoints()
		p.Added = []wire.NodeEndpoint{{ID: c.node.id, Port: port, Addresses: hosts}}
	}
	return p, nil
}

// endpoints returns the addresses under which the node can be reached. A node
// that listens everywhere names the addresses of its interfaces.
func (n *Node) endpoints() (hosts []string, port int32) {
	host, port := n.hostPort()
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsUnspecified() {
		return []string{host}, port
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return []string{"127.0.0.1"}, port
	}
	for _, a := range addrs {
		if p, ok := a.(*net.IPNet); ok && !p.IP.IsLinkLocalUnicast() {
			hosts = append(hosts, p.IP.String())
		}
	}
	return hosts, port
}

// cachePartitions answers with the mapping of the caches asked for and, as
// Ignite does, with all other caches that share one of these mappings.
func (c *conn) cachePartitions(q *wire.CachePartitionsRequest) (wire.Response, error) {
	if err := c.mapped(); err != nil {
		return nil, err
	}
	p := &wire.CachePartitionsResponse{Topology: c.node.cluster.topology()}
	groups := make(map[int]int) // partitions -> index in p.Groups; 0 partitions: not applicable
	shape := func(ch *cache) int {
		if ch.config.Load().Mode != wire.CacheModePartitioned {
			return 0
		}
		return ch.partitions
	}
	for _, id := range q.CacheIDs {
		ch, err := c.node.caches.get(id)
		if err != nil {
			continue // left out of the answer
		}
		if _, ok := groups[shape(ch)]; !ok {
			groups[shape(ch)] = len(p.Groups)
			p.Groups = append(p.Groups, c.node.group(shape(ch)))
		}
	}
	for _, ch := range c.node.caches.all() {
		if i, ok := groups[shape(ch)]; ok {
			g := &p.Groups[i]
			g.Caches = append(g.Caches, ch.partitionCache())
		}
	}
	return p, nil
}

// group is the mapping of caches with so many partitions: all of them are here.
func (n *Node) group(partitions int) wire.PartitionGroup {
	if partitions == 0 {
		return wire.PartitionGroup{}
	}
	return wire.PartitionGroup{
		Applicable:      true,
		Nodes:           []wire.NodePartitions{{NodeID: n.id, Partitions: upTo(partitions)}},
		DefaultAffinity: true,
	}
}

func upTo(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

func (c *cache) partitionCache() wire.PartitionCache {
	p := wire.PartitionCache{CacheID: c.id}
	for typeID, field := range c.affinityFields {
		p.KeyConfigs = append(p.KeyConfigs, wire.KeyConfig{TypeID: typeID, AffinityFieldID: field})
	}
	return p
}

func (c *conn) cacheNodePartitions(q *wire.CacheNodePartitionsRequest) (wire.Response, error) {
	if err := c.mapped(); err != nil {
		return nil, err
	}
	ch, err := c.node.caches.get(q.CacheID)
	if err != nil {
		return nil, err
	}
	hosts, port := c.node.endpoints()
	return &wire.CacheNodePartitionsResponse{Nodes: []wire.AddressPartitions{{
		Port:       port,
		Addresses:  hosts,
		Partitions: upTo(ch.partitions),
	}}}, nil
}

// mapped refuses to tell of partitions that nobody has.
func (c *conn) mapped() error {
	if c.node.cluster.get() == wire.ClusterInactive {
		return failed("Cannot perform cache operation because the cluster is inactive.")
	}
	return nil
}
