// The op KindlingRead.
#ifndef KINDLING_KERNEL_H
#define KINDLING_KERNEL_H

#include "tf_api.h"

// kindling_kernel_register adds the op and its CPU kernel to TensorFlow.
// NULL, or a static text saying what went wrong. Called at most once a process.
const char* kindling_kernel_register(void);

#endif
