package sql

import (
	"context"
	"database/sql/driver"
	"io"
	"sync"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// Result is the outcome of a statement: rows, or for DML and DDL one row with the number of updated rows.
// A Result must be closed. Its methods are safe for concurrent use.
type Result struct {
	Columns []string // names as Ignite gives them
	Updated int64    // rows that a DML statement changed

	mu     sync.Mutex
	closed bool
	static [][]binary.Raw // rows that are ready, for statements that give one
	types  []dataType
	rows   driver.Rows
	dest   []driver.Value
	left   int // rows to give at most, -1 without a limit
	free   func()
	cancel context.CancelFunc
	sess   *session
}

// Next gives the next row, one encoded value for each column, or io.EOF at the end. The values stay valid. Errors
// are *Error; after one the result gives no more rows.
func (r *Result) Next() ([]binary.Raw, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.static) > 0 {
		row := r.static[0]
		r.static = r.static[1:]
		return row, nil
	}
	if r.rows == nil || r.left == 0 {
		return nil, io.EOF
	}
	if err := r.rows.Next(r.dest); err != nil {
		err = r.sess.failure(err)
		r.release()
		return nil, err
	}
	row, err := r.encode()
	if err != nil {
		r.release()
		return nil, asError(err)
	}
	if r.left > 0 {
		r.left--
	}
	return row, nil
}

// each gives every row to f.
func (r *Result) each(f func(row []binary.Raw) error) error {
	for {
		row, err := r.Next()
		if err == io.EOF { //nolint:errorlint // Next gives io.EOF itself
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(row); err != nil {
			return err
		}
	}
}

// encode turns the row of SQLite into encoded values that share one buffer.
func (r *Result) encode() ([]binary.Raw, error) {
	row := make([]binary.Raw, len(r.types))
	buf := make([]byte, 0, 16*len(r.types))
	starts := make([]int, len(r.types)+1)
	for i, t := range r.types {
		var err error
		if buf, err = appendResult(buf, r.dest[i], t); err != nil {
			return nil, err
		}
		starts[i+1] = len(buf)
	}
	for i := range row {
		row[i] = buf[starts[i]:starts[i+1]:starts[i+1]]
	}
	return row, nil
}

// Close ends the result and frees what it holds. It may be called more than once, and from another goroutine than
// the one in Next, which then gets an error.
func (r *Result) Close() error {
	if r.cancel != nil {
		r.cancel()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.static = nil
	r.release()
	return nil
}

func (r *Result) release() {
	if r.closed {
		return
	}
	r.closed = true
	if r.rows != nil {
		r.rows.Close()
		r.rows = nil
	}
	if r.free != nil {
		r.free()
	}
}
