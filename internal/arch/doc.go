// Package arch has no code: its tests keep the shape of the module. They say which
// package may import which, where cgo may live, how long functions and files may be,
// and that every package and every exported name is documented.
//
// A new package is added to the table in arch_test.go first; that is where its layer is
// decided.
package arch
