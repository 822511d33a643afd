package node_test

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

func (c *client) names() []string {
	c.t.Helper()
	var p wire.CacheGetNamesResponse
	c.do(&wire.CacheGetNamesRequest{}, &p)
	slices.Sort(p.Names)
	return p.Names
}

func TestCreateAndDestroy(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	c.do(&wire.CacheCreateWithNameRequest{Name: "A"}, nil)
	c.do(&wire.CacheGetOrCreateWithNameRequest{Name: "A"}, nil)
	c.do(&wire.CacheCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "B"}}, nil)
	c.do(&wire.CacheGetOrCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "B", Backups: 3}}, nil)
	if got := c.names(); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("names = %v", got)
	}
	const exists = "Failed to start cache (a cache with the same name is already started): "
	c.refused(&wire.CacheCreateWithNameRequest{Name: "A"}, wire.StatusCacheExists, exists+"A")
	c.refused(&wire.CacheCreateWithConfigurationRequest{Config: wire.CacheConfiguration{Name: "B"}}, wire.StatusCacheExists, exists+"B")
	c.refused(&wire.CacheCreateWithNameRequest{}, wire.StatusFailed, "Ouch! Argument is invalid: Cache name must not be null or empty.")

	a := info("A")
	c.put(a, "k", "v")
	c.do(&wire.CacheDestroyRequest{CacheID: a.CacheID}, nil)
	c.refused(&wire.CacheDestroyRequest{CacheID: a.CacheID}, wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 65]")
	c.refused(&wire.CacheGetConfigurationRequest{CacheInfo: a}, wire.StatusCacheDoesNotExist, "Cache does not exist [cacheId= 65]")
	c.do(&wire.CacheCreateWithNameRequest{Name: "A"}, nil)
	if c.size(a) != 0 || c.get(a, "k") != nil {
		t.Error("a new cache has the entries of its predecessor")
	}
	// "Aa" and "BB" have one hash code in Java.
	c.do(&wire.CacheCreateWithNameRequest{Name: "Aa"}, nil)
	if err := c.try(&wire.CacheGetOrCreateWithNameRequest{Name: "BB"}, nil); err == nil || !strings.Contains(err.Error(), `"Aa" and "BB"`) {
		t.Errorf("a second cache of one id: %v", err)
	}
}

// TestDefaultConfigurationGolden compares with the bytes with which Ignite
// 2.17.0 answered for a cache created by name.
func TestDefaultConfigurationGolden(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("PROBE")
	c.post(&wire.CacheGetConfigurationRequest{CacheInfo: ci})
	_, r := c.next()
	const want = "7800000001000000000000000200000001650100650000000000000000f401000000040000090500000050524f42450004000000000000" +
		"000100000001000008000300000000000000000000000000000001000000000000000000000000000000102700000000000000ffffffff6502000000000000000000000000"
	if got := hex.EncodeToString(r.Take(r.Len())); got != want {
		t.Errorf("configuration %s\nwant          %s", got, want)
	}
}

func TestConfigurationComesBack(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	sent := wire.CacheConfiguration{
		Name: "Q", Mode: wire.CacheModeReplicated, Atomicity: wire.AtomicityTransactional, SQLSchema: "S",
		QueryEntities: []wire.QueryEntity{{
			KeyType: "java.lang.Long", ValueType: "org.x.Foo$Bar",
			Fields:  []wire.QueryField{{Name: "id", TypeName: "java.lang.Long"}, {Name: "a.b", TypeName: "int", Default: enc(int32(5))}},
			Aliases: []wire.QueryAlias{{Field: "id", Alias: "num"}},
			Indexes: []wire.QueryIndex{{Fields: []wire.QueryIndexField{{Name: "id"}, {Name: "a.b", Descending: true}}}},
		}},
	}
	c.do(&wire.CacheCreateWithConfigurationRequest{Config: sent}, nil)
	var p wire.CacheGetConfigurationResponse
	c.do(&wire.CacheGetConfigurationRequest{CacheInfo: info("Q")}, &p)
	got := p.Config
	if got.Mode != sent.Mode || got.Atomicity != sent.Atomicity || got.SQLSchema != "S" || got.Backups != math.MaxInt32 {
		t.Errorf("configuration = %+v", got)
	}
	// Ignite fills in table, aliases and index names.
	e := got.QueryEntities[0]
	if e.TableName != "BAR" || len(e.Indexes) != 1 || e.Indexes[0].Name != "BAR_ID_ASC_A.B_DESC_IDX" {
		t.Errorf("entity = %+v", e)
	}
	if want := []wire.QueryAlias{{Field: "id", Alias: "NUM"}, {Field: "a.b", Alias: "B"}}; !slices.Equal(e.Aliases, want) {
		t.Errorf("aliases = %v, want %v", e.Aliases, want)
	}
	if c.dec(e.Fields[1].Default) != int32(5) {
		t.Errorf("default = %x", e.Fields[1].Default)
	}
	expiring := wire.CacheConfiguration{Name: "E", ExpiryPolicy: &[3]int64{1, 1, 1}}
	c.refused(&wire.CacheCreateWithConfigurationRequest{Config: expiring}, wire.StatusFunctionalityDisabled,
		"the expiry policy of cache E is not supported by the embedded node; use an Ignite cluster")
}

func TestTopologyIsToldOnce(t *testing.T) {
	n := start(t, node.Config{})
	c, d := dial(t, n), dial(t, n)
	told := func(c *client, want *wire.AffinityVersion) {
		t.Helper()
		c.topology = nil
		c.do(&wire.HeartbeatRequest{}, nil)
		if (c.topology == nil) != (want == nil) || want != nil && *c.topology != *want {
			t.Errorf("topology told = %v, want %v", c.topology, want)
		}
	}
	told(c, &wire.AffinityVersion{Major: 1})
	told(c, nil)
	told(d, &wire.AffinityVersion{Major: 1})
	d.cacheNamed("A")
	d.cacheNamed("A")
	told(c, &wire.AffinityVersion{Major: 1, Minor: 1})
	told(c, nil)
	c.do(&wire.CacheDestroyRequest{CacheID: info("A").CacheID}, nil)
	told(d, &wire.AffinityVersion{Major: 1, Minor: 2})
}

func TestPartitionMap(t *testing.T) {
	n := start(t, node.Config{})
	c := dial(t, n)
	for _, cfg := range []wire.CacheConfiguration{
		{Name: "P"},
		{Name: "P2", KeyConfigurations: []wire.KeyConfiguration{{TypeName: "Key", AffinityKeyField: "f"}}},
		{Name: "R", Mode: wire.CacheModeReplicated},
	} {
		c.do(&wire.CacheCreateWithConfigurationRequest{Config: cfg}, nil)
	}
	var p wire.CachePartitionsResponse
	c.do(&wire.CachePartitionsRequest{CacheIDs: []int32{info("P").CacheID, 77}}, &p)
	if p.Topology != (wire.AffinityVersion{Major: 1, Minor: 3}) || len(p.Groups) != 1 {
		t.Fatalf("map = %+v", p)
	}
	g := p.Groups[0]
	if !g.Applicable || !g.DefaultAffinity || len(g.Caches) != 2 || len(g.Nodes) != 1 {
		t.Fatalf("group = %+v", g)
	}
	key := wire.KeyConfig{TypeID: binary.TypeID("Key"), AffinityFieldID: binary.FieldID("f")}
	if g.Caches[1].CacheID != info("P2").CacheID || !slices.Equal(g.Caches[1].KeyConfigs, []wire.KeyConfig{key}) {
		t.Errorf("caches = %+v; the one that shares the mapping is named too", g.Caches)
	}
	if own := g.Nodes[0]; own.NodeID != n.ID() || len(own.Partitions) != 1024 || own.Partitions[1023] != 1023 {
		t.Errorf("node %v has %d partitions", own.NodeID, len(own.Partitions))
	}
	c.do(&wire.CachePartitionsRequest{CacheIDs: []int32{info("R").CacheID}}, &p)
	if len(p.Groups) != 1 || p.Groups[0].Applicable || len(p.Groups[0].Caches) != 1 {
		t.Errorf("groups of a replicated cache = %+v", p.Groups)
	}
	var old wire.CacheNodePartitionsResponse
	c.do(&wire.CacheNodePartitionsRequest{CacheInfo: info("P")}, &old)
	if len(old.Nodes) != 1 || len(old.Nodes[0].Partitions) != 1024 {
		t.Errorf("node partitions = %+v", old)
	}
}

func TestEndpoints(t *testing.T) {
	n := start(t, node.Config{})
	c := dial(t, n)
	var p wire.ClusterGroupGetNodeEndpointsResponse
	c.do(&wire.ClusterGroupGetNodeEndpointsRequest{StartTopology: -1, EndTopology: -1}, &p)
	if p.Topology != 1 || len(p.Added) != 1 || len(p.Removed) != 0 {
		t.Fatalf("endpoints = %+v", p)
	}
	e := p.Added[0]
	if e.ID != n.ID() || !slices.Equal(e.Addresses, []string{"127.0.0.1"}) || !strings.HasSuffix(n.Addr(), ":"+decimal(e.Port)) {
		t.Errorf("endpoint %+v, node at %s", e, n.Addr())
	}
	c.do(&wire.ClusterGroupGetNodeEndpointsRequest{StartTopology: 1, EndTopology: -1}, &p)
	if len(p.Added) != 0 {
		t.Errorf("news since topology 1 = %+v", p)
	}
}

func TestClusterState(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	c.put(ci, "k", "v")
	state := func(want wire.ClusterState) {
		t.Helper()
		var p wire.ClusterGetStateResponse
		if c.do(&wire.ClusterGetStateRequest{}, &p); p.State != want {
			t.Errorf("state = %v, want %v", p.State, want)
		}
	}
	state(wire.ClusterActive)
	c.do(&wire.ClusterChangeStateRequest{State: wire.ClusterActiveReadOnly}, nil)
	state(wire.ClusterActiveReadOnly)
	c.refused(&wire.CachePutRequest{CacheInfo: ci, Key: enc("k"), Value: enc("w")}, wire.StatusFailed,
		"class org.apache.ignite.internal.processors.cache.CacheInvalidStateException: Failed to perform cache operation (cluster is in read-only mode) [cacheGrp=null, cache=C]")
	c.refused(&wire.CacheCreateWithNameRequest{Name: "D"}, wire.StatusFailed,
		"class org.apache.ignite.internal.processors.cache.distributed.dht.IgniteClusterReadOnlyException: Failed to perform start cache operation (cluster is in read-only mode) [cacheGrp=null, cache=D]")
	if c.get(ci, "k") != "v" {
		t.Error("a read-only cluster does not read")
	}
	err := c.try(&wire.ClusterChangeStateRequest{State: wire.ClusterInactive}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "Deactivation stopped.") {
		t.Errorf("deactivation without force: %v", err)
	}
	c.do(&wire.ClusterChangeStateRequest{State: wire.ClusterInactive, ForceDeactivation: true}, nil)
	state(wire.ClusterInactive)
	for _, q := range []wire.Request{&wire.CacheGetNamesRequest{}, &wire.CacheGetRequest{CacheInfo: ci, Key: enc("k")}, scanRequest(ci, -1, 1)} {
		if err := c.try(q, nil); err == nil || !strings.HasPrefix(err.Error(), "Can not perform the operation because the cluster is inactive.") {
			t.Errorf("%s on an inactive cluster: %v", q.Op(), err)
		}
	}
	c.refused(&wire.CachePartitionsRequest{}, wire.StatusFailed, "Cannot perform cache operation because the cluster is inactive.")
	c.do(&wire.ClusterChangeStateRequest{State: wire.ClusterActive}, nil)
	if c.size(ci) != 0 {
		t.Error("deactivation kept what was in memory; Ignite does not")
	}
	c.refused(&wire.ClusterChangeStateRequest{State: 9}, wire.StatusFailed, "Unknown cluster state: 9")
}

func TestBinaryTypes(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	id := binary.TypeID("probe.Type")
	if id != -528986440 {
		t.Fatalf("type id = %d", id)
	}
	meta := func(name, affinity string, fields ...binary.FieldMeta) *wire.BinaryTypePutRequest {
		m := &binary.Metadata{TypeID: id, TypeName: name, AffinityKeyField: affinity, Fields: fields}
		for _, f := range fields {
			m.Schemas = append(m.Schemas, binary.Schema{ID: f.ID, FieldIDs: []int32{f.ID}})
		}
		return &wire.BinaryTypePutRequest{Metadata: m}
	}
	field := func(name string, typ binary.Type) binary.FieldMeta {
		return binary.FieldMeta{Name: name, Type: typ, ID: binary.FieldID(name)}
	}
	var p wire.BinaryTypeGetResponse
	c.do(&wire.BinaryTypeGetRequest{TypeID: id}, &p)
	if p.Metadata != nil {
		t.Errorf("metadata of an unknown type = %+v", p.Metadata)
	}
	c.do(meta("probe.Type", "", field("a", binary.TypeInt)), nil)
	c.do(meta("probe.Type", "", field("b", binary.TypeString)), nil)
	c.do(meta("probe.Type", "", field("a", binary.TypeInt)), nil)
	c.refused(meta("probe.Type", "", field("a", binary.TypeString)), wire.StatusFailed,
		"Type 'probe.Type' with typeId -528986440 has a different/incorrect type for field 'a'. Expected 'int' but 'String' was "+
			"provided. The type of an existing field can not be changed. Use a different field name or follow this procedure to reuse "+
			"the current name:\n- Delete data records that use the old field type;\n- Remove metadata by the command: "+
			"'control.sh --meta remove --typeId -528986440'.")
	c.refused(meta("probe.Type2", ""), wire.StatusFailed,
		"Two binary types have duplicate type ID [typeId=-528986440, typeName1=probe.Type, typeName2=probe.Type2]")
	c.refused(meta("probe.Type", "a"), wire.StatusFailed,
		"Binary type has different affinity key fields [typeName=probe.Type, affKeyFieldName1=null, affKeyFieldName2=a]")
	c.do(&wire.BinaryTypeGetRequest{TypeID: id}, &p)
	if m := p.Metadata; m == nil || m.TypeName != "probe.Type" || len(m.Fields) != 2 || len(m.Schemas) != 2 {
		t.Errorf("metadata = %+v", p.Metadata)
	}

	var name wire.StringResponse
	c.refused(&wire.BinaryTypeNameGetRequest{TypeID: 5}, wire.StatusFailed, "Failed to resolve class name [platformId=0, platform=Java, typeId=5]")
	c.do(&wire.BinaryTypeNamePutRequest{TypeID: 5, TypeName: "my.Cls"}, &wire.BoolResponse{})
	c.do(&wire.BinaryTypeNamePutRequest{TypeID: 5, TypeName: "my.Cls"}, &wire.BoolResponse{})
	c.refused(&wire.BinaryTypeNamePutRequest{TypeID: 5, TypeName: "my.Other"}, wire.StatusFailed,
		"Duplicate ID [platformId=0, typeId=5, oldCls=my.Cls, newCls=my.Other]")
	if c.do(&wire.BinaryTypeNameGetRequest{TypeID: 5}, &name); name.Value != "my.Cls" {
		t.Errorf("name = %q", name.Value)
	}
	var cfg wire.BinaryConfigurationGetResponse
	if c.do(&wire.BinaryConfigurationGetRequest{}, &cfg); !cfg.CompactFooter || cfg.NameMapper != wire.NameMapperBasicFull {
		t.Errorf("binary configuration = %+v", cfg)
	}
}

func TestConfigValidate(t *testing.T) {
	for want, cfg := range map[string]node.Config{
		"host:port":         {Address: "localhost"},
		"Partitions is -1":  {Partitions: -1},
		"65000":             {Partitions: 70000},
		"SyncWrites needs":  {SyncWrites: true},
		"nobody could":      {Users: map[string]string{}},
		"MaxFrameBytes is":  {MaxFrameBytes: math.MaxInt32 + 1},
		"IdleTimeout is ne": {IdleTimeout: -time.Second},
	} {
		if _, err := node.Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Start(%v): %v, want it to say %q", cfg, err, want)
		}
	}
	secret := node.Config{Users: map[string]string{"ignite": "s3cret"}}
	if s := secret.String() + secret.GoString(); strings.Contains(s, "s3cret") {
		t.Errorf("%s tells a password", s)
	}
}
