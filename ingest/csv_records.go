package ingest

import (
	"errors"
	"fmt"
	"io"
)

// csvBufferBytes is how much of a file is read at once.
const csvBufferBytes = 256 << 10

// csvField is one field of a record. A quoted field is never null.
type csvField struct {
	text   string
	quoted bool
}

func (f csvField) isEmpty() bool { return f.text == "" && !f.quoted }

// csvRecords reads the records of a file of separated values. encoding/csv would
// change data: it turns "\r\n" within quotes into "\n", does not tell "" from an
// empty field, and does not know "\r" as the end of a line.
//
// A line ends with "\n", "\r\n" or "\r"; an empty one is no record. A field in
// quotes holds separators, line ends and, doubled, quotes. Spaces around the quotes
// are not part of it. A quote inside of a field that does not begin with one is data.
type csvRecords struct {
	r      io.Reader
	sep    string
	buf    []byte // read and not consumed
	memory []byte
	err    error // of r

	line   int64 // of the next byte
	start  int64 // line of the record's first byte
	text   []byte
	ends   []int
	quotes []bool
	fields []csvField
}

func newCSVRecords(r io.Reader, sep string) *csvRecords {
	return &csvRecords{r: r, sep: sep, memory: make([]byte, csvBufferBytes), line: 1}
}

// next gives the fields of the next record, valid until the call after, or io.EOF.
func (c *csvRecords) next() ([]csvField, error) {
	c.text, c.ends, c.quotes = c.text[:0], c.ends[:0], c.quotes[:0]
	for c.lineEnd() {
		continue // an empty line
	}
	c.start = c.line
	if !c.has(1) {
		return nil, c.err
	}
	for {
		more, err := c.field()
		if err != nil {
			return nil, err
		}
		if len(c.text) > maxRowBytes {
			return nil, fmt.Errorf("line %d: a record of more than %d MiB", c.start, maxRowBytes>>20)
		}
		if !more {
			break
		}
	}
	if !errors.Is(c.err, io.EOF) && c.err != nil && !c.has(1) {
		return nil, c.err // the record may be cut
	}
	whole, from := string(c.text), 0
	c.fields = c.fields[:0]
	for i, end := range c.ends {
		c.fields = append(c.fields, csvField{whole[from:end], c.quotes[i]})
		from = end
	}
	return c.fields, nil
}

// has tells whether n more bytes are there, and reads them into buf.
func (c *csvRecords) has(n int) bool {
	for len(c.buf) < n && c.err == nil {
		kept := copy(c.memory, c.buf)
		var got int
		got, c.err = c.r.Read(c.memory[kept:])
		c.buf = c.memory[:kept+got]
	}
	return len(c.buf) >= n
}

// skipTo consumes n bytes.
func (c *csvRecords) skip(n int) { c.buf = c.buf[n:] }

// lineEnd consumes a line end, if one comes.
func (c *csvRecords) lineEnd() bool {
	if !c.has(1) || c.buf[0] != '\n' && c.buf[0] != '\r' {
		return false
	}
	if c.buf[0] == '\r' && c.has(2) && c.buf[1] == '\n' {
		c.skip(1)
	}
	c.skip(1)
	c.line++
	return true
}

// separator consumes a separator, if one comes.
func (c *csvRecords) separator() bool {
	if !c.has(len(c.sep)) || string(c.buf[:len(c.sep)]) != c.sep {
		return false
	}
	c.skip(len(c.sep))
	return true
}

// field reads a field and tells whether another follows in the record.
func (c *csvRecords) field() (more bool, err error) {
	spaces := c.spaces()
	quoted := c.has(spaces+1) && c.buf[spaces] == '"'
	if quoted {
		c.skip(spaces + 1)
		if err := c.untilQuote(); err != nil {
			return false, err
		}
		c.skip(c.spaces())
	} else {
		c.untilEnd()
	}
	c.ends, c.quotes = append(c.ends, len(c.text)), append(c.quotes, quoted)
	if c.separator() {
		return true, nil
	}
	if quoted && !c.lineEnd() && c.has(1) {
		return false, fmt.Errorf("line %d: field %d goes on behind its closing quote", c.line, len(c.ends))
	} else if !quoted {
		c.lineEnd()
	}
	return false, nil
}

// spaces counts the spaces that come. A separator that is a space is none.
func (c *csvRecords) spaces() int {
	n := 0
	for c.sep != " " && n < csvBufferBytes/2 && c.has(n+1) && c.buf[n] == ' ' {
		n++
	}
	return n
}

// untilEnd takes a field without quotes, up to the separator or the line's end.
func (c *csvRecords) untilEnd() {
	first := c.sep[0]
	for c.has(1) {
		n := 0
		for n < len(c.buf) && c.buf[n] != first && c.buf[n] != '\n' && c.buf[n] != '\r' {
			n++
		}
		c.text = append(c.text, c.buf[:n]...)
		c.skip(n)
		if n > 0 && len(c.buf) == 0 {
			continue
		}
		if c.buf[0] != first || c.has(len(c.sep)) && string(c.buf[:len(c.sep)]) == c.sep {
			return
		}
		c.text = append(c.text, first) // the beginning of another character
		c.skip(1)
	}
}

// untilQuote takes a field's text up to its closing quote, which it consumes.
func (c *csvRecords) untilQuote() error {
	opened := c.line
	for c.has(1) {
		n := 0
		for n < len(c.buf) && c.buf[n] != '"' && c.buf[n] != '\n' && c.buf[n] != '\r' {
			n++
		}
		c.text = append(c.text, c.buf[:n]...)
		c.skip(n)
		if len(c.text) > maxRowBytes {
			break
		}
		switch {
		case len(c.buf) == 0:
		case c.buf[0] != '"':
			two := c.buf[0] == '\r' && c.has(2) && c.buf[1] == '\n'
			c.text = append(c.text, c.buf[0])
			if two {
				c.text = append(c.text, '\n')
			}
			c.lineEnd()
		case c.has(2) && c.buf[1] == '"':
			c.text = append(c.text, '"')
			c.skip(2)
		default:
			c.skip(1)
			return nil
		}
	}
	if c.err != nil && !errors.Is(c.err, io.EOF) {
		return c.err
	}
	return fmt.Errorf("line %d: the quote that opens field %d is not closed", opened, len(c.ends)+1)
}
