package wire

import (
	"reflect"
	"slices"
	"testing"
)

// What WithDefaults fills in is what a real server has for a cache of which
// only name and atomicity were given.
func TestCacheConfigurationDefaults(t *testing.T) {
	var p CacheGetConfigurationResponse
	goldenResponse(t, "configuration.hex/cache_get_configuration_defaults", &p)
	got := p.Config
	if got.Set.Len() != len(configurationOrder) {
		t.Errorf("%d properties set, want all %d", got.Set.Len(), len(configurationOrder))
	}
	got.Set = 0
	want := CacheConfiguration{Name: "T", Atomicity: AtomicityTransactional}.WithDefaults()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("server has\n%+v, want\n%+v", got, want)
	}
}

// What a server made of a configuration with every property.
func TestCacheConfigurationComesBack(t *testing.T) {
	x := golden(t, "configuration.hex/cache_get_or_create_with_configuration")
	_, _, q, err := DecodeRequest(x.request[FrameHeaderBytes:], x.features)
	if err != nil {
		t.Fatal(err)
	}
	sent := q.(*CacheGetOrCreateWithConfigurationRequest).Config
	var p CacheGetConfigurationResponse
	goldenResponse(t, "configuration.hex/cache_get_configuration", &p)
	got := p.Config
	got.Set, sent.Set = 0, 0
	// The server gives every field an alias.
	aliases := got.QueryEntities[0].Aliases
	if len(aliases) != 3 || !slices.Contains(aliases, sent.QueryEntities[0].Aliases[0]) {
		t.Errorf("server has the aliases %v", aliases)
	}
	got.QueryEntities[0].Aliases = sent.QueryEntities[0].Aliases
	if !reflect.DeepEqual(got, sent.WithDefaults()) {
		t.Errorf("server has\n%+v, want\n%+v", got, sent.WithDefaults())
	}
}

func TestCacheConfigurationEnumNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{CacheMode(0).String(), "DEFAULT"},
		{CacheModeReplicated.String(), "REPLICATED"},
		{CacheModePartitioned.String(), "PARTITIONED"},
		{AtomicityTransactional.String(), "TRANSACTIONAL"},
		{WriteSyncPrimarySync.String(), "PRIMARY_SYNC"},
		{RebalanceNone.String(), "NONE"},
		{PartitionLossIgnore.String(), "IGNORE"},
		{PartitionLossPolicy(9).String(), "9"},
		{QueryIndexGeospatial.String(), "GEOSPATIAL"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}
