package ignite

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// Ignite compares keys byte by byte and hashes their bytes, so objects of the same
// fields in another order are other keys. SQL writes the fields of a table's key in the
// order of the table's columns; so does the client, whatever the order in a Go struct,
// an Object or a file.

// declaredKeys are the keys that caches declare, by the cache's name.
type declaredKeys struct {
	mu   sync.Mutex
	keys map[string][]declaredKey
}

// declaredKey is what a query entity says about keys.
type declaredKey struct {
	typeID int32
	fields []int32 // ids
}

func (d *declaredKeys) get(cache string) ([]declaredKey, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.keys[cache]
	return k, ok
}

func (d *declaredKeys) put(cache string, k []declaredKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys == nil {
		d.keys = make(map[string][]declaredKey)
	}
	d.keys[cache] = k
}

// reset forgets all: caches may have been made anew.
func (d *declaredKeys) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys = nil
}

// KeyOrder returns the ids of the fields of a key object in the order that they must
// have in the cache: that of the columns, where the cache declares exactly these fields
// for the keys of this type; else their own where the cluster knows a schema of the type
// with it, or that of the first schema with the same fields. The cache's declaration is
// asked for once. For a type that nothing is known of the order is left as it is.
func (c *Client) KeyOrder(ctx context.Context, cache string, typeID int32, ids []int32) ([]int32, error) {
	if len(ids) < 2 {
		return ids, nil
	}
	declared, err := c.keysDeclaredBy(ctx, cache)
	if err != nil {
		return nil, err
	}
	for _, k := range declared {
		if k.typeID == typeID && sameFields(k.fields, ids) {
			return k.fields, nil
		}
	}
	meta, err := c.Metadata(ctx, typeID)
	if err != nil || meta == nil || meta.SchemaByID(binary.SchemaID(ids)) != nil {
		return ids, err
	}
	for i := range meta.Schemas {
		if sameFields(meta.Schemas[i].FieldIDs, ids) {
			return meta.Schemas[i].FieldIDs, nil
		}
	}
	return ids, nil
}

// keysDeclaredBy asks once for what a cache declares. A server that does not tell, as one
// that has no such cache, declares nothing.
func (c *Client) keysDeclaredBy(ctx context.Context, cache string) ([]declaredKey, error) {
	if k, ok := c.declared.get(cache); ok || cache == "" {
		return k, nil
	}
	config, err := c.CacheConfiguration(ctx, cache)
	var refused *ServerError
	if errors.As(err, &refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	keys := make([]declaredKey, len(config.QueryEntities))
	for i := range config.QueryEntities {
		entity := &config.QueryEntities[i]
		keys[i].typeID = binary.TypeID(entity.KeyType)
		for _, f := range entity.Fields {
			if f.IsKey {
				keys[i].fields = append(keys[i].fields, binary.FieldID(f.Name))
			}
		}
	}
	c.declared.put(cache, keys)
	return keys, nil
}

// sameFields says whether both lists have the same ids, each once, in any order.
func sameFields(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for _, id := range a {
		if !slices.Contains(b, id) {
			return false
		}
	}
	return true
}

// appendKey is appendValue for a key of a cache.
func (c *Client) appendKey(ctx context.Context, dst []byte, cache string, key any) ([]byte, error) {
	return c.append(ctx, dst, key, func(typeID int32, ids []int32) ([]int32, error) {
		return c.KeyOrder(ctx, cache, typeID, ids)
	})
}

// definesTables says whether a statement may change what a cache declares.
func definesTables(statement string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
	return strings.EqualFold(word, "CREATE") || strings.EqualFold(word, "DROP") || strings.EqualFold(word, "ALTER")
}
