package ignite

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// typeCache has the metadata of types as the cluster is known to have it. What
// is in it is read only; a change replaces the value.
type typeCache struct {
	mu    sync.RWMutex
	types map[int32]*binary.Metadata

	config atomic.Pointer[wire.BinaryConfigurationGetResponse]
}

func (t *typeCache) get(typeID int32) *binary.Metadata {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.types[typeID]
}

// merge adds to what is known. A contradiction means that the type was made
// anew: what came last holds.
func (t *typeCache) merge(m *binary.Metadata) *binary.Metadata {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.types == nil {
		t.types = make(map[int32]*binary.Metadata)
	}
	merged, _, err := t.types[m.TypeID].Merge(m)
	if err != nil {
		merged = m
	}
	t.types[m.TypeID] = merged
	return merged
}

func (t *typeCache) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.types = nil
	t.config.Store(nil)
}

// covers reports whether everything of m is in known.
func covers(known, m *binary.Metadata) bool {
	if known == nil || m.AffinityKeyField != "" && known.AffinityKeyField == "" {
		return false
	}
	for i := range m.Schemas {
		if known.SchemaByID(m.Schemas[i].ID) == nil {
			return false
		}
	}
	for _, f := range m.Fields {
		same := func(k binary.FieldMeta) bool { return k.ID == f.ID && k.Type == f.Type } // its name may differ in case
		if !slices.ContainsFunc(known.Fields, same) {
			return false
		}
	}
	for _, v := range m.EnumValues {
		if known.EnumName(v.Ordinal) != v.Name {
			return false
		}
	}
	return true
}

// Metadata returns what the cluster knows about a binary type, nil without an
// error for a type that it does not know. The answer is kept and must not be changed.
func (c *Client) Metadata(ctx context.Context, typeID int32) (*binary.Metadata, error) {
	if m := c.types.get(typeID); m != nil {
		return m, nil
	}
	return c.fetchMetadata(ctx, typeID)
}

// MetadataForSchema is Metadata that asks the cluster again when what is known
// lacks the schema: other clients add fields at any time.
func (c *Client) MetadataForSchema(ctx context.Context, typeID, schemaID int32) (*binary.Metadata, error) {
	if m := c.types.get(typeID); m.SchemaByID(schemaID) != nil {
		return m, nil
	}
	return c.fetchMetadata(ctx, typeID)
}

func (c *Client) fetchMetadata(ctx context.Context, typeID int32) (*binary.Metadata, error) {
	var res wire.BinaryTypeGetResponse
	if err := c.ask(ctx, anywhere, &wire.BinaryTypeGetRequest{TypeID: typeID}, &res, nil); err != nil {
		return nil, err
	}
	if res.Metadata == nil {
		return nil, nil
	}
	return c.types.merge(res.Metadata), nil
}

// RegisterType makes a type, its fields and its schemas known to the cluster. It
// asks the cluster only when there is something new. A field that has another
// type there is an error, but for one that is an Object on one side: what the
// cluster has holds.
func (c *Client) RegisterType(ctx context.Context, m *binary.Metadata) error {
	known, err := c.Metadata(ctx, m.TypeID)
	if err != nil {
		return err
	}
	if m = m.Conform(known); covers(known, m) {
		return nil
	}
	if _, _, err := known.Merge(m); err != nil {
		return anywhere.wrap(&wire.BinaryTypePutRequest{}, "", err)
	}
	if err := c.ask(ctx, anywhere, &wire.BinaryTypePutRequest{Metadata: m}, &wire.EmptyResponse{}, nil); err != nil {
		return err
	}
	c.types.merge(m)
	return nil
}

// Resolver returns a binary.Resolver, which is a binary.SchemaResolver too, that
// asks the cluster within ctx. It is safe for concurrent use.
func (c *Client) Resolver(ctx context.Context) binary.Resolver {
	return &resolver{
		metadata: func(typeID int32) (*binary.Metadata, error) { return c.Metadata(ctx, typeID) },
		schema: func(typeID, schemaID int32) (*binary.Metadata, error) {
			return c.MetadataForSchema(ctx, typeID, schemaID)
		},
	}
}

type resolver struct {
	metadata func(typeID int32) (*binary.Metadata, error)
	schema   func(typeID, schemaID int32) (*binary.Metadata, error)
}

var _ binary.SchemaResolver = (*resolver)(nil)

func (r *resolver) Metadata(typeID int32) (*binary.Metadata, error) { return r.metadata(typeID) }

func (r *resolver) MetadataForSchema(typeID, schemaID int32) (*binary.Metadata, error) {
	return r.schema(typeID, schemaID)
}

// Encode encodes a Go value as Ignite has it, and makes the types of its objects
// known to the cluster first. A binary.Raw is returned as it is.
func (c *Client) Encode(ctx context.Context, v any) (binary.Raw, error) {
	return c.appendValue(ctx, nil, v)
}

// appendValue is Encode into dst.
func (c *Client) appendValue(ctx context.Context, dst []byte, v any) ([]byte, error) {
	return c.append(ctx, dst, v, nil)
}

// append encodes a value; order is that of the fields of an object (binary.Encoder).
func (c *Client) append(ctx context.Context, dst []byte, v any, order func(int32, []int32) ([]int32, error)) ([]byte, error) {
	switch v := v.(type) {
	case binary.Raw:
		return append(dst, v...), nil
	case int64, int32, int, string, []byte, float64, bool, uuid.UUID, nil:
		return binary.AppendValue(dst, v)
	}
	names, full, err := c.binaryConfiguration(ctx)
	if err != nil {
		return nil, err
	}
	e := binary.Encoder{Names: names, FullFooter: full, Order: order}
	e.OnType = func(m *binary.Metadata) error { return c.RegisterType(ctx, m) }
	return e.Append(dst, v)
}

// binaryConfiguration is how the cluster names types and writes footers. It is
// asked for once. A server that can't tell has Ignite's defaults.
func (c *Client) binaryConfiguration(ctx context.Context) (binary.NameMapper, bool, error) {
	if p := c.types.config.Load(); p != nil {
		return binary.NameMapper(p.NameMapper), !p.CompactFooter, nil
	}
	cn, err := c.pool.Any(ctx)
	if err != nil {
		return 0, false, anywhere.wrap(&wire.BinaryConfigurationGetRequest{}, "", connectError(err))
	}
	res := wire.BinaryConfigurationGetResponse{CompactFooter: true}
	if cn.Features().Has(wire.FeatureBinaryConfiguration) {
		if err := c.ask(ctx, anywhere, &wire.BinaryConfigurationGetRequest{}, &res, nil); err != nil {
			return 0, false, err
		}
	}
	c.types.config.Store(&res)
	return binary.NameMapper(res.NameMapper), !res.CompactFooter, nil
}

func cloneRaw(r binary.Raw) binary.Raw { return bytes.Clone(r) }

// decodeValue decodes an encoded value whose bytes are about to be recycled.
func decodeValue[T any](raw binary.Raw, res binary.Resolver) (T, error) {
	var v T
	switch to := any(&v).(type) {
	case *binary.Raw:
		*to = cloneRaw(raw)
		return v, nil
	case *int64:
		if raw.Type() == binary.TypeLong {
			r := binary.NewReader(raw[1:])
			*to = r.Int64()
			return v, r.Finish()
		}
	}
	switch raw.Type() {
	case binary.TypeObject, binary.TypeWrapped, binary.TypeObjectArray, binary.TypeCollection, binary.TypeMap:
		raw = cloneRaw(raw) // a decoded object keeps its bytes
	}
	err := binary.Unmarshal(raw, &v, res)
	return v, err
}
