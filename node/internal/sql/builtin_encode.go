package sql

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encodeBuiltins are functions between text, bytes, XML and numbers.
var encodeBuiltins = []builtin{
	{"kd_stringencode", 1, true, false, text1(stringEncode)},
	{"kd_stringdecode", 1, true, false, stringDecode},
	{"kd_stringtoutf8", 1, true, false, func(a []driver.Value) (driver.Value, error) { return []byte(asString(a[0])), nil }},
	{"kd_utf8tostring", 1, true, false, utf8ToString},
	{"kd_hash", 3, true, false, hashCall},
	{"kd_ora_hash", -1, true, false, oraHash},
	{"kd_secure_rand", 1, false, false, secureRand},
	{"kd_xmlattr", 2, true, true, xmlAttr},
	{"kd_xmlnode", -1, true, true, xmlNode},
	{"kd_xmlcomment", 1, true, false, xmlComment},
	{"kd_xmlcdata", 1, true, false, xmlCData},
	{"kd_xmltext", -1, true, false, xmlTextCall},
	{"kd_cot", 1, true, false, cot},
	{"kd_roundmagic", 1, true, false, roundMagic},
	{"kd_bitxor", 2, true, false, bitXor},
	{"kd_signal", 2, false, true, signal},
	{"kd_truncate_value", 3, true, false, truncateValue},
}

// stringEncode writes what is not plain ASCII with Java's escapes.
func stringEncode(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		switch {
		case u == '\\' || u == '"':
			b.WriteByte('\\')
			b.WriteByte(byte(u))
		case u == '\t':
			b.WriteString(`\t`)
		case u == '\n':
			b.WriteString(`\n`)
		case u == '\f':
			b.WriteString(`\f`)
		case u == '\r':
			b.WriteString(`\r`)
		case u >= ' ' && u < 0x80:
			b.WriteByte(byte(u))
		default:
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

func stringDecode(a []driver.Value) (driver.Value, error) {
	s := utf16.Encode([]rune(asString(a[0])))
	bad := func() error {
		return fmt.Errorf("String format error: %q", asString(a[0])) //nolint:staticcheck // H2's text
	}
	var out []uint16
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		if i++; i >= len(s) {
			return nil, bad()
		}
		plain := strings.IndexByte("tnfrb\"\\", byte(s[i]))
		switch {
		case s[i] < 0x80 && plain >= 0:
			out = append(out, uint16("\t\n\f\r\b\"\\"[plain]))
		case s[i] == 'u' && i+4 < len(s):
			n, err := strconv.ParseUint(string(utf16.Decode(s[i+1:i+5])), 16, 16)
			if err != nil {
				return nil, bad()
			}
			out = append(out, uint16(n))
			i += 4
		case s[i] >= '0' && s[i] <= '9' && i+2 < len(s):
			n, err := strconv.ParseUint(string(utf16.Decode(s[i:i+3])), 8, 16)
			if err != nil {
				return nil, bad()
			}
			out = append(out, uint16(n))
			i += 2
		default:
			return nil, bad()
		}
	}
	return ofUnits(out), nil
}

// bytesOf gives the bytes of a binary argument; text is hexadecimal, as H2 converts it.
func bytesOf(v driver.Value) ([]byte, error) {
	if b, ok := v.([]byte); ok {
		return b, nil
	}
	b, ok := toBytes(asString(v))
	if !ok {
		return nil, fmt.Errorf("Hexadecimal string contains non-hex character or has an odd length: %q", asString(v)) //nolint:staticcheck // H2's text
	}
	return b.([]byte), nil
}

func utf8ToString(a []driver.Value) (driver.Value, error) {
	b, err := bytesOf(a[0])
	return strings.ToValidUTF8(string(b), string(utf8.RuneError)), err
}

// hashCall is HASH('SHA256', data, iterations).
func hashCall(a []driver.Value) (driver.Value, error) {
	if !strings.EqualFold(asString(a[0]), "SHA256") {
		return nil, fmt.Errorf("Invalid value %q for parameter \"algorithm\"", asString(a[0])) //nolint:staticcheck // H2's text
	}
	data, err := bytesOf(a[1])
	if err != nil {
		return nil, err
	}
	n, err := asInteger(a[2])
	if err != nil {
		return nil, err
	}
	if n > maxHashes {
		return nil, fmt.Errorf("HASH computes at most %d iterations, not %d", maxHashes, n)
	}
	for range n {
		sum := sha256.Sum256(data)
		data = sum[:]
	}
	return data, nil
}

const maxHashes = 1 << 20

// oraHash is ORA_HASH(value [, bucket [, seed]]): Java's hash code of the text.
func oraHash(a []driver.Value) (driver.Value, error) {
	var args [2]int32 // bucket, seed
	for i, v := range a[1:] {
		n, err := asInteger(v)
		if err != nil {
			return nil, err
		}
		args[i] = int32(n)
	}
	h := int32(0)
	for _, u := range units(asString(a[0])) {
		h = 31*h + int32(u)
	}
	if seed := args[1]; seed != 0 {
		h *= seed * 17
	}
	if bucket := args[0]; bucket > 0 {
		h %= bucket
	}
	return int64(h), nil
}

func secureRand(a []driver.Value) (driver.Value, error) {
	n, err := asInteger(a[0])
	if err != nil {
		return nil, err
	}
	if n > maxText {
		return nil, errTooLarge
	}
	b := make([]byte, max(n, 1))
	_, err = rand.Read(b)
	return b, err
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// xmlText escapes text; with newlines line ends, too.
func xmlText(s string, newlines bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(xmlEscapes.Replace(s))) {
		switch {
		case (u == '\n' || u == '\r') && newlines, u < ' ' && u != '\t' && u != '\n' && u != '\r', u > 0x7f:
			fmt.Fprintf(&b, "&#x%x;", u)
		default:
			b.WriteByte(byte(u))
		}
	}
	return b.String()
}

func xmlTextCall(a []driver.Value) (driver.Value, error) {
	return xmlText(asString(a[0]), len(a) > 1 && a[1] != driver.Value(int64(0))), nil
}

func xmlAttr(a []driver.Value) (driver.Value, error) {
	return " " + asString(a[0]) + `="` + xmlText(asString(a[1]), false) + `"`, nil
}

func xmlNode(a []driver.Value) (driver.Value, error) {
	name, attributes, content, indent := asString(a[0]), "", driver.Value(nil), true
	if len(a) > 1 {
		attributes = asString(a[1])
	}
	if len(a) > 2 {
		content = a[2]
	}
	if len(a) > 3 {
		indent = a[3] != driver.Value(int64(0))
	}
	if content == nil {
		return "<" + name + attributes + "/>\n", nil
	}
	text := asString(content)
	if indent && strings.Contains(text, "\n") {
		text = "\n" + indented(text)
	}
	return "<" + name + attributes + ">" + text + "</" + name + ">\n", nil
}

// indented puts four spaces before each line, and ends the last one.
func indented(s string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	return "    " + strings.Join(lines, "    ") + "\n"
}

func xmlComment(a []driver.Value) (driver.Value, error) {
	text := asString(a[0])
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "- -")
	}
	if strings.Contains(text, "\n") {
		return "<!--\n" + indented(text) + "-->\n", nil
	}
	return "<!-- " + text + " -->\n", nil
}

func xmlCData(a []driver.Value) (driver.Value, error) {
	text := asString(a[0])
	if strings.Contains(text, "]]>") {
		return xmlText(text, false), nil
	}
	return "<![CDATA[" + text + "]]>", nil
}

func doubleArgument(v driver.Value) (float64, error) {
	f, ok := toDouble(v)
	if !ok {
		return 0, fmt.Errorf("Data conversion error converting %q", asString(v)) //nolint:staticcheck // H2's text
	}
	return f, nil
}

func cot(a []driver.Value) (driver.Value, error) {
	x, err := doubleArgument(a[0])
	if err != nil {
		return nil, err
	}
	t := math.Tan(x)
	if t == 0 {
		return nil, divisionByZero(a[0])
	}
	return 1 / t, nil
}

// roundMagic is ROUNDMAGIC: the last two digits go, and zeros or nines before them are rounded, step by step as in H2.
func roundMagic(a []driver.Value) (driver.Value, error) {
	x, err := doubleArgument(a[0])
	if err != nil || math.Abs(x) < 1e-13 {
		return 0.0, err
	}
	s := []byte(javaDouble(x, 64))
	point := strings.IndexByte(string(s), '.')
	if math.Abs(x) > 1e12 || strings.IndexByte(string(s), 'E') >= 0 || len(s) < 16 || point > len(s)-3 {
		return x, nil
	}
	s = s[:len(s)-2]
	n := len(s)
	switch string(s[n-4 : n-1]) {
	case "000":
		s[n-1] = '0'
	case "999":
		s[n-1] = '9'
		s = append(s, "999"...)
	}
	x, err = strconv.ParseFloat(string(s), 64)
	return x, err
}

func bitXor(a []driver.Value) (driver.Value, error) {
	x, err := asInteger(a[0])
	if err != nil {
		return nil, err
	}
	y, err := asInteger(a[1])
	return x ^ y, err
}

// signal is SIGNAL(state, message): always an error.
func signal(a []driver.Value) (driver.Value, error) {
	return nil, fmt.Errorf("%s", asString(a[1]))
}

// truncateValue is TRUNCATE_VALUE(value, precision, force): text and bytes are cut, numbers stay.
func truncateValue(a []driver.Value) (driver.Value, error) {
	n, err := asInteger(a[1])
	if err != nil || n < 0 {
		return a[0], err
	}
	switch v := a[0].(type) {
	case string:
		if u := units(v); int64(len(u)) > n {
			return ofUnits(u[:n]), nil
		}
	case []byte:
		if int64(len(v)) > n {
			return v[:n], nil
		}
	}
	return a[0], nil
}
