// The op KindlingRead and what its Go half needs from TensorFlow.
#ifndef KINDLING_KERNEL_H
#define KINDLING_KERNEL_H

#include "tf_api.h"

// kindling_kernel_register adds the op and its CPU kernel to TensorFlow.
// NULL, or a static text saying what went wrong. Called at most once a process.
const char* kindling_kernel_register(void);

// kindling_op_fail ends the op with a TF_Code and a message.
void kindling_op_fail(TF_OpKernelContext* context, int code, const char* message, size_t length);

// kindling_op_output allocates output index with the given shape and gives its
// memory (bytes long, for strings 24 bytes an element); NULL when TensorFlow
// refused: then the op has already failed with TensorFlow's own text.
void* kindling_op_output(TF_OpKernelContext* context, int index, int type, const int64_t* shape, int rank,
                         size_t bytes);

// kindling_op_lend gives memory of the batch with the handle batch to TensorFlow
// as output index, without a copy; the batch is released when TensorFlow has
// done with it, also after a failure. memory is aligned to 64 bytes. 0: the op
// has already failed.
int kindling_op_lend(TF_OpKernelContext* context, int index, int type, const int64_t* shape, int rank, void* memory,
                     size_t bytes, int64_t batch);

// kindling_op_strings writes count strings, bytes offsets[i] to offsets[i+1] of
// data, as output index. 0: the op has already failed.
int kindling_op_strings(TF_OpKernelContext* context, int index, const int64_t* shape, int rank, size_t count,
                        const char* data, const int64_t* offsets);

int kindling_op_outputs(TF_OpKernelContext* context);
int kindling_op_output_type(TF_OpKernelContext* context, int index);

#endif
