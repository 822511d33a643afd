package wire

import (
	"reflect"
	"testing"
)

func TestCacheCreateWithConfigurationRequest(t *testing.T) {
	config := CacheConfiguration{
		Name: "C", Mode: CacheModePartitioned, Atomicity: AtomicityTransactional, Backups: 2,
		CopyOnRead: new(false), DefaultLockTimeoutMillis: 1000, ExpiryPolicy: &[3]int64{1, 2, 3},
		KeyConfigurations: []KeyConfiguration{{TypeName: "K", AffinityKeyField: "f"}},
	}
	config.Set = config.Set.With(PropertyMaxConcurrentAsyncOps)
	body := `
		5c000000                         # length
		0900                             # 9 properties
		0000 09 01000000 43              # name
		0100 02000000                    # cache mode
		0200 00000000                    # atomicity: transactional
		0300 02000000                    # backups
		0500 00                          # copy on read
		9101 01000000 09 01000000 4b 09 01000000 66 # key configurations
		9201 e803000000000000            # default lock timeout
		9301 00000000                    # max concurrent async operations, set to 0
		9701 01 0100000000000000 0200000000000000 0300000000000000 # expiry policy`
	checkConfiguration(t, CacheCreateWithConfigurationRequest{Config: config}, body)
	checkConfiguration(t, CacheGetOrCreateWithConfigurationRequest{Config: config}, body)
}

// checkConfiguration is checkRequest for requests with a configuration, whose
// Set has more after Decode than what the caller put into it.
func checkConfiguration[T any, P interface {
	*T
	Request
}](t *testing.T, q T, body string) {
	t.Helper()
	checkRequest(t, 0, P(&q), body)
}

func TestCacheCreateWithNothing(t *testing.T) {
	checkRequest(t, 0, &CacheCreateWithConfigurationRequest{}, "02000000 0000")
}

func TestCacheCreateKnowsWhatWasSet(t *testing.T) {
	var q CacheCreateWithConfigurationRequest
	if err := decodeBody(&q, fromHex(t, "00000000 0200 0000 09 01000000 43 0300 00000000"), 0); err != nil {
		t.Fatal(err)
	}
	want := CacheConfiguration{Name: "C", Set: CachePropertySet(0).With(PropertyName, PropertyBackups)}
	if !reflect.DeepEqual(q.Config, want) {
		t.Errorf("decoded %+v, want %+v", q.Config, want)
	}
}

func TestCacheCreateRejects(t *testing.T) {
	for name, b := range map[string]string{
		"unknown property":           "00000000 0100 0700 00000000",
		"negative count":             "00000000 ffff",
		"more properties than bytes": "00000000 ff7f 0500 00",
		"negative enum":              "00000000 0100 0200 ffffffff",
	} {
		if err := decodeBody(&CacheCreateWithConfigurationRequest{}, fromHex(t, b), 0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
