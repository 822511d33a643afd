// Package column holds rows as columns: a Schema of typed fields, a Column of
// values in one piece of memory, a Batch of columns that belong together, and
// the Builder that fills them. It knows nothing of Ignite and does no I/O.
//
// The memory layout is Apache Arrow's (little-endian values, 64-byte aligned
// buffers, int64 offsets as in large_string and large_list, validity bitmaps
// with the least significant bit first), with one exception: a Bool value takes
// a whole byte, as TensorFlow and NumPy want it. PackBits makes Arrow's bitmap
// of it.
//
//	schema := &column.Schema{Fields: []column.Field{{Name: "id", Type: column.Type{Kind: column.Int64}}}}
//	b := column.NewBuilder(schema, column.NewPool(0))
//	b.Column(0).AppendInt64(7)
//	batch := b.NewBatch()
//	defer batch.Release()
//
// The package keeps values in little-endian order and therefore supports
// little-endian hosts only, as every platform that Kindling is built for is.
package column
