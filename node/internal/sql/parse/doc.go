// Package parse reads the SQL that the embedded node understands.
//
// It covers the part of Apache Ignite's SQL (H2's grammar with Ignite's WITH options) that tables, rows and
// queries need. The result is a tree; nothing is looked up and nothing is executed here. Names are canonical:
// upper case unless they were quoted. The package has no I/O and its functions are safe for concurrent use.
//
//	statement, err := parse.One("SELECT ID, NAME FROM KITTEN WHERE ID = ?")
//
// Every error is an *Error that knows the position and what would have been right. Nesting is bounded by
// MaxDepth, so hostile text cannot exhaust the stack.
package parse
