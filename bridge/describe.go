package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
)

// source is where the op reads. Its batches lie in C memory, so that TensorFlow
// takes them over, and its environment is that of the process as it is now.
var source = dataset.NewStreams(dataset.StreamsConfig{Allocator: batchMemory, Getenv: getenv, HandedShare: handedShare})

type describeRequest struct {
	Spec            json.RawMessage
	SchemaHost      string
	SchemaPort      int
	SkipUnsupported bool
	InferShapes     bool
	Types           map[string]string
	Count           bool
}

// output is an output of the op: a column of the batches that is no struct.
type output struct {
	Path []string `json:"path"`
	Kind string   `json:"kind"` // of column.Kind, a list's elements' for a list
	List bool     `json:"list"`
	// Shape is that of each list, nil for any length.
	Shape []int `json:"shape,omitempty"`

	name string
	kind column.Kind
	fill bool // its lists become as long as the longest
}

// describe completes a spec with the schema of its cache, where it has none, and
// says what the op gives for it. rows is -1 where the server can't tell.
func describe(ctx context.Context, r describeRequest) (any, error) {
	spec, err := dataset.ParseSpec(r.Spec)
	if err != nil {
		return nil, badArgument("%v", err)
	}
	switch stated := !spec.Schema.Key.Absent() || !spec.Schema.Value.Absent(); {
	case stated && r.InferShapes:
		return nil, badArgument(`shapes="infer" finds shapes together with the schema, and schema states it: ` +
			`write the lengths there, such as "float[8]", or state them by path, such as shapes={"val.x": (8,)}`)
	case !stated:
		asked := spec
		if r.SchemaHost != "" || r.SchemaPort != 0 {
			asked.Addresses = nil
			asked.Host, asked.Port = orElse(r.SchemaHost, spec.Host), orElse(r.SchemaPort, spec.Port)
		}
		found, err := source.Discover(ctx, asked, dataset.DiscoverOptions{
			Fields: spec.Fields, SkipUnsupported: r.SkipUnsupported, InferShapes: r.InferShapes,
		})
		if err != nil {
			return nil, err
		}
		spec.Schema = *found
	}
	if spec.Schema, err = spec.Schema.WithTypes(r.Types); err != nil {
		return nil, err
	}
	outputs, err := outputsOf(&spec)
	if err != nil {
		return nil, err
	}
	rows := int64(-1)
	if r.Count {
		if rows, err = source.Count(ctx, spec); err != nil {
			return nil, err
		}
	}
	return map[string]any{"spec": spec, "outputs": outputs, "rows": rows, "omitted": spec.Schema.Omitted}, nil
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// outputsOf lists the columns of the batches of a spec, depth first, in the order
// of the schema.
func outputsOf(spec *dataset.Spec) ([]output, error) {
	schema, err := spec.Elements()
	if err != nil {
		return nil, err
	}
	if _, err := schema.Columns(false); err != nil {
		return nil, err
	}
	var outputs []output
	for _, f := range []*dataset.Field{&schema.Key, &schema.Value} {
		if !f.Absent() {
			outputs = appendOutputs(outputs, nil, f)
		}
	}
	for i := range outputs {
		if tfType(outputs[i].kind) == 0 {
			return nil, &dataset.SchemaError{Cache: spec.Cache, Path: outputs[i].name, Reason: "TensorFlow has no tensor for " + outputs[i].kind.String() +
				" elements; leave the field out with fields="}
		}
	}
	if len(outputs) == 0 {
		return nil, &dataset.SchemaError{Cache: spec.Cache, Reason: "there is no field to deliver"}
	}
	return outputs, nil
}

// appendOutputs appends those of a field, which columns are known to hold.
func appendOutputs(out []output, path []string, f *dataset.Field) []output {
	at := append(append([]string{}, path...), f.Name)
	t, _ := f.Column(false)
	if t.Kind == column.Struct {
		for i := range f.Fields {
			out = appendOutputs(out, at, &f.Fields[i])
		}
		return out
	}
	o := output{Path: at, Shape: f.Shape, name: dotted(at), kind: t.Kind}
	if o.kind == column.List {
		o.List, o.kind = true, t.Elem.Kind
	}
	o.Kind = o.kind.String()
	return append(out, o)
}

func dotted(path []string) string {
	s := path[0]
	for _, p := range path[1:] {
		s += "." + p
	}
	return s
}

type scanRequest struct {
	Client          int64
	Spec            json.RawMessage
	SkipUnsupported bool
	Types           map[string]string
}

// How large the batches of an Arrow stream are.
const (
	arrowBatchBytes   = 4 << 20
	arrowBatchMaxRows = 64 << 10
	arrowBatchRows    = 4 << 10 // where the size of a row is not known
)

// scanCache opens a stream over the rows of a cache for Arrow: nulls stay nulls,
// arrays stay lists.
func scanCache(ctx context.Context, r scanRequest) (any, error) {
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	spec, err := dataset.ParseSpec(r.Spec)
	if err != nil {
		return nil, badArgument("%v", err)
	}
	if spec.Schema.Key.Absent() && spec.Schema.Value.Absent() {
		found, err := dataset.Discover(ctx, c.Client, dataset.DiscoverOptions{Cache: spec.Cache, Fields: spec.Fields, SkipUnsupported: r.SkipUnsupported})
		if err != nil {
			return nil, err
		}
		spec.Schema = *found
	}
	if spec.Schema, err = spec.Schema.WithTypes(r.Types); err != nil {
		return nil, err
	}
	spec.Nulls = orElse(spec.Nulls, dataset.NullsKeep)
	if spec.BatchRows == 0 {
		spec.BatchRows = arrowBatchRows
		if size := spec.Schema.RowBytes; size > 0 {
			spec.BatchRows = min(max(arrowBatchBytes/size, 1), arrowBatchMaxRows)
		}
	}
	schema, err := spec.Elements()
	if err != nil {
		return nil, err
	}
	columns, err := schema.Columns(spec.Nulls == dataset.NullsKeep)
	if err != nil {
		return nil, err
	}
	reader, err := dataset.OpenWith(context.WithoutCancel(ctx), c.Client, spec, nil, batchMemory)
	if err != nil {
		return nil, err
	}
	done := source.Track(spec, reader)
	closeReader := func() error {
		defer done()
		return reader.Close()
	}
	return streamAnswer(&rowStream{schema: columns, next: reader.Next, close: closeReader, wait: 2 * c.requestTimeout}), nil
}

func streamAnswer(s *rowStream) map[string]int64 { return map[string]int64{"stream": objects.put(s)} }

// rowStream is a stream of batches that waits for kindling_export, or has been
// exported.
type rowStream struct {
	schema *column.Schema
	next   func(context.Context) (*column.Batch, error) // io.EOF at the end
	close  func() error
	wait   time.Duration // at most for one batch
	broken error         // a panic happened in it
}

// Close ends the stream and frees what the server holds for it.
func (s *rowStream) Close() error { return s.close() }
