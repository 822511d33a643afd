package main

/*
#include "kernel.h"
*/
import "C"

import "sync"

var registration struct {
	sync.Mutex
	done bool
}

// kindlingRegisterOnce adds the op to TensorFlow; nil, or the reason why not,
// which the caller frees. After a failure it may be tried again, for TensorFlow
// may have been imported since.
//
//export kindlingRegisterOnce
func kindlingRegisterOnce() *C.char {
	registration.Lock()
	defer registration.Unlock()
	if registration.done {
		return nil
	}
	if errThreads != nil {
		return C.CString(errThreads.Error())
	}
	if text := C.kindling_tf_resolve(); text != nil {
		return C.CString(C.GoString(text))
	}
	registration.done = true // a second try would abort the process
	if text := C.kindling_kernel_register(); text != nil {
		return C.CString(C.GoString(text))
	}
	return nil
}
