package node

import (
	"encoding/binary"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
)

// maxContainerDepth bounds how deep containers in containers are rewritten.
const maxContainerDepth = 32

// storedContainer wraps the objects inside of a top-level Object[], collection
// or map, as an Ignite server answers them. Objects that refer to each other by
// handles keep their places, so such a container stays as it is, and so does
// one whose bytes are broken.
func storedContainer(v ignite.Raw) ignite.Raw {
	if out, changed, ok := rewriteContainer(make([]byte, 0, len(v)+64), v, 0); ok && changed {
		return out
	}
	return v
}

// rewriteContainer appends v with its objects wrapped.
func rewriteContainer(dst []byte, v ignite.Raw, depth int) (out []byte, changed, ok bool) {
	header, items := containerHeader(v)
	if header < 0 || depth == maxContainerDepth {
		return dst, false, false
	}
	dst = append(dst, v[:header]...)
	r := ignite.NewReader(v[header:])
	for range items {
		item := r.Raw()
		if r.Err() != nil {
			return dst, false, false
		}
		switch item.Type() {
		case ignite.TypeObject:
			dst = append(dst, byte(ignite.TypeWrapped))
			dst = binary.LittleEndian.AppendUint32(dst, uint32(len(item)))
			dst = append(dst, item...)
			dst = append(dst, 0, 0, 0, 0)
			changed = true
		case ignite.TypeObjectArray, ignite.TypeCollection, ignite.TypeMap:
			var inner bool
			if dst, inner, ok = rewriteContainer(dst, item, depth+1); !ok {
				return dst, false, false
			}
			changed = changed || inner
		case ignite.TypeHandle:
			return dst, false, false
		default:
			dst = append(dst, item...)
		}
	}
	return dst, changed, r.Finish() == nil
}

// containerHeader returns the length of what stands before a container's items
// and their number; -1 when the bytes are broken.
func containerHeader(v ignite.Raw) (header, items int) {
	r := ignite.NewReader(v[1:])
	switch v.Type() {
	case ignite.TypeObjectArray:
		if r.Int32() == 0 {
			r.Str() // the class name of a component without an id
		}
		items = r.Count(1)
	case ignite.TypeCollection:
		items = r.Count(1)
		r.Uint8()
	case ignite.TypeMap:
		items = 2 * r.Count(2)
		r.Uint8()
	default:
		return -1, 0
	}
	if r.Err() != nil {
		return -1, 0
	}
	return 1 + r.Pos(), items
}
