package main

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// absent is the cell of a field that a row does not have, as against a null.
type absent struct{}

const (
	maxCellRunes = 40
	maxCellItems = 8  // of an array that is longer than a cell
	maxBytesHex  = 8  // of a byte array
	shortArray   = 12 // arrays up to this length are tried whole
)

// cellText is a value on one line, shortened.
func cellText(v any) string {
	switch v := v.(type) {
	case absent:
		return ""
	case nil:
		return "null"
	case string:
		return shorten(strings.Map(printable, v))
	case []byte:
		return bytesText(v)
	case *binary.Collection:
		return arrayText(reflect.ValueOf(v.Items))
	case *binary.ObjectArray:
		return arrayText(reflect.ValueOf(v.Items))
	case *binary.EnumArray:
		return arrayText(reflect.ValueOf(v.Items))
	}
	if items := reflect.ValueOf(v); items.Kind() == reflect.Slice {
		return arrayText(items)
	}
	return shorten(strings.Map(printable, plainText(v)))
}

// plainText is a value inside another one, or a short one: text without quotes,
// anything else as in JSON.
func plainText(v any) string {
	j := jsonValue(v)
	if text, ok := j.(string); ok {
		return text
	}
	out, err := marshal(j)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}

func bytesText(b []byte) string {
	text := fmt.Sprintf("%d bytes: % x", len(b), b[:min(len(b), maxBytesHex)])
	switch {
	case len(b) == 0:
		return "0 bytes"
	case len(b) > maxBytesHex:
		text += " ..."
	}
	return text
}

// arrayText is [1, 2, 3] when that fits a cell, else "784 items: 0, 0, 12, ...".
func arrayText(items reflect.Value) string {
	n := items.Len()
	texts := func(count int) string {
		out := make([]string, count)
		for i := range out {
			out[i] = strings.Map(printable, plainText(items.Index(i).Interface()))
		}
		return strings.Join(out, ", ")
	}
	if n <= shortArray {
		if whole := "[" + texts(n) + "]"; len([]rune(whole)) <= maxCellRunes {
			return whole
		}
	}
	text := fmt.Sprintf("%d items: %s", n, texts(min(n, maxCellItems)))
	if n > maxCellItems {
		text += ", ..."
	}
	return shorten(text)
}

// printable drops what would break the line or steer the terminal: control
// characters, and the marks that turn the direction of text.
func printable(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == unicode.ReplacementChar:
		return '?'
	}
	return r
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= maxCellRunes {
		return s
	}
	return string(runes[:maxCellRunes-3]) + "..."
}

type cell struct {
	name  string
	value any
}

// maxCellDepth bounds the objects inside objects that get columns of their own;
// deeper ones are a text.
const maxCellDepth = 8

// cells spreads an object over one cell a field, fields of fields included; any
// other value is one cell.
func cells(name string, v any) []cell { return appendCells(nil, name, v, maxCellDepth) }

func appendCells(out []cell, name string, v any, depth int) []cell {
	object, ok := v.(*binary.Object)
	if !ok || object == nil || len(object.Fields) == 0 || depth == 0 {
		return append(out, cell{name, v})
	}
	for _, f := range object.Fields {
		out = appendCells(out, name+"."+f.Name, f.Value, depth-1)
	}
	return out
}
