package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// sqlArgumentKinds read the text of an argument that JSON has no type for: bytes and arrays
// are in base64, little-endian, "timestamp" is nanoseconds since 1970, in any number of
// digits, "date" days since then, "time" milliseconds since midnight.
var sqlArgumentKinds = map[string]func(text string) (any, error){
	"byte":      func(text string) (any, error) { n, err := strconv.ParseInt(text, 10, 8); return int8(n), err },
	"short":     func(text string) (any, error) { n, err := strconv.ParseInt(text, 10, 16); return int16(n), err },
	"int":       func(text string) (any, error) { n, err := strconv.ParseInt(text, 10, 32); return int32(n), err },
	"float":     func(text string) (any, error) { f, err := strconv.ParseFloat(text, 32); return float32(f), err },
	"double":    func(text string) (any, error) { return strconv.ParseFloat(text, 64) },
	"timestamp": sqlTimestamp,
	"date": func(text string) (any, error) {
		days, err := strconv.ParseInt(text, 10, 32)
		return ignitebinary.SQLDate(days * dayMillis), err
	},
	"time": func(text string) (any, error) {
		ms, err := strconv.ParseInt(text, 10, 64)
		return ignitebinary.TimeOfDay(ms), err
	},
	"uuid":    func(text string) (any, error) { return uuid.Parse(text) },
	"decimal": func(text string) (any, error) { d, _, err := apd.NewFromString(text); return d, err },
	"bytes":   func(text string) (any, error) { return base64.StdEncoding.DecodeString(text) },
	"short[]": sqlArray[int16], "int[]": sqlArray[int32], "long[]": sqlArray[int64],
	"float[]": sqlArray[float32], "double[]": sqlArray[float64], "boolean[]": sqlArray[bool],
}

func sqlTimestamp(text string) (any, error) {
	ns, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%q is no number of nanoseconds", text)
	}
	seconds, rest := new(big.Int).DivMod(ns, big.NewInt(1e9), new(big.Int))
	if !seconds.IsInt64() {
		return nil, fmt.Errorf("%s nanoseconds since 1970 are beyond Ignite's times", text)
	}
	return time.Unix(seconds.Int64(), rest.Int64()).UTC(), nil
}

// sqlArray reads an array of numbers or booleans.
func sqlArray[T any](text string) (any, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var one T
	out := make([]T, len(b)/binary.Size(one))
	_, err = binary.Decode(b, binary.LittleEndian, out)
	return out, err
}
