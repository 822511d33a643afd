package main

/*
#include "tf_api.h"
#include "outbox.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
)

// tfTypes are TensorFlow's types for values of a kind.
var tfTypes = map[column.Kind]C.int{
	column.Bool: C.KINDLING_DT_BOOL, column.Int8: C.KINDLING_DT_INT8, column.Uint8: C.KINDLING_DT_UINT8,
	column.Int16: C.KINDLING_DT_INT16, column.Uint16: C.KINDLING_DT_UINT16, column.Int32: C.KINDLING_DT_INT32,
	column.Int64: C.KINDLING_DT_INT64, column.Float32: C.KINDLING_DT_FLOAT, column.Float64: C.KINDLING_DT_DOUBLE,
	column.String: C.KINDLING_DT_STRING, column.Bytes: C.KINDLING_DT_STRING,
}

// tfType is TensorFlow's type for values of a kind, 0 where there is none.
func tfType(k column.Kind) C.int { return tfTypes[k] }

// deliveryBytes is what a delivery counts for in an outbox beside the values of its
// batch, so that there is a bound to the number of tiny ones.
const deliveryBytes = 64 << 10

// layout is what the op gives for a spec: an output for each column and, where rows are
// taken apart again, one more for each column of lists of any length: their lengths,
// [rows, 1].
type layout struct {
	outputs []output
	lengths int // of these
}

func layoutOf(spec *dataset.Spec) (layout, error) {
	outputs, err := outputsOf(spec)
	l := layout{outputs: outputs}
	for i := range outputs {
		o := &outputs[i]
		if o.fill = spec.BatchRows == 0 && o.List && o.Shape == nil; o.fill {
			l.lengths++
		}
	}
	return l, err
}

// pack describes a batch and the token after it for TensorFlow. It takes the batch
// over, also when it fails.
func (l *layout) pack(batch *column.Batch, next dataset.Position) (*C.kindling_delivery, error) {
	columns := appendLeaves(make([]*column.Column, 0, len(l.outputs)), batch.Columns)
	if len(columns) != len(l.outputs) {
		batch.Release()
		return nil, badArgument("the spec has %d columns, the batch %d", len(l.outputs), len(columns))
	}
	d := newDelivery(batch, len(columns)+l.lengths, next, "")
	lengths := d.columns()[len(columns):]
	for i, c := range columns {
		to := &d.columns()[i]
		if err := putColumn(to, &l.outputs[i], c); err != nil {
			recycle(d.c)
			return nil, err
		}
		if l.outputs[i].fill {
			d.fill(to, &lengths[0], c)
			lengths = lengths[1:]
		} else if err := uniform(to, &l.outputs[i], c); err != nil {
			recycle(d.c)
			return nil, err
		}
	}
	d.c.bytes = C.size_t(deliveryBytes + batch.Bytes())
	for _, b := range d.memory {
		d.c.bytes += C.size_t(len(b))
	}
	return d.c, nil
}

// nothing describes columns without rows.
func (l *layout) nothing() *C.kindling_delivery {
	d := newDelivery(nil, len(l.outputs)+l.lengths, nil, "")
	for i := range d.columns() {
		c := &d.columns()[i]
		if i >= len(l.outputs) {
			c._type, c.rank, c.shape[1] = C.KINDLING_DT_INT64, 2, 1
			continue
		}
		c._type, c.rank = tfType(l.outputs[i].kind), 1
		if o := &l.outputs[i]; o.Shape != nil {
			setShape(c, o.Shape)
		} else if o.List {
			c.rank = 2
		}
	}
	return d.c
}

// appendLeaves lists the columns that are no structs, in the order of outputsOf.
func appendLeaves(out, columns []*column.Column) []*column.Column {
	for _, c := range columns {
		if c.Type.Kind == column.Struct {
			out = appendLeaves(out, c.Children)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// putColumn describes a column, but for how long its lists are.
func putColumn(to *C.kindling_column, o *output, c *column.Column) error {
	values := c
	to.shape[0], to.rank = C.int64_t(c.Len), 1
	if c.NullCount() > 0 {
		return &dataset.SchemaError{Path: o.name, Reason: "there is a null, which a tensor can't hold"}
	}
	if c.Type.Kind == column.List {
		values, to.rank = c.Children[0], 2
	}
	if values.Type.Kind != o.kind {
		return &dataset.SchemaError{Path: o.name, Type: values.Type.String(), Reason: fmt.Sprintf("the dataset was made for %s values", o.Kind)}
	}
	to._type = tfType(values.Type.Kind)
	to.data, to.bytes = pointer(values.Data), C.size_t(len(values.Data))
	if values.Type.Kind.Width() == 0 {
		to.offsets = (*C.int64_t)(pointer(values.Offsets))
	}
	return nil
}

// setShape describes the lists of a column, which all have the shape.
func setShape(to *C.kindling_column, shape []int) {
	to.rank = C.int(1 + len(shape))
	for i, d := range shape {
		to.shape[1+i] = C.int64_t(d)
	}
}

// uniform describes the lists of a column, which must have one length: that of their shape,
// where they have one.
func uniform(to *C.kindling_column, o *output, c *column.Column) error {
	if c.Type.Kind != column.List {
		return nil
	}
	n, ok := column.UniformListLen(c)
	if !ok {
		return raggedError(o, c)
	}
	if o.Shape != nil {
		setShape(to, o.Shape)
	} else {
		to.shape[1] = C.int64_t(n)
	}
	return nil
}

// fill describes the lists of a column as a matrix whose rows are as long as the longest
// list, and their lengths. Each row has an element at least: TensorFlow's unbatch ends the
// process at rows that have none.
func (d *delivery) fill(to, lengths *C.kindling_column, c *column.Column) {
	lengths._type, lengths.rank = C.KINDLING_DT_INT64, 2
	lengths.shape[0], lengths.shape[1] = C.int64_t(c.Len), 1
	lengths.bytes = C.size_t(c.Len * 8)
	memory := d.alloc(c.Len * 8)
	lengths.data = pointer(memory)
	all := unsafe.Slice((*int64)(lengths.data), c.Len)
	longest := int64(1)
	for i := range all {
		all[i] = c.Offsets[i+1] - c.Offsets[i]
		longest = max(longest, all[i])
	}
	to.shape[1] = C.int64_t(longest)
	values := c.Children[0]
	if int64(values.Len) == longest*int64(c.Len) {
		return // they are a matrix as they stand
	}
	if to.offsets == nil {
		to.data, to.bytes = d.fillFixed(values, c.Offsets, int(longest))
	} else {
		to.offsets = d.fillStrings(values, c.Offsets, int(longest))
	}
}

// fillFixed copies lists of values of one width into the rows of a matrix.
func (d *delivery) fillFixed(values *column.Column, offsets []int64, longest int) (unsafe.Pointer, C.size_t) {
	rows, width := len(offsets)-1, values.Type.Kind.Width()
	matrix := d.alloc(rows * longest * width)
	for i := range rows {
		copy(matrix[i*longest*width:], values.Data[int(offsets[i])*width:int(offsets[i+1])*width])
	}
	return pointer(matrix), C.size_t(len(matrix))
}

// fillStrings gives the ends of the strings of such a matrix, with empty ones behind those
// of each list.
func (d *delivery) fillStrings(values *column.Column, offsets []int64, longest int) *C.int64_t {
	rows := len(offsets) - 1
	memory := d.alloc((rows*longest + 1) * 8)
	ends := unsafe.Slice((*int64)(pointer(memory)), rows*longest+1)
	at := 0
	for i := range rows {
		for j := range int64(longest) {
			if k := offsets[i] + j; k < offsets[i+1] {
				ends[at+1] = values.Offsets[k+1]
			} else {
				ends[at+1] = ends[at]
			}
			at++
		}
	}
	return (*C.int64_t)(pointer(memory))
}

func raggedError(o *output, c *column.Column) error {
	first := c.Offsets[1] - c.Offsets[0]
	for i := 1; i < c.Len; i++ {
		if n := c.Offsets[i+1] - c.Offsets[i]; n != first {
			return &dataset.SchemaError{Path: o.name, Reason: fmt.Sprintf(
				"cannot batch arrays with different shapes: row 0 of the batch has %d elements, row %d has %d; "+
					"use .padded_batch(n) or .ragged_batch(n) of the row-wise dataset instead of .batch(n)", first, i, n)}
		}
	}
	return badArgument("field %s: the lengths of the arrays are unclear", o.name)
}
