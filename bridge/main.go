package main

/*
#cgo CFLAGS: -O2 -Wall -fvisibility=hidden -I${SRCDIR}/include
#cgo linux LDFLAGS: -ldl -lpthread
#cgo windows LDFLAGS: -lpsapi
*/
import "C"

// main is never run: the package is built with -buildmode=c-shared.
func main() {}
