package ingest

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// Format names the layout of a file.
type Format string

// The formats that OpenFile reads.
const (
	FormatAuto    Format = ""        // by the file's name
	FormatCSV     Format = "csv"     // separated values, first line names the columns
	FormatJSON    Format = "jsonl"   // JSON objects one after the other, or one array of them
	FormatParquet Format = "parquet" // Apache Parquet
	FormatNPZ     Format = "npz"     // NumPy archive: one column an array, rows along the first axis
	FormatIDX     Format = "idx"     // the format of the MNIST files: rows along the first axis
)

var formats = []Format{FormatCSV, FormatJSON, FormatParquet, FormatNPZ, FormatIDX}

// DefaultBatchRows is the number of rows in a record batch of a file reader.
const DefaultBatchRows = 1024

// ErrFormat is the errors.Is target of a file whose format is unknown or whose
// bytes are not what the format promises.
var ErrFormat = errors.New("ingest: bad file")

// FileOptions say how a file is read. The zero value goes by the file's name and its
// first lines.
type FileOptions struct {
	// Format of the file; FormatAuto goes by its extension (".gz" is looked through).
	Format Format
	// Comma separates CSV fields; zero finds ',', ';', a tab or '|' by the first lines.
	Comma rune
	// NoHeader says that a CSV file's first line is data; columns are then named f0, f1, ...
	NoHeader bool
	// Columns names the columns of a CSV file that has no header.
	Columns []string
	// Nulls are texts that stand for null in CSV and JSON, beside an empty CSV field.
	Nulls []string
	// Encoding of a CSV or JSON file, by its IANA name; empty means UTF-8. A byte order
	// mark (of UTF-8 or UTF-16) goes before it.
	Encoding string
	// Column names the single column of an IDX file; empty means "value".
	Column string
	// BatchRows is the number of rows of a record batch; zero means DefaultBatchRows.
	BatchRows int
}

// Validate names what is wrong with the options, or contradicts itself.
func (o *FileOptions) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...))
	}
	if o.Format != FormatAuto && !slices.Contains(formats, o.Format) {
		wrong("unknown format %q, expected one of %v", o.Format, formats)
	}
	if o.Format != FormatAuto && o.Format != FormatCSV && (o.Comma != 0 || o.NoHeader || len(o.Columns) > 0) {
		wrong("a separator, a missing header and names of columns are for csv, the format is %s", o.Format)
	}
	if o.Format != FormatAuto && o.Format != FormatIDX && o.Column != "" {
		wrong("the name of the one column is for idx, the format is %s", o.Format)
	}
	if strings.ContainsRune("\"\r\n\uFFFD", o.Comma) && o.Comma != 0 {
		wrong("%q cannot separate fields", o.Comma)
	}
	if len(o.Columns) > 0 && !o.NoHeader {
		wrong("names of columns are for a file without a header; say that it has none, or rename the columns")
	}
	if name := repeated(o.Columns); name != "" {
		wrong("two columns are named %q", name)
	}
	if o.Encoding != "" {
		if _, err := encodingOf(o.Encoding); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// repeated is the first name that stands twice in a list, in any case.
func repeated(names []string) string {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[strings.ToLower(name)] {
			return name
		}
		seen[strings.ToLower(name)] = true
	}
	return ""
}

// Reader is an Arrow record reader over an open file. Release closes the file.
type Reader struct {
	array.RecordReader
	// Bytes is the size of the file in bytes, or -1 for a stream.
	Bytes int64
	// Format is the format that was read.
	Format Format
	read   *countingReader
	text   *textReader // of a text file
	close  func() error
}

// Offset is the number of bytes of the file read so far, for a progress bar.
// Formats that are read as a whole report all bytes at once.
func (r *Reader) Offset() int64 {
	if r.read == nil {
		return r.Bytes
	}
	return r.read.n.Load()
}

// Release frees the records and closes the file.
func (r *Reader) Release() {
	r.RecordReader.Release()
	if r.close != nil {
		_ = r.close()
		r.close = nil
	}
}

// row says where a row of the current batch, the one of this number in the reader, stands.
func (r *Reader) row(inBatch int, number int64) string {
	if r.text != nil && inBatch < len(r.text.lines) {
		return fmt.Sprintf("line %d", r.text.lines[inBatch])
	}
	return fmt.Sprintf("row %d", number)
}

// OpenFile opens path as a stream of record batches. The name "-" is standard
// input (CSV or JSON, with an explicit Format). Errors name the path; those about its
// content are ErrFormat.
//
// The columns of a text file are int64, float64, bool, utf8, or an extension type over
// utf8 that [Load] parses (decimals, timestamps). A file on disk is read twice, first
// for the types; of a stream the first 8 MiB decide.
func OpenFile(path string, opts FileOptions) (*Reader, error) {
	set := fileSet{rules: rules{file: &opts}}
	if err := set.add([]string{path}); err != nil {
		return nil, err
	}
	return set.files[0].open()
}

// formatOf decides the format and whether the bytes are gzip-compressed.
func formatOf(path string, opts *FileOptions) (format Format, gzipped bool, err error) {
	name := strings.ToLower(filepath.Base(path))
	name, gzipped = strings.CutSuffix(name, ".gz")
	if opts.Format != FormatAuto {
		return opts.Format, gzipped, nil
	}
	switch ext := filepath.Ext(name); {
	case ext == ".csv" || ext == ".tsv":
		return FormatCSV, gzipped, nil
	case ext == ".jsonl" || ext == ".ndjson" || ext == ".json":
		return FormatJSON, gzipped, nil
	case ext == ".parquet" || ext == ".pq":
		return FormatParquet, gzipped, nil
	case ext == ".npz":
		return FormatNPZ, gzipped, nil
	case ext == ".idx" || strings.HasSuffix(name, "-ubyte") || strings.Contains(name, "-idx"):
		return FormatIDX, gzipped, nil
	}
	return "", false, fmt.Errorf("%w: %s: the name does not tell the format; state it: csv, jsonl, parquet, npz or idx", ErrFormat, path)
}

// openWhole opens the formats that need random access.
func openWhole(path string, format Format, opts *FileOptions) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	var rr array.RecordReader
	if format == FormatParquet {
		rr, err = newParquetReader(f, opts)
	} else {
		rr, err = newNPZReader(f, info.Size(), opts)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Reader{RecordReader: rr, Bytes: info.Size(), Format: format, close: f.Close}, nil
}

// stream is a file that is read from front to back.
type stream struct {
	io.Reader       // its bytes, decompressed
	size      int64 // in bytes on disk, or -1
	again     bool  // it can be opened once more
	read      *countingReader
	close     func() error
}

// openStream opens a file and decompresses it if it is gzip by its name or first bytes.
func openStream(path string, gzipped bool) (*stream, error) {
	f, size, again := os.Stdin, int64(-1), false
	closeFile := func() error { return nil }
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, errors.Unwrap(err)
		}
		closeFile = f.Close
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size, again = info.Size(), true
		}
	}
	counted := &countingReader{r: f}
	s := &stream{Reader: counted, size: size, again: again, read: counted, close: closeFile}
	b := bufio.NewReaderSize(counted, csvBufferBytes)
	head, err := b.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, closeFile())
	}
	s.Reader = b
	if gzipped || string(head) == gzipMagic {
		if s.Reader, err = gzip.NewReader(b); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %w", ErrFormat, err), closeFile())
		}
	}
	return s, nil
}

const gzipMagic = "\x1f\x8b"
