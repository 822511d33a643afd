package dataset

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kindling-ml/kindling/column"
)

// maxDimensions bounds the dimensions of an array: the bridge's descriptions of tensors
// have room for so many, and that of the batch.
const maxDimensions = 7

// Lengths says how long the arrays were that Discover saw in a field.
type Lengths struct {
	// Arrays is their number; nulls do not count.
	Arrays int `json:"arrays"`
	// Min and Max are the numbers of elements of the shortest and of the longest.
	Min int `json:"min"`
	Max int `json:"max"`
}

func (l *Lengths) add(n int) {
	if l.Arrays == 0 {
		l.Min = n
	}
	l.Arrays++
	l.Min, l.Max = min(l.Min, n), max(l.Max, n)
}

// Length is the number of elements that each array of the field has, 0 when they may have any.
func (f *Field) Length() int {
	if f.Shape == nil {
		return 0
	}
	n := 1
	for _, d := range f.Shape {
		n *= d
	}
	return n
}

// dimensions is a shape as the name of a type has it: "28,28,1".
func dimensions(shape []int) string {
	var sb strings.Builder
	for i, d := range shape {
		if i > 0 {
			sb.WriteByte(',')
		}
		sb.WriteString(strconv.Itoa(d))
	}
	return sb.String()
}

// checkShape says what is wrong with the dimensions of an array, "" when nothing is.
func checkShape(shape []int) string {
	if len(shape) == 0 {
		return "it has no dimension, and an array has one at least"
	}
	if len(shape) > maxDimensions {
		return fmt.Sprintf("it has %d dimensions, and an array has at most %d", len(shape), maxDimensions)
	}
	n := 1
	for _, d := range shape {
		if d < 1 {
			return fmt.Sprintf("a dimension is a number from 1 on, not %d", d)
		}
		if d > math.MaxInt32/n {
			return fmt.Sprintf("it has more elements than an array of Ignite can have, %d", math.MaxInt32)
		}
		n *= d
	}
	return ""
}

// withShapes gives a copy with the stated shapes put into the fields. fields are the paths
// that will be delivered, all when empty.
func (s *Schema) withShapes(shapes map[string][]int, fields []string) (*Schema, error) {
	if len(shapes) == 0 {
		return s, nil
	}
	out := s.clone()
	for _, path := range slices.Sorted(maps.Keys(shapes)) {
		if len(fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return path == f || strings.HasPrefix(path, f+".") }) {
			return nil, &SchemaError{Path: path, Reason: "shapes states its shape, but fields leaves it out: name it in fields, or leave it out of shapes"}
		}
		place := out.locate(path)
		if place == nil {
			return nil, &SchemaError{Path: path, Reason: "shapes states the shape of a field that the schema does not have; the schema is " + s.String()}
		}
		f := out.at(place)
		if bad := f.setShape(shapes[path]); bad != "" {
			return nil, &SchemaError{Path: path, Type: f.typeName(), Reason: bad}
		}
	}
	return out, nil
}

// setShape takes a stated shape, or says what is wrong with it.
func (f *Field) setShape(shape []int) string {
	if t, ok := leafType(f.Type); !ok || t.Kind != column.List {
		return "shapes states a shape, which only a field of arrays has"
	}
	if bad := checkShape(shape); bad != "" {
		return fmt.Sprintf("shapes states the shape [%s]: %s", dimensions(shape), bad)
	}
	stated := *f
	stated.Shape, stated.Seen, stated.stated = shape, Lengths{}, true
	if f.Shape != nil && f.Length() != stated.Length() {
		return fmt.Sprintf("shapes states [%s], which has %d elements, and the schema's arrays have %d", dimensions(shape), stated.Length(), f.Length())
	}
	*f = stated
	return ""
}

// inferShape takes the length that all arrays had which were seen as the field's shape. An
// array without elements tells nothing: TensorFlow has no rows of length 0.
func (f *Field) inferShape() {
	if f.Shape == nil && f.Seen.Min > 0 && f.Seen.Min == f.Seen.Max {
		f.Shape = []int{f.Seen.Min}
	}
	for i := range f.Fields {
		f.Fields[i].inferShape()
	}
}

// otherLength is the error of a row whose array has c elements, where all have another number.
func (n *node) otherLength(c int) error {
	f := n.field
	says := f.typeName()
	if len(f.Shape) > 1 {
		says += fmt.Sprintf(", which has %d elements", f.Length())
	}
	switch {
	case f.stated:
		says = "shapes says " + says + "; state the shape that the rows have, or leave the field out of shapes where their lengths differ"
	case f.Seen.Arrays > 0:
		says = fmt.Sprintf("the %d that were looked at have %d, which was inferred; state the field's shape, or do not infer shapes where lengths differ",
			f.Seen.Arrays, f.Length())
	default:
		says = "the schema says " + says + fmt.Sprintf("; state the length that the rows have, or %q where their lengths differ", typeName(f.Type))
	}
	return &fieldError{n.path, fmt.Sprintf("the row holds an array of %d elements, %s", c, says)}
}
