#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "fork.h"

typedef struct {
  int64_t handle;
  char* error;
} stream_state;

static int stream_result(stream_state* state, char* error, int code) {
  free(state->error);
  state->error = error;
  return error ? code : 0;
}

static int stream_get_schema(struct ArrowArrayStream* stream, struct ArrowSchema* out) {
  stream_state* state = stream->private_data;
  memset(out, 0, sizeof *out);
  if (kindling_forked()) return stream_result(state, strdup(kindling_fork_message), EIO);
  return stream_result(state, kindlingStreamSchema(state->handle, out), EIO);
}

static int stream_get_next(struct ArrowArrayStream* stream, struct ArrowArray* out) {
  stream_state* state = stream->private_data;
  memset(out, 0, sizeof *out);
  if (kindling_forked()) return stream_result(state, strdup(kindling_fork_message), EIO);
  return stream_result(state, kindlingStreamNext(state->handle, out), EIO);
}

static const char* stream_get_last_error(struct ArrowArrayStream* stream) {
  return ((stream_state*)stream->private_data)->error;
}

static void stream_release(struct ArrowArrayStream* stream) {
  stream_state* state = stream->private_data;
  if (!kindling_forked()) kindlingStreamRelease(state->handle);
  free(state->error);
  free(state);
  stream->release = NULL;
}

void kindling_stream_init(struct ArrowArrayStream* stream, int64_t handle) {
  stream_state* state = calloc(1, sizeof *state);
  if (!state) {
    kindlingStreamRelease(handle);
    return;
  }
  state->handle = handle;
  stream->get_schema = stream_get_schema;
  stream->get_next = stream_get_next;
  stream->get_last_error = stream_get_last_error;
  stream->release = stream_release;
  stream->private_data = state;
}

static void schema_release(struct ArrowSchema* schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowSchema* child = schema->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(schema->children);
  free((void*)schema->format);
  free((void*)schema->name);
  schema->release = NULL;
}

int kindling_schema_node(struct ArrowSchema* schema, const char* format, const char* name, int64_t flags,
                         int64_t children) {
  memset(schema, 0, sizeof *schema);
  schema->format = strdup(format);
  schema->name = strdup(name);
  schema->flags = flags;
  schema->release = schema_release;
  schema->children = calloc((size_t)children + 1, sizeof *schema->children);
  if (!schema->format || !schema->name || !schema->children) return 0;
  for (; schema->n_children < children; schema->n_children++) {
    struct ArrowSchema* child = calloc(1, sizeof *child);
    if (!child) return 0;
    schema->children[schema->n_children] = child;
  }
  return 1;
}

typedef struct {
  int64_t batch;
  void* owned;
} array_state;

static void array_release(struct ArrowArray* array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    struct ArrowArray* child = array->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  array_state* state = array->private_data;
  if (state) {
    if (!kindling_forked()) kindlingBatchRelease(state->batch);
    free(state->owned);
    free(state);
  }
  free(array->children);
  free(array->buffers);
  array->release = NULL;
}

int kindling_array_node(struct ArrowArray* array, int64_t length, int64_t nulls, int64_t buffers, int64_t children,
                        int64_t batch, void* owned) {
  memset(array, 0, sizeof *array);
  array->length = length;
  array->null_count = nulls;
  array->release = array_release;
  array_state* state = calloc(1, sizeof *state);
  if (!state) {
    kindlingBatchRelease(batch);
    free(owned);
    return 0;
  }
  state->batch = batch;
  state->owned = owned;
  array->private_data = state;
  array->buffers = calloc((size_t)buffers + 1, sizeof *array->buffers);
  array->children = calloc((size_t)children + 1, sizeof *array->children);
  if (!array->buffers || !array->children) return 0;
  array->n_buffers = buffers;
  for (; array->n_children < children; array->n_children++) {
    struct ArrowArray* child = calloc(1, sizeof *child);
    if (!child) return 0;
    array->children[array->n_children] = child;
  }
  return 1;
}
