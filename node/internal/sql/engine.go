package sql

import (
	"context"
	"errors"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// Store is what the engine needs of the node: caches, entries and type metadata. All methods must be safe for
// concurrent use. Keys and values that a method hands out are only read.
type Store interface {
	// Caches lists the caches; the configurations must not change while the engine reads them.
	Caches() []CacheInfo
	CreateCache(cfg wire.CacheConfiguration) error
	DropCache(name string) error

	Get(cache int32, key binary.Raw) (binary.Raw, bool, error)
	Put(cache int32, key, value binary.Raw) error
	PutIfAbsent(cache int32, key, value binary.Raw) (bool, error)
	Remove(cache int32, key binary.Raw) (bool, error)
	// Scan gives every entry of the partitions (nil: all) to yield until it returns false. The bytes need to be valid
	// only until yield returns. The scan may stay suspended in yield for as long as a Result is open, and other
	// methods are called meanwhile, so it must hold no lock that they need.
	Scan(cache int32, parts []int32, yield func(key, value binary.Raw) bool) error

	// Metadata gives the metadata of a type, nil when the type is not known.
	Metadata(typeID int32) (*binary.Metadata, error)
	// RegisterType merges metadata into what is known. The engine calls it for every object it writes.
	RegisterType(*binary.Metadata) error
	CacheConfiguration(name string) (*wire.CacheConfiguration, bool)
}

// ConfigurationUpdater is a Store that can replace the configuration of a cache that exists. ALTER TABLE and indexes
// need it; with any other Store they fail with a clear error.
type ConfigurationUpdater interface {
	UpdateCacheConfiguration(cfg wire.CacheConfiguration) error
}

// CacheInfo names a cache and its configuration.
type CacheInfo struct {
	Name   string
	ID     int32
	Config *wire.CacheConfiguration
}

// Query is a request to run SQL.
type Query struct {
	SQL        string       // one statement
	Schema     string       // schema of names without one, as it is written; "" means that of CacheID, else PUBLIC
	Args       []binary.Raw // values of the parameters, encoded
	MaxRows    int          // rows of a SELECT to give at most; 0 means all
	Partitions []int32      // partitions to read; nil means all
	CacheID    int32        // cache whose schema is the default; 0 means none
}

// ErrClosed is the cause of errors after [Engine.Close].
var ErrClosed = errors.New("sql engine is closed")

// Engine runs SQL over a Store. Its methods are safe for concurrent use.
type Engine struct {
	store Store

	mu      sync.Mutex
	closed  bool
	open    map[*Result]struct{}
	ddl     sync.Mutex // one DDL statement at a time
	writers keyedLocks // one UPDATE, DELETE or MERGE at a time for each cache
}

// New makes an engine. It starts nothing; [Engine.Close] ends the results that are still open.
func New(store Store) *Engine {
	return &Engine{store: store, open: make(map[*Result]struct{})}
}

// Close cancels and closes every open Result. Later calls of Execute fail with ErrClosed.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	open := make([]*Result, 0, len(e.open))
	for r := range e.open {
		open = append(open, r)
	}
	e.mu.Unlock()
	for _, r := range open {
		r.Close()
	}
	return nil
}

func (e *Engine) track(r *Result) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	e.open[r] = struct{}{}
	return nil
}

func (e *Engine) untrack(r *Result) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, r)
}

// Execute runs the statement of q. ctx governs the Result until it is closed, not only this call: cancelling it ends a
// SELECT between two rows. A statement that fails has changed no row, but for INSERT with keys that are there already:
// as in Ignite, that adds the others. The error is an *Error.
func (e *Engine) Execute(ctx context.Context, q Query) (*Result, error) {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return nil, asError(ErrClosed)
	}
	r := &run{engine: e, store: e.store, ctx: ctx, query: q, sql: q.SQL}
	res, err := r.execute()
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return nil, errCanceled(cause)
		}
		return nil, asError(err)
	}
	return res, nil
}

func (r *run) execute() (*Result, error) {
	catalog := catalog{store: r.store}
	if r.query.Schema != "" && !catalog.hasSchema(r.query.Schema) {
		return nil, fail(CodeUnknown, stateGeneral, "Failed to set schema for DB connection for thread [schema=%s]", r.query.Schema)
	}
	s, err := parse.One(r.sql)
	if err != nil {
		return nil, err
	}
	if s.Params > len(r.query.Args) {
		return nil, fail(CodeUnknown, stateGeneral, "Invalid number of query parameters [expected=%d, actual=%d]", s.Params, len(r.query.Args))
	}
	r.args = r.query.Args[:s.Params]
	return r.statement(s.Statement)
}

// run is the execution of one statement.
type run struct {
	engine *Engine
	store  Store
	ctx    context.Context
	query  Query
	sql    string
	args   []binary.Raw
}

func (r *run) statement(s parse.Statement) (*Result, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, errCanceled(err)
	}
	switch s := s.(type) {
	case *parse.Query:
		return r.selectQuery(s)
	case *parse.Insert:
		return r.updated(r.insert(s))
	case *parse.Update:
		return r.updated(r.update(s))
	case *parse.Delete:
		return r.updated(r.delete(s))
	}
	r.engine.ddl.Lock()
	defer r.engine.ddl.Unlock()
	switch s := s.(type) {
	case *parse.CreateTable:
		return r.updated(0, r.createTable(s))
	case *parse.DropTable:
		return r.updated(0, r.dropTable(s))
	case *parse.CreateIndex:
		return r.updated(0, r.createIndex(s))
	case *parse.DropIndex:
		return r.updated(0, r.dropIndex(s))
	case *parse.AlterTable:
		return r.updated(0, r.alterTable(s))
	}
	return nil, fail(CodeUnsupported, stateUnsupported, "Unsupported statement: %s", r.sql)
}

// updated is the result of a statement that gives no rows: one column UPDATED with one long, as in Ignite.
func (r *run) updated(n int64, err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	row, err := binary.AppendValue(nil, n)
	if err != nil {
		return nil, err
	}
	return &Result{Columns: []string{"UPDATED"}, Updated: n, static: [][]binary.Raw{{row}}}, nil
}

// keyedLocks gives a lock for each cache.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[int32]*keyedLock
}

type keyedLock struct {
	sync.Mutex
	users int
}

// lock waits for the lock of a cache and gives the function that frees it.
func (k *keyedLocks) lock(cache int32) func() {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = make(map[int32]*keyedLock)
	}
	l := k.locks[cache]
	if l == nil {
		l = &keyedLock{}
		k.locks[cache] = l
	}
	l.users++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.locks, cache)
		}
	}
}
