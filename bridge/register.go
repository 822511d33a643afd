package main

/*
#include "kernel.h"
*/
import "C"

import "sync"

var registering registration

// registration adds the op to TensorFlow once in a process: TensorFlow aborts the
// process when an op is added twice, also where the first time failed.
type registration struct {
	mu      sync.Mutex
	tried   bool
	refusal string // of TensorFlow; "" for none
}

// kindlingRegisterOnce adds the op to TensorFlow; nil, or the reason why not,
// which the caller frees. It may be tried again where TensorFlow was not asked, for
// TensorFlow may have been imported since; what TensorFlow refused stays refused.
//
//export kindlingRegisterOnce
func kindlingRegisterOnce() *C.char {
	text := registering.once(resolve, func() string { return C.GoString(C.kindling_kernel_register()) })
	if text == "" {
		return nil
	}
	return C.CString(text)
}

// resolve looks for TensorFlow in the process; "", or the reason why the op can't be added.
func resolve() string {
	if errThreads != nil {
		return errThreads.Error()
	}
	return C.GoString(C.kindling_tf_resolve())
}

// once adds the op if ready says "" and nobody has tried; "", or the reason why it is not there.
func (r *registration) once(ready, add func() string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tried {
		return r.refusal
	}
	if text := ready(); text != "" {
		return text
	}
	r.tried = true
	r.refusal = add()
	return r.refusal
}
