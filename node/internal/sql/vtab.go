package sql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	"github.com/kindling-ml/kindling/ignite/binary"
)

const (
	moduleName     = "kindling"
	collateText    = "kd_text"    // by UTF-16 units
	collateDecimal = "kd_decimal" // by value
)

// sqliteDriver is the process's private SQLite driver: our virtual tables and functions are registered on it, and
// nothing of database/sql's global state is touched.
var sqliteDriver = sync.OnceValues(func() (*sqlite.Driver, error) {
	d := &sqlite.Driver{}
	if err := d.RegisterModule(moduleName, module{}); err != nil {
		return nil, err
	}
	if err := d.RegisterCollationUtf8(collateText, compareText); err != nil {
		return nil, err
	}
	if err := d.RegisterCollationUtf8(collateDecimal, compareDecimals); err != nil {
		return nil, err
	}
	return d, registerFunctions(d)
})

// sessions are the queries that run, by the number that CREATE VIRTUAL TABLE passes to the module.
var (
	sessions    sync.Map // int64 -> *session
	lastSession atomic.Int64
)

// session is one query: the tables it reads and the first error that came up below SQLite.
type session struct {
	id         int64
	sql        string
	ctx        context.Context
	store      Store
	tables     []*table
	partitions []int32

	mu  sync.Mutex
	err error
}

func (s *session) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && err != nil {
		s.err = err
	}
	return err
}

// failure gives the error behind one of SQLite's, which has lost its type and often its text on the way.
func (s *session) failure(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cause := s.ctx.Err(); cause != nil {
		return errCanceled(cause)
	}
	if s.err != nil {
		return asError(s.err)
	}
	e := asError(sqliteError(err))
	if strings.HasPrefix(e.Message, "Division by zero") {
		return queryError(s.sql, 22012, "%s", e.Message)
	}
	return e
}

// sqliteError takes SQLite's prefix and code off a message.
func sqliteError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	message := strings.TrimPrefix(e.Error(), "SQL logic error: ")
	if i := strings.LastIndex(message, " ("); i > 0 && strings.HasSuffix(message, ")") {
		message = message[:i]
	}
	return &Error{Code: CodeUnknown, SQLState: stateGeneral, Message: message, cause: err}
}

// module makes the virtual tables: the arguments are the session and the number of the table in it.
type module struct{}

// Create declares the columns of a table: c0.. for columns, then _KEY and _VAL. They have no types, so that SQLite
// takes values for what they are. SQLite tells rows from each other, as where it goes through a table in two ways for
// an OR or a RIGHT JOIN, by the last column: the bytes of the key.
func (module) Create(ctx vtab.Context, args []string) (vtab.Table, error) {
	if len(args) != 5 {
		return nil, fmt.Errorf("%s: %d arguments", moduleName, len(args))
	}
	id, err := strconv.ParseInt(args[3], 10, 64)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(args[4])
	if err != nil {
		return nil, err
	}
	v, ok := sessions.Load(id)
	if !ok || n < 0 || n >= len(v.(*session).tables) {
		return nil, fmt.Errorf("%s: no table %d in session %d", moduleName, n, id)
	}
	s := v.(*session)
	t := s.tables[n]
	var b strings.Builder
	b.WriteString("CREATE TABLE t(")
	for i := range len(t.columns) + 2 {
		fmt.Fprintf(&b, "c%d, ", i)
	}
	b.WriteString("k PRIMARY KEY) WITHOUT ROWID")
	return &virtualTable{session: s, table: t}, ctx.Declare(b.String())
}

// Connect is Create: the tables exist for one query only.
func (m module) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Create(ctx, args)
}

// virtualTable is a table of a session as SQLite sees it.
type virtualTable struct {
	session *session
	table   *table
}

const (
	planScan   = 0
	planLookup = 1
	scanRows   = 1_000_000 // what the planner assumes of a table: scans are dear, lookups are not
)

// BestIndex offers the lookup by primary key when all its columns are compared for equality.
func (v *virtualTable) BestIndex(info *vtab.IndexInfo) error {
	info.IdxNum, info.EstimatedCost, info.EstimatedRows = planScan, scanRows, scanRows
	t := v.table
	if t.rows != nil || v.session.partitions != nil && !t.replicated() {
		return nil
	}
	keys := t.keyColumns()
	if t.keyType.kind != kindObject {
		keys = []int{t.keyIndex()}
	}
	if len(keys) == 0 {
		return nil
	}
	chosen := make([]int, len(keys))
	for i, k := range keys {
		chosen[i] = -1
		for j, c := range info.Constraints {
			if c.Usable && c.Op == vtab.OpEQ && v.isKey(c.Column, k) {
				chosen[i] = j
				break
			}
		}
		if chosen[i] < 0 {
			return nil
		}
	}
	for i, j := range chosen {
		info.Constraints[j].ArgIndex = i
	}
	info.IdxNum, info.EstimatedCost, info.EstimatedRows = planLookup, 1, 1
	return nil
}

// isKey reports whether a column of SQLite stands for the key column k.
func (v *virtualTable) isKey(column, k int) bool {
	if column == k {
		return true
	}
	return k == v.table.keyIndex() && column >= 0 && column < len(v.table.columns) && v.table.columns[column].wholeKey
}

// Open makes a cursor.
func (v *virtualTable) Open() (vtab.Cursor, error) {
	if v.table.rows != nil {
		return &viewCursor{rows: v.table.rows(), identity: v.table.identityIndex()}, nil
	}
	return &cursor{session: v.session, table: v.table, reader: newRowReader(v.session.store, v.table)}, nil
}

// Disconnect has nothing to free.
func (v *virtualTable) Disconnect() error { return nil }

// Destroy has nothing to free.
func (v *virtualTable) Destroy() error { return nil }

// cursor reads the entries of a cache, one by one, straight from the store.
type cursor struct {
	session *session
	table   *table
	reader  *rowReader
	next    func() (binary.Raw, binary.Raw, bool)
	stop    func()
	scanErr error
	eof     bool
}

// Filter starts a scan or looks one key up.
func (c *cursor) Filter(idxNum int, _ string, vals []vtab.Value) error {
	c.end()
	c.eof, c.scanErr = false, nil
	if idxNum == planLookup {
		if done, err := c.lookup(vals); done || err != nil {
			return c.session.fail(err)
		}
	}
	parts := c.session.partitions
	if c.table.replicated() {
		parts = nil
	}
	c.next, c.stop = iter.Pull2(func(yield func(binary.Raw, binary.Raw) bool) {
		n := 0
		err := c.session.store.Scan(c.table.cache.ID, parts, func(key, value binary.Raw) bool {
			if n++; n%128 == 0 && c.session.ctx.Err() != nil {
				return false
			}
			return yield(key, value)
		})
		if err == nil {
			err = c.session.ctx.Err()
		}
		c.scanErr = err
	})
	return c.Next()
}

// lookup gets the row of a key; false when the values do not name a key and a scan has to tell.
func (c *cursor) lookup(vals []vtab.Value) (bool, error) {
	fields := c.table.keyColumns()
	parts := make([]any, len(vals))
	for i, v := range vals {
		if v == nil {
			c.eof = true
			return true, nil
		}
		t := c.table.keyType
		if t.kind == kindObject {
			t = c.table.columns[fields[i]].typ
		}
		part, ok := lookupKey(v, t)
		if !ok {
			return false, nil
		}
		parts[i] = part
	}
	key, err := c.table.encodeKey(nil, fields, parts)
	if err != nil {
		return false, err
	}
	value, found, err := c.session.store.Get(c.table.cache.ID, key)
	if err != nil {
		return true, err
	}
	if !found && c.table.keyType.kind == kindObject {
		// A client may have written the same key object in another form, with the fields in another order.
		return false, nil
	}
	if found {
		found, err = c.reader.load(key, value)
	}
	c.eof = !found
	return true, err
}

// Next goes to the next entry that belongs to the table.
func (c *cursor) Next() error {
	if c.next == nil {
		c.eof = true
		return nil
	}
	for {
		key, value, ok := c.next()
		if !ok {
			c.eof = true
			return c.session.fail(c.scanErr)
		}
		mine, err := c.reader.load(key, value)
		if err != nil {
			return c.session.fail(fmt.Errorf("cache %q: %w", c.table.cache.Name, err))
		}
		if mine {
			return nil
		}
	}
}

// Eof reports whether there is no current row.
func (c *cursor) Eof() bool { return c.eof }

// Column gives a column of the current row.
func (c *cursor) Column(i int) (vtab.Value, error) {
	if i == c.table.identityIndex() {
		return []byte(c.reader.key), nil
	}
	raw, err := c.reader.column(i)
	if err != nil {
		return nil, c.session.fail(fmt.Errorf("cache %q, column %q: %w", c.table.cache.Name, c.table.columnAt(i).name, err))
	}
	v, err := columnForm(raw, c.table.columnAt(i).typ)
	return v, c.session.fail(err)
}

// columnForm is the form of an encoded value in a column, whose type the value may not have.
func columnForm(raw binary.Raw, t dataType) (driver.Value, error) {
	if t.kind == kindObject && raw.Type() != 0 {
		if raw.IsNull() {
			return nil, nil
		}
		return []byte(raw), nil
	}
	v, err := sqliteValue(raw)
	if err != nil || v == nil || raw.Type() == t.info().code {
		return v, err
	}
	return converted(v, typeByCode(raw).kind, t.kind)
}

// Rowid is not asked for: the tables have none.
func (*cursor) Rowid() (int64, error) { return 0, errors.New("virtual tables have no row numbers") }

// Close ends the scan.
func (c *cursor) Close() error {
	c.end()
	return nil
}

func (c *cursor) end() {
	if c.stop != nil {
		c.stop()
		c.next, c.stop = nil, nil
	}
}
