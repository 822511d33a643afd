package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// Load writes all rows of the reader into the cache, which is created when it
// does not exist, and returns when the servers have stored them. An error says
// how many rows had been handed over before it; those may have been stored.
// The reader stays the caller's.
func Load(ctx context.Context, client *ignite.Client, cache string, rows array.RecordReader, opts Options) (Result, error) {
	plan, err := prepare(ctx, client, cache, rows.Schema(), &opts)
	if err != nil {
		return Result{}, err
	}
	streamer, err := client.NewStreamer(ctx, cache, ignite.StreamerConfig{AllowOverwrite: opts.Overwrite})
	if err != nil {
		return Result{}, err
	}
	l := loader{plan: plan, streamer: streamer, opts: &opts}
	if err := l.all(ctx, rows); err != nil {
		err = fmt.Errorf("load into %s, after %d rows: %w", cache, l.sent.Rows, err)
		// Closing a streamer that failed, or whose context ended, says the same again.
		_ = streamer.Close(ctx)
		return l.sent, err
	}
	return l.sent, streamer.Close(ctx)
}

// prepare makes the cache and the types known to the cluster.
func prepare(ctx context.Context, client *ignite.Client, cache string, schema *arrow.Schema, opts *Options) (*rowPlan, error) {
	config, err := client.CacheConfiguration(ctx, cache)
	missing := errors.Is(err, wire.StatusCacheDoesNotExist)
	if err != nil && !missing {
		return nil, err
	}
	var declared *wire.QueryEntity
	if !missing && len(config.QueryEntities) == 1 {
		declared = &config.QueryEntities[0]
	}
	if err := orderKey(ctx, client, cache, opts, declared); err != nil {
		return nil, err
	}
	plan, err := newRowPlan(cache, schema, opts, declared)
	if err != nil {
		return nil, err
	}
	if missing {
		created := wire.CacheConfiguration{Name: cache}
		if entity := plan.entityOf(cache); entity != nil {
			created.QueryEntities = []wire.QueryEntity{*entity}
		}
		if err := client.GetOrCreateCache(ctx, created); err != nil {
			return nil, err
		}
	}
	return plan, plan.types(func(m *binary.Metadata) error { return client.RegisterType(ctx, m) })
}

// loader sends batches and counts them.
type loader struct {
	plan     *rowPlan
	streamer *ignite.Streamer
	opts     *Options
	sent     Result
	key      []byte // scratch
	value    []byte
}

func (l *loader) all(ctx context.Context, rows array.RecordReader) error {
	for rows.Next() {
		if err := l.batch(ctx, rows.RecordBatch()); err != nil {
			return err
		}
		if l.opts.Progress != nil {
			l.opts.Progress(l.sent.Rows)
		}
	}
	return rows.Err()
}

func (l *loader) batch(ctx context.Context, batch arrow.RecordBatch) error {
	encodeKey, encodeValue, err := l.plan.bind(batch, l.opts.FirstRow+l.sent.Rows)
	if err != nil {
		return err
	}
	for row := range int(batch.NumRows()) {
		if l.key, err = encodeKey(l.key[:0], row); err != nil {
			return fmt.Errorf("row %d: key: %w", l.sent.Rows, err)
		}
		if l.key[0] == byte(binary.TypeNull) {
			return fmt.Errorf("row %d: %w: the key is null", l.sent.Rows, ErrSchema)
		}
		if l.value, err = encodeValue(l.value[:0], row); err != nil {
			return fmt.Errorf("row %d: %w", l.sent.Rows, err)
		}
		if l.value[0] == byte(binary.TypeNull) {
			return fmt.Errorf("row %d: %w: the value is null, and Ignite stores no nulls", l.sent.Rows, ErrSchema)
		}
		if err := l.streamer.AddRaw(ctx, l.key, l.value); err != nil {
			return err
		}
		l.sent.Rows++
		l.sent.Bytes += int64(len(l.key) + len(l.value))
	}
	return nil
}
