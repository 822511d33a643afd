package wire

import (
	stdbinary "encoding/binary"
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// CacheWithConfiguration is the shape of requests that create a cache: the
// properties that are set, each with its code.
type CacheWithConfiguration struct{ Config CacheConfiguration }

// propertyMinBytes is a code and the shortest value.
const propertyMinBytes = 3

func (q *CacheWithConfiguration) encode(w *binary.Writer, f Features) {
	start := len(w.Buf)
	w.PutInt32(0)
	w.PutInt16(0)
	n := 0
	for _, prop := range requestOrder {
		codec, ok := codecOf(prop, f)
		if ok && (q.Config.Set.Has(prop) || codec.given(&q.Config)) {
			w.PutInt16(int16(prop))
			codec.put(w, &q.Config)
			n++
		}
	}
	stdbinary.LittleEndian.PutUint32(w.Buf[start:], uint32(len(w.Buf)-start-4))
	stdbinary.LittleEndian.PutUint16(w.Buf[start+4:], uint16(n))
}

func (q *CacheWithConfiguration) decode(r *binary.Reader, f Features) {
	q.Config = CacheConfiguration{}
	r.Int32() // a length, which no server looks at
	n := int(r.Int16())
	if n < 0 || n > r.Len()/propertyMinBytes {
		r.Fail("cache configuration", fmt.Sprintf("%d properties can't fit into %d bytes", n, r.Len()))
		return
	}
	for range n {
		prop := CacheProperty(r.Int16())
		codec, ok := codecOf(prop, f)
		if !ok {
			r.Fail("cache configuration", "unknown property "+prop.String())
		}
		if r.Err() != nil {
			return
		}
		codec.read(r, &q.Config)
		q.Config.Set = q.Config.Set.With(prop)
	}
}

// CacheCreateWithConfigurationRequest creates a cache; answered by
// [EmptyResponse], or [StatusCacheExists].
type CacheCreateWithConfigurationRequest CacheWithConfiguration

// Op implements [Request].
func (*CacheCreateWithConfigurationRequest) Op() Op { return OpCacheCreateWithConfiguration }

// Encode implements [Request].
func (q *CacheCreateWithConfigurationRequest) Encode(w *binary.Writer, f Features) {
	(*CacheWithConfiguration)(q).encode(w, f)
}

// Decode implements [Request].
func (q *CacheCreateWithConfigurationRequest) Decode(r *binary.Reader, f Features) {
	(*CacheWithConfiguration)(q).decode(r, f)
}

// CacheGetOrCreateWithConfigurationRequest creates a cache unless it exists;
// answered by [EmptyResponse]. The configuration of a cache that exists stays
// what it is.
type CacheGetOrCreateWithConfigurationRequest CacheWithConfiguration

// Op implements [Request].
func (*CacheGetOrCreateWithConfigurationRequest) Op() Op { return OpCacheGetOrCreateWithConfiguration }

// Encode implements [Request].
func (q *CacheGetOrCreateWithConfigurationRequest) Encode(w *binary.Writer, f Features) {
	(*CacheWithConfiguration)(q).encode(w, f)
}

// Decode implements [Request].
func (q *CacheGetOrCreateWithConfigurationRequest) Decode(r *binary.Reader, f Features) {
	(*CacheWithConfiguration)(q).decode(r, f)
}
