package main

/*
#include "kernel.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
)

// lentBytes is from which size on a column goes to TensorFlow without a copy.
// Below, a copy is cheaper, and does not hold a large batch for a small column.
const lentBytes = 64 << 10

// tfTypes are TensorFlow's types for values of a kind.
var tfTypes = map[column.Kind]C.int{
	column.Bool: C.KINDLING_DT_BOOL, column.Int8: C.KINDLING_DT_INT8, column.Uint8: C.KINDLING_DT_UINT8,
	column.Int16: C.KINDLING_DT_INT16, column.Uint16: C.KINDLING_DT_UINT16, column.Int32: C.KINDLING_DT_INT32,
	column.Int64: C.KINDLING_DT_INT64, column.Float32: C.KINDLING_DT_FLOAT, column.Float64: C.KINDLING_DT_DOUBLE,
	column.String: C.KINDLING_DT_STRING, column.Bytes: C.KINDLING_DT_STRING,
}

// tfType is TensorFlow's type for values of a kind, 0 where there is none.
func tfType(k column.Kind) C.int { return tfTypes[k] }

// deliver gives a batch and the next token to the op. An error has not been told
// to TensorFlow; nil may also mean that TensorFlow refused something, which has
// failed the op already.
func deliver(op *C.TF_OpKernelContext, outputs []output, batch *column.Batch, next dataset.Position) error {
	columns := appendLeaves(make([]*column.Column, 0, len(outputs)), batch.Columns)
	if n := int(C.kindling_op_outputs(op)) - firstColumn; n != len(outputs) || n != len(columns) {
		return badArgument("the op has %d columns, the spec %d, the batch %d", n, len(outputs), len(columns))
	}
	if !putHead(op, next, true) {
		return nil
	}
	for i, c := range columns {
		ok, err := putColumn(op, i, &outputs[i], c, batch)
		if err != nil || !ok {
			return err
		}
	}
	return nil
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

// firstColumn is the output of the first column: the token, and whether there are
// any rows, stand before it.
const firstColumn = 2

// putHead gives what stands before the columns. It is false when TensorFlow has
// refused it and the op has failed.
func putHead(op *C.TF_OpKernelContext, token dataset.Position, some bool) bool {
	n := C.int64_t(len(token))
	to := C.kindling_op_output(op, 0, C.KINDLING_DT_INT64, &n, 1, C.size_t(8*n))
	if to == nil {
		return false
	}
	copy(unsafe.Slice((*int64)(to), len(token)), token)
	flag := (*bool)(C.kindling_op_output(op, 1, C.KINDLING_DT_BOOL, nil, 0, 1))
	if flag == nil {
		return false
	}
	*flag = some
	return true
}

// putColumn gives column i, a list as a matrix. ok is false when
// TensorFlow has refused it and the op has failed.
func putColumn(op *C.TF_OpKernelContext, i int, o *output, c *column.Column, batch *column.Batch) (ok bool, err error) {
	values, shape, rank := c, [2]C.int64_t{C.int64_t(c.Len)}, C.int(1)
	if c.NullCount() > 0 {
		return false, &dataset.SchemaError{Path: o.name, Reason: "there is a null, which a tensor can't hold"}
	}
	if c.Type.Kind == column.List {
		n, uniform := column.UniformListLen(c)
		if !uniform {
			return false, raggedError(o, c)
		}
		values, shape[1], rank = c.Children[0], C.int64_t(n), 2
	}
	index, dtype := C.int(firstColumn+i), tfType(values.Type.Kind)
	if want := C.kindling_op_output_type(op, index); values.Type.Kind != o.kind || dtype != want {
		return false, &dataset.SchemaError{Path: o.name, Type: values.Type.String(), Reason: fmt.Sprintf("the dataset was made for %s values", o.Kind)}
	}
	size := C.size_t(len(values.Data))
	switch {
	case dtype == C.KINDLING_DT_STRING:
		return C.kindling_op_strings(op, index, &shape[0], rank, C.size_t(values.Len),
			(*C.char)(pointer(values.Data)), (*C.int64_t)(pointer(values.Offsets))) != 0, nil
	case size >= lentBytes:
		return C.kindling_op_lend(op, index, dtype, &shape[0], rank, pointer(values.Data), size, lend(batch)) != 0, nil
	}
	to := C.kindling_op_output(op, index, dtype, &shape[0], rank, size)
	if to != nil {
		copy(unsafe.Slice((*byte)(to), len(values.Data)), values.Data)
	}
	return to != nil, nil
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

// deliverNothing gives columns without rows and the token back: not yet.
func deliverNothing(op *C.TF_OpKernelContext, outputs []output, token dataset.Position) {
	if !putHead(op, token, false) {
		return
	}
	var shape [2]C.int64_t
	for i := range outputs {
		rank := C.int(1)
		if outputs[i].List {
			rank = 2
		}
		if C.kindling_op_output(op, C.int(firstColumn+i), tfType(outputs[i].kind), &shape[0], rank, 0) == nil {
			return
		}
	}
}
