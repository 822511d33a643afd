package ignite_test

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// memory is a server with one cache and a type registry.
type memory struct {
	mu    sync.Mutex
	rows  map[string][]byte
	types map[int32]*binary.Metadata
	order []wire.Op
}

func startMemory(t *testing.T) (*memory, *ignite.Client, *wiretest.Server) {
	t.Helper()
	m := &memory{rows: map[string][]byte{}, types: map[int32]*binary.Metadata{}}
	c, srv := open(t, m.handle)
	return m, c, srv
}

func (m *memory) handle(c *wiretest.Conn, id int64, req wire.Request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, req.Op())
	for _, part := range []func(wire.Request) wire.Response{m.reads, m.writes, m.bulk, m.registry} {
		if res := part(req); res != nil {
			c.Reply(id, res)
			return true
		}
	}
	return false
}

func (m *memory) value(key binary.Raw) *wire.ObjectResponse {
	return &wire.ObjectResponse{Value: m.rows[string(key)]}
}

func (m *memory) has(key binary.Raw) bool { return m.rows[string(key)] != nil }

func (m *memory) same(key, value binary.Raw) bool {
	return string(m.rows[string(key)]) == string(value)
}

func (m *memory) reads(req wire.Request) wire.Response {
	switch q := req.(type) {
	case *wire.CacheGetRequest:
		return m.value(q.Key)
	case *wire.CacheContainsKeyRequest:
		return &wire.BoolResponse{Value: m.has(q.Key)}
	case *wire.CacheContainsKeysRequest:
		return &wire.BoolResponse{Value: !slices.ContainsFunc(q.Keys, func(k binary.Raw) bool { return !m.has(k) })}
	case *wire.CacheGetAllRequest:
		out := new(wire.EntriesResponse)
		for _, k := range q.Keys {
			if m.has(k) {
				out.Entries = append(out.Entries, wire.Entry{Key: k, Value: m.rows[string(k)]})
			}
		}
		return out
	case *wire.CacheGetSizeRequest:
		return &wire.LongResponse{Value: int64(len(m.rows)) + 100*int64(q.PeekModes[0])}
	}
	return nil
}

func (m *memory) writes(req wire.Request) wire.Response {
	switch q := req.(type) {
	case *wire.CachePutRequest:
		m.rows[string(q.Key)] = slices.Clone(q.Value)
		return &wire.EmptyResponse{}
	case *wire.CachePutIfAbsentRequest:
		return &wire.BoolResponse{Value: !m.has(q.Key)}
	case *wire.CacheReplaceRequest:
		return &wire.BoolResponse{Value: m.has(q.Key)}
	case *wire.CacheReplaceIfEqualsRequest:
		same := m.same(q.Key, q.Value)
		if same {
			m.rows[string(q.Key)] = slices.Clone(q.NewValue)
		}
		return &wire.BoolResponse{Value: same}
	case *wire.CacheGetAndPutRequest:
		old := m.value(q.Key)
		m.rows[string(q.Key)] = slices.Clone(q.Value)
		return old
	case *wire.CacheGetAndPutIfAbsentRequest:
		return m.value(q.Key)
	case *wire.CacheGetAndReplaceRequest:
		return m.value(q.Key)
	}
	return nil
}

func (m *memory) bulk(req wire.Request) wire.Response {
	switch q := req.(type) {
	case *wire.CacheGetAndRemoveRequest:
		old := m.value(q.Key)
		delete(m.rows, string(q.Key))
		return old
	case *wire.CacheRemoveKeyRequest:
		had := m.has(q.Key)
		delete(m.rows, string(q.Key))
		return &wire.BoolResponse{Value: had}
	case *wire.CacheRemoveIfEqualsRequest:
		return &wire.BoolResponse{Value: m.same(q.Key, q.Value)}
	case *wire.CacheRemoveKeysRequest:
		for _, k := range q.Keys {
			delete(m.rows, string(k))
		}
		return &wire.EmptyResponse{}
	case *wire.CachePutAllRequest:
		for _, e := range q.Entries {
			m.rows[string(e.Key)] = slices.Clone(e.Value)
		}
		return &wire.EmptyResponse{}
	case *wire.CacheClearRequest, *wire.CacheRemoveAllRequest:
		clear(m.rows)
		return &wire.EmptyResponse{}
	}
	return nil
}

func (m *memory) registry(req wire.Request) wire.Response {
	switch q := req.(type) {
	case *wire.BinaryConfigurationGetRequest:
		return &wire.BinaryConfigurationGetResponse{CompactFooter: true}
	case *wire.BinaryTypeGetRequest:
		return &wire.BinaryTypeGetResponse{Metadata: m.types[q.TypeID]}
	case *wire.BinaryTypePutRequest:
		if merged, _, err := m.types[q.Metadata.TypeID].Merge(q.Metadata); err == nil {
			m.types[q.Metadata.TypeID] = merged
			return &wire.EmptyResponse{}
		}
	}
	return nil
}

func TestCacheOperations(t *testing.T) {
	_, c, _ := startMemory(t)
	ctx := t.Context()
	cache := ignite.NewCache[int64, string](c, "C")
	check := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	type opt struct {
		V  string
		OK bool
	}
	check("put", nil, nil, cache.Put(ctx, 1, "one"))
	v, ok, err := cache.Get(ctx, 1)
	check("get", opt{v, ok}, opt{"one", true}, err)
	v, ok, err = cache.Get(ctx, 2)
	check("get of nothing", opt{v, ok}, opt{}, err)
	ok, err = cache.PutIfAbsent(ctx, 1, "x")
	check("put if absent", ok, false, err)
	ok, err = cache.Replace(ctx, 2, "x")
	check("replace", ok, false, err)
	ok, err = cache.ReplaceIfEquals(ctx, 1, "one", "uno")
	check("compare and set", ok, true, err)
	ok, err = cache.ReplaceIfEquals(ctx, 1, "one", "uno")
	check("compare and set again", ok, false, err)
	v, ok, err = cache.GetAndPut(ctx, 1, "eins")
	check("get and put", opt{v, ok}, opt{"uno", true}, err)
	v, ok, err = cache.GetAndPutIfAbsent(ctx, 1, "x")
	check("get and put if absent", opt{v, ok}, opt{"eins", true}, err)
	v, ok, err = cache.GetAndReplace(ctx, 9, "x")
	check("get and replace", opt{v, ok}, opt{}, err)
	v, ok, err = cache.GetAndRemove(ctx, 1)
	check("get and remove", opt{v, ok}, opt{"eins", true}, err)
	ok, err = cache.ContainsKey(ctx, 1)
	check("contains", ok, false, err)
	check("put all", nil, nil, cache.PutAll(ctx, []ignite.Entry[int64, string]{{1, "a"}, {2, "b"}, {3, "c"}}))
	all, err := cache.GetAll(ctx, []int64{1, 3, 5})
	check("get all", all, []ignite.Entry[int64, string]{{1, "a"}, {3, "c"}}, err)
	ok, err = cache.ContainsKeys(ctx, []int64{1, 5})
	check("contains keys", ok, false, err)
	ok, err = cache.RemoveIfEquals(ctx, 1, "z")
	check("remove if equals", ok, false, err)
	ok, err = cache.Remove(ctx, 1)
	check("remove", ok, true, err)
	check("remove keys", nil, nil, cache.RemoveKeys(ctx, []int64{2}))
	n, err := cache.Size(ctx)
	check("size", n, 1+100*int64(wire.PeekPrimary), err)
	n, err = cache.Size(ctx, ignite.PeekBackup)
	check("size of backups", n, 1+100*int64(wire.PeekBackup), err)
	check("clear", nil, nil, cache.Clear(ctx))
	check("remove all", nil, nil, cache.RemoveAll(ctx))
	check("put all of nothing", nil, nil, cache.PutAll(ctx, nil))
}

type pet struct {
	Name   string
	Age    int32
	Friend *pet
}

func TestTypesAreRegisteredBeforeThePut(t *testing.T) {
	m, c, srv := startMemory(t)
	cache := ignite.NewCache[int64, pet](c, "C")
	want := pet{Name: "Tom", Age: 3, Friend: &pet{Name: "Jerry"}}
	for i := range int64(5) {
		if err := cache.Put(t.Context(), i, want); err != nil {
			t.Fatal(err)
		}
	}
	if n := srv.Count(wire.OpBinaryTypePut); n != 1 {
		t.Errorf("the type was registered %d times", n)
	}
	if slices.Index(m.order, wire.OpBinaryTypePut) > slices.Index(m.order, wire.OpCachePut) {
		t.Errorf("order %v", m.order)
	}
	got, ok, err := cache.Get(t.Context(), 3)
	if err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	objects := ignite.NewCache[int64, *binary.Object](c, "C")
	o, _, err := objects.Get(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := o.Get("name"); name != "Tom" || o.TypeName != "pet" {
		t.Errorf("object %+v", o)
	}
	raw, _, err := ignite.NewCache[int64, binary.Raw](c, "C").Get(t.Context(), 3)
	if err != nil || raw.Type() != binary.TypeObject {
		t.Errorf("raw %v, %v", raw, err)
	}
}

func TestMetadataIsFetchedAgainForANewSchema(t *testing.T) {
	m, c, srv := startMemory(t)
	id := binary.TypeID("T")
	if got, err := c.Metadata(t.Context(), id); err != nil || got != nil {
		t.Fatalf("a type that is not there: %v, %v", got, err)
	}
	meta := func(name string, schema int32) *binary.Metadata {
		f := binary.FieldMeta{Name: name, Type: binary.TypeInt, ID: binary.FieldID(name)}
		return &binary.Metadata{TypeID: id, TypeName: "T", Fields: []binary.FieldMeta{f}, Schemas: []binary.Schema{{ID: schema, FieldIDs: []int32{f.ID}}}}
	}
	m.types[id] = meta("a", 1)
	for range 3 {
		if got, err := c.Metadata(t.Context(), id); err != nil || got.FieldByID(binary.FieldID("a")) == nil {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if n := srv.Count(wire.OpBinaryTypeGet); n != 2 {
		t.Errorf("asked %d times", n)
	}
	m.mu.Lock()
	m.types[id], _, _ = m.types[id].Merge(meta("b", 2))
	m.mu.Unlock()
	got, err := c.MetadataForSchema(t.Context(), id, 2)
	if err != nil || got.SchemaByID(2) == nil || got.SchemaByID(1) == nil {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := c.MetadataForSchema(t.Context(), id, 1); err != nil || srv.Count(wire.OpBinaryTypeGet) != 3 {
		t.Errorf("a schema that is known was asked for: %v", err)
	}
	clash := meta("a", 3)
	clash.Fields[0].Type = binary.TypeString
	err = c.RegisterType(t.Context(), clash)
	var oe *ignite.OpError
	if !errors.As(err, &oe) || oe.Op != wire.OpBinaryTypePut || srv.Count(wire.OpBinaryTypePut) != 0 {
		t.Errorf("a field that changes its type: %v", err)
	}
}

func TestValuesThatDoNotEncode(t *testing.T) {
	_, c, srv := startMemory(t)
	cache := ignite.NewCache[int64, any](c, "C")
	err := cache.Put(t.Context(), 1, make(chan int))
	var oe *ignite.OpError
	if !errors.As(err, &oe) || oe.Cache != "C" || oe.Op != wire.OpCachePut || srv.Count(wire.OpCachePut) != 0 {
		t.Errorf("got %v", err)
	}
}
