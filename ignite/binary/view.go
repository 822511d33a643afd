package binary

import (
	"encoding/binary"
	"fmt"
)

// Header of a complex object (GridBinaryMarshaller): byte 103, version, flags, type id,
// hash code, total length, schema id, offset of the footer or of the raw data.
const (
	headerBytes = 24
	posFlags    = 2
	posTypeID   = 4
	posHash     = 8
	posLength   = 12
	posSchemaID = 16
	posFooter   = 20

	formatVersion = 1
)

// Flags of a complex object (BinaryUtils).
const (
	FlagUserType       uint16 = 1
	FlagHasSchema      uint16 = 2
	FlagHasRaw         uint16 = 4
	FlagOffsetOneByte  uint16 = 8
	FlagOffsetTwoBytes uint16 = 0x10
	FlagCompactFooter  uint16 = 0x20
)

// ObjectView is a parsed header over the bytes of a complex object. It copies nothing
// and allocates nothing; it is valid as long as the bytes are. It may be copied and
// read by several goroutines.
type ObjectView struct {
	buf      []byte // the bytes that a handle may point into
	start    int    // of the object in buf
	end      int
	data     int // first field
	dataEnd  int // first byte after the fields: the raw data or the footer
	footer   int
	n        int
	flags    uint16
	idBytes  int8 // 4 when the footer has field ids, else 0
	offBytes int8 // width of an offset: 1, 2 or 4
}

// ParseObject reads the header of the one complex object in raw: a bare object (103) or
// one wrapped into a byte array (27). The error is a *[FormatError].
func ParseObject(raw Raw) (ObjectView, error) {
	var o ObjectView
	var at int
	var reason string
	switch raw.Type() {
	case TypeObject:
		if at, reason = o.parse(raw, 0); reason == "" && o.end != len(raw) {
			at, reason = o.end, "bytes after the object"
		}
	case TypeWrapped:
		inner, off, bad := unwrap(raw)
		if bad != "" {
			return o, &FormatError{Offset: 1, Field: "BinaryObject", Reason: bad}
		}
		at, reason = o.parse(inner, off)
		at += 1 + countBytes
	default:
		reason = "found " + raw.Type().String()
	}
	if reason != "" {
		return ObjectView{}, &FormatError{Offset: at, Field: "Object", Reason: reason}
	}
	return o, nil
}

// unwrap returns the byte array in a wrapped value and the offset of the object in it.
func unwrap(raw Raw) ([]byte, int, string) {
	end, bad := skipWrapped(raw, 1)
	if bad != nil {
		return nil, 0, bad.reason
	}
	if end != len(raw) {
		return nil, 0, "bytes after the offset"
	}
	inner := raw[1+countBytes : end-4 : end-4]
	off := int(int32(binary.LittleEndian.Uint32(raw[end-4:])))
	if off < 0 || off >= len(inner) {
		return nil, 0, "offset outside of the byte array"
	}
	return inner, off, ""
}

// parse reads the header at pos of b. On failure it returns the offset and the reason.
func (o *ObjectView) parse(b []byte, pos int) (int, string) {
	if len(b)-pos < headerBytes {
		return pos, "shorter than its header"
	}
	h := b[pos : pos+headerBytes]
	if Type(h[0]) != TypeObject {
		return pos, "type code is not 103"
	}
	if h[1] != formatVersion {
		return pos + 1, "unknown format version"
	}
	length := int(int32(binary.LittleEndian.Uint32(h[posLength:])))
	if length < headerBytes || length > len(b)-pos {
		return pos + posLength, errSkipObject.reason
	}
	o.buf, o.start, o.end = b, pos, pos+length
	o.flags = binary.LittleEndian.Uint16(h[posFlags:])
	o.data = pos + headerBytes
	if o.TypeID() == 0 {
		if o.data >= o.end || Type(b[o.data]) != TypeString {
			return o.data, "type id 0 without a type name"
		}
		end, bad := skipBlock(b[:o.end], o.data+1, 1)
		if bad != nil {
			return end, "type name: " + bad.reason
		}
		o.data = end
	}
	return o.parseFooter(int(int32(binary.LittleEndian.Uint32(h[posFooter:]))))
}

// parseFooter finds the ends of the fields from the offset in the header.
func (o *ObjectView) parseFooter(offset int) (int, string) {
	at := o.start + posFooter
	raw := o.flags&FlagHasRaw != 0
	if o.flags&FlagHasSchema == 0 {
		o.dataEnd, o.footer = o.end, o.end
		if raw {
			if o.dataEnd = o.start + offset; o.dataEnd < o.data || o.dataEnd > o.end {
				return at, "raw data outside of the object"
			}
		}
		return 0, ""
	}
	o.footer = o.start + offset
	footerEnd := o.end
	if raw {
		footerEnd -= 4
	}
	if o.footer < o.data || o.footer > footerEnd {
		return at, "footer outside of the object"
	}
	o.dataEnd = o.footer
	if raw {
		o.dataEnd = o.start + int(int32(binary.LittleEndian.Uint32(o.buf[footerEnd:])))
		if o.dataEnd < o.data || o.dataEnd > o.footer {
			return footerEnd, "raw data outside of the object"
		}
	}
	o.offBytes, o.idBytes = 4, 4
	if o.flags&FlagOffsetOneByte != 0 {
		o.offBytes = 1
	} else if o.flags&FlagOffsetTwoBytes != 0 {
		o.offBytes = 2
	}
	if o.flags&FlagCompactFooter != 0 {
		o.idBytes = 0
	}
	entry := int(o.idBytes + o.offBytes)
	if o.n = (footerEnd - o.footer) / entry; o.n*entry != footerEnd-o.footer {
		return o.footer, "footer is not a whole number of entries"
	}
	return 0, ""
}

func (o *ObjectView) int32At(pos int) int32 {
	if len(o.buf) == 0 {
		return 0
	}
	return int32(binary.LittleEndian.Uint32(o.buf[o.start+pos:]))
}

// TypeID returns the type id; 0 means that the type is not registered and its name is inline.
func (o ObjectView) TypeID() int32 { return o.int32At(posTypeID) }

// TypeName returns the inline name of a type that is not registered, else "".
func (o ObjectView) TypeName() string {
	if o.data <= o.start+headerBytes {
		return ""
	}
	return string(o.buf[o.start+headerBytes+1+countBytes : o.data])
}

// Flags returns the flags of the header, such as FlagHasSchema.
func (o ObjectView) Flags() uint16 { return o.flags }

// Hash returns the Java hash code in the header, on which affinity and key equality rest.
func (o ObjectView) Hash() int32 { return o.int32At(posHash) }

// SchemaID returns the schema id, see [SchemaID].
func (o ObjectView) SchemaID() int32 { return o.int32At(posSchemaID) }

// NumFields returns the number of fields in the schema.
func (o ObjectView) NumFields() int { return o.n }

// CompactFooter reports whether the footer has offsets only, so that field ids have to
// come from the metadata's schema.
func (o ObjectView) CompactFooter() bool { return o.flags&FlagCompactFooter != 0 }

// Bytes returns the bare object (type code 103), aliasing the input.
func (o ObjectView) Bytes() []byte { return o.buf[o.start:o.end:o.end] }

// RawData returns the bytes that a Java Binarylizable wrote without field names (behind
// the fields), aliasing the input; nil if there are none.
func (o ObjectView) RawData() []byte {
	if o.flags&FlagHasRaw == 0 {
		return nil
	}
	return o.buf[o.dataEnd:o.footer:o.footer]
}

// FieldID returns the id of the i-th field; false when the footer is compact.
func (o ObjectView) FieldID(i int) (int32, bool) {
	if uint(i) >= uint(o.n) || o.idBytes == 0 {
		return 0, false
	}
	p := o.footer + i*int(o.idBytes+o.offBytes)
	return int32(binary.LittleEndian.Uint32(o.buf[p:])), true
}

// fieldPos returns the position of the i-th field in buf, -1 if it lies outside of the data.
func (o *ObjectView) fieldPos(i int) int {
	if uint(i) >= uint(o.n) {
		return -1
	}
	var off int
	p := o.footer + i*int(o.idBytes+o.offBytes) + int(o.idBytes)
	switch o.offBytes {
	case 1:
		off = int(o.buf[p])
	case 2:
		off = int(binary.LittleEndian.Uint16(o.buf[p:]))
	default:
		off = int(binary.LittleEndian.Uint32(o.buf[p:]))
	}
	if pos := o.start + off; pos >= o.data && pos < o.dataEnd {
		return pos
	}
	return -1
}

// FieldRaw returns the encoded value of the i-th field of the schema, following a handle
// to the value it stands for. It returns nil (type code 0, not null) when there is no
// such field or its bytes are broken; [ObjectView.Field] tells why. The Raw aliases the
// input.
func (o ObjectView) FieldRaw(i int) Raw {
	pos := o.fieldPos(i)
	if pos < 0 {
		return nil
	}
	end, bad := skipValue(o.buf[:o.dataEnd], pos, skipDepth)
	if bad != nil {
		return nil
	}
	if Type(o.buf[pos]) == TypeHandle {
		return o.target(pos)
	}
	return Raw(o.buf[pos:end:end])
}

// target returns the value that the handle at pos points back to.
func (o *ObjectView) target(pos int) Raw {
	to := pos - int(int32(binary.LittleEndian.Uint32(o.buf[pos+1:])))
	if to < 0 || to >= pos || Type(o.buf[to]) == TypeHandle {
		return nil
	}
	end, bad := skipValue(o.buf, to, skipDepth)
	if bad != nil {
		return nil
	}
	return Raw(o.buf[to:end:end])
}

// Field is FieldRaw with a reason when there is no value.
func (o ObjectView) Field(i int) (Raw, error) {
	if raw := o.FieldRaw(i); raw != nil {
		return raw, nil
	}
	pos := o.fieldPos(i)
	reason := "value or handle is broken"
	if uint(i) >= uint(o.n) {
		reason = fmt.Sprintf("there are %d fields", o.n)
	} else if pos < 0 {
		reason = "offset outside of the object's data"
	}
	return nil, &FormatError{Offset: max(pos, 0), Field: fmt.Sprintf("field %d", i), Reason: reason}
}

// Object returns a view of the object in the i-th field. Unlike ParseObject on
// FieldRaw, it can follow handles from the inner object to values outside of it.
func (o ObjectView) Object(i int) (ObjectView, error) {
	raw, err := o.Field(i)
	if err != nil {
		return ObjectView{}, err
	}
	if raw.Type() != TypeObject {
		return ParseObject(raw)
	}
	pos := o.fieldPos(i)
	if Type(o.buf[pos]) == TypeHandle {
		pos -= int(int32(binary.LittleEndian.Uint32(o.buf[pos+1:])))
	}
	var inner ObjectView
	if at, reason := inner.parse(o.buf, pos); reason != "" {
		return ObjectView{}, &FormatError{Offset: at, Field: fmt.Sprintf("field %d", i), Reason: reason}
	}
	return inner, nil
}
