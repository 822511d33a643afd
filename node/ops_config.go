package node

import (
	"github.com/kindling-ml/kindling/ignite/binary"
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
	return done, c.node.createCache(q.Config, false)
}

func (c *conn) cacheGetOrCreateWithConfiguration(q *wire.CacheGetOrCreateWithConfigurationRequest) (wire.Response, error) {
	return done, c.node.createCache(q.Config, true)
}

func (c *conn) cacheGetConfiguration(q *wire.CacheGetConfigurationRequest) (wire.Response, error) {
	ch, err := c.node.caches.get(q.CacheID)
	if err != nil {
		return nil, err
	}
	return &wire.CacheGetConfigurationResponse{Config: *ch.config.Load()}, nil
}

func (c *conn) cacheDestroy(q *wire.CacheDestroyRequest) (wire.Response, error) {
	return done, c.node.destroyCache(q.CacheID)
}

// createCache starts a cache. With orGet one that exists is left as it is.
func (n *Node) createCache(cfg wire.CacheConfiguration, orGet bool) error {
	if orGet {
		if ch, err := n.caches.get(binary.CacheID(cfg.Name)); err == nil && ch.name() == cfg.Name {
			return nil
		}
	}
	if err := n.cluster.changeable("start cache", cfg.GroupName, cfg.Name); err != nil {
		return err
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
	if err := n.cluster.changeable("dynamic destroy cache", "", ch.name()); err != nil {
		return err
	}
	if err := n.caches.destroy(id); err != nil {
		return err
	}
	n.cluster.changed()
	return nil
}
