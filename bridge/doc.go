// Command bridge is libkindling: the one place where Go meets C. It has two
// doors, both described in include/kindling.h.
//
//   - The op KindlingRead in TensorFlow: (spec, part, token) -> (next token, whether
//     there are rows, columns), a pure function over dataset.Streams. TensorFlow's C API is found at run
//     time, so one library serves every TensorFlow and loads without one.
//   - A C ABI of calls in JSON and rows in Arrow's C stream interface, for the
//     Python package and for anyone else.
//
// There is no logic here: bytes, errors and lifetimes are translated, the work is
// done by the packages dataset, ignite, ingest and node.
//
// Build it with
//
//	go build -buildmode=c-shared -o libkindling.so ./bridge
//
// Rules that the code follows: no Go pointer stays in C after a call; whatever C
// keeps is a handle (handles.go) or memory of the C library (memory.go); no panic
// crosses into C; in a forked child nothing calls into Go (fork.c).
package main
