package node_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// The bytes below were recorded from Ignite 2.17.0: probe.Key{a: 5, b: "x"} as
// a client sends it, and what the server answers for it.
const (
	keyObject  = "67012b0021f7eabccda8389b25000000e6051522230000000305000000090100000078181d"
	keyWrapped = "1b25000000" + keyObject + "00000000"
	keyPadded  = "1b28000000" + "000000" + keyObject + "03000000"
)

func objectEntry(c *client, ci wire.CacheInfo, key, value string) string {
	c.t.Helper()
	c.do(&wire.CachePutRequest{CacheInfo: ci, Key: unhex(c.t, key), Value: unhex(c.t, value)}, nil)
	return answered(c, ci, key)
}

func answered(c *client, ci wire.CacheInfo, key string) string {
	c.t.Helper()
	var p wire.ObjectResponse
	c.do(&wire.CacheGetRequest{CacheInfo: ci, Key: unhex(c.t, key)}, &p)
	return hex.EncodeToString(p.Value)
}

func TestObjectsAreAnsweredWrapped(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	if got := objectEntry(c, ci, keyObject, keyObject); got != keyWrapped {
		t.Errorf("get = %s\nwant  %s", got, keyWrapped)
	}
	// Bare or wrapped, at any offset, it is one key and one value.
	if got := answered(c, ci, keyPadded); got != keyWrapped {
		t.Errorf("get by the padded key = %s", got)
	}
	if got := objectEntry(c, ci, keyWrapped, keyPadded); got != keyWrapped || c.size(ci) != 1 {
		t.Errorf("size %d, value %s", c.size(ci), got)
	}
	var same wire.BoolResponse
	c.do(&wire.CacheReplaceIfEqualsRequest{CacheInfo: ci, Key: unhex(t, keyObject), Value: unhex(t, keyPadded), NewValue: enc("v")}, &same)
	if !same.Value {
		t.Error("a wrapped object does not equal the bare one")
	}
	var p wire.QueryScanResponse
	c.do(scanRequest(ci, -1, 10), &p)
	if want := keyWrapped + hex.EncodeToString(enc("v")); hex.EncodeToString(p.Data) != want {
		t.Errorf("scan = %x\nwant   %s", p.Data, want)
	}
}

// TestValuesComeBack puts one value of each kind and compares the answer with
// what Ignite 2.17.0 answered.
func TestValuesComeBack(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	const number = "0301000000"
	tests := []struct{ name, sent, want string }{
		{"byte", "01ff", ""},
		{"short", "02feff", ""},
		{"char", "074100", ""},
		{"bool", "0801", ""},
		{"double", "0600000000000024c0", ""},
		{"UUID", "0a000102030405060708090a0b0c0d0e0f", ""},
		{"timestamp", "21cb04fb711f01000007000000", ""},
		{"string", "090600000068c3a96c6c6f", ""},
		{"decimal", "1e02000000020000008100", ""},
		{"byte[]", "0c03000000616263", ""},
		{"enum", "1c26a3d1ea01000000", "2626a3d1ea01000000"},
		{"binary enum", "2626a3d1ea01000000", "2626a3d1ea01000000"},
		{"Object[]", "17ffffffff02000000" + keyObject + number, "17ffffffff02000000" + keyWrapped + number},
		{"list", "180200000001" + number + keyObject, "180200000001" + number + keyWrapped},
		{"map", "190100000001" + number + keyObject, "190100000001" + number + keyWrapped},
		{"list of lists", "180100000001" + "180100000001" + keyObject, "180100000001" + "180100000001" + keyWrapped},
		{"list of wrapped", "180100000001" + keyWrapped, ""},
	}
	for _, tt := range tests {
		if tt.want == "" {
			tt.want = tt.sent
		}
		if got := objectEntry(c, ci, number, tt.sent); got != tt.want {
			t.Errorf("%s: answered %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestBrokenObjectIsRefused(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	ci := c.cacheNamed("C")
	whole := unhex(t, keyObject)
	for cut := 1; cut < len(whole); cut++ {
		q := &wire.CachePutRequest{CacheInfo: ci, Key: whole[:cut], Value: enc("v")}
		if err := c.try(q, nil); err == nil {
			t.Errorf("an object cut at byte %d was taken", cut)
		}
	}
	broken := bytes.Clone(whole)
	broken[20] = 0xff // the schema's offset
	if err := c.try(&wire.CachePutRequest{CacheInfo: ci, Key: broken, Value: enc("v")}, nil); err == nil {
		t.Error("an object with a broken header was taken")
	}
	if c.size(ci) != 0 {
		t.Error("something broken was stored")
	}
}

// TestAffinityKey: rows whose keys share the affinity field share a partition.
func TestAffinityKey(t *testing.T) {
	c := dial(t, start(t, node.Config{}))
	for _, byMetadata := range []bool{true, false} {
		name := map[bool]string{true: "probe.ByMetadata", false: "probe.ByConfiguration"}[byMetadata]
		cfg := wire.CacheConfiguration{Name: name}
		if !byMetadata {
			cfg.KeyConfigurations = []wire.KeyConfiguration{{TypeName: name, AffinityKeyField: "a"}}
		}
		c.do(&wire.CacheCreateWithConfigurationRequest{Config: cfg}, nil)
		ci := info(name)
		e := binary.Encoder{OnType: func(m *binary.Metadata) error {
			if byMetadata {
				m = &binary.Metadata{TypeID: m.TypeID, TypeName: m.TypeName, AffinityKeyField: "a", Fields: m.Fields, Schemas: m.Schemas}
			}
			c.do(&wire.BinaryTypePutRequest{Metadata: m}, nil)
			return nil
		}}
		for _, b := range []string{"x", "y", "z"} {
			key, err := e.Append(nil, binary.NewObject(name).Set("a", int32(5)).Set("b", b))
			if err != nil {
				t.Fatal(err)
			}
			c.do(&wire.CachePutRequest{CacheInfo: ci, Key: key, Value: enc(b)}, nil)
		}
		var p wire.QueryScanResponse
		if c.do(scanRequest(ci, 5, 10), &p); p.Rows != 3 {
			t.Errorf("%s: %d rows in the partition of a=5, want 3", name, p.Rows)
		}
	}
}
