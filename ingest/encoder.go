package ingest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
)

// encoder appends the encoded value of a row of one array, type code first.
type encoder func(dst []byte, row int) ([]byte, error)

// bind makes the encoder of an array for its target; path names the column in errors.
func bind(a arrow.Array, to *target, path string) (encoder, error) {
	enc, err := bindValues(a, to, path)
	if err != nil || a.NullN() == 0 {
		return enc, err
	}
	return func(dst []byte, row int) ([]byte, error) {
		if a.IsNull(row) {
			return append(dst, byte(igbinary.TypeNull)), nil
		}
		return enc(dst, row)
	}, nil
}

func bindValues(a arrow.Array, to *target, path string) (encoder, error) {
	if dict, ok := a.(*array.Dictionary); ok {
		inner, err := bind(dict.Dictionary(), to, path)
		return func(dst []byte, row int) ([]byte, error) { return inner(dst, dict.GetValueIndex(row)) }, err
	}
	switch a := a.(type) {
	case *array.Int8:
		return integers(to, path, a.Int8Values()), nil
	case *array.Uint8:
		return integers(to, path, a.Uint8Values()), nil
	case *array.Int16:
		return integers(to, path, a.Int16Values()), nil
	case *array.Uint16:
		return integers(to, path, a.Uint16Values()), nil
	case *array.Int32:
		return integers(to, path, a.Int32Values()), nil
	case *array.Uint32:
		return integers(to, path, a.Uint32Values()), nil
	case *array.Int64:
		return integers(to, path, a.Int64Values()), nil
	case *array.Uint64:
		return integers(to, path, a.Uint64Values()), nil
	case *array.Float16:
		return floats(to, path, func(row int) float64 { return float64(a.Value(row).Float32()) }), nil
	case *array.Float32:
		return floats(to, path, func(row int) float64 { return float64(a.Value(row)) }), nil
	case *array.Float64:
		return floats(to, path, a.Value), nil
	case *array.Boolean:
		return func(dst []byte, row int) ([]byte, error) { return appendBool(dst, a.Value(row)), nil }, nil
	case *array.Struct:
		return to.shape.bindStruct(a, path)
	case array.ListLike:
		return bindList(a, to, path)
	case array.ExtensionArray:
		return bind(a.Storage(), to, path)
	}
	return bindOther(a, to, path)
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, byte(igbinary.TypeBool), 1)
	}
	return append(dst, byte(igbinary.TypeBool), 0)
}

type integer interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64
}

// integers writes whole numbers as the target's type, each checked against its range.
func integers[T integer](to *target, path string, values []T) encoder {
	switch to.code {
	case igbinary.TypeFloat, igbinary.TypeDouble:
		return realNumbers(to, path, values)
	case igbinary.TypeDecimal:
		return decimals(path, func(row int) string { return fmt.Sprint(values[row]) })
	}
	width := widthOf(to.code)
	low, high := int64(math.MinInt64)>>(64-8*width), int64(math.MaxInt64)>>(64-8*width)
	return func(dst []byte, row int) ([]byte, error) {
		v := values[row]
		n := int64(v)
		if n < low || n > high || (n < 0) != (v < 0) {
			return dst, fmt.Errorf("%w: column %s: %d does not fit %s", ErrSchema, path, v, to.code)
		}
		dst = append(dst, byte(to.code))
		switch width {
		case 1:
			return append(dst, byte(n)), nil
		case 2:
			return binary.LittleEndian.AppendUint16(dst, uint16(n)), nil
		case 4:
			return binary.LittleEndian.AppendUint32(dst, uint32(n)), nil
		default:
			return binary.LittleEndian.AppendUint64(dst, uint64(n)), nil
		}
	}
}

// realNumbers writes whole numbers as float or double; one that has more digits is an error.
func realNumbers[T integer](to *target, path string, values []T) encoder {
	write := floats(to, path, func(row int) float64 { return float64(values[row]) })
	limit := uint64(1) << 53
	if to.code == igbinary.TypeFloat {
		limit = 1 << 24
	}
	return func(dst []byte, row int) ([]byte, error) {
		size := uint64(values[row])
		if values[row] < 0 {
			size = -size
		}
		if size>>bits.TrailingZeros64(size) > limit { // all its digits, without the zeros at the end
			return dst, fmt.Errorf("%w: column %s: %d has more digits than a %s holds", ErrSchema, path, values[row], to.code)
		}
		return write(dst, row)
	}
}

// widthOf is the bytes of a number, a boolean or a char, without its type code.
func widthOf(code igbinary.Type) int {
	switch code {
	case igbinary.TypeByte, igbinary.TypeBool:
		return 1
	case igbinary.TypeShort, igbinary.TypeChar:
		return 2
	case igbinary.TypeInt, igbinary.TypeFloat:
		return 4
	default:
		return 8
	}
}

// floats writes numbers as float or double; a finite double beyond a float's range is an error.
func floats(to *target, path string, value func(row int) float64) encoder {
	if to.code != igbinary.TypeFloat {
		return func(dst []byte, row int) ([]byte, error) {
			return binary.LittleEndian.AppendUint64(append(dst, byte(igbinary.TypeDouble)), math.Float64bits(value(row))), nil
		}
	}
	return func(dst []byte, row int) ([]byte, error) {
		v := value(row)
		if math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0) {
			return dst, fmt.Errorf("%w: column %s: %g does not fit a float", ErrSchema, path, v)
		}
		return binary.LittleEndian.AppendUint32(append(dst, byte(igbinary.TypeFloat)), math.Float32bits(float32(v))), nil
	}
}
