package main

import (
	"context"
	"fmt"
	"net"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignitetest"
)

const (
	clusterNodes  = 3
	serverCluster = "3 nodes"
	clusterScale  = 0.3 // of the rows: there are four Javas at once

	clusterPartitions = 96
)

// clusterAll reads the same rows from one node and from three, in turn.
func clusterAll(ctx context.Context, set settings, rep *report) (err error) {
	s := &session{settings: set, rep: rep, heated: map[string]bool{}}
	defer func() { err = s.end(err) }()
	todo := s.plainWorkloads(clusterScale)
	opts := []ignitetest.Option{ignitetest.WithHeap(nodeHeap), ignitetest.WithRegionMiB(2 << 10)}
	for _, w := range todo {
		opts = append(opts, ignitetest.WithCache(w.cacheName(clusterPartitions), clusterPartitions))
	}
	if len(todo) == 0 {
		return nil
	}
	one, err := s.startIgnite(ctx, serverIgnite, opts...)
	if err != nil {
		return err
	}
	three, err := s.startIgnite(ctx, serverCluster, append(opts, ignitetest.WithNodes(clusterNodes))...)
	if err != nil {
		return err
	}
	for i := range todo {
		if err := s.clusterBlock(ctx, &todo[i], one, three); err != nil {
			return fmt.Errorf("%s on three nodes: %w", todo[i].Name, err)
		}
	}
	return nil
}

func (s *session) clusterBlock(ctx context.Context, w *workload, servers ...endpoint) (err error) {
	local := &session{settings: s.settings, rep: s.rep}
	defer func() { err = local.end(err) }()
	tf, err := local.startKindling()
	if err != nil {
		return err
	}
	cache := w.cacheName(clusterPartitions)
	var all []reader
	for _, e := range servers {
		if err := fill(ctx, e.client, cache, w, w.Rows); err != nil {
			return err
		}
		local.later(func() error { return e.client.DestroyCache(context.WithoutCancel(ctx), cache) })
		if err := s.heat(ctx, e, cache, w); err != nil {
			return err
		}
		some, err := ceilings(ctx, e, w, cache)
		if err != nil {
			return err
		}
		all = append(all, some...)
		all = append(all, goReader(e, w, cache, ""))
		all = append(all, tfReaders(tf, e, w, cache, w.Rows)[:1]...)
	}
	for i := range all {
		all[i].rows = w.Rows
	}
	found, err := measure(ctx, w.Name+", one node and three", s.rounds, w, all)
	if err != nil {
		return err
	}
	s.rep.add(block{workload: *w, Phase: phaseCluster, Partitions: clusterPartitions, Readers: found})
	return nil
}

// sharesOf asks a server which node owns which partitions.
func sharesOf(ctx context.Context, e endpoint, cache string) ([]*share, error) {
	n, err := e.client.PartitionCount(ctx, cache)
	if err != nil {
		return nil, err
	}
	if len(e.pids) < 2 {
		one := &share{addr: e.addr}
		for p := range n {
			one.partitions = append(one.partitions, int32(p))
		}
		return []*share{one}, nil
	}
	nodes, err := e.client.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	owned, err := e.client.Partitions(ctx, cache)
	if err != nil {
		return nil, err
	}
	byNode := map[uuid.UUID]*share{}
	var all []*share
	for _, node := range nodes {
		sh := &share{addr: net.JoinHostPort("127.0.0.1", fmt.Sprint(node.Port))}
		byNode[node.ID], all = sh, append(all, sh)
	}
	for p := range n {
		id, _ := owned.Owner(p)
		sh := byNode[id]
		if sh == nil {
			return nil, fmt.Errorf("partition %d of %s has no owner that is known", p, cache)
		}
		sh.partitions = append(sh.partitions, int32(p))
	}
	return all, nil
}
