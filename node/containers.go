package node

import (
	"encoding/binary"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

const (
	// maxContainerDepth bounds how deep containers in containers are rewritten.
	maxContainerDepth = 32
	// maxHandleBytes bounds how much longer a container may get by copies of what
	// its handles stand for.
	maxHandleBytes = 64 << 20
	// objectTypeID is the type id of java.lang.Object as an array's element.
	objectTypeID = ^uint32(0)
)

// storedContainer is the form in which an Ignite server keeps a top-level array of
// objects, a collection or a map. It reads them without the classes of their objects and
// writes what it has then: objects wrapped, and each value where it stands, not once for
// all places; enum constants as BINARY_ENUM; arrays of any class, enums too, as Object[];
// hash tables in their own order. What is inside of an object stays as it is, and so does
// a container whose bytes are broken.
func storedContainer(v ignite.Raw) (ignite.Raw, error) {
	c := containerWriter{src: v, dst: make([]byte, 0, len(v)+64)}
	r := ignite.NewReader(v)
	c.put(r)
	if c.refusal != nil {
		return nil, c.refusal
	}
	if whole := !c.broken && r.Err() == nil && r.Len() == 0; whole {
		return c.dst, nil
	}
	return v, nil
}

// containerWriter rewrites the container in src.
type containerWriter struct {
	src     ignite.Raw
	dst     []byte
	open    []int // offsets in src of the containers that are being written
	broken  bool
	refusal error
}

// put rewrites the value at which r stands, a reader of src.
func (c *containerWriter) put(r *ignite.Reader) {
	at := r.Pos()
	if len(c.dst) > len(c.src)+maxHandleBytes {
		c.refusal = failed("the handles of a container stand for more than %d bytes", maxHandleBytes)
	}
	if c.broken = c.broken || c.refusal != nil || at >= len(c.src) || len(c.open) > maxContainerDepth; c.broken {
		return
	}
	switch t := ignite.Type(c.src[at]); t {
	case ignite.TypeObject:
		object, err := ignite.Detach(c.src, at)
		c.putWrapped(object)
		c.broken = err != nil
		r.Raw()
	case ignite.TypeWrapped: // its object may stand anywhere in the bytes around it
		object, err := ignite.ParseObject(r.Raw())
		if c.broken = err != nil; !c.broken {
			c.putWrapped(object.Bytes())
		}
	case ignite.TypeEnum:
		if v := r.Raw(); r.Err() == nil {
			c.dst = append(append(c.dst, byte(ignite.TypeBinaryEnum)), v[1:]...)
		}
	case ignite.TypeObjectArray, ignite.TypeEnumArray, ignite.TypeCollection, ignite.TypeMap:
		c.open = append(c.open, at)
		c.putItems(r, t)
		c.open = c.open[:len(c.open)-1]
	case ignite.TypeHandle:
		r.Uint8()
		c.putHandle(at, at-int(r.Int32()))
	default:
		c.dst = append(c.dst, r.Raw()...)
	}
	c.broken = c.broken || r.Err() != nil
}

func (c *containerWriter) putWrapped(object ignite.Raw) {
	c.dst = append(c.dst, byte(ignite.TypeWrapped))
	c.dst = binary.LittleEndian.AppendUint32(c.dst, uint32(len(object)))
	c.dst = append(c.dst, object...)
	c.dst = append(c.dst, 0, 0, 0, 0)
}

// putItems rewrites a container: what stands before its items, and them.
func (c *containerWriter) putItems(r *ignite.Reader, t ignite.Type) {
	r.Uint8()
	per, hashed := 1, false
	switch t {
	case ignite.TypeCollection, ignite.TypeMap:
		if t == ignite.TypeMap {
			per = 2
		}
		count := r.Count(per)
		kind := int8(r.Uint8())
		hashed = per == 1 && kind == ignite.CollectionHashSet || per == 2 && kind == ignite.MapHashMap
		c.dst = binary.LittleEndian.AppendUint32(append(c.dst, byte(t)), uint32(count))
		c.dst = append(c.dst, byte(kind))
		c.putEach(r, count, per, hashed)
	default:
		if r.Int32() == 0 {
			r.Str() // the class name of elements whose type has no id
		}
		count := r.Count(1)
		c.dst = binary.LittleEndian.AppendUint32(append(c.dst, byte(ignite.TypeObjectArray)), objectTypeID)
		c.dst = binary.LittleEndian.AppendUint32(c.dst, uint32(count))
		c.putEach(r, count, per, hashed)
	}
}

// putEach rewrites count items, of per values each.
func (c *containerWriter) putEach(r *ignite.Reader, count, per int, hashed bool) {
	if r.Err() != nil {
		return
	}
	var items [][]byte
	first := len(c.dst)
	ends := make([]int, 0, min(count, 64))
	for range count {
		for range per {
			if c.put(r); c.broken {
				return
			}
		}
		ends = append(ends, len(c.dst))
	}
	if !hashed || count < 2 {
		return
	}
	at := first
	written := append([]byte(nil), c.dst[first:]...)
	for _, end := range ends {
		items = append(items, written[at-first:end-first])
		at = end
	}
	c.dst = c.dst[:first]
	for _, item := range hashOrder(items) {
		c.dst = append(c.dst, item...)
	}
}

// putHandle writes once more what stands at an earlier offset of src.
func (c *containerWriter) putHandle(at, target int) {
	if target < 0 || target >= at {
		c.broken = true
		return
	}
	for _, open := range c.open {
		if open == target {
			c.refusal = failed("a container that holds itself can't be stored")
			return
		}
	}
	r := ignite.NewReader(c.src)
	r.Take(target)
	c.put(r)
}

// hashOrder puts the items of a hash table into the order in which Ignite's server, which
// makes a java.util.HashMap of their number, iterates over them. Items whose hash code only
// a JVM knows let all stay as they are.
func hashOrder(items [][]byte) [][]byte {
	size := 1
	for size < len(items)+max(1, len(items)/3) { // IgniteUtils.capacity
		size *= 2
	}
	buckets := make([][][]byte, size)
	for _, item := range items {
		key := ignite.Raw(item)
		switch key.Type() {
		case ignite.TypeOptimized, ignite.TypeObjectArray, ignite.TypeCollection, ignite.TypeMap, ignite.TypeClass, ignite.TypeProxy:
			return items
		}
		h := uint32(ignite.HashCode(key))
		i := (h ^ h>>16) & uint32(size-1)
		buckets[i] = append(buckets[i], item)
	}
	ordered := make([][]byte, 0, len(items))
	for _, bucket := range buckets {
		ordered = append(ordered, bucket...)
	}
	return ordered
}
