#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "fork.h"
#include "tf_string.h"

static const char op_name[] = "KindlingRead";

// One kernel exists for each place in each instantiated function, so its end is
// the end of the iterator (or of the reduce, the tf.data service task, ...)
// that read through it: streams still open then are closed.
typedef struct {
  int64_t id;
} read_kernel;

static void* read_create(TF_OpKernelConstruction* construction) {
  (void)construction;
  read_kernel* kernel = calloc(1, sizeof *kernel);
  if (kernel && !kindling_forked()) kernel->id = kindlingKernelOpened();
  return kernel;
}

static void read_delete(void* state) {
  read_kernel* kernel = state;
  if (kernel && kernel->id && !kindling_forked()) kindlingKernelClosed(kernel->id);
  free(kernel);
}

// input gives input index, or NULL after failing the op.
static TF_Tensor* input(TF_OpKernelContext* context, int index) {
  TF_Status* status = kindling_tf.NewStatus();
  TF_Tensor* tensor = NULL;
  kindling_tf.GetInput(context, index, &tensor, status);
  if (kindling_tf.GetCode(status)) {
    kindling_tf.OpKernelContext_Failure(context, status);
    tensor = NULL;
  }
  kindling_tf.DeleteStatus(status);
  return tensor;
}

static void read_compute(void* state, TF_OpKernelContext* context) {
  const read_kernel* kernel = state;
  if (kindling_forked()) {
    kindling_op_fail(context, KINDLING_TF_FAILED_PRECONDITION, kindling_fork_message,
                     strlen(kindling_fork_message));
    return;
  }
  TF_Tensor* spec = input(context, 0);
  TF_Tensor* part = spec ? input(context, 1) : NULL;
  TF_Tensor* token = part ? input(context, 2) : NULL;
  if (token) {
    size_t length = 0;
    const char* text = kindling_tf_string_get(kindling_tf.TensorData(spec), &length);
    kindlingRead(context, kernel ? kernel->id : 0, (char*)text, length,
                 *(const int64_t*)kindling_tf.TensorData(part), kindling_tf.TensorData(token),
                 kindling_tf.TensorByteSize(token) / sizeof(int64_t));
  }
  if (token) kindling_tf.DeleteTensor(token);
  if (part) kindling_tf.DeleteTensor(part);
  if (spec) kindling_tf.DeleteTensor(spec);
}

static void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  kindling_tf.ShapeInferenceContextSetUnknownShape(context, status);
}

// register_op: stateless on purpose. The next token and the columns depend on
// spec and token alone, which is what lets tf.data save and restore the state.
static void register_op(TF_Status* status) {
  TF_OpDefinitionBuilder* op = kindling_tf.NewOpDefinitionBuilder(op_name);
  kindling_tf.OpDefinitionBuilderAddAttr(op, "output_types: list(type) >= 1");
  kindling_tf.OpDefinitionBuilderAddInput(op, "spec: string");
  kindling_tf.OpDefinitionBuilderAddInput(op, "part: int64");
  kindling_tf.OpDefinitionBuilderAddInput(op, "token: int64");
  kindling_tf.OpDefinitionBuilderAddOutput(op, "next: int64");
  kindling_tf.OpDefinitionBuilderAddOutput(op, "some: bool");
  kindling_tf.OpDefinitionBuilderAddOutput(op, "columns: output_types");
  kindling_tf.OpDefinitionBuilderSetShapeInferenceFunction(op, unknown_shapes);
  kindling_tf.RegisterOpDefinition(op, status);
}

const char* kindling_kernel_register(void) {
  static char text[512];
  TF_Status* status = kindling_tf.NewStatus();
  register_op(status);
  if (!kindling_tf.GetCode(status)) {
    TF_KernelBuilder* kernel =
        kindling_tf.NewKernelBuilder(op_name, "CPU", read_create, read_compute, read_delete);
    kindling_tf.RegisterKernelBuilder(op_name, kernel, status);
  }
  const char* result = NULL;
  if (kindling_tf.GetCode(status)) {
    snprintf(text, sizeof text, "TensorFlow refused the op %s: %s", op_name, kindling_tf.Message(status));
    result = text;
  }
  kindling_tf.DeleteStatus(status);
  return result;
}

void kindling_op_fail(TF_OpKernelContext* context, int code, const char* message, size_t length) {
  char* text = malloc(length + 1);
  if (text) {
    memcpy(text, message, length);
    text[length] = 0;
  }
  TF_Status* status = kindling_tf.NewStatus();
  kindling_tf.SetStatus(status, code, text ? text : "kindling: out of memory");
  kindling_tf.OpKernelContext_Failure(context, status);
  kindling_tf.DeleteStatus(status);
  free(text);
}

void* kindling_op_output(TF_OpKernelContext* context, int index, int type, const int64_t* shape, int rank,
                         size_t bytes) {
  TF_Status* status = kindling_tf.NewStatus();
  TF_Tensor* tensor = kindling_tf.AllocateOutput(context, index, type, shape, rank, bytes, status);
  void* memory = NULL;
  if (kindling_tf.GetCode(status)) {
    kindling_tf.OpKernelContext_Failure(context, status);
  } else {
    // An empty tensor may have no memory at all; the caller must still be able
    // to tell it from a failure.
    static char empty;
    memory = kindling_tf.TensorData(tensor);
    if (!memory) memory = &empty;
  }
  if (tensor) kindling_tf.DeleteTensor(tensor);  // the context holds its own reference
  kindling_tf.DeleteStatus(status);
  return memory;
}

static void give_back(void* memory, size_t bytes, void* batch) {
  (void)memory;
  (void)bytes;
  if (!kindling_forked()) kindlingBatchRelease((int64_t)(intptr_t)batch);
}

int kindling_op_lend(TF_OpKernelContext* context, int index, int type, const int64_t* shape, int rank, void* memory,
                     size_t bytes, int64_t batch) {
  TF_Status* status = kindling_tf.NewStatus();
  TF_Tensor* tensor =
      kindling_tf.NewTensor(type, shape, rank, memory, bytes, give_back, (void*)(intptr_t)batch);
  if (tensor) kindling_tf.SetOutput(context, index, tensor, status);
  int ok = tensor && !kindling_tf.GetCode(status);
  if (!ok) kindling_tf.OpKernelContext_Failure(context, status);
  if (tensor) kindling_tf.DeleteTensor(tensor);
  kindling_tf.DeleteStatus(status);
  return ok;
}

int kindling_op_strings(TF_OpKernelContext* context, int index, const int64_t* shape, int rank, size_t count,
                        const char* data, const int64_t* offsets) {
  kindling_tf_string* element = kindling_op_output(context, index, KINDLING_DT_STRING, shape, rank,
                                                   count * KINDLING_TF_STRING_SIZE);
  if (!element) return 0;
  for (size_t i = 0; i < count; i++) {
    if (kindling_tf_string_set(&element[i], data + offsets[i], (size_t)(offsets[i + 1] - offsets[i]))) continue;
    static const char text[] = "kindling: out of memory for a string";
    kindling_op_fail(context, KINDLING_TF_INTERNAL, text, sizeof text - 1);
    return 0;
  }
  return 1;
}

int kindling_op_outputs(TF_OpKernelContext* context) { return kindling_tf.NumOutputs(context); }

int kindling_op_output_type(TF_OpKernelContext* context, int index) {
  return kindling_tf.ExpectedOutputDataType(context, index);
}
