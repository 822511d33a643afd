package ingest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	igbinary "github.com/kindling-ml/kindling/ignite/binary"
)

// bindOther binds text, bytes and decimals.
func bindOther(a arrow.Array, to *target, path string) (encoder, error) {
	switch a := a.(type) {
	case *array.String:
		return texts(to, path, a.Value), nil
	case *array.LargeString:
		return texts(to, path, a.Value), nil
	case *array.StringView:
		return texts(to, path, a.Value), nil
	case *array.Binary:
		return blobs(to, path, a.Value), nil
	case *array.LargeBinary:
		return blobs(to, path, a.Value), nil
	case *array.BinaryView:
		return blobs(to, path, a.Value), nil
	case *array.FixedSizeBinary:
		return blobs(to, path, a.Value), nil
	case *array.Decimal32:
		return exactDecimals(a, func(row int) *big.Int { return big.NewInt(int64(a.Value(row))) }), nil
	case *array.Decimal64:
		return exactDecimals(a, func(row int) *big.Int { return big.NewInt(int64(a.Value(row))) }), nil
	case *array.Decimal128:
		return exactDecimals(a, func(row int) *big.Int { return a.Value(row).BigInt() }), nil
	case *array.Decimal256:
		return exactDecimals(a, func(row int) *big.Int { return a.Value(row).BigInt() }), nil
	case *array.Null:
		return func(dst []byte, _ int) ([]byte, error) { return append(dst, byte(igbinary.TypeNull)), nil }, nil
	}
	return bindTime(a, to, path)
}

func texts(to *target, path string, value func(row int) string) encoder {
	t, parsed := classTypes[javaTypes[to.code]]
	if parsed && to.code != igbinary.TypeString {
		return func(dst []byte, row int) ([]byte, error) {
			dst, err := t.append(dst, value(row))
			if err != nil {
				err = fmt.Errorf("%w: column %s: %w", ErrSchema, path, err)
			}
			return dst, err
		}
	}
	return func(dst []byte, row int) ([]byte, error) {
		s := value(row)
		dst = appendCount(append(dst, byte(igbinary.TypeString)), len(s))
		return append(dst, s...), nil
	}
}

func blobs(to *target, path string, value func(row int) []byte) encoder {
	if to.code == igbinary.TypeUUID {
		return func(dst []byte, row int) ([]byte, error) {
			id, err := uuid.FromBytes(value(row))
			if err != nil {
				return dst, fmt.Errorf("%w: column %s: %d bytes are no UUID, which has 16", ErrSchema, path, len(value(row)))
			}
			return igbinary.AppendValue(dst, id)
		}
	}
	return func(dst []byte, row int) ([]byte, error) {
		b := value(row)
		if len(b) > math.MaxInt32 {
			return dst, fmt.Errorf("%w: column %s: %d bytes do not fit a byte[]", ErrSchema, path, len(b))
		}
		dst = appendCount(append(dst, byte(igbinary.TypeByteArray)), len(b))
		return append(dst, b...), nil
	}
}

func appendCount(dst []byte, n int) []byte {
	return binary.LittleEndian.AppendUint32(dst, uint32(n))
}

// exactDecimals writes a column's decimals with its scale.
func exactDecimals(a arrow.Array, unscaled func(row int) *big.Int) encoder {
	scale := a.DataType().(arrow.DecimalType).GetScale()
	return func(dst []byte, row int) ([]byte, error) {
		return igbinary.AppendValue(dst, apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(unscaled(row)), -scale))
	}
}

func decimals(path string, text func(row int) string) encoder {
	return func(dst []byte, row int) ([]byte, error) {
		d, _, err := apd.NewFromString(text(row))
		if err != nil {
			return dst, fmt.Errorf("%w: column %s: %q is no decimal number", ErrSchema, path, text(row))
		}
		return igbinary.AppendValue(dst, d)
	}
}

// bindList writes a list as the array of its numbers, booleans or strings, and
// any other list as a collection.
func bindList(list array.ListLike, to *target, path string) (encoder, error) {
	items := list.ListValues()
	if to.code == igbinary.TypeCollection {
		item, err := bind(items, to.items, path+"[]")
		return func(dst []byte, row int) ([]byte, error) {
			start, end := list.ValueOffsets(row)
			dst = appendCount(append(dst, byte(igbinary.TypeCollection)), int(end-start))
			dst = append(dst, collectionArrayList)
			return appendItems(dst, item, start, end)
		}, err
	}
	if to.code == igbinary.TypeStringArray {
		item, err := bind(items, &target{code: igbinary.TypeString}, path+"[]")
		return func(dst []byte, row int) ([]byte, error) {
			start, end := list.ValueOffsets(row)
			return appendItems(appendCount(append(dst, byte(to.code)), int(end-start)), item, start, end)
		}, err
	}
	return bindNumberList(list, items, to, path)
}

// collectionArrayList is the kind of collection that lists become.
const collectionArrayList = 1

func appendItems(dst []byte, item encoder, start, end int64) (_ []byte, err error) {
	for i := start; i < end; i++ {
		if dst, err = item(dst, int(i)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// bindNumberList copies the numbers of a row at once where their width is the
// array's, and one by one where it must grow.
func bindNumberList(list array.ListLike, items arrow.Array, to *target, path string) (encoder, error) {
	elem := &target{code: elementCode(to.code)}
	width := widthOf(elem.code)
	fixed, ok := items.DataType().(arrow.FixedWidthDataType)
	asIs := ok && items.DataType().ID() != arrow.BOOL && items.DataType().ID() != arrow.UINT64 && fixed.Bytes() == width
	item, err := bindValues(items, elem, path+"[]")
	if err != nil {
		return nil, err
	}
	var raw []byte
	if buffers := items.Data().Buffers(); asIs && len(buffers) > 1 && buffers[1] != nil {
		raw = buffers[1].Bytes()[items.Data().Offset()*width:]
	}
	return func(dst []byte, row int) ([]byte, error) {
		start, end := list.ValueOffsets(row)
		if items.NullN() > 0 {
			for i := start; i < end; i++ {
				if items.IsNull(int(i)) {
					return dst, fmt.Errorf("%w: column %s: item %d is null, and a %s holds no nulls", ErrSchema, path, i-start, to.code)
				}
			}
		}
		dst = appendCount(append(dst, byte(to.code)), int(end-start))
		if asIs && raw != nil {
			return append(dst, raw[int(start)*width:int(end)*width]...), nil
		}
		for i := start; i < end; i++ {
			at := len(dst)
			var err error
			if dst, err = item(dst, int(i)); err != nil {
				return dst, err
			}
			dst = append(dst[:at], dst[at+1:]...) // the items of an array have no type codes
		}
		return dst, nil
	}, nil
}

func elementCode(arrayCode igbinary.Type) igbinary.Type {
	return arrayCode - igbinary.TypeByteArray + igbinary.TypeByte
}
