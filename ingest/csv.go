package ingest

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/csv"
)

// newCSVReader learns the column types from the head of the stream (the
// narrowest of long, double, boolean, timestamp and string that holds every
// sampled value; an empty field is null) and reads the rest with Arrow's reader.
func newCSVReader(r io.Reader, opts FileOptions) (array.RecordReader, error) {
	comma := opts.Comma
	if comma == 0 {
		comma = ','
	}
	head, whole, all, err := sample(r)
	if err != nil {
		return nil, err
	}
	schema, err := csvSchema(head, whole, comma, opts.NoHeader)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	reader := csv.NewReader(all, schema, csv.WithComma(comma), csv.WithHeader(!opts.NoHeader),
		csv.WithChunk(opts.BatchRows), csv.WithNullReader(true, ""))
	return &csvReader{Reader: reader}, nil
}

// csvReader marks conversion errors as ErrFormat.
type csvReader struct{ *csv.Reader }

func (c *csvReader) Err() error {
	if err := c.Reader.Err(); err != nil {
		return fmt.Errorf("%w: %w (the types come from the head of the file)", ErrFormat, err)
	}
	return nil
}

func csvSchema(head []byte, whole bool, comma rune, noHeader bool) (*arrow.Schema, error) {
	r := stdcsv.NewReader(bytes.NewReader(head))
	r.Comma, r.ReuseRecord = comma, true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(first))
	guesses := make([]csvGuess, len(first))
	for i, name := range first {
		if noHeader {
			name = "f" + strconv.Itoa(i)
			guesses[i].see(first[i])
		} else if name == "" {
			return nil, fmt.Errorf("column %d has no name", i+1)
		}
		fields[i] = arrow.Field{Name: name, Nullable: true}
	}
	for {
		record, err := r.Read()
		if err != nil {
			// The sample may end inside a line: only a whole file's error counts.
			if whole && !errors.Is(err, io.EOF) {
				return nil, err
			}
			break
		}
		for i, s := range record {
			guesses[i].see(s)
		}
	}
	for i := range fields {
		fields[i].Type = guesses[i].dataType()
	}
	return arrow.NewSchema(fields, nil), nil
}

// csvGuess is what the values of a column have ruled out so far.
type csvGuess struct {
	seen                      bool
	notInt, notFloat, notBool bool
	notLocal, notZoned        bool // not a timestamp without, with a zone offset
}

func (g *csvGuess) see(s string) {
	if s == "" {
		return
	}
	g.seen = true
	if !g.notInt {
		_, err := strconv.ParseInt(s, 10, 64)
		g.notInt = err != nil
	}
	if g.notInt && !g.notFloat { // a whole number is a number
		_, err := strconv.ParseFloat(s, 64)
		g.notFloat = err != nil
	}
	if !g.notBool {
		g.notBool = s != "true" && s != "false" && s != "True" && s != "False" && s != "TRUE" && s != "FALSE"
	}
	g.notLocal = g.notLocal || !parses(s, "2006-01-02 15:04:05", "2006-01-02T15:04:05")
	g.notZoned = g.notZoned || !parses(s, time.RFC3339Nano, "2006-01-02 15:04:05Z07:00")
}

func parses(s string, layouts ...string) bool {
	for _, layout := range layouts {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func (g *csvGuess) dataType() arrow.DataType {
	switch {
	case !g.seen:
		return arrow.BinaryTypes.String
	case !g.notInt:
		return arrow.PrimitiveTypes.Int64
	case !g.notFloat:
		return arrow.PrimitiveTypes.Float64
	case !g.notBool:
		return arrow.FixedWidthTypes.Boolean
	case !g.notLocal:
		return &arrow.TimestampType{Unit: arrow.Nanosecond}
	case !g.notZoned:
		return arrow.FixedWidthTypes.Timestamp_ns
	default:
		return arrow.BinaryTypes.String
	}
}
