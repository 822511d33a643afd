package ingest

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encodingOf finds an encoding by its IANA name, or by a label that browsers know.
func encodingOf(name string) (encoding.Encoding, error) {
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e, nil
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e, nil
	}
	return nil, fmt.Errorf("%w: unknown encoding %q, expected a name such as utf-8, utf-16le, windows-1252, iso-8859-1 or shift_jis", ErrFormat, name)
}

// marks are the byte order marks, each with the encoding that it stands for.
var marks = []struct {
	mark string
	enc  encoding.Encoding
}{
	{"\xef\xbb\xbf", unicode.UTF8},
	{"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
}

// decoded gives the text of r in UTF-8 without a byte order mark. A mark tells the
// encoding, and goes before the name; without both it is UTF-8. Bytes that are not of
// the encoding are an error, where the decoder would put another character.
func decoded(r io.Reader, name string) (io.Reader, error) {
	enc, err := encodingOf(cmp.Or(name, "utf-8"))
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(r, csvBufferBytes)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	marked := false
	for _, m := range marks {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			enc, marked = m.enc, true
			_, _ = b.Discard(len(m.mark))
		}
	}
	if enc == unicode.UTF8 {
		if !marked && bytes.IndexByte(head, 0) >= 0 {
			return nil, fmt.Errorf("%w: it starts with %q, which looks like UTF-16; state the encoding, utf-16le or utf-16be", ErrFormat, head)
		}
		return &validReader{r: transform.NewReader(b, encoding.UTF8Validator)}, nil
	}
	if name == "" {
		name = "UTF-16"
	}
	return &validReader{r: transform.NewReader(b, enc.NewDecoder()), name: name}, nil
}

// validReader says what is wrong with text that is not of its encoding.
type validReader struct {
	r    io.Reader
	name string // of the encoding; "" for UTF-8
	tail []byte // an unfinished replacement character
}

var errNotUTF8 = errors.New("the bytes that follow are not UTF-8; state the file's encoding, such as windows-1252")

func (v *validReader) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	if v.name == "" {
		if errors.Is(err, encoding.ErrInvalidUTF8) {
			err = errNotUTF8
		}
		return n, err
	}
	seen := append(v.tail, p[:n]...)
	if at := bytes.Index(seen, []byte("\uFFFD")); at >= 0 {
		return max(0, at-len(v.tail)), fmt.Errorf("bytes that are not %s, or the character U+FFFD that stands for such bytes", v.name)
	}
	v.tail = append(v.tail[:0], seen[max(0, len(seen)-2):]...)
	return n, err
}
