package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
	"unicode/utf16"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// maxJSONDepth ends values that hold themselves.
const maxJSONDepth = 64

// jsonValue turns a value of a cache into what encoding/json writes well:
// objects become JSON objects with their fields in order, byte arrays base64,
// decimals exact numbers as text, enums their ordinals, dates and times RFC 3339,
// NaN and infinities text.
func jsonValue(v any) any { return jsonAt(v, maxJSONDepth) }

func jsonAt(v any, depth int) any {
	if depth == 0 {
		return "..."
	}
	switch v := v.(type) {
	case *binary.Object:
		if v == nil {
			return nil
		}
		out := make(jsonObject, 0, len(v.Fields))
		for _, f := range v.Fields {
			out = append(out, jsonField{f.Name, jsonAt(f.Value, depth-1)})
		}
		return out
	case *binary.Collection:
		return jsonItems(reflect.ValueOf(v.Items), depth)
	case *binary.ObjectArray:
		return jsonItems(reflect.ValueOf(v.Items), depth)
	case *binary.EnumArray:
		return jsonItems(reflect.ValueOf(v.Items), depth)
	case *binary.Map:
		out := make(jsonObject, 0, len(v.Entries))
		for _, e := range v.Entries {
			out = append(out, jsonField{plainText(jsonAt(e.Key, depth-1)), jsonAt(e.Value, depth-1)})
		}
		return out
	case binary.Opaque:
		return jsonObject{{"serialized", base64.StdEncoding.EncodeToString(v.Bytes)}}
	case jsonObject:
		return v
	}
	if out, ok := jsonScalar(v); ok {
		return out
	}
	return jsonReflect(v, depth)
}

// jsonScalar is for the values without parts.
func jsonScalar(v any) (any, bool) {
	switch v := v.(type) {
	case []byte:
		return base64.StdEncoding.EncodeToString(v), true
	case float32:
		return jsonFloat(float64(v), v), true
	case float64:
		return jsonFloat(v, v), true
	case binary.Char:
		return string(utf16.Decode([]uint16{uint16(v)})), true
	case binary.Enum:
		return v.Ordinal, true
	case binary.BinaryEnum:
		return v.Ordinal, true
	case time.Time:
		return v.Format(time.RFC3339Nano), true
	case binary.Date:
		return v.Time().UTC().Format(time.RFC3339Nano), true
	case binary.SQLDate:
		return dayText(v.Time()), true
	case binary.TimeOfDay:
		return time.UnixMilli(int64(v)).UTC().Format("15:04:05.999"), true
	case uuid.UUID:
		return v.String(), true
	case *apd.Decimal:
		if v == nil {
			return nil, true
		}
		return v.Text('f'), true
	case nil, bool, string, int8, int16, int32, int64, int:
		return v, true
	}
	return nil, false
}

// jsonReflect is for the arrays of Java, whose items may be missing, and for what
// is left.
func jsonReflect(v any, depth int) any {
	at := reflect.ValueOf(v)
	switch {
	case at.Kind() == reflect.Slice:
		return jsonItems(at, depth)
	case at.Kind() == reflect.Pointer && at.IsNil():
		return nil
	case at.Kind() == reflect.Pointer && isScalar(at.Elem().Interface()):
		return jsonAt(at.Elem().Interface(), depth-1)
	}
	if text, ok := v.(fmt.Stringer); ok {
		return text.String()
	}
	return v
}

func isScalar(v any) bool {
	if _, ok := jsonScalar(v); ok {
		return true
	}
	_, ok := v.(fmt.Stringer)
	return ok
}

func jsonItems(items reflect.Value, depth int) any {
	out := make([]any, items.Len())
	for i := range out {
		out[i] = jsonAt(items.Index(i).Interface(), depth-1)
	}
	return out
}

// dayText is a day where the server's time zone is UTC, else the instant at which
// the day begins there.
func dayText(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}

func jsonFloat(f float64, v any) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Sprint(f)
	}
	return v
}

// jsonObject is a JSON object whose fields keep their order.
type jsonObject []jsonField

type jsonField struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o jsonObject) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, f := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(f.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// marshal is json.Marshal that leaves < > & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// jsonLines writes one JSON object a line.
type jsonLines struct {
	w   *bufio.Writer
	enc *json.Encoder
}

func newJSONLines(w io.Writer) *jsonLines {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &jsonLines{out, enc}
}

func (l *jsonLines) add(v any) error { return l.enc.Encode(v) }
func (l *jsonLines) end() error      { return l.w.Flush() }

// printJSON prints one value for programs, with line breaks that people can read.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
