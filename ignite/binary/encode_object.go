package binary

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// objectFrame is an object whose fields are being written.
type objectFrame struct {
	start int // of the object in the buffer
	data  int // of the hashed bytes: behind the header and an inline type name
	mark  int // of its offsets in the stack
}

// openObject reserves the header. The type name is written only when the id is 0.
func (s *encodeState) openObject(typeID int32, typeName string) objectFrame {
	f := objectFrame{start: len(s.b), mark: len(s.offsets)}
	var head [headerBytes]byte
	head[0], head[1] = byte(TypeObject), formatVersion
	binary.LittleEndian.PutUint32(head[posTypeID:], uint32(typeID))
	s.b = append(s.b, head[:]...)
	if typeID == 0 {
		s.text(typeName)
	}
	f.data = len(s.b)
	return f
}

// field notes that the next value written is the field with this id.
func (s *encodeState) field(f objectFrame, id int32) {
	s.offsets = append(s.offsets, int32(len(s.b)-f.start))
	s.ids = append(s.ids, id)
}

// fieldIDs returns the ids of the fields written so far; valid until the next field.
func (s *encodeState) fieldIDs(f objectFrame) []int32 { return s.ids[f.mark:] }

// closeObject writes raw data and footer and fills in the header, as
// BinaryWriterExImpl.postWrite does: the width of the offsets is that of the last one.
func (s *encodeState) closeObject(f objectFrame, flags uint16, schemaID int32, rawData []byte) {
	rawAt := len(s.b) - f.start
	s.b = append(s.b, rawData...)
	footer, dataEnd := headerBytes, len(s.b)
	if rawData != nil {
		flags |= FlagHasRaw
		footer = rawAt
	}
	offsets, ids := s.offsets[f.mark:], s.ids[f.mark:]
	if len(offsets) > 0 {
		footer = dataEnd - f.start
		flags |= FlagHasSchema
		width := offsetWidth(offsets[len(offsets)-1])
		flags |= widthFlag(width)
		for i, off := range offsets {
			if flags&FlagCompactFooter == 0 {
				s.int32(ids[i])
			}
			s.offset(off, width)
		}
		if rawData != nil {
			s.int32(int32(rawAt))
		}
	}
	head := s.b[f.start:]
	binary.LittleEndian.PutUint16(head[posFlags:], flags)
	binary.LittleEndian.PutUint32(head[posHash:], uint32(hashBytes(s.b[f.data:dataEnd])))
	binary.LittleEndian.PutUint32(head[posLength:], uint32(len(head)))
	binary.LittleEndian.PutUint32(head[posSchemaID:], uint32(schemaID))
	binary.LittleEndian.PutUint32(head[posFooter:], uint32(footer))
	s.offsets, s.ids = s.offsets[:f.mark], s.ids[:f.mark]
}

func (s *encodeState) offset(off int32, width int) {
	switch width {
	case 1:
		s.b = append(s.b, byte(off))
	case 2:
		s.b = binary.LittleEndian.AppendUint16(s.b, uint16(off))
	default:
		s.int32(off)
	}
}

func offsetWidth(last int32) int {
	switch {
	case last < 1<<8:
		return 1
	case last < 1<<16:
		return 2
	}
	return 4
}

func widthFlag(width int) uint16 {
	switch width {
	case 1:
		return FlagOffsetOneByte
	case 2:
		return FlagOffsetTwoBytes
	}
	return 0
}

func (e *Encoder) flags() uint16 {
	if e.FullFooter {
		return FlagUserType
	}
	return FlagUserType | FlagCompactFooter
}

// objectPointer writes an *Object, inside of a byte array if it came so.
func (s *encodeState) objectPointer(o *Object) error {
	if o == nil {
		return s.nullIf(true)
	}
	if _, seen := s.handles[o]; seen || !o.wrapped {
		if s.handle(o) {
			return nil
		}
		return s.object(o)
	}
	inner := encodeState{e: s.e, structs: s.structs, depth: s.depth}
	inner.handles = map[any]int{o: 0}
	if err := inner.object(o); err != nil {
		return err
	}
	s.count(TypeWrapped, len(inner.b))
	s.b = append(s.b, inner.b...)
	s.int32(0)
	return nil
}

func (s *encodeState) object(o *Object) error {
	typeID, flags := o.TypeID, o.header.flags
	built := flags == 0 && o.raw == nil
	if built {
		flags = s.e.flags()
		if typeID == TypeID(o.TypeName) {
			typeID = TypeID(s.e.Names.Name(o.TypeName))
		}
	}
	flags &= FlagUserType | FlagCompactFooter
	fields := o.Fields
	if built && s.ordered() {
		var err error
		if fields, err = inOrder(s, typeID, slices.Clone(fields), (*Field).id); err != nil {
			return err
		}
	}
	f := s.openObject(typeID, o.TypeName)
	known := true
	for i := range fields {
		field := &fields[i]
		id := field.id()
		known = known && id != 0
		s.field(f, id)
		if err := s.value(field.Value); err != nil {
			return within(err, "field %s of %s", fieldLabel(field, i), o.label())
		}
	}
	ids := s.fieldIDs(f)
	schemaID := SchemaID(ids)
	if !known {
		if o.raw == nil || len(o.Fields) != o.header.fields {
			return fmt.Errorf("binary: %s has a field with neither id nor name: decode it with a Resolver to change it", o.label())
		}
		schemaID = o.header.schemaID
	}
	var meta *Metadata
	if s.e.OnType != nil && o.TypeName != "" && known {
		meta = s.objectMeta(o, fields, typeID, ids, schemaID)
	}
	s.closeObject(f, flags, schemaID, o.header.rawData)
	if meta != nil {
		return s.e.OnType(meta)
	}
	return nil
}

// ordered says whether the next object to be written is one for which Encoder.Order asks.
func (s *encodeState) ordered() bool { return s.e.Order != nil && s.depth <= 1 }

// inOrder sorts the fields of an object as Encoder.Order says; fields that it does not
// name come last.
func inOrder[F any](s *encodeState, typeID int32, fields []F, id func(*F) int32) ([]F, error) {
	ids := make([]int32, len(fields))
	for i := range fields {
		ids[i] = id(&fields[i])
	}
	order, err := s.e.Order(typeID, ids)
	if err != nil {
		return nil, err
	}
	place := func(f *F) int {
		if at := slices.Index(order, id(f)); at >= 0 {
			return at
		}
		return len(order)
	}
	slices.SortStableFunc(fields, func(a, b F) int { return cmp.Compare(place(&a), place(&b)) })
	return fields, nil
}

// id is that of the field's name where it has no other, 0 where it has no name either.
func (f *Field) id() int32 {
	if f.ID == 0 && f.Name != "" {
		return FieldID(f.Name)
	}
	return f.ID
}

func (o *Object) label() string {
	if o.TypeName != "" {
		return o.TypeName
	}
	return fmt.Sprintf("type id %d", o.TypeID)
}

func fieldLabel(f *Field, i int) string {
	if f.Name != "" {
		return f.Name
	}
	return fmt.Sprintf("%d (id %d)", i, f.ID)
}

// objectMeta describes an object; nil if a field has no name, because then it comes
// from a cluster that knows the type already.
func (s *encodeState) objectMeta(o *Object, fields []Field, typeID int32, ids []int32, schemaID int32) *Metadata {
	m := &Metadata{TypeID: typeID, TypeName: s.e.Names.Name(o.TypeName)}
	for i := range fields {
		field := &fields[i]
		if field.Name == "" {
			return nil
		}
		m.Fields = append(m.Fields, FieldMeta{Name: field.Name, Type: metaTypeOf(field.Value), ID: ids[i]})
	}
	m.Schemas = []Schema{{ID: schemaID, FieldIDs: append([]int32(nil), ids...)}}
	return m
}
