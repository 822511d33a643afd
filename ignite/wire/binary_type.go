package wire

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// BinaryTypeGetRequest asks for a type's metadata; answered by
// [BinaryTypeGetResponse].
type BinaryTypeGetRequest struct{ TypeID int32 }

// Op implements [Request].
func (*BinaryTypeGetRequest) Op() Op { return OpBinaryTypeGet }

// Encode implements [Request].
func (q *BinaryTypeGetRequest) Encode(w *binary.Writer, _ Features) { w.PutInt32(q.TypeID) }

// Decode implements [Request].
func (q *BinaryTypeGetRequest) Decode(r *binary.Reader, _ Features) { q.TypeID = r.Int32() }

// BinaryTypeGetResponse has the metadata, nil when the server knows no such
// type.
type BinaryTypeGetResponse struct{ Metadata *binary.Metadata }

// Encode implements [Response].
func (p *BinaryTypeGetResponse) Encode(w *binary.Writer, _ Features) {
	w.PutBool(p.Metadata != nil)
	if p.Metadata != nil {
		putMetadata(w, p.Metadata)
	}
}

// Decode implements [Response].
func (p *BinaryTypeGetResponse) Decode(r *binary.Reader, _ Features) {
	p.Metadata = nil
	if r.Bool() {
		p.Metadata = readMetadata(r)
	}
}

// BinaryTypePutRequest registers a type's metadata, which the server merges
// with what it has; answered by [EmptyResponse]. Metadata must not be nil.
type BinaryTypePutRequest struct{ Metadata *binary.Metadata }

// Op implements [Request].
func (*BinaryTypePutRequest) Op() Op { return OpBinaryTypePut }

// Encode implements [Request].
func (q *BinaryTypePutRequest) Encode(w *binary.Writer, _ Features) { putMetadata(w, q.Metadata) }

// Decode implements [Request].
func (q *BinaryTypePutRequest) Decode(r *binary.Reader, _ Features) { q.Metadata = readMetadata(r) }

// The fewest bytes an element can have on the wire.
const (
	metaFieldMinBytes  = 9
	enumValueMinBytes  = 5
	metaSchemaMinBytes = 8
)

// putMetadata writes what Ignite's PlatformUtils.readBinaryMetadata reads.
func putMetadata(w *binary.Writer, m *binary.Metadata) {
	w.PutInt32(m.TypeID)
	putStr(w, m.TypeName)
	putStr(w, m.AffinityKeyField)
	putList(w, m.Fields, func(w *binary.Writer, f binary.FieldMeta) {
		putStr(w, f.Name)
		w.PutInt32(int32(int8(f.Type))) // Ignite's codes are signed bytes
		w.PutInt32(f.ID)
	})
	w.PutBool(m.IsEnum)
	if m.IsEnum {
		putList(w, m.EnumValues, func(w *binary.Writer, v binary.EnumValue) {
			putStr(w, v.Name)
			w.PutInt32(v.Ordinal)
		})
	}
	putList(w, m.Schemas, func(w *binary.Writer, s binary.Schema) {
		w.PutInt32(s.ID)
		putInts(w, s.FieldIDs)
	})
}

func readMetadata(r *binary.Reader) *binary.Metadata {
	m := &binary.Metadata{
		TypeID:           r.Int32(),
		TypeName:         r.Str(),
		AffinityKeyField: r.Str(),
		Fields:           readList(r, metaFieldMinBytes, readFieldMeta),
	}
	if m.IsEnum = r.Bool(); m.IsEnum {
		m.EnumValues = readList(r, enumValueMinBytes, func(r *binary.Reader) binary.EnumValue {
			return binary.EnumValue{Name: r.Str(), Ordinal: r.Int32()}
		})
	}
	m.Schemas = readList(r, metaSchemaMinBytes, func(r *binary.Reader) binary.Schema {
		return binary.Schema{ID: r.Int32(), FieldIDs: readInts(r)}
	})
	if r.Err() != nil {
		return nil
	}
	return m
}

func readFieldMeta(r *binary.Reader) binary.FieldMeta {
	f := binary.FieldMeta{Name: r.Str()}
	code := r.Int32()
	if code < -128 || code > 255 {
		r.Fail("field type", fmt.Sprintf("type code %d of field %q is out of range", code, f.Name))
	}
	f.Type = binary.Type(code)
	f.ID = r.Int32()
	return f
}
