package binary

import "fmt"

// ObjectWriter appends complex objects of one type and schema to a byte slice, field by
// field, without a Go value for the object: for bulk loads. The calls for one object are
//
//	dst = w.Begin(dst)
//	for each field, in the order of the metadata's fields {
//		w.Field(dst)
//		dst = append(dst, ...) // the encoded value, type code first
//	}
//	dst = w.End(dst)
//
// A nested object of another type is written between Field and the next call by its own
// ObjectWriter. An ObjectWriter is for one goroutine.
type ObjectWriter struct {
	s        encodeState
	frame    objectFrame
	meta     *Metadata
	schemaID int32
}

// NewObjectWriter returns a writer of objects that have all fields of meta, in their
// order. The metadata gets that schema, so that it can be registered as it is; it must
// not be changed afterwards.
func NewObjectWriter(meta *Metadata) (*ObjectWriter, error) {
	ids := make([]int32, len(meta.Fields))
	seen := make(map[int32]string, len(ids))
	for i, f := range meta.Fields {
		if other, taken := seen[f.ID]; taken {
			return nil, fmt.Errorf("binary: fields %s and %s of type %s have the same id %d", other, f.Name, meta.TypeName, f.ID)
		}
		seen[f.ID] = f.Name
		ids[i] = f.ID
	}
	w := &ObjectWriter{meta: meta, schemaID: SchemaID(ids), s: encodeState{e: &Encoder{}}}
	if meta.SchemaByID(w.schemaID) == nil && len(ids) > 0 {
		meta.Schemas = append(meta.Schemas, Schema{ID: w.schemaID, FieldIDs: ids})
	}
	return w, nil
}

// Metadata is the metadata of the objects, with their schema.
func (w *ObjectWriter) Metadata() *Metadata { return w.meta }

// Begin starts an object at the end of dst.
func (w *ObjectWriter) Begin(dst []byte) []byte {
	w.s.b, w.s.offsets, w.s.ids = dst, w.s.offsets[:0], w.s.ids[:0]
	w.frame = w.s.openObject(w.meta.TypeID, w.meta.TypeName)
	return w.s.b
}

// Field says that the next bytes appended to dst are the next field's value.
func (w *ObjectWriter) Field(dst []byte) {
	w.s.b = dst
	w.s.field(w.frame, w.meta.Fields[len(w.s.offsets)].ID)
}

// End finishes the object, all of whose fields have been written to dst.
func (w *ObjectWriter) End(dst []byte) []byte {
	w.s.b = dst
	w.s.closeObject(w.frame, w.s.e.flags(), w.schemaID, nil)
	return w.s.b
}
