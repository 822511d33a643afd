package ingest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// maxRowBytes bounds one row of an IDX or NPZ file.
const maxRowBytes = 1 << 30

// idxTypes are the element types of the IDX format, by its type byte.
var idxTypes = map[byte]arrow.DataType{
	0x08: arrow.PrimitiveTypes.Uint8,
	0x09: arrow.PrimitiveTypes.Int8,
	0x0b: arrow.PrimitiveTypes.Int16,
	0x0c: arrow.PrimitiveTypes.Int32,
	0x0d: arrow.PrimitiveTypes.Float32,
	0x0e: arrow.PrimitiveTypes.Float64,
}

// newIDXReader reads an IDX file (big-endian: two zero bytes, type, number of
// dimensions, the dimensions, the elements) as one column: a scalar a row for
// one dimension, else a fixed-size list of the remaining dimensions.
func newIDXReader(r io.Reader, opts *FileOptions) (array.RecordReader, error) {
	buffered := bufio.NewReaderSize(r, 1<<20)
	var magic [4]byte
	if _, err := io.ReadFull(buffered, magic[:]); err != nil {
		return nil, fmt.Errorf("%w: IDX header: %w", ErrFormat, err)
	}
	element, known := idxTypes[magic[2]]
	if magic[0] != 0 || magic[1] != 0 || !known || magic[3] == 0 {
		return nil, fmt.Errorf("%w: not an IDX file (it starts with % x)", ErrFormat, magic)
	}
	dims := make([]uint32, magic[3])
	if err := binary.Read(buffered, binary.BigEndian, dims); err != nil {
		return nil, fmt.Errorf("%w: IDX dimensions: %w", ErrFormat, err)
	}
	perRow := int64(1)
	for _, d := range dims[1:] {
		if perRow *= int64(d); perRow == 0 || perRow > maxRowBytes {
			return nil, fmt.Errorf("%w: IDX dimensions %v", ErrFormat, dims)
		}
	}
	name := opts.Column
	if name == "" {
		name = "value"
	}
	column := tensorColumn{name: name, element: element, scalar: len(dims) == 1, perRow: int(perRow), order: binary.BigEndian}
	return newTensorReader([]tensorColumn{column}, []io.Reader{buffered}, int64(dims[0]), opts.BatchRows), nil
}

// tensorColumn is a column whose rows are raw elements one after the other.
type tensorColumn struct {
	name    string
	element arrow.DataType
	scalar  bool // a number a row, not a list
	perRow  int  // elements in a row
	order   binary.ByteOrder
}

func (c tensorColumn) dataType() arrow.DataType {
	if c.scalar {
		return c.element
	}
	return arrow.FixedSizeListOf(int32(c.perRow), c.element)
}

func (c tensorColumn) width() int {
	if fixed, ok := c.element.(arrow.FixedWidthDataType); ok {
		return fixed.Bytes()
	}
	return 1
}

// newTensorReader reads rows of raw elements from one stream for each column.
func newTensorReader(columns []tensorColumn, streams []io.Reader, rows int64, batchRows int) array.RecordReader {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.dataType()}
	}
	schema := arrow.NewSchema(fields, nil)
	read := int64(0)
	return newFuncReader(schema, func() (arrow.RecordBatch, error) {
		n := min(int64(batchRows), rows-read)
		if n <= 0 {
			return nil, io.EOF
		}
		arrays := make([]arrow.Array, len(columns))
		for i, c := range columns {
			a, err := c.read(streams[i], int(n))
			if err != nil {
				return nil, fmt.Errorf("%w: column %s, row %d of %d: %w", ErrFormat, c.name, read, rows, err)
			}
			defer a.Release()
			arrays[i] = a
		}
		read += n
		return array.NewRecordBatch(schema, arrays, n), nil
	})
}

// read makes an array of the next n rows.
func (c tensorColumn) read(r io.Reader, n int) (arrow.Array, error) {
	elements := n * c.perRow
	raw, err := readExactly(r, int64(elements)*int64(c.width()))
	if err != nil {
		return nil, err
	}
	toNative(raw, c.width(), c.order)
	if c.element.ID() == arrow.BOOL {
		raw = bitsOf(raw)
	}
	values := array.NewData(c.element, elements, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, 0)
	defer values.Release()
	if c.scalar {
		return array.MakeFromData(values), nil
	}
	list := array.NewData(c.dataType(), n, []*memory.Buffer{nil}, []arrow.ArrayData{values}, 0, 0)
	defer list.Release()
	return array.MakeFromData(list), nil
}

// readExactly reads n bytes, taking memory only as they arrive.
func readExactly(r io.Reader, n int64) ([]byte, error) {
	if n > math.MaxInt32 {
		return nil, fmt.Errorf("a batch of %d bytes is too large; use smaller batches", n)
	}
	const step = 16 << 20
	buf := make([]byte, 0, min(n, step))
	for int64(len(buf)) < n {
		at := len(buf)
		buf = append(buf, make([]byte, min(n-int64(at), step))...)
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return buf, nil
}

// bitsOf packs booleans of a byte each as Arrow has them.
func bitsOf(bytes []byte) []byte {
	bits := make([]byte, (len(bytes)+7)/8)
	for i, b := range bytes {
		if b != 0 {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return bits
}

// toNative turns elements of the given byte order into little-endian, which is
// Arrow's order on every platform that Kindling runs on.
func toNative(raw []byte, width int, order binary.ByteOrder) {
	if width == 1 || order == binary.ByteOrder(binary.LittleEndian) {
		return
	}
	for i := 0; i+width <= len(raw); i += width {
		for a, b := i, i+width-1; a < b; a, b = a+1, b-1 {
			raw[a], raw[b] = raw[b], raw[a]
		}
	}
}
