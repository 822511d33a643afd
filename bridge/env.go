package main

/*
#include <stdlib.h>
#include "host.h"
*/
import "C"

import "unsafe"

// getenv reads the environment of the process as it is now. os.Getenv of a
// shared library would show it as it was when the library was loaded.
func getenv(name string) string {
	key := C.CString(name)
	defer C.free(unsafe.Pointer(key))
	value := C.kindling_getenv(key)
	if value == nil {
		return ""
	}
	defer C.free(unsafe.Pointer(value))
	return C.GoString(value)
}
