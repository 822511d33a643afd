package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Load writes all rows of the reader into the cache, which is created when it
// does not exist, and returns when the servers have stored them. An error says
// how many rows had been stored before it. The reader stays the caller's.
func Load(ctx context.Context, client *ignite.Client, cache string, rows array.RecordReader, opts Options) (Result, error) {
	if err := opts.Validate(); err != nil {
		return Result{}, err
	}
	names := renames{names: opts.Rename}
	rows = renamed(rows, &names)
	if err := names.unused(); err != nil {
		return Result{}, err
	}
	to, err := lookAt(ctx, client, cache, &opts)
	if err != nil {
		return Result{}, err
	}
	plan, err := to.plan(rows.Schema())
	if err != nil {
		return Result{}, err
	}
	return to.load(ctx, []*rowPlan{plan}, func(l *loader) error {
		l.plan = plan
		return l.all(ctx, rows)
	})
}

// destination is the cache of a load.
type destination struct {
	client  *ignite.Client
	cache   string
	opts    *Options
	missing bool              // it must be created
	entity  *wire.QueryEntity // what it declares, or nil
}

// lookAt asks for what the cache declares.
func lookAt(ctx context.Context, client *ignite.Client, cache string, opts *Options) (*destination, error) {
	d := &destination{client: client, cache: cache, opts: opts}
	config, err := client.CacheConfiguration(ctx, cache)
	d.missing = errors.Is(err, wire.StatusCacheDoesNotExist)
	if err != nil && !d.missing {
		return nil, err
	}
	if !d.missing && len(config.QueryEntities) == 1 {
		d.entity = &config.QueryEntities[0]
	}
	if err := orderKey(ctx, client, cache, opts, d.entity); err != nil {
		return nil, err
	}
	return d, nil
}

// class is the Java class that a column must have, or "".
func (d *destination) class(column string) string {
	declared := ""
	key := keyType(d.cache, d.opts, d.entity)
	switch isKey := len(d.opts.Key) == 1 && d.opts.Key[0] == column; {
	case isKey && !isKeyObject(key, d.entity):
		declared = plainClass(key)
	case d.opts.Plain && !slices.Contains(d.opts.Key, column):
		declared = plainClass(valueTypeName(d.cache, d.opts, d.entity))
	case d.entity != nil:
		for _, f := range d.entity.Fields {
			if strings.EqualFold(f.Name, column) {
				declared = f.TypeName
			}
		}
	}
	class, err := d.opts.classOf(column, declared)
	if err != nil {
		return declared // the plan tells of it
	}
	return class
}

// plan decides how rows become entries. What the first plan of a cache that must be
// created decides is declared to the others.
func (d *destination) plan(schema *arrow.Schema) (*rowPlan, error) {
	plan, err := newRowPlan(d.cache, schema, d.opts, d.entity)
	if err == nil && d.missing && d.entity == nil {
		d.entity = plan.entityOf(d.cache)
	}
	return plan, err
}

// load makes the cache and the types known to the cluster, has send send the rows, and
// counts what the cache has got.
func (d *destination) load(ctx context.Context, plans []*rowPlan, send func(*loader) error) (Result, error) {
	if err := d.prepare(ctx, plans); err != nil {
		return Result{}, err
	}
	size := ignite.NewCache[binary.Raw, binary.Raw](d.client, d.cache).Size
	before, err := size(ctx)
	if err != nil {
		return Result{}, err
	}
	streamer, err := d.client.NewStreamer(ctx, d.cache, ignite.StreamerConfig{AllowOverwrite: d.opts.Overwrite})
	if err != nil {
		return Result{}, err
	}
	l := loader{streamer: streamer, opts: d.opts}
	failed := send(&l)
	if err := streamer.Close(ctx); err != nil {
		if failed != nil {
			err = failed // closing a streamer that failed says the same again
		}
		return l.sent, fmt.Errorf("load into %s, after %d rows, some of which may be stored: %w", d.cache, l.sent.Rows, err)
	}
	after, err := size(ctx)
	l.sent.Stored = min(max(after-before, 0), l.sent.Rows)
	l.sent.Known = l.sent.Rows - l.sent.Stored
	if failed != nil {
		return l.sent, fmt.Errorf("load into %s, %s: %w", d.cache, l.sent.before(), failed)
	}
	return l.sent, err
}

// before says what became of the rows before one that failed.
func (r Result) before() string {
	switch {
	case r.Rows == 0:
		return "before any row was stored"
	case r.Known == 0:
		return fmt.Sprintf("after %d rows, which are stored", r.Rows)
	default:
		return fmt.Sprintf("after %d rows, of which %d are stored and %d have keys that were known", r.Rows, r.Stored, r.Known)
	}
}

// prepare makes the cache, if it is missing, and the types known.
func (d *destination) prepare(ctx context.Context, plans []*rowPlan) error {
	if d.missing {
		created := wire.CacheConfiguration{Name: d.cache}
		if d.entity != nil {
			created.QueryEntities = []wire.QueryEntity{*d.entity}
		}
		if err := d.client.GetOrCreateCache(ctx, created); err != nil {
			return err
		}
	}
	for i, plan := range plans {
		if i > 0 && plan == plans[i-1] {
			continue
		}
		if err := plan.types(func(m *binary.Metadata) error { return d.client.RegisterType(ctx, m) }); err != nil {
			return err
		}
	}
	return nil
}

// loader sends batches and counts them.
type loader struct {
	plan     *rowPlan
	streamer *ignite.Streamer
	opts     *Options
	source   Progress                               // of the file
	offset   func() int64                           // in the file; nil without one
	place    func(inBatch int, number int64) string // of a row in the file; nil without one
	sent     Result
	key      []byte // scratch
	value    []byte
}

func (l *loader) all(ctx context.Context, rows array.RecordReader) error {
	for rows.Next() {
		if err := l.batch(ctx, rows.RecordBatch()); err != nil {
			return err
		}
		if l.opts.Progress == nil {
			continue
		}
		l.source.Rows = l.sent.Rows
		if l.offset != nil {
			l.source.Offset = l.offset()
		}
		l.opts.Progress(l.source)
	}
	return rows.Err()
}

func (l *loader) batch(ctx context.Context, batch arrow.RecordBatch) error {
	encodeKey, encodeValue, err := l.plan.bind(batch, l.opts.FirstRow+l.sent.Rows)
	if err != nil {
		return err
	}
	for row := range int(batch.NumRows()) {
		if err := l.entry(encodeKey, encodeValue, row); err != nil {
			where := fmt.Sprintf("row %d", l.sent.Rows)
			if l.place != nil {
				where = l.place(row, l.sent.Rows)
			}
			return fmt.Errorf("%s: %w", where, err)
		}
		if err := l.streamer.AddRaw(ctx, l.key, l.value); err != nil {
			return err
		}
		l.sent.Rows++
		l.sent.Bytes += int64(len(l.key) + len(l.value))
	}
	return nil
}

// entry encodes a row.
func (l *loader) entry(encodeKey, encodeValue encoder, row int) (err error) {
	if l.key, err = encodeKey(l.key[:0], row); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if l.key[0] == byte(binary.TypeNull) {
		return fmt.Errorf("%w: the key is null", ErrSchema)
	}
	if l.value, err = encodeValue(l.value[:0], row); err != nil {
		return err
	}
	if l.value[0] == byte(binary.TypeNull) {
		return fmt.Errorf("%w: the value is null, and Ignite stores no nulls", ErrSchema)
	}
	return nil
}
