package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
)

// DefaultSampleRows is the number of rows that Discover looks at when none is stated.
const DefaultSampleRows = 128

// DiscoverOptions says what Discover should find the schema of.
type DiscoverOptions struct {
	// Cache is the cache's name.
	Cache string
	// Fields are the paths to keep, all when empty (see Schema.Project).
	Fields []string
	// SkipUnsupported leaves out fields that no column can hold, and names them
	// in Schema.Omitted, instead of giving an error.
	SkipUnsupported bool
	// InferShapes makes the length that all arrays of a field have, in the rows that are
	// looked at, the field's Shape: rows with another length are errors then. Nulls and
	// fields without arrays tell nothing, and neither do arrays without elements.
	InferShapes bool
	// SampleRows bounds the rows that are looked at, DefaultSampleRows when 0;
	// less than 0 looks at none.
	SampleRows int
}

// howToState is the advice where a schema can't be found.
const howToState = `state a schema, such as {"key": "long", "val": {"label": "int", "pixels": "byte[]"}}`

// Discover finds out the schema of a cache: from the cache's configuration (its
// query entities), then from the metadata of binary types, and last from a few
// rows, which tell what metadata leaves open (types of plain values, nested
// objects, dates), where nulls are, how long arrays are, and how large rows are. An empty cache of a
// known type has a schema, too. The error is a *SchemaError where the types are
// the trouble.
func Discover(ctx context.Context, c *ignite.Client, o DiscoverOptions) (*Schema, error) {
	if o.Cache == "" {
		return nil, &SchemaError{Reason: "no cache is named"}
	}
	if o.InferShapes && o.SampleRows < 0 {
		return nil, &SchemaError{Cache: o.Cache, Reason: "InferShapes needs rows to look at, and SampleRows forbids it"}
	}
	cfg, err := c.CacheConfiguration(ctx, o.Cache)
	if err != nil {
		return nil, err
	}
	f := newDrafter(o.Cache, c.Resolver(ctx))
	if len(cfg.QueryEntities) == 1 {
		if err := f.entity(&cfg.QueryEntities[0]); err != nil {
			return nil, err
		}
	}
	if o.SampleRows >= 0 {
		if err := sample(ctx, c, f, orDefault(o.SampleRows, DefaultSampleRows)); err != nil {
			return nil, err
		}
	}
	return f.schema(o)
}

const (
	firstSampleRows = 1 // nothing but their number limits a page
	sampleBytes     = 512 << 10
)

// sample shows some rows to the drafter: a few first, then as many more as make
// half a megabyte.
func sample(ctx context.Context, c *ignite.Client, f *drafter, most int) error {
	done, err := sampleScan(ctx, c, f, min(firstSampleRows, most), 0, min(firstSampleRows, most))
	if err != nil || done || f.rows == 0 {
		return err
	}
	seen := f.rows
	more := min(most, sampleBytes*seen/max(f.bytes, 1))
	if more <= seen {
		return nil
	}
	_, err = sampleScan(ctx, c, f, more, seen, more)
	return err
}

// sampleScan shows the rows from skip to most of a scan; done says that there
// are no others.
func sampleScan(ctx context.Context, c *ignite.Client, f *drafter, pageRows, skip, most int) (done bool, err error) {
	cur, err := c.OpenScan(ctx, ignite.RawScan{Cache: f.cache, Partition: AllPartitions, PageRows: pageRows})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, cur.Close()) }()
	for n := 0; n < most; {
		p, err := cur.Next(ctx)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		r := binary.NewReader(p.Data)
		for range p.Rows {
			key, val := r.Raw(), r.Raw()
			if r.Err() != nil {
				err = r.Err()
			} else if n >= skip {
				err = f.row(key, val)
			}
			if err != nil {
				p.Release()
				return false, err
			}
			n++
		}
		p.Release()
	}
	return false, nil
}

// schema closes the drafts.
func (f *drafter) schema(o DiscoverOptions) (*Schema, error) {
	for _, d := range []*draft{f.key, f.val} {
		if d.typ == 0 {
			why := "the cache is empty and nothing in its configuration says what it holds"
			if f.rows > 0 {
				why = "every row that was looked at holds null there"
			}
			return nil, f.fail(d.name, "", "its type is not known: %s; %s", why, howToState)
		}
	}
	s := &Schema{Key: f.key.field(), Value: f.val.field()}
	if f.rows > 0 {
		s.RowBytes = max(f.bytes/f.rows, 1)
	}
	s, err := s.Project(o.Fields)
	if err != nil {
		var se *SchemaError
		if errors.As(err, &se) {
			se.Cache = o.Cache
		}
		return nil, err
	}
	for _, top := range []*Field{&s.Key, &s.Value} {
		if err := f.drop(top, top.Name, o.SkipUnsupported, s); err != nil {
			return nil, err
		}
		if o.InferShapes {
			top.inferShape()
		}
	}
	if s.Key.Absent() && s.Value.Absent() {
		return nil, f.fail("", "", "no column can hold anything of it; %s", howToState)
	}
	return s, nil
}

// drop takes out of p what no column can hold, or says that there is such a thing.
func (f *drafter) drop(p *Field, path string, skip bool, s *Schema) error {
	if p.Absent() {
		return nil
	}
	if p.Type != binary.TypeObject {
		if supported(p.Type) {
			return nil
		}
		return f.omit(p, path, skip, s, "no column can hold it; leave it out (fields or skip unsupported)")
	}
	kept := make([]Field, 0, len(p.Fields))
	for i := range p.Fields {
		k, kpath := p.Fields[i], path+"."+p.Fields[i].Name
		if k.Absent() {
			if err := f.omit(&k, kpath, skip, s,
				"its type is not known: metadata says only that it is an object, and no row that was looked at holds a value there; "+
					"leave it out (fields or skip unsupported) or state a schema"); err != nil {
				return err
			}
			continue
		}
		if err := f.drop(&k, kpath, skip, s); err != nil {
			return err
		}
		if !k.Absent() {
			kept = append(kept, k)
		}
	}
	p.Fields = slices.Clip(kept)
	return nil
}

func (f *drafter) omit(p *Field, path string, skip bool, s *Schema, why string) error {
	typ := typeName(p.Type)
	if p.Absent() {
		typ = "Object"
	}
	if !skip {
		return &SchemaError{Cache: f.cache, Path: path, Type: typ, Reason: why}
	}
	s.Omitted = append(s.Omitted, fmt.Sprintf("%s (%s)", path, strings.TrimSpace(typ)))
	*p = Field{}
	return nil
}
