// Package sql is the SQL engine of the embedded node.
//
// Tables are caches, exactly as in Apache Ignite: CREATE TABLE makes a cache named SQL_PUBLIC_<TABLE> with a query
// entity, a row is a key and a binary object, and a cache that a client made with query entities is a table in the
// schema of its own name. DDL and DML are done here, on rows; SELECT is translated and run by modernc.org/sqlite over
// virtual tables on the rows of the [Store], so nothing is ever copied into SQLite.
//
// The engine answers what it does not support with Ignite's kind of error, naming the construct: see [Error].
// Values, types, order, conversions and errors are those of H2 1.4.197 as Ignite uses it: the planner knows the type of
// every expression, see value.go for the forms in which values travel through SQLite, convert.go and arithmetic.go for
// the rules. There are no indexes to choose from (only the primary key is looked up), and times of day are UTC.
//
// The package has no network and no files. It may import ignite/binary and ignite/wire, never the client.
//
//	engine := sql.New(store)
//	defer engine.Close()
//	res, err := engine.Execute(ctx, sql.Query{SQL: "SELECT ID, NAME FROM KITTEN_CACHE"})
//	// handle err
//	defer res.Close()
//	for row, err := res.Next(); err != io.EOF; row, err = res.Next() { ... }
package sql
