// The stable part of the TensorFlow C API that the bridge uses, declared here
// so that neither TensorFlow's headers nor its libraries are needed to build.
// Sources: tensorflow/c/{c_api.h,kernels.h,ops.h,tf_tensor.h,tf_status.h,tf_tstring.h}.
#ifndef KINDLING_TF_API_H
#define KINDLING_TF_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TF_Status TF_Status;
typedef struct TF_Tensor TF_Tensor;
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;
typedef struct TF_OpDefinitionBuilder TF_OpDefinitionBuilder;
typedef struct TF_ShapeInferenceContext TF_ShapeInferenceContext;

// TF_Code values (tsl/c/tsl_status.h).
enum {
  KINDLING_TF_OK = 0,
  KINDLING_TF_INVALID_ARGUMENT = 3,
  KINDLING_TF_FAILED_PRECONDITION = 9,
  KINDLING_TF_INTERNAL = 13
};

// TF_DataType values (tensorflow/c/tf_datatype.h).
enum {
  KINDLING_DT_FLOAT = 1,
  KINDLING_DT_DOUBLE = 2,
  KINDLING_DT_INT32 = 3,
  KINDLING_DT_UINT8 = 4,
  KINDLING_DT_INT16 = 5,
  KINDLING_DT_INT8 = 6,
  KINDLING_DT_STRING = 7,
  KINDLING_DT_INT64 = 9,
  KINDLING_DT_BOOL = 10,
  KINDLING_DT_UINT16 = 17
};

// X(return type, name without the TF_ prefix, arguments)
#define KINDLING_TF_SYMBOLS(X)                                                                   \
  X(TF_Status*, NewStatus, (void))                                                               \
  X(void, DeleteStatus, (TF_Status*))                                                            \
  X(void, SetStatus, (TF_Status*, int, const char*))                                             \
  X(int, GetCode, (const TF_Status*))                                                            \
  X(const char*, Message, (const TF_Status*))                                                    \
  X(TF_KernelBuilder*, NewKernelBuilder,                                                         \
    (const char*, const char*, void* (*)(TF_OpKernelConstruction*),                              \
     void (*)(void*, TF_OpKernelContext*), void (*)(void*)))                                     \
  X(void, RegisterKernelBuilder, (const char*, TF_KernelBuilder*, TF_Status*))                   \
  X(TF_OpDefinitionBuilder*, NewOpDefinitionBuilder, (const char*))                              \
  X(void, OpDefinitionBuilderAddAttr, (TF_OpDefinitionBuilder*, const char*))                    \
  X(void, OpDefinitionBuilderAddInput, (TF_OpDefinitionBuilder*, const char*))                   \
  X(void, OpDefinitionBuilderAddOutput, (TF_OpDefinitionBuilder*, const char*))                  \
  X(void, OpDefinitionBuilderSetShapeInferenceFunction,                                          \
    (TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)))                  \
  X(void, RegisterOpDefinition, (TF_OpDefinitionBuilder*, TF_Status*))                           \
  X(void, ShapeInferenceContextSetUnknownShape, (TF_ShapeInferenceContext*, TF_Status*))         \
  X(void, GetInput, (TF_OpKernelContext*, int, TF_Tensor**, TF_Status*))                         \
  X(int, NumOutputs, (TF_OpKernelContext*))                                                      \
  X(int, ExpectedOutputDataType, (TF_OpKernelContext*, int))                                     \
  X(TF_Tensor*, AllocateOutput,                                                                  \
    (TF_OpKernelContext*, int, int, const int64_t*, int, size_t, TF_Status*))                    \
  X(TF_Tensor*, NewTensor,                                                                       \
    (int, const int64_t*, int, void*, size_t, void (*)(void*, size_t, void*), void*))            \
  X(void, SetOutput, (TF_OpKernelContext*, int, const TF_Tensor*, TF_Status*))                   \
  X(void*, TensorData, (const TF_Tensor*))                                                       \
  X(size_t, TensorByteSize, (const TF_Tensor*))                                                  \
  X(void, DeleteTensor, (TF_Tensor*))                                                            \
  X(void, OpKernelContext_Failure, (TF_OpKernelContext*, TF_Status*))

// kindling_tf holds the resolved functions; all are set once kindling_tf_resolve
// has returned NULL, none may be called before.
struct kindling_tf_api {
#define X(result, name, args) result(*name) args;
  KINDLING_TF_SYMBOLS(X)
#undef X
};
extern struct kindling_tf_api kindling_tf;

// kindling_tf_resolve finds TensorFlow in the running process. It never loads
// TensorFlow itself. NULL: all symbols found. Otherwise a static text saying
// what is missing. Not safe for concurrent use: the caller holds a lock.
const char* kindling_tf_resolve(void);

#endif
