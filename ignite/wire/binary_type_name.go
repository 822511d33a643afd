package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// BinaryTypeNameGetRequest asks for a type's class name on a platform; answered
// by [StringResponse].
type BinaryTypeNameGetRequest struct {
	Platform uint8 // 0 Java, 1 .NET (Ignite's MarshallerPlatformIds)
	TypeID   int32
}

// Op implements [Request].
func (*BinaryTypeNameGetRequest) Op() Op { return OpBinaryTypeNameGet }

// Encode implements [Request].
func (q *BinaryTypeNameGetRequest) Encode(w *binary.Writer, _ Features) {
	w.PutUint8(q.Platform)
	w.PutInt32(q.TypeID)
}

// Decode implements [Request].
func (q *BinaryTypeNameGetRequest) Decode(r *binary.Reader, _ Features) {
	q.Platform = r.Uint8()
	q.TypeID = r.Int32()
}

// BinaryTypeNamePutRequest registers a type's class name on a platform;
// answered by [BoolResponse], false when another name has the id.
type BinaryTypeNamePutRequest struct {
	Platform uint8 // 0 Java, 1 .NET (Ignite's MarshallerPlatformIds)
	TypeID   int32
	TypeName string
}

// Op implements [Request].
func (*BinaryTypeNamePutRequest) Op() Op { return OpBinaryTypeNamePut }

// Encode implements [Request].
func (q *BinaryTypeNamePutRequest) Encode(w *binary.Writer, _ Features) {
	w.PutUint8(q.Platform)
	w.PutInt32(q.TypeID)
	w.PutStr(q.TypeName)
}

// Decode implements [Request].
func (q *BinaryTypeNamePutRequest) Decode(r *binary.Reader, _ Features) {
	q.Platform = r.Uint8()
	q.TypeID = r.Int32()
	q.TypeName = r.Str()
}
