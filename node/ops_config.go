package node

import (
	"github.com/kindling-ml/kindling/ignite/wire"
)

func (c *conn) cacheGetNames(*wire.CacheGetNamesRequest) (wire.Response, error) {
	p := new(wire.CacheGetNamesResponse)
	for _, ch := range c.node.caches.all() {
		p.Names = append(p.Names, ch.name())
	}
	return p, nil
}

func (c *conn) cacheCreateWithName(q *wire.CacheCreateWithNameRequest) (wire.Response, error) {
	return done, c.node.createCache(wire.CacheConfiguration{Name: q.Name}, false)
}

func (c *conn) cacheGetOrCreateWithName(q *wire.CacheGetOrCreateWithNameRequest) (wire.Response, error) {
	return done, c.node.createCache(wire.CacheConfiguration{Name: q.Name}, true)
}

func (c *conn) cacheCreateWithConfiguration(q *wire.CacheCreateWithConfigurationRequest) (wire.Response, error) {
	if err := c.configurationLayout(); err != nil {
		return nil, err
	}
	return done, c.node.createCache(q.Config, false)
}

func (c *conn) cacheGetOrCreateWithConfiguration(q *wire.CacheGetOrCreateWithConfigurationRequest) (wire.Response, error) {
	if err := c.configurationLayout(); err != nil {
		return nil, err
	}
	return done, c.node.createCache(q.Config, true)
}

func (c *conn) cacheGetConfiguration(q *wire.CacheGetConfigurationRequest) (wire.Response, error) {
	if err := c.configurationLayout(); err != nil {
		return nil, err
	}
	ch, err := c.node.caches.get(q.CacheID)
	if err != nil {
		return nil, err
	}
	return &wire.CacheGetConfigurationResponse{Config: *ch.config.Load()}, nil
}

func (c *conn) cacheDestroy(q *wire.CacheDestroyRequest) (wire.Response, error) {
	return done, c.node.destroyCache(q.CacheID)
}

// configurationLayout refuses messages with a cache configuration on versions
// of the protocol in which it looked different.
func (c *conn) configurationLayout() error {
	if c.version.Compare(version160) < 0 {
		return failed("Cache configurations need protocol version %s or newer, the connection has %s", version160, c.version)
	}
	return nil
}

// createCache starts a cache. With orGet one that exists is left as it is.
func (n *Node) createCache(cfg wire.CacheConfiguration, orGet bool) error {
	if n.cluster.get() == wire.ClusterActiveReadOnly {
		return failed("class org.apache.ignite.internal.processors.cache.distributed.dht.IgniteClusterReadOnlyException: "+
			"Failed to perform start cache operation (cluster is in read-only mode) [cacheGrp=null, cache=%s]", cfg.Name)
	}
	created, err := n.caches.create(cfg, orGet)
	if created {
		n.cluster.changed()
	}
	return err
}

func (n *Node) destroyCache(id int32) error {
	ch, err := n.caches.get(id)
	if err != nil {
		return err
	}
	if err := n.cluster.writable(ch.name()); err != nil {
		return err
	}
	if err := n.caches.destroy(id); err != nil {
		return err
	}
	n.cluster.changed()
	return nil
}
