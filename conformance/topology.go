package conformance

import (
	"net"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/wire"
)

func testTopology(e *env) {
	e.run("nodes", testNodes)
	e.run("partition map", testPartitionMap)
	e.run("partition map of a replicated cache", testPartitionMapReplicated)
	e.run("cluster state", testClusterState)
}

func testNodes(e *env) {
	nodes, err := e.c.Nodes(e.ctx)
	e.noError(err)
	if len(nodes) != len(e.target.Server.Addrs) {
		e.Fatalf("there are %d nodes, want %d", len(nodes), len(e.target.Server.Addrs))
	}
	for _, node := range nodes {
		reachable := false
		for _, host := range node.Addresses {
			reachable = reachable || slices.Contains(e.target.Server.Addrs, net.JoinHostPort(host, strconv.Itoa(node.Port)))
		}
		if node.ID == uuid.Nil || !reachable {
			e.Errorf("node %v says that it is at %v port %d, want one of %v", node.ID, node.Addresses, node.Port, e.target.Server.Addrs)
		}
	}
}

func testPartitionMap(e *env) {
	cache := e.newCache()
	m, err := e.c.Partitions(e.ctx, cache)
	e.noError(err)
	if !m.Applicable() || m.Count() != 1024 {
		e.Fatalf("the map has %d partitions, applicable: %v; want 1024", m.Count(), m.Applicable())
	}
	nodes, err := e.c.Nodes(e.ctx)
	e.noError(err)
	for p := range m.Count() {
		owner, ok := m.Owner(p)
		if !ok {
			e.Fatalf("partition %d has no owner", p)
		}
		known := false
		for _, node := range nodes {
			known = known || node.ID == owner
		}
		if !known {
			e.Fatalf("partition %d belongs to %v, which is no node", p, owner)
		}
	}
	if v := m.Version(); v.Major < 1 {
		e.Errorf("the version of the topology is %v", v)
	}
	count, err := e.c.PartitionCount(e.ctx, cache)
	e.noError(err)
	if count != 1024 {
		e.Errorf("PartitionCount is %d", count)
	}
}

func testPartitionMapReplicated(e *env) {
	cache := e.newCache(func(c *wire.CacheConfiguration) { c.Mode = wire.CacheModeReplicated })
	m, err := e.c.Partitions(e.ctx, cache)
	e.noError(err)
	if m.Applicable() {
		e.Error("the map of a replicated cache is applicable: a server says no there")
	}
}

func testClusterState(e *env) {
	state, err := e.c.ClusterState(e.ctx)
	e.noError(err)
	if state != wire.ClusterActive {
		e.Errorf("the cluster is %v", state)
	}
}
