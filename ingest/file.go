package ingest

import (
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
	FormatCSV     Format = "csv"     // comma separated, first line names the columns
	FormatJSON    Format = "jsonl"   // one JSON object a line
	FormatParquet Format = "parquet" // Apache Parquet
	FormatNPZ     Format = "npz"     // NumPy archive: one column an array, rows along the first axis
	FormatIDX     Format = "idx"     // the format of the MNIST files: rows along the first axis
)

// DefaultBatchRows is the number of rows in a record batch of a file reader.
const DefaultBatchRows = 1024

// ErrFormat is the errors.Is target of a file whose format is unknown or whose
// bytes are not what the format promises.
var ErrFormat = errors.New("ingest: bad file")

// FileOptions say how a file is read. The zero value goes by the file's name.
type FileOptions struct {
	// Format of the file; FormatAuto goes by its extension (".gz" is looked through).
	Format Format
	// Comma separates CSV fields; zero means ',' (or a tab for ".tsv").
	Comma rune
	// NoHeader says that a CSV file's first line is data; columns are then named f0, f1, ...
	NoHeader bool
	// Column names the single column of an IDX file; empty means "value".
	Column string
	// BatchRows is the number of rows of a record batch; zero means DefaultBatchRows.
	BatchRows int
}

// Reader is an Arrow record reader over an open file. Release closes the file.
type Reader struct {
	array.RecordReader
	// Bytes is the size of the file in bytes, or -1 for a stream.
	Bytes int64
	// Format is the format that was read.
	Format Format
	read   *countingReader
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

// OpenFile opens path as a stream of record batches. The name "-" is standard
// input (CSV or JSON lines, with an explicit Format). Errors name the path;
// those about its content are ErrFormat.
func OpenFile(path string, opts FileOptions) (*Reader, error) {
	if opts.BatchRows <= 0 {
		opts.BatchRows = DefaultBatchRows
	}
	format, gzipped, err := formatOf(path, &opts)
	if err != nil {
		return nil, err
	}
	if format == FormatParquet || format == FormatNPZ {
		return openWhole(path, format, opts)
	}
	r, err := openStream(path, format, gzipped, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// formatOf decides the format and whether the bytes are gzip-compressed.
func formatOf(path string, opts *FileOptions) (format Format, gzipped bool, err error) {
	name := strings.ToLower(filepath.Base(path))
	name, gzipped = strings.CutSuffix(name, ".gz")
	if opts.Format != FormatAuto {
		known := []Format{FormatCSV, FormatJSON, FormatParquet, FormatNPZ, FormatIDX}
		if !slices.Contains(known, opts.Format) {
			return "", false, fmt.Errorf("%w: unknown format %q, expected one of %v", ErrFormat, opts.Format, known)
		}
		return opts.Format, gzipped, nil
	}
	switch ext := filepath.Ext(name); {
	case ext == ".csv":
		return FormatCSV, gzipped, nil
	case ext == ".tsv":
		if opts.Comma == 0 {
			opts.Comma = '\t'
		}
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
func openWhole(path string, format Format, opts FileOptions) (*Reader, error) {
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
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &Reader{RecordReader: rr, Bytes: info.Size(), Format: format, close: f.Close}, nil
}

// openStream opens the formats that are read from front to back.
func openStream(path string, format Format, gzipped bool, opts FileOptions) (*Reader, error) {
	f, size := os.Stdin, int64(-1)
	closeFile := func() error { return nil }
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, errors.Unwrap(err)
		}
		closeFile = f.Close
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
	}
	counted := &countingReader{r: f}
	rr, err := newStreamReader(counted, format, gzipped, opts)
	if err != nil {
		return nil, errors.Join(err, closeFile())
	}
	return &Reader{RecordReader: rr, Bytes: size, Format: format, read: counted, close: closeFile}, nil
}

func newStreamReader(r io.Reader, format Format, gzipped bool, opts FileOptions) (array.RecordReader, error) {
	if gzipped {
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		r = unzipped
	}
	switch format {
	case FormatCSV:
		return newCSVReader(r, opts)
	case FormatJSON:
		return newJSONReader(r, opts)
	case FormatIDX:
		return newIDXReader(r, opts)
	default:
		return nil, fmt.Errorf("%w: format %q is not a stream", ErrFormat, format)
	}
}
