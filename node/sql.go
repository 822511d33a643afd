package node

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql"
)

func (c *conn) querySQLFields(q *wire.QuerySQLFieldsRequest) (wire.Response, error) {
	if q.PageRows <= 0 {
		return nil, failed("Page size must be above zero.")
	}
	if q.Partitions != nil && len(q.Partitions) == 0 {
		return nil, failed("50000: Ouch! Argument is invalid: Partitions must not be empty.")
	}
	if q.CacheID != 0 {
		if _, err := c.node.caches.get(q.CacheID); err != nil {
			status, message := statusOf(err)
			return nil, fail(status, "50000: %s", message)
		}
	}
	if !typeFits(q.StatementType, q.SQL) {
		return nil, failed("42000: Given statement type does not match that declared by JDBC driver")
	}
	src, err := c.openSQL(q)
	if err != nil {
		return nil, err
	}
	names := q.IncludeFieldNames
	return c.openCursor(q.PageRows, src, func(w *binary.Writer, id int64) {
		w.PutInt64(id)
		w.PutInt32(int32(len(src.result.Columns)))
		if names {
			for _, column := range src.result.Columns {
				w.PutStr(column)
			}
		}
	}), nil
}

// openSQL starts a statement whose rows a cursor is to give.
func (c *conn) openSQL(q *wire.QuerySQLFieldsRequest) (*sqlRows, error) {
	if err := c.resources.reserveCursor(); err != nil {
		return nil, err
	}
	src, err := c.execute(q)
	if err != nil {
		c.resources.giveBack()
	}
	return src, err
}

// querySQL serves the older SQL query, which gives whole entries of one table.
func (c *conn) querySQL(q *wire.QuerySQLRequest) (wire.Response, error) {
	if q.PageRows <= 0 {
		return nil, failed("Page size must be above zero.")
	}
	ch, err := c.node.caches.get(q.CacheID)
	if err != nil {
		status, message := statusOf(err)
		return nil, fail(status, "50000: %s", message)
	}
	statement, err := sql.EntryQuery(ch.info(), q.Table, q.SQL)
	if err != nil {
		return nil, sqlError(err)
	}
	src, err := c.openSQL(&wire.QuerySQLFieldsRequest{
		CacheInfo: q.CacheInfo, SQL: statement, Args: q.Args, StatementType: wire.StatementSelect, TimeoutMillis: q.TimeoutMillis,
	})
	if err != nil {
		return nil, err
	}
	return c.openCursor(q.PageRows, src, (*binary.Writer).PutInt64), nil
}

func (c *conn) sqlPage(q *wire.SQLPageRequest) (wire.Response, error) { return c.nextPage(q.CursorID) }

func (c *conn) sqlFieldsPage(q *wire.SQLFieldsPageRequest) (wire.Response, error) {
	return c.nextPage(q.CursorID)
}

// typeFits reports whether a statement is of the type that the client stated: a
// query or not.
func typeFits(statementType uint8, statement string) bool {
	if statementType == wire.StatementAny {
		return true
	}
	word := strings.TrimLeft(statement, " \t\r\n(")
	if i := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = word[:i]
	}
	switch strings.ToUpper(word) {
	case "SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "SHOW":
		return statementType == wire.StatementSelect
	}
	return statementType == wire.StatementUpdate
}

// execute runs a statement. It ends with the connection, with its cursor, or
// after the time the request allows. Like Ignite it does not look at MaxRows.
func (c *conn) execute(q *wire.QuerySQLFieldsRequest) (*sqlRows, error) {
	ctx, cancel := context.WithCancel(c.ctx)
	if q.TimeoutMillis > 0 {
		ctx, cancel = context.WithTimeout(c.ctx, time.Duration(q.TimeoutMillis)*time.Millisecond)
	}
	// The arguments outlive the request, whose bytes they are part of.
	args := make([]binary.Raw, len(q.Args))
	for i, a := range q.Args {
		args[i] = append(binary.Raw(nil), a...)
	}
	result, err := c.node.sql.Execute(ctx, sql.Query{
		SQL:        q.SQL,
		Schema:     q.Schema,
		Args:       args,
		Partitions: q.Partitions,
		CacheID:    q.CacheID,
	})
	if err != nil {
		cancel()
		return nil, sqlError(err)
	}
	return &sqlRows{result: result, cancel: cancel}, nil
}

// sqlRows is the source of an SQL query.
type sqlRows struct {
	result *sql.Result
	cancel context.CancelFunc
	row    []binary.Raw
}

func (s *sqlRows) next() (err error) {
	s.row, err = s.result.Next()
	return sqlError(err)
}

// sqlError keeps the engine's words, whatever the status of the cause was.
func sqlError(err error) error {
	if e, ok := errors.AsType[*sql.Error](err); ok {
		return failed("%s", e)
	}
	return err
}

func (s *sqlRows) put(w *binary.Writer, _ *buffer) {
	for _, v := range s.row {
		putValue(w, v, nil)
	}
}

func (s *sqlRows) close() error {
	s.cancel()
	return s.result.Close()
}
