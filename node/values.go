package node

import (
	"bytes"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/affinity"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// stored returns the form in which a key or a value is kept: objects without
// the wrapping that some clients put around them, enum constants with the code
// they have inside of objects, containers as storedContainer has them. So the
// bytes of equal values are equal. The result may alias v.
func stored(v binary.Raw) (binary.Raw, error) {
	switch v.Type() {
	case binary.TypeWrapped:
		o, err := binary.ParseObject(v)
		if err != nil {
			return nil, failed("broken binary object: %v", err)
		}
		return o.Bytes(), nil
	case binary.TypeObject:
		if _, err := binary.ParseObject(v); err != nil {
			return nil, failed("broken binary object: %v", err)
		}
	case binary.TypeBinaryEnum:
		v = bytes.Clone(v)
		v[0] = byte(binary.TypeEnum)
	case binary.TypeObjectArray, binary.TypeEnumArray, binary.TypeCollection, binary.TypeMap:
		return storedContainer(v)
	}
	return v, nil
}

// putValue writes a stored value as Ignite sends it to a client that keeps
// objects binary: an object wrapped into a byte array, an enum constant as
// BINARY_ENUM. With a buffer, whose bytes w writes, a long value need not be
// copied: it must be one of the store.
func putValue(w *binary.Writer, v []byte, out *buffer) {
	switch binary.Raw(v).Type() {
	case binary.TypeObject:
		w.PutUint8(uint8(binary.TypeWrapped))
		w.PutInt32(int32(len(v)))
		out.put(w, v)
		w.PutInt32(0)
	case binary.TypeEnum:
		w.PutUint8(uint8(binary.TypeBinaryEnum))
		w.PutBytes(v[1:])
	case binary.TypeNull, 0: // 0: no bytes at all
		w.PutNull()
	default:
		out.put(w, v)
	}
}

// key locates an entry of the cache. name is what Ignite calls the argument
// when it is null.
func (c *cache) key(t *types, raw binary.Raw) (store.Key, error) {
	if err := notNull("key", raw); err != nil {
		return store.Key{}, err
	}
	k, err := stored(raw)
	if err != nil {
		return store.Key{}, err
	}
	hash := binary.HashCode(k)
	decisive := hash
	if k.Type() == binary.TypeObject {
		if field := c.affinityValue(t, k); field != nil {
			decisive = binary.HashCode(field)
		}
	}
	return store.Key{
		Cache:     c.id,
		Partition: uint16(affinity.Partition(decisive, c.partitions)),
		Hash:      hash,
		Bytes:     k,
	}, nil
}

// affinityKeyType is the id of Ignite's own class AffinityKey, of which no client sends
// metadata.
var affinityKeyType = binary.TypeID("AffinityKey")

// affinityValue returns the field of a key object that decides its partition,
// nil when the whole key does. The cache's key configuration goes before the
// type's metadata.
func (c *cache) affinityValue(t *types, key binary.Raw) binary.Raw {
	o, err := binary.ParseObject(key)
	if err != nil {
		return nil
	}
	meta := t.get(o.TypeID())
	field, ok := c.affinityFields[o.TypeID()]
	switch {
	case ok:
	case meta != nil && meta.AffinityKeyField != "":
		field = binary.FieldID(meta.AffinityKeyField)
	case meta == nil && o.TypeID() == affinityKeyType:
		field = binary.FieldID("affKey")
	default:
		return nil
	}
	i := fieldIndex(o, meta, field)
	if i < 0 {
		return nil
	}
	v := o.FieldRaw(i)
	if v.IsNull() || len(v) == 0 {
		return nil
	}
	return v
}

// fieldIndex returns the position of a field in an object, -1 without.
func fieldIndex(o binary.ObjectView, meta *binary.Metadata, field int32) int {
	if !o.CompactFooter() {
		for i := range o.NumFields() {
			if id, ok := o.FieldID(i); ok && id == field {
				return i
			}
		}
		return -1
	}
	schema := meta.SchemaByID(o.SchemaID())
	if schema == nil {
		return -1
	}
	for i, id := range schema.FieldIDs {
		if id == field {
			return i
		}
	}
	return -1
}
