#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "fork.h"
#include "outbox.h"
#include "tf_string.h"

static const char op_name[] = "KindlingRead";

// A read holds a thread of TensorFlow at most so long: a kernel can't see that the
// iterator was cancelled. Then the op gives columns without rows and the token that it
// got; the next call goes on where this one stopped.
enum { WAIT_MILLIS = 150 };

// Columns from so many bytes on go to TensorFlow without a copy. Below, a copy is
// cheaper, and does not hold a large batch for a small column.
enum { LENT_BYTES = 64 << 10 };

// The token and whether there are any rows stand before the columns.
enum { FIRST_COLUMN = 2 };

// One kernel exists for each place in each instantiated function, so its end is
// the end of the iterator (or of the reduce, the tf.data service task, ...)
// that read through it: streams still open then are closed.
typedef struct {
  int64_t id;
  kindling_outbox* outbox;
} read_kernel;

static void* read_create(TF_OpKernelConstruction* construction) {
  (void)construction;
  read_kernel* kernel = calloc(1, sizeof *kernel);
  if (!kernel || kindling_forked()) return kernel;
  kernel->outbox = kindling_outbox_open();
  if (kernel->outbox) kernel->id = kindlingKernelOpened();
  return kernel;
}

static void read_delete(void* state) {
  read_kernel* kernel = state;
  if (kernel && kernel->id && !kindling_forked()) {
    kindling_outbox_close(kernel->outbox);
    kindlingKernelClosed(kernel->id);
  }
  free(kernel);
}

static void fail_text(TF_OpKernelContext* context, int code, const char* text) {
  TF_Status* status = kindling_tf.NewStatus();
  kindling_tf.SetStatus(status, code, text);
  kindling_tf.OpKernelContext_Failure(context, status);
  kindling_tf.DeleteStatus(status);
}

// output allocates an output and gives its memory (bytes long, for strings 24 bytes an
// element). NULL: TensorFlow refused, and the op has failed with its text.
static void* output(TF_OpKernelContext* context, int index, int type, const int64_t* shape, int rank,
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

// put_head gives what stands before the columns. 0: the op has failed.
static int put_head(TF_OpKernelContext* context, const int64_t* token, size_t length, int some) {
  int64_t shape = (int64_t)length;
  size_t bytes = length * sizeof *token;
  void* next = output(context, 0, KINDLING_DT_INT64, &shape, 1, bytes);
  if (!next) return 0;
  if (bytes) memcpy(next, token, bytes);
  bool* flag = output(context, 1, KINDLING_DT_BOOL, NULL, 0, sizeof *flag);
  if (flag) *flag = some;
  return flag != NULL;
}

static int put_strings(TF_OpKernelContext* context, int index, const kindling_column* column) {
  size_t count = 1;
  for (int i = 0; i < column->rank; i++) count *= (size_t)column->shape[i];
  kindling_tf_string* element = output(context, index, KINDLING_DT_STRING, column->shape, column->rank,
                                       count * KINDLING_TF_STRING_SIZE);
  if (!element) return 0;
  const char* data = column->data;
  for (size_t i = 0; i < count; i++) {
    int64_t from = column->offsets[i], to = column->offsets[i + 1];
    if (kindling_tf_string_set(&element[i], data + from, (size_t)(to - from))) continue;
    fail_text(context, KINDLING_TF_INTERNAL, "kindling: out of memory for a string");
    return 0;
  }
  return 1;
}

static void give_back(void* memory, size_t bytes, void* delivery) {
  (void)memory;
  (void)bytes;
  kindling_delivery_unuse(delivery);
}

// put_lent gives memory of the batch to TensorFlow without a copy, which uses it until it
// has done with it.
static int put_lent(TF_OpKernelContext* context, int index, const kindling_column* column,
                    kindling_delivery* delivery) {
  TF_Status* status = kindling_tf.NewStatus();
  kindling_delivery_use(delivery);
  TF_Tensor* tensor = kindling_tf.NewTensor(column->type, column->shape, column->rank, (void*)column->data,
                                            column->bytes, give_back, delivery);
  if (tensor) kindling_tf.SetOutput(context, index, tensor, status);
  int ok = tensor && !kindling_tf.GetCode(status);
  if (!ok) kindling_tf.OpKernelContext_Failure(context, status);
  if (tensor) kindling_tf.DeleteTensor(tensor);
  kindling_tf.DeleteStatus(status);
  return ok;
}

static int put_column(TF_OpKernelContext* context, int i, kindling_delivery* delivery) {
  const kindling_column* column = &delivery->column[i];
  int index = FIRST_COLUMN + i;
  if (column->type != kindling_tf.ExpectedOutputDataType(context, index)) {
    fail_text(context, KINDLING_TF_INVALID_ARGUMENT, "kindling: the dataset was made for values of another type");
    return 0;
  }
  if (column->type == KINDLING_DT_STRING) return put_strings(context, index, column);
  if (column->bytes >= LENT_BYTES) return put_lent(context, index, column, delivery);
  void* memory = output(context, index, column->type, column->shape, column->rank, column->bytes);
  if (memory && column->bytes) memcpy(memory, column->data, column->bytes);
  return memory != NULL;
}

// deliver gives TensorFlow what a stream has for the step: columns and the token after
// them, without rows the token that it got.
static void deliver(TF_OpKernelContext* context, kindling_delivery* delivery, const kindling_step* step, int rows) {
  if (delivery->code) {
    fail_text(context, delivery->code, delivery->text ? delivery->text : "kindling: out of memory for an error");
    return;
  }
  if (kindling_tf.NumOutputs(context) != FIRST_COLUMN + delivery->columns) {
    fail_text(context, KINDLING_TF_INVALID_ARGUMENT, "kindling: the dataset was made for another number of fields");
    return;
  }
  const int64_t* token = rows ? delivery->token : step->token;
  if (!put_head(context, token, rows ? delivery->token_length : step->token_length, rows)) return;
  for (int i = 0; i < delivery->columns; i++)
    if (!put_column(context, i, delivery)) return;
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

// read_step does a step: a stream goes on from its token, or Go is asked to begin one.
static void read_step(const read_kernel* kernel, TF_OpKernelContext* context, const kindling_step* step) {
  kindling_delivery* delivery = NULL;
  int found = kindling_outbox_take(kernel->outbox, step, WAIT_MILLIS, &delivery);
  while (found == KINDLING_NO_STREAM) {
    delivery = kindlingCarry(kernel->id, kernel->outbox, (kindling_step*)step);
    found = delivery ? KINDLING_TAKEN : kindling_outbox_take(kernel->outbox, step, WAIT_MILLIS, &delivery);
  }
  deliver(context, delivery, step, found == KINDLING_TAKEN);
  kindling_delivery_unuse(delivery);
}

static void read_compute(void* state, TF_OpKernelContext* context) {
  const read_kernel* kernel = state;
  if (kindling_forked()) {
    fail_text(context, KINDLING_TF_FAILED_PRECONDITION, kindling_fork_message);
    return;
  }
  if (!kernel || !kernel->outbox) {
    fail_text(context, KINDLING_TF_INTERNAL, "kindling: out of memory for a kernel");
    return;
  }
  TF_Tensor* spec = input(context, 0);
  TF_Tensor* part = spec ? input(context, 1) : NULL;
  TF_Tensor* token = part ? input(context, 2) : NULL;
  if (token) {
    kindling_step step = {.part = *(const int64_t*)kindling_tf.TensorData(part),
                          .token = kindling_tf.TensorData(token),
                          .token_length = kindling_tf.TensorByteSize(token) / sizeof(int64_t)};
    step.spec = kindling_tf_string_get(kindling_tf.TensorData(spec), &step.spec_length);
    read_step(kernel, context, &step);
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
