package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// testTimeout bounds each subtest.
const testTimeout = 60 * time.Second

// A Quirk is a way in which a server may differ from a real Ignite. The suite then
// asserts what the quirk says in place of what Ignite does; nothing is left out silently.
type Quirk string

// The quirks that the suite knows.
const (
	// SQLMessages: SQL errors have Ignite's status code but words of their own.
	SQLMessages Quirk = "sql error messages differ"
	// InsertFieldOrder: objects that INSERT makes have the right fields in an order of
	// their own. (Ignite's is: columns with a default first, then those that the statement
	// names, both in the order of the table.)
	InsertFieldOrder Quirk = "fields of inserted objects are in another order"
	// EqualHashOrder: rows of a partition come in the order of their keys' hash codes, as
	// in Ignite, but those whose keys have equal hash codes in an order of their own.
	// (Ignite's is: shorter keys first, then the key's bytes by words of eight, as signed
	// little-endian numbers.)
	EqualHashOrder Quirk = "rows with equal hash codes are in another order"
)

// Target is a server under test.
type Target struct {
	Server *ignitetest.Server
	Quirks []Quirk
}

// Has says whether the target declares a quirk.
func (target Target) Has(q Quirk) bool {
	return slices.Contains(target.Quirks, q)
}

// groups are the parts of the suite in the order in which they run.
var groups = []struct {
	name string
	run  func(*env)
}{
	{"caches", testCaches},
	{"operations", testOperations},
	{"values", testValues},
	{"scans", testScans},
	{"sql", testSQL},
	{"tables", testTables},
	{"metadata", testMetadata},
	{"streamer", testStreamer},
	{"topology", testTopology},
	{"versions", testVersions},
	{"state", testState},
	{"errors", testErrors},
	{"concurrency", testConcurrency},
}

// Run runs the whole suite as subtests of t, or only the groups that are named:
// caches, operations, values, scans, sql, tables, metadata, streamer, topology, versions, state, errors,
// concurrency.
func Run(t *testing.T, target Target, only ...string) {
	t.Helper()
	ran := 0
	for _, group := range groups {
		if len(only) > 0 && !slices.Contains(only, group.name) {
			continue
		}
		ran++
		t.Run(group.name, func(t *testing.T) {
			group.run(newEnv(t, target))
		})
	}
	if ran < max(1, len(only)) {
		t.Errorf("the suite has not all of the groups %v", only)
	}
}

// env is what one subtest works with.
type env struct {
	*testing.T
	ctx    context.Context //nolint:containedctx // of the one test that the env belongs to
	target Target
	c      *ignite.Client
}

func newEnv(t *testing.T, target Target) *env {
	t.Helper()
	return newEnvOf(t, target, target.Server.Client(t))
}

func newEnvOf(t *testing.T, target Target, c *ignite.Client) *env {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	return &env{T: t, ctx: ctx, target: target, c: c}
}

// run is a subtest with the same client.
func (e *env) run(name string, f func(*env)) {
	e.Helper()
	e.Run(name, func(t *testing.T) { f(newEnvOf(t, e.target, e.c)) })
}

// noError ends the subtest when there is an error.
func (e *env) noError(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

var cacheNumber atomic.Int64

// cacheName is a name that no other test of this binary has.
func (e *env) cacheName() string { return fmt.Sprintf("CONFORMANCE_%d", cacheNumber.Add(1)) }

// newCache creates a cache that goes with the subtest.
func (e *env) newCache(change ...func(*wire.CacheConfiguration)) string {
	e.Helper()
	cfg := wire.CacheConfiguration{Name: e.cacheName()}
	for _, f := range change {
		f(&cfg)
	}
	e.noError(e.c.CreateCache(e.ctx, cfg))
	e.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := e.c.DestroyCache(ctx, cfg.Name); err != nil {
			e.Errorf("destroy the cache: %v", err)
		}
	})
	return cfg.Name
}

// fill puts the rows 0 <= i < n, key int64 and value "v<i>".
func (e *env) fill(cache string, n int) {
	e.Helper()
	entries := make([]ignite.Entry[int64, string], n)
	for i := range entries {
		entries[i] = ignite.Entry[int64, string]{Key: int64(i), Value: fmt.Sprint("v", i)}
	}
	e.noError(ignite.NewCache[int64, string](e.c, cache).PutAll(e.ctx, entries))
}

// rows reads a scan to its end as encoded keys and values.
func (e *env) rows(scan ignite.RawScan) []ignite.Entry[binary.Raw, binary.Raw] {
	e.Helper()
	cur, err := e.c.OpenScan(e.ctx, scan)
	e.noError(err)
	defer func() { e.noError(cur.Close()) }()
	rows, err := readAll(e.ctx, cur)
	e.noError(err)
	return rows
}
