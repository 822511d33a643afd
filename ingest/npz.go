package ingest

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// npyTypes are the NumPy element types that are read, by kind and width.
var npyTypes = map[string]arrow.DataType{
	"b1": arrow.FixedWidthTypes.Boolean,
	"u1": arrow.PrimitiveTypes.Uint8, "i1": arrow.PrimitiveTypes.Int8,
	"u2": arrow.PrimitiveTypes.Uint16, "i2": arrow.PrimitiveTypes.Int16,
	"u4": arrow.PrimitiveTypes.Uint32, "i4": arrow.PrimitiveTypes.Int32,
	"u8": arrow.PrimitiveTypes.Uint64, "i8": arrow.PrimitiveTypes.Int64,
	"f2": arrow.FixedWidthTypes.Float16, "f4": arrow.PrimitiveTypes.Float32, "f8": arrow.PrimitiveTypes.Float64,
}

// newNPZReader reads a NumPy archive: each array is a column, its first axis
// the rows, the other axes one list. All arrays must have the same first axis.
func newNPZReader(f *os.File, size int64, opts *FileOptions) (array.RecordReader, error) {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	var columns []tensorColumn
	var streams []io.Reader
	rows := int64(-1)
	for _, entry := range archive.File {
		r, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, entry.Name, err)
		}
		buffered := bufio.NewReaderSize(r, 1<<18)
		column, n, err := readNPYHeader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, entry.Name, err)
		}
		if rows >= 0 && n != rows {
			return nil, fmt.Errorf("%w: %s has %d rows, the arrays before it %d", ErrFormat, entry.Name, n, rows)
		}
		rows = n
		column.name = strings.TrimSuffix(entry.Name, ".npy")
		columns, streams = append(columns, column), append(streams, buffered)
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%w: the archive holds no array", ErrFormat)
	}
	return newTensorReader(columns, streams, rows, opts.BatchRows), nil
}

var (
	npyDescr   = regexp.MustCompile(`'descr':\s*'([<>|=])([a-z]\d+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*True`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([^)]*)\)`)
)

// readNPYHeader reads the header of the NPY format (versions 1 to 3).
func readNPYHeader(r io.Reader) (c tensorColumn, rows int64, err error) {
	header, err := npyHeaderText(r)
	if err != nil {
		return c, 0, err
	}
	descr, shape := npyDescr.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if descr == nil || shape == nil {
		return c, 0, fmt.Errorf("header %q: only arrays of numbers and booleans are read", header)
	}
	if c.element = npyTypes[descr[2]]; c.element == nil {
		return c, 0, fmt.Errorf("element type %s is not read", descr[2])
	}
	c.order = binary.LittleEndian
	if descr[1] == ">" {
		c.order = binary.BigEndian
	}
	var dims []int64
	for text := range strings.SplitSeq(shape[1], ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		d, err := strconv.ParseInt(text, 10, 64)
		if err != nil || d < 0 {
			return c, 0, fmt.Errorf("shape (%s)", shape[1])
		}
		dims = append(dims, d)
	}
	if len(dims) == 0 {
		return c, 0, fmt.Errorf("a scalar has no rows")
	}
	if len(dims) > 1 && npyFortran.MatchString(header) {
		return c, 0, fmt.Errorf("the array is in column order; save numpy.ascontiguousarray(a)")
	}
	c.scalar = len(dims) == 1
	perRow := int64(1)
	for _, d := range dims[1:] {
		if perRow *= d; perRow == 0 || perRow > maxRowBytes {
			return c, 0, fmt.Errorf("shape (%s)", shape[1])
		}
	}
	c.perRow = int(perRow)
	return c, dims[0], nil
}

func npyHeaderText(r io.Reader) (string, error) {
	var magic [8]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return "", err
	}
	if string(magic[:6]) != "\x93NUMPY" {
		return "", fmt.Errorf("not a NumPy array")
	}
	var size uint32
	var err error
	if magic[6] == 1 {
		var short uint16
		err = binary.Read(r, binary.LittleEndian, &short)
		size = uint32(short)
	} else {
		err = binary.Read(r, binary.LittleEndian, &size)
	}
	if err != nil {
		return "", err
	}
	if size > 1<<20 {
		return "", fmt.Errorf("a header of %d bytes", size)
	}
	text := make([]byte, size)
	_, err = io.ReadFull(r, text)
	return string(text), err
}
