package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/kindling-ml/kindling/column"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// decoder moves rows from page bytes into the columns of a builder. It is for
// one goroutine.
type decoder struct {
	planner
	builder  *column.Builder
	key, val *node // nil when left out
	keyMove  move  // of the key, for runs
	run      run

	place    *placement // nil: nothing is placed
	placed   *placed    // of the page at hand
	at       *place     // of the row's array, if it was placed
	stub     *byte      // what is left of it in the page; nil for none
	putBytes int        // of arrays that were placed, since somebody set it to 0
}

func newDecoder(s *Schema, nulls string, resolver ignitebinary.Resolver, alloc column.Allocator) (*decoder, error) {
	cols, err := s.Columns(nulls == NullsKeep)
	if err != nil {
		return nil, err
	}
	d := &decoder{planner: planner{nulls: nulls, resolver: resolver}, builder: column.NewBuilder(cols, alloc)}
	i := 0
	if !s.Key.Absent() {
		if d.key, err = d.newNode(&s.Key, KeyName, d.builder.Column(i)); err != nil {
			return nil, err
		}
		d.keyMove = moveOf(d.key)
		i++
	}
	if !s.Value.Absent() {
		if d.val, err = d.newNode(&s.Value, ValueName, d.builder.Column(i)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

var (
	errBrokenKey   = errors.New("the bytes of the key are broken")
	errBrokenValue = errors.New("the bytes of the value are broken")
)

// row appends the row at pos of b and gives the position after it. On an error
// a part of the row may have been appended.
func (d *decoder) row(b []byte, pos int) (int, error) {
	if d.placed != nil {
		d.seek(b, pos)
	}
	val := skipValue(b, pos)
	if val < 0 {
		return pos, errBrokenKey
	}
	end := d.skipValue(b, val)
	if end < 0 {
		return pos, errBrokenValue
	}
	if d.key != nil {
		if err := d.value(d.key, b[pos:val], 0); err != nil {
			return pos, err
		}
	}
	if d.val != nil {
		if err := d.value(d.val, b[val:end], 0); err != nil {
			return pos, err
		}
	}
	return end, nil
}

// skipRow is the position after the row at pos, -1 when its bytes are broken.
func skipRow(b []byte, pos int) int {
	if pos = skipValue(b, pos); pos < 0 {
		return -1
	}
	return skipValue(b, pos)
}

// skipValue is skipValue for a row's value, which may be a placed array.
func (d *decoder) skipValue(b []byte, pos int) int {
	if pos < len(b) && d.isPlaced(b, pos) {
		return pos + placedStub
	}
	return skipValue(b, pos)
}

// value appends the value at pos. b ends where the value must have ended, and
// begins where handles may point to.
func (d *decoder) value(n *node, b []byte, pos int) error {
	if pos >= len(b) {
		return n.broken()
	}
	t, p := ignitebinary.Type(b[pos]), b[pos+1:]
	if t != n.typ {
		if t == ignitebinary.TypeWrapped && n.typ == ignitebinary.TypeObject {
			return d.wrapped(n, p)
		}
		return d.otherValue(n, b, pos, t)
	}
	switch t {
	case ignitebinary.TypeLong, ignitebinary.TypeDouble, ignitebinary.TypeDate, ignitebinary.TypeTime:
		if len(p) < 8 {
			return n.broken()
		}
		n.app.Append64(binary.LittleEndian.Uint64(p))
	case ignitebinary.TypeInt, ignitebinary.TypeFloat:
		if len(p) < 4 {
			return n.broken()
		}
		n.app.Append32(binary.LittleEndian.Uint32(p))
	case ignitebinary.TypeShort, ignitebinary.TypeChar:
		if len(p) < 2 {
			return n.broken()
		}
		n.app.Append16(binary.LittleEndian.Uint16(p))
	case ignitebinary.TypeByte:
		if len(p) < 1 {
			return n.broken()
		}
		n.app.Append8(p[0])
	case ignitebinary.TypeString:
		c, ok := countAt(p, 0)
		if !ok || c > len(p)-countBytes {
			return n.broken()
		}
		n.app.AppendBytes(p[countBytes : countBytes+c])
	case ignitebinary.TypeObject:
		return d.object(n, b, pos)
	default:
		return d.rareValue(n, b, pos, t)
	}
	return nil
}

// rareValue appends a value of the node's own type that value leaves over.
func (d *decoder) rareValue(n *node, b []byte, pos int, t ignitebinary.Type) error {
	p := b[pos+1:]
	switch {
	case n.elem != 0:
		return n.array(p, t)
	case t == ignitebinary.TypeStringArray:
		return n.strings(p)
	case t == ignitebinary.TypeBool:
		if len(p) < 1 {
			return n.broken()
		}
		n.app.AppendBool(p[0] != 0)
		return nil
	case t == ignitebinary.TypeTimestamp:
		return n.timestamp(p)
	case t == ignitebinary.TypeUUID:
		if len(p) < 16 {
			return n.broken()
		}
		var text [36]byte
		n.app.AppendBytes(appendUUID(text[:0], p))
		return nil
	case t == ignitebinary.TypeDecimal:
		return n.decimal(p)
	case t == ignitebinary.TypeEnum:
		return n.enum(p)
	default:
		return n.mismatch(t)
	}
}

// otherValue appends a value whose code is not the node's type: null, another
// code of the same type, a handle, or a narrower type.
func (d *decoder) otherValue(n *node, b []byte, pos int, t ignitebinary.Type) error {
	p := b[pos+1:]
	switch {
	case t == ignitebinary.TypeNull:
		return n.null("is null in")
	case d.isPlaced(b, pos):
		return d.placedArray(n)
	case t == ignitebinary.TypeBinaryEnum && n.typ == ignitebinary.TypeEnum:
		return n.enum(p)
	case t == ignitebinary.TypeHandle:
		off, ok := countAt(p, 0)
		if !ok || off == 0 || off > pos || ignitebinary.Type(b[pos-off]) == ignitebinary.TypeHandle {
			return n.broken()
		}
		end := skipValue(b, pos-off)
		if end < 0 {
			return n.broken()
		}
		return d.value(n, b[:end], pos-off)
	case t == ignitebinary.TypeOptimized && (n.typ == ignitebinary.TypeDate || n.typ == ignitebinary.TypeTimestamp):
		ms, ok := sqlDate(p)
		if !ok {
			return n.mismatch(t)
		}
		if n.typ == ignitebinary.TypeTimestamp {
			return n.instant(ms, 0)
		}
		n.app.AppendInt64(ms)
		return nil
	case !widens(t, n.typ):
		return n.mismatch(t)
	case n.elem != 0:
		return n.wideArray(p, elemOf(t))
	default:
		return n.wide(p, t)
	}
}

// wrapped appends an object inside of a byte array: length, bytes, offset.
func (d *decoder) wrapped(n *node, p []byte) error {
	c, ok := countAt(p, 0)
	if !ok || c > len(p)-2*countBytes {
		return n.broken()
	}
	inner := p[countBytes : countBytes+c]
	off, ok := countAt(p, countBytes+c)
	if !ok || off >= len(inner) || ignitebinary.Type(inner[off]) != ignitebinary.TypeObject {
		return n.broken()
	}
	return d.object(n, inner, off)
}

// object appends the object at pos of b by the plan of its schema.
func (d *decoder) object(n *node, b []byte, pos int) error {
	if !n.shape.fits(b[pos:]) {
		if err := d.locate(n, b, pos); err != nil {
			return err
		}
	}
	if err := d.fields(n, b[:pos+n.shape.footer], pos); err != nil {
		return err
	}
	n.app.EndStruct()
	return nil
}

// locate chooses the plan for the object at pos and finds its fields.
func (d *decoder) locate(n *node, b []byte, pos int) error {
	n.shape.length = 0
	var l layout
	if bad := l.parse(b, pos); bad != "" {
		return &fieldError{n.path, bad}
	}
	pl := n.last
	if pl == nil || pl.typeID != l.typeID || pl.schemaID != l.schemaID || pl.compact != (l.idWidth == 0) {
		if pl = n.plans[planKey{l.typeID, l.schemaID}]; pl == nil || pl.compact != (l.idWidth == 0) {
			var err error
			if pl, err = d.compile(n, b, &l); err != nil {
				return atField(n.path, err)
			}
			n.plans[pl.planKey] = pl
		}
		n.last = pl
	}
	pl.locate(b, &l)
	n.shape.keep(b[pos:], &l)
	return nil
}

func atField(path string, err error) error {
	if fe, ok := err.(*fieldError); ok { //nolint:errorlint // never wrapped: it comes from compile
		return fe
	}
	return &fieldError{path, err.Error()}
}

// null appends what stands for a null or a missing field.
func (n *node) null(how string) error {
	switch {
	case n.keep:
		n.app.AppendNull()
	case n.subst != nil:
		n.subst.append(n.app)
	case n.whole:
		for _, child := range n.fields {
			if err := child.null(how); err != nil {
				return err
			}
		}
		n.app.EndStruct()
	default:
		return &nullError{path: n.path, how: how}
	}
	return nil
}

// nullError is a null where neither a default is stated nor nulls are kept.
type nullError struct{ path, how string }

func (e *nullError) Error() string {
	return "field " + e.path + " " + e.how + " the row; state a default for it, or nulls \"default\" for zeros and empty values"
}

func (n *node) broken() error { return &fieldError{n.path, "its bytes are broken"} }

func (n *node) mismatch(t ignitebinary.Type) error {
	return &fieldError{n.path, fmt.Sprintf("the row holds a value of type %s, the schema says %s", typeName(canonical(t)), typeName(n.typ))}
}

// mayHave says whether an array of c elements is what the schema says.
func (n *node) mayHave(c int) bool { return n.length == 0 || c == n.length }

// array appends an array of the node's own type with one copy.
func (n *node) array(p []byte, t ignitebinary.Type) error {
	c, ok := countAt(p, 0)
	w := n.app.Type().Elem.Kind.Width()
	if !ok || c > (len(p)-countBytes)/w {
		return n.broken()
	}
	if !n.mayHave(c) {
		return n.otherLength(c)
	}
	p = p[countBytes : countBytes+c*w]
	if t == ignitebinary.TypeBoolArray {
		for _, v := range p {
			n.app.Elem().AppendBool(v != 0)
		}
		n.app.EndList()
		return nil
	}
	n.app.AppendList(p)
	return nil
}

// strings appends a String[].
func (n *node) strings(p []byte) error {
	c, ok := countAt(p, 0)
	if !ok || c > len(p)-countBytes {
		return n.broken()
	}
	if !n.mayHave(c) {
		return n.otherLength(c)
	}
	p = p[countBytes:]
	elem := n.app.Elem()
	for i := range c {
		if len(p) > 0 && ignitebinary.Type(p[0]) == ignitebinary.TypeNull {
			switch {
			case n.keep:
				elem.AppendNull()
			case n.zeroItems:
				elem.AppendString("")
			default:
				return &nullError{path: fmt.Sprintf("%s[%d]", n.path, i), how: "is null in"}
			}
			p = p[1:]
			continue
		}
		size, ok := countAt(p, 1)
		if !ok || ignitebinary.Type(p[0]) != ignitebinary.TypeString || size > len(p)-1-countBytes {
			return n.broken()
		}
		elem.AppendBytes(p[1+countBytes : 1+countBytes+size])
		p = p[1+countBytes+size:]
	}
	n.app.EndList()
	return nil
}

// timestamp appends milliseconds and nanoseconds as a time since 1970.
func (n *node) timestamp(p []byte) error {
	if len(p) < 12 {
		return n.broken()
	}
	return n.instant(int64(binary.LittleEndian.Uint64(p)), int64(int32(binary.LittleEndian.Uint32(p[8:]))))
}

// enum appends the ordinal.
func (n *node) enum(p []byte) error {
	r := ignitebinary.NewReader(p)
	if id := r.Int32(); id == 0 {
		r.Str()
	}
	ord := r.Int32()
	if r.Err() != nil {
		return n.broken()
	}
	n.app.AppendInt32(ord)
	return nil
}

// decimal appends the exact text.
func (n *node) decimal(p []byte) error {
	c, ok := countAt(p, 4)
	if !ok || c > len(p)-8 {
		return n.broken()
	}
	var text [64]byte
	n.app.AppendBytes(appendDecimal(text[:0], int32(binary.LittleEndian.Uint32(p)), p[8:8+c]))
	return nil
}

// wide appends a number of a narrower type.
func (n *node) wide(p []byte, t ignitebinary.Type) error {
	w := fixedWidth(t)
	if len(p) < w {
		return n.broken()
	}
	if n.typ == ignitebinary.TypeTimestamp {
		return n.instant(int64(binary.LittleEndian.Uint64(p)), 0)
	}
	appendWide(n.app, n.typ, p, t)
	return nil
}

func (n *node) wideArray(p []byte, from ignitebinary.Type) error {
	c, ok := countAt(p, 0)
	w := fixedWidth(from)
	if !ok || c > (len(p)-countBytes)/w {
		return n.broken()
	}
	if !n.mayHave(c) {
		return n.otherLength(c)
	}
	p = p[countBytes:]
	for range c {
		appendWide(n.app.Elem(), n.elem, p, from)
		p = p[w:]
	}
	n.app.EndList()
	return nil
}

func fixedWidth(t ignitebinary.Type) int {
	ct, _ := leafType(t)
	return ct.Kind.Width()
}

// appendWide appends the number of type from at the start of p as one of type to.
func appendWide(a *column.Appender, to ignitebinary.Type, p []byte, from ignitebinary.Type) {
	var i int64
	var f float64
	switch from {
	case ignitebinary.TypeByte:
		i = int64(int8(p[0]))
	case ignitebinary.TypeShort:
		i = int64(int16(binary.LittleEndian.Uint16(p)))
	case ignitebinary.TypeChar:
		i = int64(binary.LittleEndian.Uint16(p))
	case ignitebinary.TypeInt:
		i = int64(int32(binary.LittleEndian.Uint32(p)))
	default:
		f = float64(math.Float32frombits(binary.LittleEndian.Uint32(p)))
	}
	switch to {
	case ignitebinary.TypeShort:
		a.AppendInt16(int16(i))
	case ignitebinary.TypeInt:
		a.AppendInt32(int32(i))
	case ignitebinary.TypeLong:
		a.AppendInt64(i)
	case ignitebinary.TypeFloat:
		a.AppendFloat32(float32(i))
	default:
		a.AppendFloat64(f + float64(i))
	}
}
