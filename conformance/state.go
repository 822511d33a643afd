package conformance

import (
	"context"
	"errors"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// testState makes the cluster read-only and active again.
func testState(e *env) {
	name := e.newCache()
	cache := ignite.NewCache[int64, string](e.c, name)
	e.noError(cache.Put(e.ctx, 1, "one"))
	e.state(wire.ClusterActive)
	e.noError(e.c.SetClusterState(e.ctx, wire.ClusterActiveReadOnly))
	e.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		e.noError(e.c.SetClusterState(ctx, wire.ClusterActive))
	})
	e.state(wire.ClusterActiveReadOnly)
	if got, ok, err := cache.Get(e.ctx, 1); err != nil || !ok || got != "one" {
		e.Errorf("Get from a read-only cluster: %q, %v, %v", got, ok, err)
	}
	_, removeErr := cache.Remove(e.ctx, 1)
	for op, c := range map[string]struct {
		err  error
		text string
	}{
		"Put":          {cache.Put(e.ctx, 2, "two"), "Failed to perform cache operation (cluster is in read-only mode) [cacheGrp=null, cache=" + name},
		"Remove":       {removeErr, "Failed to perform cache operation (cluster is in read-only mode)"},
		"RemoveAll":    {cache.RemoveAll(e.ctx), "Failed to perform cache operation (cluster is in read-only mode)"},
		"Clear":        {cache.Clear(e.ctx), "Failed to perform clear operation (cluster is in read-only mode)"},
		"CreateCache":  {e.c.CreateCache(e.ctx, wire.CacheConfiguration{Name: name + "_NEW"}), "Failed to perform start cache operation (cluster is in read-only mode)"},
		"DestroyCache": {e.c.DestroyCache(e.ctx, name), "Failed to perform dynamic destroy cache operation (cluster is in read-only mode)"},
		"deactivation": {e.c.SetClusterState(e.ctx, wire.ClusterInactive), "Deactivation stopped. Deactivation clears in-memory caches"},
	} {
		if !errors.Is(c.err, wire.StatusFailed) || !strings.Contains(c.err.Error(), c.text) {
			e.Errorf("%s in a read-only cluster: %v, want %q", op, c.err, c.text)
		}
	}
	e.noError(e.c.GetOrCreateCache(e.ctx, wire.CacheConfiguration{Name: name}))
	e.noError(e.c.SetClusterState(e.ctx, wire.ClusterActive))
	e.state(wire.ClusterActive)
	e.noError(cache.Put(e.ctx, 2, "two"))
	if size := e.size(name); size != 2 {
		e.Errorf("there are %d entries, want 2", size)
	}
}

// state wants the cluster to be in a state.
func (e *env) state(want wire.ClusterState) {
	e.Helper()
	got, err := e.c.ClusterState(e.ctx)
	e.noError(err)
	if got != want {
		e.Errorf("the cluster is %s, want %s", got, want)
	}
}
