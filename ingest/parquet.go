package ingest

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// newParquetReader streams the row groups of a Parquet file.
func newParquetReader(f *os.File, opts *FileOptions) (array.RecordReader, error) {
	pf, err := file.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	props := pqarrow.ArrowReadProperties{BatchSize: int64(opts.BatchRows)}
	reader, err := pqarrow.NewFileReader(pf, props, memory.DefaultAllocator)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	schema, err := reader.Schema()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if slices.ContainsFunc(schema.Fields(), func(f arrow.Field) bool { return f.Type.ID() == arrow.DURATION }) {
		if reader, err = withoutArrowTypes(pf, props); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
	}
	rr, err := reader.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return rr, nil
}

// withoutArrowTypes reads the columns by Parquet's own types. Durations are 64-bit
// integers there; by the Arrow types that stand beside them pqarrow cannot read them.
func withoutArrowTypes(pf *file.Reader, props pqarrow.ArrowReadProperties) (*pqarrow.FileReader, error) {
	for _, pair := range pf.MetaData().KeyValueMetadata() {
		if pair.Key == "ARROW:schema" {
			pair.Key = ""
		}
	}
	return pqarrow.NewFileReader(pf, props, memory.DefaultAllocator)
}
