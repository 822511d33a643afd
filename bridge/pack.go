package main

/*
#include "tf_api.h"
#include "outbox.h"
*/
import "C"

import (
	"fmt"

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

// pack describes a batch and the token after it for TensorFlow. It takes the batch
// over, also when it fails.
func pack(outputs []output, batch *column.Batch, next dataset.Position) (*C.kindling_delivery, error) {
	columns := appendLeaves(make([]*column.Column, 0, len(outputs)), batch.Columns)
	if len(columns) != len(outputs) {
		batch.Release()
		return nil, badArgument("the spec has %d columns, the batch %d", len(outputs), len(columns))
	}
	d := newDelivery(batch, len(columns), next, "")
	for i := range columns {
		if err := putColumn(&columnsOf(d)[i], &outputs[i], columns[i]); err != nil {
			recycle(d)
			return nil, err
		}
	}
	d.bytes = C.size_t(deliveryBytes + batch.Bytes())
	return d, nil
}

// nothing describes columns without rows.
func nothing(outputs []output) *C.kindling_delivery {
	d := newDelivery(nil, len(outputs), nil, "")
	for i := range outputs {
		c := &columnsOf(d)[i]
		c._type, c.rank = tfType(outputs[i].kind), 1
		if outputs[i].List {
			c.rank = 2
		}
	}
	return d
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

// putColumn describes a column, a list as a matrix.
func putColumn(to *C.kindling_column, o *output, c *column.Column) error {
	values := c
	to.shape[0], to.rank = C.int64_t(c.Len), 1
	if c.NullCount() > 0 {
		return &dataset.SchemaError{Path: o.name, Reason: "there is a null, which a tensor can't hold"}
	}
	if c.Type.Kind == column.List {
		n, uniform := column.UniformListLen(c)
		if !uniform {
			return raggedError(o, c)
		}
		values = c.Children[0]
		to.shape[1], to.rank = C.int64_t(n), 2
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
