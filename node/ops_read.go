package node

import (
	"io"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// valueResponse answers with a stored value, nil for null. It is encoded once;
// that ends the use of the store's bytes.
type valueResponse struct {
	value  []byte
	out    *buffer   // set when the value is the store's
	closer io.Closer // nil when the value is a copy
	fault  error
}

func (p *valueResponse) err() error { return p.fault }

func (p *valueResponse) into(out *buffer) {
	if p.closer != nil {
		p.out = out
	}
}

// Encode implements wire.Response.
func (p *valueResponse) Encode(w *binary.Writer, _ wire.Features) {
	putValue(w, p.value, p.out)
	if p.closer != nil {
		p.fault = p.closer.Close()
		p.closer = nil
	}
}

// Decode implements wire.Response; the node only writes responses.
func (*valueResponse) Decode(r *binary.Reader, _ wire.Features) { r.Fail("value", "write only") }

func (c *conn) cacheGet(q *wire.CacheGetRequest) (wire.Response, error) {
	return c.get((*wire.CacheKey)(q))
}

// cacheLocalPeek is a get: everything is local.
func (c *conn) cacheLocalPeek(q *wire.CacheLocalPeekRequest) (wire.Response, error) {
	return c.get((*wire.CacheKey)(q))
}

func (c *conn) get(q *wire.CacheKey) (wire.Response, error) {
	p := new(valueResponse)
	err := c.withKey(&q.CacheInfo, q.Key, false, func(k store.Key) (err error) {
		p.value, p.closer, _, err = c.node.store.Get(k)
		return err
	})
	return p, err
}

func (c *conn) cacheContainsKey(q *wire.CacheContainsKeyRequest) (wire.Response, error) {
	has := false
	err := c.withKey(&q.CacheInfo, q.Key, false, func(k store.Key) (err error) {
		has, err = c.node.store.Has(k)
		return err
	})
	return yes(has), err
}

func (c *conn) cacheContainsKeys(q *wire.CacheContainsKeysRequest) (wire.Response, error) {
	all := true
	err := c.use(&q.CacheInfo, false, func(ch *cache) error {
		for _, key := range q.Keys {
			r, err := c.row(ch, key, nil)
			if err != nil {
				return err
			}
			has, err := c.node.store.Has(r.Key)
			if err != nil || !has {
				all = false
				return err
			}
		}
		return nil
	})
	return yes(all), err
}

func (c *conn) cacheGetAll(q *wire.CacheGetAllRequest) (wire.Response, error) {
	p := &entriesResponse{store: c.node.store}
	err := c.use(&q.CacheInfo, false, func(ch *cache) error {
		seen := make(map[string]bool, len(q.Keys))
		for _, key := range q.Keys {
			r, err := c.row(ch, key, nil)
			if err != nil {
				return err
			}
			if !seen[string(r.Key.Bytes)] {
				seen[string(r.Key.Bytes)] = true
				p.keys = append(p.keys, r.Key)
			}
		}
		return nil
	})
	return p, err
}

// entriesResponse answers with the entries of those keys that are there, each
// value copied at most once, from the store into the frame.
type entriesResponse struct {
	store *store.Store
	keys  []store.Key
	out   *buffer
	fault error
}

func (p *entriesResponse) err() error { return p.fault }

func (p *entriesResponse) into(out *buffer) { p.out = out }

// Encode implements wire.Response.
func (p *entriesResponse) Encode(w *binary.Writer, _ wire.Features) {
	count := reserveCount(w)
	var n int32
	for _, k := range p.keys {
		found, err := p.store.View(k, func(v []byte) {
			putValue(w, k.Bytes, nil) // a key of the request
			putValue(w, v, p.out)
		})
		if err != nil {
			p.fault = err
			return
		}
		if found {
			n++
		}
	}
	setCount(w, count, n)
}

// Decode implements wire.Response; the node only writes responses.
func (*entriesResponse) Decode(r *binary.Reader, _ wire.Features) { r.Fail("entries", "write only") }

func (c *conn) cacheGetSize(q *wire.CacheGetSizeRequest) (wire.Response, error) {
	primary, onheap, offheap, err := peeked(q.PeekModes)
	if err != nil {
		return nil, err
	}
	var size int64
	err = c.use(&q.CacheInfo, false, func(ch *cache) (err error) {
		if primary && (offheap || onheap && ch.config.Load().OnheapCacheEnabled) {
			size, err = c.node.store.Size(ch.id)
		}
		return err
	})
	return &wire.LongResponse{Value: size}, err
}

// peeked says which entries the modes stand for, as Ignite does (GridCacheAdapter.
// parsePeekModes): modes of one kind, copies or places, mean all of the other kind. A node
// alone has primary copies, all of them in places off the heap, and those of a cache with
// OnheapCacheEnabled on the heap as well.
func peeked(modes []uint8) (primary, onheap, offheap bool, err error) {
	copies, places := false, false
	for _, mode := range modes {
		switch mode {
		case wire.PeekAll:
			return true, true, true, nil
		case wire.PeekPrimary:
			copies, primary = true, true
		case wire.PeekNear, wire.PeekBackup:
			copies = true
		case wire.PeekOnheap:
			places, onheap = true, true
		case wire.PeekOffheap:
			places, offheap = true, true
		default:
			return false, false, false, failed("Ouch! Argument cannot be null: peekMode")
		}
	}
	return primary || !copies, onheap || !places, offheap || !places, nil
}
