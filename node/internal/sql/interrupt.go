package sql

import (
	"context"
	"database/sql/driver"
	"reflect"
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// interrupter ends what a connection is computing when a context ends. The driver itself watches a context only until
// the first row is there; a query that searches long between two rows would go on for ever.
type interrupter struct {
	mu   sync.Mutex
	db   uintptr // sqlite3*, 0 when the connection is closed
	stop func() bool
}

// watch starts to watch ctx for a connection of modernc.org/sqlite. The handle is a private field of the driver's
// connection; TestInterruptBetweenRows fails if that ever changes.
func watch(ctx context.Context, conn driver.Conn) *interrupter {
	i := &interrupter{}
	if f := reflect.ValueOf(conn).Elem().FieldByName("db"); f.IsValid() && f.Kind() == reflect.Uintptr {
		i.db = uintptr(f.Uint())
	}
	i.stop = context.AfterFunc(ctx, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.db == 0 {
			return
		}
		tls := libc.NewTLS()
		sqlite3.Xsqlite3_interrupt(tls, i.db)
		tls.Close()
	})
	return i
}

// end must be called before the connection is closed.
func (i *interrupter) end() {
	i.stop()
	i.mu.Lock()
	i.db = 0
	i.mu.Unlock()
}
